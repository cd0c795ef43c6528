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
    /// The Fenwick tree: positions of outer spans, [`NONE`] where there is none yet. Node `i` is at `i - 1`.
    best: Vec<u32>,
    outer: usize,
    inner: usize,
}

const NONE: u32 = u32::MAX;

impl InnermostSweep {
    pub(super) fn new(outers: &[Span]) -> Self {
        let mut ends: Vec<i64> = outers.iter().map(|span| span.end).collect();
        ends.sort_unstable_by_key(|end| Reverse(*end));
        ends.dedup();
        Self { best: vec![NONE; ends.len()], ends, outer: 0, inner: 0 }
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
            *best = better(outers, *best, position);
            node += node & node.wrapping_neg();
        }
    }

    fn smallest(&self, outers: &[Span], end: i64) -> Option<u32> {
        let mut node = self.late_enough(end);
        let mut best = NONE;
        while node > 0 {
            best = better(outers, best, self.best[node - 1]);
            node &= node - 1;
        }
        (best != NONE).then_some(best)
    }

    /// How many of the distinct ends are at or after `end`.
    fn late_enough(&self, end: i64) -> usize {
        self.ends.partition_point(|other| *other >= end)
    }
}

/// The better of two positions, of which either may be [`NONE`].
pub(in super::super) fn better(outers: &[Span], a: u32, b: u32) -> u32 {
    let rank = |position: u32| {
        let span = outers.get(position as usize)?;
        Some((span.length(), Reverse(span.start), position))
    };
    match (rank(a), rank(b)) {
        (Some(rank_a), Some(rank_b)) if rank_b < rank_a => b,
        (None, Some(_)) => b,
        _ => a,
    }
}
