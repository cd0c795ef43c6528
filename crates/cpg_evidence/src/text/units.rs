//! How long text is in units other than raw bytes.

/// A length, or a distance from a file's start. A mark in front of a file counts in none of these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Units {
    /// In bytes of UTF-8.
    pub(crate) utf8: u32,
    /// In code units of UTF-16.
    pub(crate) utf16: u32,
    /// In characters.
    pub(crate) utf32: u32,
}

impl Units {
    /// Of that many bytes of ASCII.
    pub(crate) fn ascii(bytes: u32) -> Self {
        Self { utf8: bytes, utf16: bytes, utf32: bytes }
    }

    /// Of some text.
    pub(crate) fn of(text: &str) -> Self {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            utf8: count(text.len()),
            utf16: count(text.encode_utf16().count()),
            utf32: count(text.chars().count()),
        }
    }

    /// Both, one after the other.
    pub(crate) fn then(self, next: Self) -> Self {
        Self {
            utf8: self.utf8.saturating_add(next.utf8),
            utf16: self.utf16.saturating_add(next.utf16),
            utf32: self.utf32.saturating_add(next.utf32),
        }
    }
}
