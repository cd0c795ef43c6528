//! From an index's lines and columns to offsets in the raw file.

use scip::types::PositionEncoding;

/// A range in an index's own words: 0-based, its end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IndexRange {
    pub(super) line: i32,
    pub(super) column: i32,
    pub(super) end_line: i32,
    pub(super) end_column: i32,
}

impl IndexRange {
    /// Three numbers for a range in one line, four for others.
    pub(super) fn of_numbers(numbers: &[i32]) -> Option<Self> {
        match *numbers {
            [line, column, end_column] => Some(Self { line, column, end_line: line, end_column }),
            [line, column, end_line, end_column] => {
                Some(Self { line, column, end_line, end_column })
            }
            _ => None,
        }
    }
}

/// What a document's columns count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Utf8,
    Utf16,
    Utf32,
}

impl Unit {
    /// What the index says; none when it says nothing.
    pub(super) fn declared(encoding: PositionEncoding) -> Option<Self> {
        match encoding {
            PositionEncoding::UnspecifiedPositionEncoding => None,
            PositionEncoding::UTF8CodeUnitOffsetFromLineStart => Some(Self::Utf8),
            PositionEncoding::UTF16CodeUnitOffsetFromLineStart => Some(Self::Utf16),
            PositionEncoding::UTF32CodeUnitOffsetFromLineStart => Some(Self::Utf32),
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Utf16 => "utf16",
            Self::Utf32 => "utf32",
        }
    }

    fn length(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// A text by the lines that indexers count.
pub(super) struct Positions<'a> {
    text: &'a str,
    /// Where each line starts and where its text ends.
    lines: Vec<(usize, usize)>,
    unit: Unit,
}

impl<'a> Positions<'a> {
    /// `wide_terminators`: whether U+2028 and U+2029 end a line, as they do in JavaScript and TypeScript.
    pub(super) fn new(text: &'a str, unit: Unit, wide_terminators: bool) -> Self {
        // No indexer counts a mark in front as a character, and none counts it as one of a line.
        let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut lines = Vec::new();
        let mut characters = text[start..].char_indices().peekable();
        let offset = start;
        while let Some((position, character)) = characters.next() {
            let is_end = matches!(character, '\n' | '\r')
                || wide_terminators && matches!(character, '\u{2028}' | '\u{2029}');
            if !is_end {
                continue;
            }
            let end = offset + position;
            let mut next = end + character.len_utf8();
            if character == '\r' && characters.next_if(|(_, next)| *next == '\n').is_some() {
                next += 1;
            }
            lines.push((start, end));
            start = next;
        }
        lines.push((start, text.len()));
        Self { text, lines, unit }
    }

    /// The range in bytes of the text; none for what does not lie in it, ends before it starts or cuts a character.
    pub(super) fn bytes(&self, range: IndexRange) -> Option<(usize, usize)> {
        let start = self.byte(range.line, range.column)?;
        let end = self.byte(range.end_line, range.end_column)?;
        (start <= end).then_some((start, end))
    }

    /// Whether a range begins or ends within a word, which no symbol does.
    pub(super) fn cuts_word(&self, (start, end): (usize, usize)) -> bool {
        let is_word = |character: Option<char>| {
            character.is_some_and(|character| character.is_alphanumeric() || character == '_')
        };
        let inside = &self.text[start..end];
        let before = self.text[..start].chars().next_back();
        let after = self.text[end..].chars().next();
        !inside.is_empty()
            && (is_word(before) && is_word(inside.chars().next())
                || is_word(after) && is_word(inside.chars().next_back()))
    }

    fn byte(&self, line: i32, column: i32) -> Option<usize> {
        let (start, end) = *self.lines.get(usize::try_from(line).ok()?)?;
        let column = usize::try_from(column).ok()?;
        let line = &self.text[start..end];
        if line.is_ascii() {
            return (column <= line.len()).then_some(start + column);
        }
        let mut seen = 0;
        for (position, character) in line.char_indices() {
            if seen >= column {
                return (seen == column).then_some(start + position);
            }
            seen += self.unit.length(character);
        }
        (seen == column).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str, unit: Unit, numbers: &[i32]) -> Option<(usize, usize)> {
        Positions::new(text, unit, true).bytes(IndexRange::of_numbers(numbers)?)
    }

    #[test]
    fn columns_count_in_the_document_s_unit() {
        let text = "x\r\né𝒳 = 1";
        assert_eq!(bytes(text, Unit::Utf8, &[1, 2, 6]), Some((5, 9)));
        assert_eq!(bytes(text, Unit::Utf16, &[1, 1, 3]), Some((5, 9)));
        assert_eq!(bytes(text, Unit::Utf32, &[1, 1, 2]), Some((5, 9)));
        assert_eq!(bytes(text, Unit::Utf16, &[0, 0, 1, 3]), Some((0, 9)));
        // Within a character.
        assert_eq!(bytes(text, Unit::Utf16, &[1, 1, 2]), None);
        assert_eq!(bytes(text, Unit::Utf8, &[1, 1, 2]), None);
    }

    #[test]
    fn what_lies_outside_is_nowhere() {
        for numbers in [&[0, 0, 4][..], &[2, 0, 0], &[-1, 0, 0], &[0, 2, 1], &[0, -1, 1], &[0], &[]]
        {
            assert_eq!(bytes("abc\n", Unit::Utf8, numbers), None, "{numbers:?}");
        }
        assert_eq!(bytes("abc\n", Unit::Utf8, &[1, 0, 0]), Some((4, 4)));
    }

    #[test]
    fn a_mark_is_no_column_and_wide_terminators_end_lines() {
        assert_eq!(bytes("\u{feff}ab", Unit::Utf16, &[0, 0, 1]), Some((3, 4)));
        assert_eq!(bytes("a\u{2028}b", Unit::Utf16, &[1, 0, 1]), Some((4, 5)));
        let plain = Positions::new("a\u{2028}b", Unit::Utf16, false);
        assert_eq!(plain.bytes(IndexRange::of_numbers(&[0, 2, 3]).expect("three")), Some((4, 5)));
    }

    #[test]
    fn symbols_are_whole_words() {
        let positions = Positions::new("foo.bar_x(1)", Unit::Utf8, false);
        assert!(!positions.cuts_word((0, 3)) && !positions.cuts_word((4, 9)));
        assert!(positions.cuts_word((4, 7)) && positions.cuts_word((5, 9)));
        assert!(!positions.cuts_word((5, 5)) && !positions.cuts_word((3, 4)));
    }
}
