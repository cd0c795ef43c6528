//! Lines and columns of a query as byte offsets.

/// Where the lines of a text begin.
pub(super) struct Places<'a> {
    text: &'a str,
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, lines: std::iter::once(0).chain(after).collect() }
    }

    /// The byte offset of a line and a column in characters, both from 1; the text's end for places outside it.
    pub(super) fn at(&self, line: u64, column: u64) -> usize {
        let index = |number: u64| usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        let Some(start) = self.lines.get(index(line)).copied() else {
            return self.text.len();
        };
        let rest = self.text.get(start..).unwrap_or_default();
        match rest.char_indices().nth(index(column)) {
            Some((offset, _)) => start + offset,
            None => self.text.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let places = Places::new("select\n  'ü', x");
        assert_eq!(places.at(1, 1), 0);
        assert_eq!(places.at(2, 3), 9);
        assert_eq!(places.at(2, 8), 15);
        assert_eq!(places.at(9, 1), 16);
    }
}
