//! Segments: runs of consecutive paths whose rows are made, kept and replaced together.
//!
//! Paths alone say where a segment begins (content-defined chunking, over names instead of bytes): where a path's hash is
//! the least among those of the paths around it, as far as a segment is at least long. So a file that comes or goes moves
//! no boundary but those beside it, other segments' rows stay what they are, and segments differ little in length. How long
//! they are depends on how many files there are: few enough for one data file each, short enough that a changed file costs
//! little more than itself.

use std::ops::Range;

use super::Entry;

/// About how many files a segment has at least.
const FILES: usize = 32;

/// About how many segments there are at most.
const SEGMENTS: usize = 64;

/// The segments of a scan's entries, in order. There is at least one.
#[derive(Debug)]
pub(super) struct Segments {
    /// Where each begins.
    starts: Vec<usize>,
    /// How many entries there are.
    entries: usize,
}

impl Segments {
    pub(super) fn new(entries: &[(String, Entry)]) -> Self {
        // Entries of one path stay together.
        let mut paths: Vec<(usize, u64)> = Vec::with_capacity(entries.len());
        for (index, (path, _)) in entries.iter().enumerate() {
            if index == 0 || entries[index - 1].0 != *path {
                paths.push((index, low_bits(path)));
            }
        }
        // A power of two, so that it seldom changes. One of so many paths is the least of as many.
        let files = (paths.len() / SEGMENTS).max(FILES).next_power_of_two();
        let around = files / 2;
        let mut starts = vec![0];
        // As many paths must stand on both sides: small sources have one segment.
        for (index, window) in (around..).zip(paths.windows(2 * around + 1)) {
            let (start, hash) = paths[index];
            if window.iter().all(|(other, least)| *other == start || hash < *least) {
                starts.push(start);
            }
        }
        Self { starts, entries: entries.len() }
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The entries of a segment.
    pub(super) fn range(&self, segment: usize) -> Range<usize> {
        let start = self.starts.get(segment).copied().unwrap_or(self.entries);
        let end = self.starts.get(segment + 1).copied().unwrap_or(self.entries);
        start..end
    }
}

fn low_bits(path: &str) -> u64 {
    let hash = blake3::hash(path.as_bytes());
    let bytes = hash.as_bytes().first_chunk().copied().unwrap_or_default();
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::ErrorKind;
    use crate::scan::Problem;

    fn entries(count: usize) -> Vec<(String, Entry)> {
        let problem = Problem { kind: ErrorKind::Changed, message: String::new() };
        let path = |n| format!("pkg/module_{n:06}.py");
        (0..count).map(|n| (path(n), Entry::Problem(problem.clone()))).collect()
    }

    fn paths(entries: &[(String, Entry)]) -> Vec<Vec<&str>> {
        let segments = Segments::new(entries);
        let of = |segment| entries[segments.range(segment)].iter().map(|(path, _)| path.as_str());
        (0..segments.len()).map(|segment| of(segment).collect()).collect()
    }

    #[test]
    fn cover_all_entries_in_order_and_are_neither_many_nor_long() {
        for count in [0, 1, 63, 1_000, 4_000, 20_000, 100_000] {
            let entries = entries(count);
            let segments = paths(&entries);
            assert_eq!(segments.concat().len(), count);
            assert!(segments.len() <= 2 * SEGMENTS, "{count}: {}", segments.len());
            assert!(segments.len() >= (count / 128).min(SEGMENTS / 4), "{count}");
            assert!(count > FILES || segments.len() == 1, "{count}");
            let longest = segments.iter().map(Vec::len).max().unwrap_or_default();
            assert!(longest <= (8 * count / SEGMENTS).max(8 * FILES), "{count}: {longest}");
        }
    }

    #[test]
    fn a_file_that_goes_changes_few_segments() {
        let before = entries(3_000);
        let mut all = 0;
        for gone in (0..before.len()).step_by(97) {
            let mut after = before.clone();
            after.remove(gone);
            let (before, after) = (paths(&before), paths(&after));
            let changed = after.iter().filter(|segment| !before.contains(segment)).count();
            assert!(changed <= 3, "{changed} segments changed");
            all += changed;
        }
        let count = before.len().div_ceil(97);
        assert!(all <= count + count / 4, "{all} segments changed for {count} files");
    }

    #[test]
    fn entries_of_one_path_stay_together() {
        let mut twice = entries(2_000);
        twice.extend(twice.clone());
        twice.sort_by(|(left, _), (right, _)| left.cmp(right));
        for segment in paths(&twice) {
            assert_eq!(segment.len() % 2, 0);
        }
    }
}
