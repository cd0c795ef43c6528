//! `last_name` and `parent_name`: the two ends of a dotted name.

use std::borrow::Cow;

use super::text_map::TextMap;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct LastName;

impl TextMap for LastName {
    const NAME: &'static str = "last_name";
    const EXAMPLE: (&'static str, &'static str) = (r#"last_name("a.b.c")"#, r#""c""#);
    const VERSION: u32 = 1;
    const DESCRIPTION: &'static str =
        "What follows the last dot of a dotted name; the whole name where there is no dot.";

    fn apply(text: &str) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(text.rsplit_once('.').map_or(text, |(_, last)| last)))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ParentName;

impl TextMap for ParentName {
    const NAME: &'static str = "parent_name";
    const EXAMPLE: (&'static str, &'static str) = (r#"parent_name("a.b.c")"#, r#""a.b""#);
    const VERSION: u32 = 1;
    const DESCRIPTION: &'static str =
        "What precedes the last dot of a dotted name; null where there is no dot.";
    const MAY_BE_NULL: bool = true;

    fn apply(text: &str) -> Option<Cow<'_, str>> {
        text.rsplit_once('.').map(|(parent, _)| Cow::Borrowed(parent))
    }
}
