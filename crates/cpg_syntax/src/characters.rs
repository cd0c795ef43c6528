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

/// Whether the characters around it are shown in another order than they stand in.
pub(crate) fn reorders(character: char) -> bool {
    matches!(
        character,
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}

/// Whether nothing shows where it stands.
pub(crate) fn is_invisible(character: char) -> bool {
    let known = KNOWN.iter().find(|(known, ..)| *known == character);
    character.is_control() || known.is_some_and(|(.., meant)| meant.trim().is_empty())
}

/// The ASCII letter that a letter of another script passes for.
pub(crate) fn look_alike(character: char) -> Option<char> {
    let found = LOOK_ALIKES.binary_search_by_key(&character, |(known, _)| *known);
    found.ok().and_then(|at| LOOK_ALIKES.get(at)).map(|(_, ascii)| *ascii)
}

/// Letters of other scripts that most fonts draw as an ASCII letter.
const LOOK_ALIKES: &[(char, char)] = &[
    ('\u{131}', 'i'),
    ('\u{251}', 'a'),
    ('\u{261}', 'g'),
    ('\u{391}', 'A'),
    ('\u{392}', 'B'),
    ('\u{395}', 'E'),
    ('\u{396}', 'Z'),
    ('\u{397}', 'H'),
    ('\u{399}', 'I'),
    ('\u{39A}', 'K'),
    ('\u{39C}', 'M'),
    ('\u{39D}', 'N'),
    ('\u{39F}', 'O'),
    ('\u{3A1}', 'P'),
    ('\u{3A4}', 'T'),
    ('\u{3A5}', 'Y'),
    ('\u{3A7}', 'X'),
    ('\u{3B1}', 'a'),
    ('\u{3BD}', 'v'),
    ('\u{3BF}', 'o'),
    ('\u{3C1}', 'p'),
    ('\u{3C5}', 'u'),
    ('\u{405}', 'S'),
    ('\u{406}', 'I'),
    ('\u{408}', 'J'),
    ('\u{410}', 'A'),
    ('\u{412}', 'B'),
    ('\u{415}', 'E'),
    ('\u{41A}', 'K'),
    ('\u{41C}', 'M'),
    ('\u{41D}', 'H'),
    ('\u{41E}', 'O'),
    ('\u{420}', 'P'),
    ('\u{421}', 'C'),
    ('\u{422}', 'T'),
    ('\u{425}', 'X'),
    ('\u{430}', 'a'),
    ('\u{435}', 'e'),
    ('\u{43E}', 'o'),
    ('\u{440}', 'p'),
    ('\u{441}', 'c'),
    ('\u{443}', 'y'),
    ('\u{445}', 'x'),
    ('\u{455}', 's'),
    ('\u{456}', 'i'),
    ('\u{458}', 'j'),
    ('\u{4BB}', 'h'),
    ('\u{501}', 'd'),
    ('\u{51B}', 'q'),
    ('\u{51D}', 'w'),
];

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
    use super::{KNOWN, LOOK_ALIKES, is_invisible, look_alike, reorders, stranger};

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
        assert!(LOOK_ALIKES.is_sorted_by(|(a, _), (b, _)| a < b));
    }

    #[test]
    fn knows_what_deceives() {
        assert_eq!(look_alike('а'), Some('a'));
        assert_eq!(look_alike('a'), None);
        assert_eq!(look_alike('я'), None);
        assert!(KNOWN.iter().all(|(c, ..)| !reorders(*c) || is_invisible(*c)));
        assert!(is_invisible('\u{200B}') && !is_invisible('é') && !is_invisible('\u{2013}'));
    }
}
