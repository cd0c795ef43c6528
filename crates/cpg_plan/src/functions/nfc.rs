//! `nfc`: Unicode normalisation form C.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::text_map::TextMap;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Nfc;

impl TextMap for Nfc {
    const NAME: &'static str = "nfc";
    const EXAMPLE: (&'static str, &'static str) = (r#"nfc("e\u{301}") == "é""#, r#"true"#);
    const VERSION: u32 = 1;
    const DESCRIPTION: &'static str = "The text in Unicode normalisation form C.";

    fn apply(text: &str) -> Option<Cow<'_, str>> {
        Some(match is_nfc_quick(text.chars()) {
            IsNormalized::Yes => Cow::Borrowed(text),
            IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
        })
    }
}
