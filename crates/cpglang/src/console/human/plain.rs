//! Text that a terminal shows and does not obey.

/// The text with control characters and changes of writing direction replaced by as many bytes.
pub(crate) fn plain(text: &str) -> String {
    let show = |c: char| match c {
        '\n' | '\r' | '\t' => c,
        '\0'..='\x1f' | '\x7f' => '?',
        '\u{80}'..='\u{9f}' => '\u{bf}',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        other => other,
    };
    text.chars().map(show).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_terminals_obey_is_replaced_byte_for_byte() {
        let text = "a\x1b[31m\tb\u{85}\u{202e}c\r\n";
        assert_eq!(plain(text), "a?[31m\tb\u{bf}\u{fffd}c\r\n");
        assert_eq!(plain(text).len(), text.len());
    }
}
