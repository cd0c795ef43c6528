//! Encoding declarations of Python files (PEP 263).

/// The encoding that a comment on one of the first two lines names, if any.
///
/// The second line counts only when the first holds nothing but a comment.
pub(super) fn declared(bytes: &[u8]) -> Option<&str> {
    let mut lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    let first = lines.next()?;
    if let Some(name) = named(first) {
        return Some(name);
    }
    if !is_blank_or_comment(first) {
        return None;
    }
    let mut second = lines.next()?;
    // Between `\r` and `\n` lies no line.
    if second.is_empty() && bytes.get(first.len()..first.len() + 2) == Some(b"\r\n") {
        second = lines.next()?;
    }
    named(second)
}

fn is_blank_or_comment(line: &[u8]) -> bool {
    matches!(skip_blanks(line), [] | [b'#', ..])
}

fn skip_blanks(line: &[u8]) -> &[u8] {
    let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c')).count();
    &line[blanks..]
}

/// The name in `# … coding: NAME` or `# … coding=NAME`.
fn named(line: &[u8]) -> Option<&str> {
    let comment = skip_blanks(line).strip_prefix(b"#")?;
    let mut rest = comment;
    loop {
        let found = rest.windows(6).position(|window| window == b"coding")?;
        rest = &rest[found + 6..];
        if let [b':' | b'=', value @ ..] = rest {
            let blanks = value.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let value = &value[blanks..];
            let length = value
                .iter()
                .take_while(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
                })
                .count();
            if length > 0 {
                return std::str::from_utf8(&value[..length]).ok();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_one_of_the_first_two_lines() {
        assert_eq!(declared(b"# -*- coding: latin-1 -*-\n"), Some("latin-1"));
        assert_eq!(
            declared(b"#!/usr/bin/python\r\n# vim: set fileencoding=cp1252 :\r\n"),
            Some("cp1252")
        );
        assert_eq!(declared(b"\n  # coding=utf_8"), Some("utf_8"));
        assert_eq!(declared(b"# encoding is hard; coding:  ascii"), Some("ascii"));
        assert_eq!(declared(b"#\n#\n# coding: latin-1\n"), None);
        assert_eq!(declared(b"x = 1\n# coding: latin-1\n"), None);
        assert_eq!(declared(b"x = 'coding: latin-1'\n"), None);
        assert_eq!(declared(b"# coding:\n"), None);
        assert_eq!(declared(b""), None);
    }
}
