//! Characters that programs may hold in strings and comments only, by name.

/// What a character outside strings and comments is called, and what was probably meant.
pub(crate) struct Stranger {
    /// As in `U+202E RIGHT-TO-LEFT OVERRIDE`; the code point and the character when it is a visible one.
    pub(crate) name: String,
    /// What replaces it: a character that looks like it, or nothing for an invisible one.
    pub(crate) meant: Option<&'static str>,
}

/// Says what `character` is.
pub(crate) fn stranger(character: char) -> Stranger {
    let code = u32::from(character);
    let known = KNOWN.iter().find(|(known, ..)| *known == character);
    match known {
        Some((_, name, meant)) => {
            Stranger { name: format!("U+{code:04X} {name}"), meant: Some(*meant) }
        }
        None if character.is_control() => {
            Stranger { name: format!("the control character U+{code:04X}"), meant: Some("") }
        }
        None => Stranger { name: format!("U+{code:04X} `{character}`"), meant: None },
    }
}

/// Characters that are invisible, reorder the text around them, or pass for an ASCII one; Unicode's names.
const KNOWN: &[(char, &str, &str)] = &[
    ('\u{0}', "NULL", ""),
    ('\u{B}', "LINE TABULATION", " "),
    ('\u{C}', "FORM FEED", " "),
    ('\u{1B}', "ESCAPE", ""),
    ('\u{7F}', "DELETE", ""),
    ('\u{85}', "NEXT LINE", " "),
    ('\u{A0}', "NO-BREAK SPACE", " "),
    ('\u{AD}', "SOFT HYPHEN", ""),
    ('\u{61C}', "ARABIC LETTER MARK", ""),
    ('\u{180E}', "MONGOLIAN VOWEL SEPARATOR", ""),
    ('\u{2002}', "EN SPACE", " "),
    ('\u{2003}', "EM SPACE", " "),
    ('\u{2007}', "FIGURE SPACE", " "),
    ('\u{2009}', "THIN SPACE", " "),
    ('\u{200B}', "ZERO WIDTH SPACE", ""),
    ('\u{200C}', "ZERO WIDTH NON-JOINER", ""),
    ('\u{200D}', "ZERO WIDTH JOINER", ""),
    ('\u{200E}', "LEFT-TO-RIGHT MARK", ""),
    ('\u{200F}', "RIGHT-TO-LEFT MARK", ""),
    ('\u{2010}', "HYPHEN", "-"),
    ('\u{2011}', "NON-BREAKING HYPHEN", "-"),
    ('\u{2012}', "FIGURE DASH", "-"),
    ('\u{2013}', "EN DASH", "-"),
    ('\u{2014}', "EM DASH", "-"),
    ('\u{2018}', "LEFT SINGLE QUOTATION MARK", "\""),
    ('\u{2019}', "RIGHT SINGLE QUOTATION MARK", "\""),
    ('\u{201C}', "LEFT DOUBLE QUOTATION MARK", "\""),
    ('\u{201D}', "RIGHT DOUBLE QUOTATION MARK", "\""),
    ('\u{2026}', "HORIZONTAL ELLIPSIS", ".."),
    ('\u{2028}', "LINE SEPARATOR", " "),
    ('\u{2029}', "PARAGRAPH SEPARATOR", " "),
    ('\u{202A}', "LEFT-TO-RIGHT EMBEDDING", ""),
    ('\u{202B}', "RIGHT-TO-LEFT EMBEDDING", ""),
    ('\u{202C}', "POP DIRECTIONAL FORMATTING", ""),
    ('\u{202D}', "LEFT-TO-RIGHT OVERRIDE", ""),
    ('\u{202E}', "RIGHT-TO-LEFT OVERRIDE", ""),
    ('\u{202F}', "NARROW NO-BREAK SPACE", " "),
    ('\u{2060}', "WORD JOINER", ""),
    ('\u{2066}', "LEFT-TO-RIGHT ISOLATE", ""),
    ('\u{2067}', "RIGHT-TO-LEFT ISOLATE", ""),
    ('\u{2068}', "FIRST STRONG ISOLATE", ""),
    ('\u{2069}', "POP DIRECTIONAL ISOLATE", ""),
    ('\u{2190}', "LEFTWARDS ARROW", "<-"),
    ('\u{2192}', "RIGHTWARDS ARROW", "->"),
    ('\u{21D2}', "RIGHTWARDS DOUBLE ARROW", "=>"),
    ('\u{2212}', "MINUS SIGN", "-"),
    ('\u{2260}', "NOT EQUAL TO", "!="),
    ('\u{2264}', "LESS-THAN OR EQUAL TO", "<="),
    ('\u{2265}', "GREATER-THAN OR EQUAL TO", ">="),
    ('\u{3000}', "IDEOGRAPHIC SPACE", " "),
    ('\u{FEFF}', "ZERO WIDTH NO-BREAK SPACE", ""),
];

#[cfg(test)]
mod tests {
    use super::{KNOWN, stranger};

    #[test]
    fn names_what_cannot_be_seen() {
        assert_eq!(stranger('\u{202E}').name, "U+202E RIGHT-TO-LEFT OVERRIDE");
        assert_eq!(stranger('\u{A0}').meant, Some(" "));
        assert_eq!(stranger('ü').name, "U+00FC `ü`");
        assert_eq!(stranger('ü').meant, None);
        assert_eq!(stranger('\u{1}').name, "the control character U+0001");
    }

    #[test]
    fn is_sorted() {
        assert!(KNOWN.is_sorted_by(|(a, ..), (b, ..)| a < b));
    }
}
