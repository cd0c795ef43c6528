//! Text in XML.

use std::io::{self, Write};

/// Writes a text with what XML cannot hold as it is in another form: markup as references, and characters that no
/// document may have as the replacement character.
pub(crate) fn escaped(out: &mut impl Write, text: &str) -> io::Result<()> {
    let mut start = 0;
    for (at, character) in text.char_indices() {
        let instead = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            // Readers make a line feed of it otherwise.
            '\r' => "&#13;",
            '\t' | '\n' => continue,
            '\u{0}'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
            _ => continue,
        };
        out.write_all(&text.as_bytes()[start..at])?;
        out.write_all(instead.as_bytes())?;
        start = at + character.len_utf8();
    }
    out.write_all(&text.as_bytes()[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_one_that_xml_may_hold() {
        let mut out = Vec::new();
        escaped(&mut out, "a<b> & \"c\"\t\u{1}é\r\n").expect("memory takes it");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text, "a&lt;b&gt; &amp; &quot;c&quot;\t\u{fffd}é&#13;\n");
    }
}
