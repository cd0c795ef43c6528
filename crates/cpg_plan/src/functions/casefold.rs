//! `casefold`: Unicode case folding.

use std::borrow::Cow;

use unicase::UniCase;

use super::text_map::TextMap;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Casefold;

impl TextMap for Casefold {
    const NAME: &'static str = "casefold";
    const EXAMPLE: (&'static str, &'static str) = (r#"casefold("Straße")"#, r#""strasse""#);
    const VERSION: u32 = 1;
    const DESCRIPTION: &'static str =
        "The text with its case folded as Unicode defines it, for comparisons that ignore case.";

    fn apply(text: &str) -> Option<Cow<'_, str>> {
        Some(Cow::Owned(UniCase::new(text).to_folded_case()))
    }
}
