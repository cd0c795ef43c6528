//! All overlapping pairs, by a forward scan.

use super::{Pair, Progress, Span};

/// Takes the spans of both lists by ascending start, those of the left list first among equals. Each is compared with
/// the spans of the *other* list that come later, up to the first that starts at or after its end: all of them overlap
/// it, except for empty spans at its very start, which are skipped as one run.
#[derive(Debug, Default)]
pub(super) struct OverlapSweep {
    left: usize,
    right: usize,
    /// Where to go on in the other list with the span that is being compared.
    scan: Option<usize>,
    /// The end of the last run of empty right spans that was skipped, found again by its first position.
    skipped: Option<(usize, usize)>,
}

impl OverlapSweep {
    pub(super) fn fill(
        &mut self,
        left: &[Span],
        right: &[Span],
        limit: usize,
        out: &mut Vec<Pair>,
    ) -> Progress {
        while let (Some(&a), Some(&b)) = (left.get(self.left), right.get(self.right)) {
            if a.start <= b.start {
                let mut at = self.scan.take().unwrap_or(self.right);
                while let Some(other) = right.get(at).filter(|other| other.start < a.end) {
                    if other.end <= a.start {
                        at = self.skip_empty(right, at);
                        continue;
                    }
                    if out.len() >= limit {
                        self.scan = Some(at);
                        return Progress::More;
                    }
                    out.push(Pair { left: self.left as u32, right: at as u32 });
                    at += 1;
                }
                self.left += 1;
            } else {
                let mut at = self.scan.take().unwrap_or(self.left);
                // These start after `b` does, so even the empty ones end after its start.
                while left.get(at).is_some_and(|other| other.start < b.end) {
                    if out.len() >= limit {
                        self.scan = Some(at);
                        return Progress::More;
                    }
                    out.push(Pair { left: at as u32, right: self.right as u32 });
                    at += 1;
                }
                self.right += 1;
            }
        }
        Progress::Done
    }

    /// The position after the run of equal empty spans at `at`. Every left span with the same start asks for the same run.
    fn skip_empty(&mut self, right: &[Span], at: usize) -> usize {
        match self.skipped {
            Some((from, to)) if from == at => to,
            _ => {
                let run = right[at..].iter().take_while(|span| **span == right[at]);
                let to = at + run.count();
                self.skipped = Some((at, to));
                to
            }
        }
    }
}
