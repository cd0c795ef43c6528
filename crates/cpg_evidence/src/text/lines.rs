//! Where lines start and end. As in Python, `\n`, `\r\n` and a lone `\r` end a line, and nothing else does.

use std::cell::Cell;

/// The lines of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lines {
    /// Where each line starts, and last where a line after the last terminator would.
    starts: Vec<u32>,
    /// Whether bytes follow the last terminator.
    unterminated: bool,
    /// The line that was asked for last: most questions are about one near it.
    last: Cell<usize>,
}

impl Lines {
    /// The lines of `bytes`, which are at most [`MAX_TEXT`](super::MAX_TEXT) long.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut starts = vec![0];
        let mut position = 0;
        while let Some(found) =
            bytes[position..].iter().position(|byte| matches!(byte, b'\n' | b'\r'))
        {
            let end = position + found;
            position = end + 1;
            if bytes[end] == b'\r' && bytes.get(position) == Some(&b'\n') {
                position += 1;
            }
            starts.push(offset(position));
        }
        Self { starts, unterminated: position < bytes.len(), last: Cell::new(0) }
    }

    /// How many lines there are. A terminator ends a line and starts none.
    pub(crate) fn count(&self) -> usize {
        self.starts.len() - usize::from(!self.unterminated)
    }

    /// The 1-based line that the byte at `position` is on.
    pub(crate) fn line_of(&self, position: u32) -> u32 {
        /// How many lines are looked at one by one.
        const NEAR: usize = 8;
        let is_before = |start: &u32| *start <= position;
        let (before, after) = self.starts.split_at(self.last.get());
        let found = if after.first().is_some_and(is_before) {
            let near = after.iter().take(NEAR).take_while(|start| is_before(start)).count();
            let ahead = if near < NEAR { near } else { after.partition_point(is_before) };
            before.len() + ahead
        } else {
            before.partition_point(is_before)
        };
        self.last.set(found.saturating_sub(1));
        offset(found)
    }

    /// The first byte of a line, by its 1-based number.
    pub(crate) fn start_of(&self, line: u32) -> Option<u32> {
        self.starts.get(line.checked_sub(1)? as usize).copied()
    }

    /// Each line's first byte and the one past its last, terminators not included; after a terminator at the very end
    /// comes an empty line. `bytes` are those the lines were made from.
    pub(crate) fn ranges<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = (u32, u32)> + 'a {
        (0..self.starts.len()).map(|index| {
            let start = self.starts[index];
            let next = self.starts.get(index + 1).map_or(bytes.len(), |next| *next as usize);
            let line = &bytes[start as usize..next];
            let text = match line {
                [text @ .., b'\r', b'\n'] | [text @ .., b'\n' | b'\r'] => text,
                text => text,
            };
            (start, start + offset(text.len()))
        })
    }
}

/// Positions are bounded by [`MAX_TEXT`](super::MAX_TEXT).
fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(text: &str) -> Vec<(u32, u32)> {
        Lines::new(text.as_bytes()).ranges(text.as_bytes()).collect()
    }

    #[test]
    fn every_terminator_ends_a_line() {
        assert_eq!(ranges("a\nbb\r\nccc\rd"), [(0, 1), (2, 4), (6, 9), (10, 11)]);
        assert_eq!(ranges("\n\r\n\r\r"), [(0, 0), (1, 1), (3, 3), (4, 4), (5, 5)]);
        assert_eq!(ranges("a\x0cb\u{2028}c"), [(0, 7)]);
    }

    #[test]
    fn a_terminator_at_the_end_is_followed_by_an_empty_line_that_does_not_count() {
        assert_eq!(ranges(""), [(0, 0)]);
        assert_eq!(ranges("a"), [(0, 1)]);
        assert_eq!(ranges("a\n"), [(0, 1), (2, 2)]);
        assert_eq!(Lines::new(b"a\n\n").count(), 2);
        assert_eq!(Lines::new(b"").count(), 0);
    }

    #[test]
    fn finds_the_line_of_a_byte() {
        let lines = Lines::new(b"ab\r\nc\n");
        let found: Vec<_> = (0..=6).map(|position| lines.line_of(position)).collect();
        assert_eq!(found, [1, 1, 1, 1, 2, 2, 3]);
        let many = Lines::new("ab\n".repeat(100).as_bytes());
        for position in [299, 0, 150, 152, 153, 200, 31, 32, 33, 300, 12] {
            assert_eq!(many.line_of(position), position / 3 + 1, "{position}");
        }
    }
}
