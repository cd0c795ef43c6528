//! Each span with the smallest one that encloses it.

use std::cmp::Reverse;

use super::{Progress, Span};

/// Takes the inner spans in order and enters the outer spans that start no later into a Fenwick tree over the outer ends
/// in descending order. A node holds the best span among its ends, so the best one that ends late enough is a prefix
/// query.
///
/// The best span is the shortest, then the one that starts last, then the first in the list.
#[derive(Debug)]
pub(super) struct InnermostSweep {
    /// The ends of the outer spans, descending.
    ends: Vec<i64>,
    /// The Fenwick tree: positions of outer spans. Node `i` is at `i - 1`.
    best: Vec<Option<u32>>,
    outer: usize,
    inner: usize,
}

impl InnermostSweep {
    pub(super) fn new(outers: &[Span]) -> Self {
        let mut ends: Vec<i64> = outers.iter().map(|span| span.end).collect();
        ends.sort_unstable_by_key(|end| Reverse(*end));
        ends.dedup();
        Self { best: vec![None; ends.len()], ends, outer: 0, inner: 0 }
    }

    /// `emit` takes the positions of an outer and an inner span and returns the number of pairs in the output.
    pub(super) fn fill(
        &mut self,
        outers: &[Span],
        inners: &[Span],
        limit: usize,
        mut emit: impl FnMut(u32, u32) -> usize,
    ) -> Progress {
        while let Some(inner) = inners.get(self.inner) {
            while let Some(outer) = outers.get(self.outer).filter(|o| o.start <= inner.start) {
                self.enter(outers, outer.end, self.outer as u32);
                self.outer += 1;
            }
            let position = self.inner as u32;
            self.inner += 1;
            if let Some(outer) = self.smallest(outers, inner.end)
                && emit(outer, position) >= limit
            {
                return Progress::More;
            }
        }
        Progress::Done
    }

    fn enter(&mut self, outers: &[Span], end: i64, position: u32) {
        let mut node = self.late_enough(end);
        while let Some(best) = self.best.get_mut(node - 1) {
            *best = better(outers, *best, Some(position));
            node += node & node.wrapping_neg();
        }
    }

    fn smallest(&self, outers: &[Span], end: i64) -> Option<u32> {
        let mut node = self.late_enough(end);
        let mut best = None;
        while node > 0 {
            best = better(outers, best, self.best[node - 1]);
            node &= node - 1;
        }
        best
    }

    /// How many of the distinct ends are at or after `end`.
    fn late_enough(&self, end: i64) -> usize {
        self.ends.partition_point(|other| *other >= end)
    }
}

/// The better of two positions.
pub(in super::super) fn better(outers: &[Span], a: Option<u32>, b: Option<u32>) -> Option<u32> {
    let rank = |position: u32| {
        let span = outers[position as usize];
        (span.length(), Reverse(span.start), position)
    };
    match (a, b) {
        (Some(a), Some(b)) => Some(if rank(b) < rank(a) { b } else { a }),
        (a, b) => a.or(b),
    }
}
