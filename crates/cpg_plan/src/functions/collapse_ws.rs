//! `collapse_ws`: one space for each run of white space.

use std::borrow::Cow;

use super::text_map::TextMap;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct CollapseWs;

impl TextMap for CollapseWs {
    const NAME: &'static str = "collapse_ws";
    const EXAMPLE: (&'static str, &'static str) = (r#"collapse_ws("  a \t b ")"#, r#""a b""#);
    const VERSION: u32 = 1;
    const DESCRIPTION: &'static str =
        "The text without white space at its ends, each run of white space within it one space.";

    fn apply(text: &str) -> Option<Cow<'_, str>> {
        let mut collapsed = String::with_capacity(text.len());
        for word in text.split_whitespace() {
            if !collapsed.is_empty() {
                collapsed.push(' ');
            }
            collapsed.push_str(word);
        }
        Some(Cow::Owned(collapsed))
    }
}
