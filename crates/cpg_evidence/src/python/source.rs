//! The text that rows are about, and places in it.

use std::borrow::Cow;

use ruff_text_size::{TextRange, TextSize};

use super::places::Places;
use crate::table::kind::PlaceAt;
use crate::text::{Lines, Offsets};

/// A file's text, with the way from places in it to places in the file.
#[derive(Clone, Copy)]
pub(super) struct Source<'m> {
    pub(super) text: &'m str,
    pub(super) offsets: &'m Offsets,
    pub(super) lines: &'m Lines,
    pub(super) places: &'m Places<'m>,
}

impl<'m> Source<'m> {
    /// The raw offsets of a range.
    pub(super) fn span(&self, range: TextRange) -> (u32, u32) {
        (self.offset(range.start()), self.offset(range.end()))
    }

    /// The raw offset of a position.
    pub(super) fn offset(&self, position: TextSize) -> u32 {
        self.offsets.raw(position.to_u32())
    }

    /// A range by what stands around it.
    pub(super) fn place(&self, range: TextRange) -> PlaceAt<'m> {
        PlaceAt { places: self.places, range }
    }

    /// The line that a range starts on.
    pub(super) fn start_line(&self, range: TextRange) -> u32 {
        self.lines.line_of(self.offset(range.start()))
    }

    /// The line that a range ends on.
    pub(super) fn end_line(&self, range: TextRange) -> u32 {
        self.lines.line_of(self.offset(range.end()))
    }

    /// The first line of a range, at most 120 characters.
    pub(super) fn first_line(&self, range: TextRange) -> Cow<'m, str> {
        let text = &self.text[range];
        let end = text.find(['\n', '\r']).unwrap_or(text.len());
        Cow::Borrowed(first_chars(&text[..end], 120))
    }

    /// A range as written, at most 200 characters.
    pub(super) fn excerpt(&self, range: TextRange) -> Cow<'m, str> {
        Cow::Borrowed(first_chars(&self.text[range], 200))
    }
}

fn first_chars(text: &str, count: usize) -> &str {
    // Most texts have fewer bytes than that.
    if text.len() <= count {
        return text;
    }
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}
