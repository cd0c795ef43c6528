//! Literals.

use cpg_base::{Code, TextRange};
use pest::iterators::Pair;

use super::{Lower, Lowered, Stop};
use crate::ast::{self, ExprKind};
use crate::error::SyntaxError;
use crate::grammar::Rule;

impl Lower<'_> {
    /// A string, its escapes resolved; wrong escapes are reported and stand for themselves.
    pub(super) fn string(&mut self, pair: &Pair<'_, Rule>) -> ast::Text {
        let range = self.range(pair);
        let written = self.text(range);
        if let Some(body) = written.strip_prefix('\'') {
            // Reported by the lexer.
            return ast::Text { value: body.strip_suffix('\'').unwrap_or(body).to_owned(), range };
        }
        let body = written.strip_prefix('"').unwrap_or(written);
        let body = body.strip_suffix('"').unwrap_or(body);
        let mut value = String::with_capacity(body.len());
        let mut rest = body;
        while let Some(at) = rest.find('\\') {
            value.push_str(&rest[..at]);
            let escape = &rest[at..];
            let (character, length) = unescape(escape);
            match character {
                Some(character) => value.push(character),
                None => {
                    value.push_str(&escape[..length]);
                    let start = range.start() as usize + 1 + (body.len() - escape.len());
                    let place = TextRange::from_usize(start, start + length);
                    self.report(
                        SyntaxError::new(
                            Code::Syntax,
                            place,
                            format!("unknown escape `{}`", &escape[..length]),
                        )
                        .found("in this string")
                        .help("escapes are `\\n`, `\\t`, `\\\\`, `\\\"` and `\\u{…}`; a backslash is written `\\\\`"),
                    );
                }
            }
            rest = &escape[length..];
        }
        value.push_str(rest);
        ast::Text { value, range }
    }

    /// An integer or a decimal. `negated` allows the one integer that exists only below zero, which then comes
    /// with its sign.
    pub(super) fn number(&mut self, range: TextRange, negated: bool) -> Lowered<ExprKind> {
        let digits = self.text(range).replace('_', "");
        if digits.starts_with(['"', '\'']) {
            // A string without end and without content, for which the parser sees a number.
            return Err(Stop::Reported);
        }
        if digits.contains(['.', 'e', 'E']) {
            let finite = digits.parse::<f64>().is_ok_and(f64::is_finite);
            return if finite { Ok(ExprKind::Float(digits)) } else { Err(self.too_large(range)) };
        }
        match digits.parse::<u64>() {
            Ok(value) if negated && value == i64::MIN.unsigned_abs() => Ok(ExprKind::Int(i64::MIN)),
            Ok(value) => match i64::try_from(value) {
                Ok(value) => Ok(ExprKind::Int(value)),
                Err(_) => Err(self.too_large(range)),
            },
            Err(_) => Err(self.too_large(range)),
        }
    }

    /// A count.
    pub(super) fn integer<T: std::str::FromStr>(&mut self, pair: &Pair<'_, Rule>) -> Lowered<T> {
        self.digits(self.range(pair))
    }

    /// The digits at a place.
    pub(super) fn digits<T: std::str::FromStr>(&mut self, range: TextRange) -> Lowered<T> {
        let digits = self.text(range).replace('_', "");
        digits.parse().map_err(|_| self.too_large(range))
    }

    fn too_large(&mut self, range: TextRange) -> Stop {
        self.report(
            SyntaxError::new(Code::Syntax, range, "this number is too large")
                .found("integers have 64 bits, decimals are doubles"),
        );
        Stop::Reported
    }
}

/// Where, in a string as it is written, the byte `at` of its value stands; `None` when there is no such string or
/// no such byte. The byte behind the last one is the closing quote.
pub fn place_in_string(written: &str, at: usize) -> Option<usize> {
    let body = written.strip_prefix('"')?.strip_suffix('"')?;
    let (mut place, mut value) = (0, 0);
    while value < at {
        let rest = body.get(place..)?;
        let character = rest.chars().next()?;
        let (bytes, length) = match character {
            '\\' => match unescape(rest) {
                (Some(character), length) => (character.len_utf8(), length),
                (None, length) => (length, length),
            },
            character => (character.len_utf8(), character.len_utf8()),
        };
        value += bytes;
        place += length;
    }
    Some(place + 1)
}

/// What an escape stands for, and its length in bytes.
fn unescape(escape: &str) -> (Option<char>, usize) {
    let Some(kind) = escape.chars().nth(1) else { return (None, escape.len()) };
    let simple = match kind {
        'n' => Some('\n'),
        't' => Some('\t'),
        '\\' => Some('\\'),
        '"' => Some('"'),
        _ => None,
    };
    if kind != 'u' {
        return (simple, 1 + kind.len_utf8());
    }
    let Some(end) = escape.find('}').filter(|_| escape.starts_with("\\u{")) else {
        return (None, 2);
    };
    let digits = &escape[3..end];
    let valid =
        (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = if valid { u32::from_str_radix(digits, 16).ok() } else { None };
    (code.and_then(char::from_u32), end + 1)
}

#[cfg(test)]
mod tests {
    use super::place_in_string;

    #[test]
    fn places_count_escapes_as_they_are_written() {
        let written = r#""a\\.é\u{202E}b""#;
        let value = "a\\.é\u{202E}b";
        let places: Vec<_> =
            value.char_indices().map(|(at, _)| place_in_string(written, at)).collect();
        assert_eq!(places, [1, 2, 4, 5, 7, 15].map(Some));
        assert_eq!(place_in_string(written, value.len()), Some(written.len() - 1));
        assert_eq!(place_in_string(written, value.len() + 1), None);
        assert_eq!(place_in_string("NAME", 0), None);
    }
}
