//! The join of two lists of spans, on plain slices.
//!
//! Both lists belong to one key group and are sorted by [`Span`]'s order: start ascending, then end descending, so that
//! of nested spans the enclosing one comes first. Every algorithm here is a resumable producer of index pairs, so that a
//! group with more pairs than memory can be joined batch by batch. With `n` spans on both sides and `k` pairs:
//!
//! | what | cost | order of the pairs |
//! |---|---|---|
//! | overlaps | `n + k` | by the start of the span that starts first |
//! | contains, within | `n log n + k` | by the inner span, outermost enclosing span first |
//! | the same, innermost only | `n log n` | by the inner span |
//! | which left spans match at all | `n log n` | |
//!
//! None depends on the spans being nested. Nested spans, the usual case in source text, never leave the fast paths.

mod active;
mod enclosing;
mod innermost;
mod matched;
mod overlaps;

use std::cmp::{Ordering, Reverse};

use super::{Enclosing, SpanPredicate};
use enclosing::EnclosingSweep;
use innermost::InnermostSweep;
pub(super) use innermost::better;
pub(super) use matched::matched_left;
use overlaps::OverlapSweep;

/// A half-open range of offsets that does not end before it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    start: i64,
    end: i64,
}

impl Span {
    /// `None` when `end < start`.
    pub fn new(start: i64, end: i64) -> Option<Self> {
        (start <= end).then_some(Self { start, end })
    }

    /// The first offset.
    pub fn start(self) -> i64 {
        self.start
    }

    /// One past the last offset.
    pub fn end(self) -> i64 {
        self.end
    }

    /// The number of offsets; unsigned, since a span over most of the range of `i64` is longer than `i64::MAX`.
    pub fn length(self) -> u64 {
        self.end.abs_diff(self.start)
    }

    /// Whether `self.start < other.end` and `other.start < self.end`.
    ///
    /// An empty span thus overlaps the spans that have it strictly inside, and neither itself nor a span that it touches.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `self.start <= other.start` and `other.end <= self.end`.
    ///
    /// An empty span is thus contained in the spans that have it inside or at either end, and in itself.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl Ord for Span {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.start, Reverse(self.end)).cmp(&(other.start, Reverse(other.end)))
    }
}

impl PartialOrd for Span {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The positions of two matching spans in their lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// Position in the left list.
    pub left: u32,
    /// Position in the right list.
    pub right: u32,
}

/// Whether a producer has more to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It stopped because the output was full.
    More,
    /// It has said everything.
    Done,
}

/// A join of two sorted lists in progress.
///
/// It holds positions only; every call must be given the same two lists.
#[derive(Debug)]
pub struct Sweep(Algorithm);

#[derive(Debug)]
enum Algorithm {
    Overlaps(OverlapSweep),
    Enclosing(EnclosingSweep, Outer),
    Innermost(InnermostSweep, Outer),
}

/// Which list holds the enclosing spans.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outer {
    Left,
    Right,
}

impl Outer {
    /// Of something for each list, that of the outer and that of the inner one.
    pub(super) fn split<T>(self, left: T, right: T) -> (T, T) {
        match self {
            Self::Left => (left, right),
            Self::Right => (right, left),
        }
    }

    pub(super) fn pair(self, outer: u32, inner: u32) -> Pair {
        let (left, right) = self.split(outer, inner);
        Pair { left, right }
    }
}

impl Sweep {
    /// The bytes that a sweep may allocate for each span of its lists.
    pub const BYTES_PER_SPAN: usize = 32;

    /// Starts a join of two sorted lists, neither longer than `u32::MAX`.
    pub fn new(predicate: SpanPredicate, left: &[Span], right: &[Span]) -> Self {
        debug_assert!(left.is_sorted() && right.is_sorted());
        let (outer, which) = match predicate {
            SpanPredicate::Overlaps => return Self(Algorithm::Overlaps(OverlapSweep::default())),
            SpanPredicate::Contains(which) => (Outer::Left, which),
            SpanPredicate::Within(which) => (Outer::Right, which),
        };
        Self(match which {
            Enclosing::All => Algorithm::Enclosing(EnclosingSweep::default(), outer),
            Enclosing::Innermost => {
                let (outers, _) = outer.split(left, right);
                Algorithm::Innermost(InnermostSweep::new(outers), outer)
            }
        })
    }

    /// Appends matching pairs to `out` until it holds `limit` pairs or there are no more.
    pub fn fill(
        &mut self,
        left: &[Span],
        right: &[Span],
        limit: usize,
        out: &mut Vec<Pair>,
    ) -> Progress {
        match &mut self.0 {
            Algorithm::Overlaps(sweep) => sweep.fill(left, right, limit, out),
            Algorithm::Enclosing(sweep, outer) => {
                let (outers, inners) = outer.split(left, right);
                sweep.fill(outers, inners, limit, |pair_outer, pair_inner| {
                    out.push(outer.pair(pair_outer, pair_inner));
                    out.len()
                })
            }
            Algorithm::Innermost(sweep, outer) => {
                let (outers, inners) = outer.split(left, right);
                sweep.fill(outers, inners, limit, |pair_outer, pair_inner| {
                    out.push(outer.pair(pair_outer, pair_inner));
                    out.len()
                })
            }
        }
    }
}
