//! Segments: runs of consecutive paths whose rows are made, kept and replaced together.
//!
//! Paths alone say where a segment begins (content-defined chunking, over names instead of bytes): a file that comes or
//! goes moves no boundary but its own, so that the other segments' rows stay what they are. How long segments are
//! depends on how many files there are: few enough for one data file each, short enough that a changed file costs
//! little more than itself.

use std::ops::Range;

use super::Entry;

/// About how many files a segment has at least.
const FILES: usize = 64;

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
        // A power of two, so that it seldom changes.
        let files = (entries.len() / SEGMENTS).max(FILES).next_power_of_two();
        let begins = |path: &str| low_bits(path).is_multiple_of(files as u64);
        let paths = entries.iter().map(|(path, _)| path.as_str());
        let mut starts = vec![0];
        let mut last = None;
        for (index, path) in paths.enumerate() {
            // Entries of one path stay together.
            if index > 0 && last != Some(path) && begins(path) {
                starts.push(index);
            }
            last = Some(path);
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
            assert!(segments.len() >= (count / 1_000).min(SEGMENTS / 4), "{count}");
        }
    }

    #[test]
    fn a_file_that_goes_changes_one_segment() {
        let before = entries(3_000);
        for gone in (0..before.len()).step_by(97) {
            let mut after = before.clone();
            after.remove(gone);
            let (before, after) = (paths(&before), paths(&after));
            let changed = after.iter().filter(|segment| !before.contains(segment)).count();
            assert!(changed <= 1, "{changed} segments changed");
        }
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
