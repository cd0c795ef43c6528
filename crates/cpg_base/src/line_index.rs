//! Lines of a text, and conversion of offsets to lines and columns in any unit.

use serde::Serialize;

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextUnit {
    /// Bytes of UTF-8.
    Utf8,
    /// UTF-16 code units.
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

/// A place as editors say it; both count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct LineColumn {
    /// The line.
    pub line: u32,
    /// The column, in the unit that was asked for.
    pub column: u32,
}

/// Where the lines of a text start. `\n`, `\r\n` and `\r` end a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// The lines of `text`; there is always at least one.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
            if ends && let Ok(next) = u32::try_from(at + 1) {
                starts.push(next);
            }
        }
        Self { starts }
    }

    /// The line and column of `offset`, which is moved back to the nearest start of a character.
    pub fn line_column(&self, text: &str, offset: u32, unit: TextUnit) -> LineColumn {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start as usize <= offset) - 1;
        let before = &text[self.starts[line] as usize..offset];
        let column = match unit {
            TextUnit::Utf8 => before.len(),
            TextUnit::Utf16 => before.chars().map(char::len_utf16).sum(),
            TextUnit::Utf32 => before.chars().count(),
        };
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        LineColumn { line: clamp(line), column: clamp(column) }
    }

    /// The offset of a place; a line past the last gives the end, a column past the line's end gives that end.
    pub fn offset(&self, text: &str, place: LineColumn, unit: TextUnit) -> u32 {
        let Some(start) = self.starts.get(place.line as usize) else {
            return u32::try_from(text.len()).unwrap_or(u32::MAX);
        };
        let line = text[*start as usize..].split(['\n', '\r']).next().unwrap_or_default();
        let mut column = 0;
        let mut bytes = 0;
        for c in line.chars() {
            let width = match unit {
                TextUnit::Utf8 => c.len_utf8(),
                TextUnit::Utf16 => c.len_utf16(),
                TextUnit::Utf32 => 1,
            };
            if column + width > place.column as usize {
                break;
            }
            column += width;
            bytes += c.len_utf8();
        }
        start + u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_every_unit() {
        let text = "a\r\nü𝒳b\rc";
        let index = LineIndex::new(text);
        let b = u32::try_from(text.find('b').expect("text has a b")).expect("small");
        for (unit, column) in [(TextUnit::Utf8, 6), (TextUnit::Utf16, 3), (TextUnit::Utf32, 2)] {
            let place = LineColumn { line: 1, column };
            assert_eq!(index.line_column(text, b, unit), place);
            assert_eq!(index.offset(text, place, unit), b);
        }
        assert_eq!(index.line_column(text, 99, TextUnit::Utf8), LineColumn { line: 2, column: 1 });
    }

    #[test]
    fn clamps_what_lies_outside() {
        let index = LineIndex::new("ab\ncd");
        let beyond = LineColumn { line: 0, column: 9 };
        assert_eq!(index.offset("ab\ncd", beyond, TextUnit::Utf16), 2);
        let below = LineColumn { line: 9, column: 0 };
        assert_eq!(index.offset("ab\ncd", below, TextUnit::Utf16), 5);
    }
}
