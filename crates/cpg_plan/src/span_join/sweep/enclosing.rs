//! All pairs of a span and one that encloses it.

use super::active::{ActiveSet, Cursor};
use super::{Progress, Span};

/// Takes the inner spans in order and keeps the outer spans that start no later and do not end before the inner one
/// starts, ordered by descending end. Those that enclose the inner span are then a prefix.
#[derive(Debug, Default)]
pub(super) struct EnclosingSweep {
    active: ActiveSet,
    outer: usize,
    inner: usize,
    /// Where to go on among the active spans with the current inner span.
    cursor: Option<Cursor>,
}

impl EnclosingSweep {
    /// `emit` takes the positions of an outer and an inner span and returns the number of pairs in the output.
    pub(super) fn fill(
        &mut self,
        outers: &[Span],
        inners: &[Span],
        limit: usize,
        mut emit: impl FnMut(u32, u32) -> usize,
    ) -> Progress {
        while let Some(inner) = inners.get(self.inner) {
            let mut cursor = match self.cursor.take() {
                Some(cursor) => cursor,
                None => {
                    self.activate(outers, inner.start);
                    Cursor::default()
                }
            };
            while let Some(outer) = self.active.next(&mut cursor, inner.end) {
                if emit(outer, self.inner as u32) >= limit {
                    self.cursor = Some(cursor);
                    return Progress::More;
                }
            }
            self.inner += 1;
        }
        Progress::Done
    }

    fn activate(&mut self, outers: &[Span], start: i64) {
        self.active.remove_ending_before(start);
        while let Some(outer) = outers.get(self.outer).filter(|o| o.start <= start) {
            if outer.end >= start {
                self.active.insert(outer.end, self.outer as u32);
            }
            self.outer += 1;
        }
    }
}
