//! The search.

use std::ops::Range;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::execution::memory_pool::MemoryReservation;

use super::steps::Steps;

/// A pair of values between which there is a way, by number, and the length of the shortest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) depth: i64,
}

/// The search from some of the values, one after the other.
pub(super) struct Reach {
    steps: Arc<Steps>,
    depth: u32,
    /// Where it is still to be searched from.
    sources: Range<u32>,
    source: u32,
    /// By value: one more than the source from which it was reached last.
    seen: Vec<u64>,
    /// The values that were reached, in order. Those from `next` on are still to be left.
    queue: Vec<u32>,
    next: usize,
    /// How many steps it takes to the values that are being left, and where in the queue these end.
    level: u32,
    level_end: usize,
    /// How many steps from the value that is being left were taken.
    taken: usize,
    /// Held for the marks and the queue.
    _reservation: MemoryReservation,
}

impl Reach {
    /// The search from the values in `sources`, in at most `depth` steps.
    pub(super) fn new(
        steps: Arc<Steps>,
        depth: Option<u32>,
        sources: Range<u32>,
        reservation: MemoryReservation,
    ) -> Result<Self> {
        let count = steps.count() as usize;
        reservation.try_grow(count * (size_of::<u64>() + size_of::<u32>()))?;
        Ok(Self {
            steps,
            depth: depth.unwrap_or(u32::MAX),
            source: sources.start,
            sources,
            seen: vec![0; count],
            queue: Vec::with_capacity(count),
            next: 0,
            level: 0,
            level_end: 0,
            taken: 0,
            _reservation: reservation,
        })
    }

    /// Begins at the next value; `false` when there is none.
    fn begin(&mut self) -> bool {
        let Some(source) = self.sources.next() else { return false };
        self.source = source;
        self.queue.clear();
        self.queue.push(source);
        (self.next, self.level, self.level_end, self.taken) = (0, 0, 1, 0);
        true
    }

    /// The next up to `most` pairs; none when all were given.
    pub(super) fn next_pairs(&mut self, most: usize, pairs: &mut Vec<Reached>) {
        pairs.clear();
        let steps = Arc::clone(&self.steps);
        while pairs.len() < most {
            let Some(value) = self.queue.get(self.next).copied() else {
                if self.begin() {
                    continue;
                }
                return;
            };
            if self.next == self.level_end {
                self.level += 1;
                self.level_end = self.queue.len();
            }
            if self.level >= self.depth {
                self.next = self.queue.len();
                continue;
            }
            let ends = steps.from(value);
            while let Some(to) = ends.get(self.taken).copied() {
                if pairs.len() == most {
                    return;
                }
                self.taken += 1;
                let mark = u64::from(self.source) + 1;
                // The source itself is no value that was reached until a way leads back.
                if let Some(seen) = self.seen.get_mut(to as usize)
                    && *seen != mark
                {
                    *seen = mark;
                    let depth = i64::from(self.level) + 1;
                    pairs.push(Reached { from: self.source, to, depth });
                    if to != self.source {
                        self.queue.push(to);
                    }
                }
            }
            self.next += 1;
            self.taken = 0;
        }
    }
}
