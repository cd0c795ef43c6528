//! The join of one partition as a state machine that does no waiting of its own.

use std::cmp::Ordering;

use arrow::array::{Array, RecordBatch, RecordBatchOptions};
use datafusion::common::cast::as_boolean_array;
use datafusion::common::{JoinSide, Result};
use datafusion::physical_plan::joins::utils::JoinFilter;

use super::input::{GroupSide, InputState, RowRef, SpanInput};
use super::output::Output;
use super::sweep::{Pair, Progress, Sweep, better, matched_left};
use super::{SpanJoinKind, SpanPredicate};

/// What the joiner needs or has.
#[derive(Debug)]
pub(super) enum Step {
    /// The next batch of that side, or word that there is none.
    Feed(JoinSide),
    /// Here are rows.
    Batch(RecordBatch),
    /// Much work was done without output; others may want the thread.
    Yield,
    /// The join is complete.
    Done,
}

/// Batches of an input that may be kept although only pending output needs them.
const PASSED_BATCHES: usize = 8;
/// Chunks of candidate pairs that are looked at before others get the thread.
const CHUNKS_PER_YIELD: usize = 64;

pub(super) struct Joiner {
    pub(super) left: SpanInput,
    pub(super) right: SpanInput,
    pub(super) predicate: SpanPredicate,
    pub(super) kind: SpanJoinKind,
    pub(super) filter: Option<JoinFilter>,
    pub(super) output: Output,
    pub(super) state: State,
    /// Reused for chunks of candidates.
    pub(super) candidates: Vec<Pair>,
}

/// Where the joiner is.
#[derive(Debug, Default)]
pub(super) enum State {
    /// Between two groups: the inputs are moved to a common key.
    #[default]
    Align,
    /// A common key is found and its rows are collected.
    Collect(Vec<i64>, Group),
    /// The rows of a key are being joined.
    Join(Group, Phase),
    /// No more rows will be decided on.
    Finished,
}

/// The rows of one key.
#[derive(Debug, Default)]
pub(super) struct Group {
    left: GroupSide,
    right: GroupSide,
    /// For each left row whether it has a match; empty when nobody asks.
    matched: Vec<bool>,
}

/// What is being done with a group, in this order.
#[derive(Debug)]
pub(super) enum Phase {
    /// The innermost of the enclosing rows that satisfy the filter is sought for each inner row.
    Select(Sweep, Vec<u32>),
    /// Pairs are found, filtered and output or noted.
    Pairs(Source),
    /// Left rows are output according to whether they have a match, from this one on.
    Rows(usize),
}

/// Where pairs come from.
#[derive(Debug)]
pub(super) enum Source {
    /// From the sweep; they have yet to pass the filter.
    Sweep(Sweep),
    /// They are selected: the outer row of each inner row, or [`NONE`], from this inner row on.
    Selected(Vec<u32>, usize),
}

const NONE: u32 = u32::MAX;

impl Joiner {
    /// Takes what [`Step::Feed`] asked for.
    pub(super) fn feed(&mut self, side: JoinSide, batch: Option<RecordBatch>) -> Result<()> {
        let input = match side {
            JoinSide::Left => &mut self.left,
            JoinSide::Right | JoinSide::None => &mut self.right,
        };
        match batch {
            None => input.finish(),
            Some(batch) => {
                let keep = side == JoinSide::Left && self.kind.yields_unmatched();
                let null_rows = input.feed(batch, keep)?;
                self.output.extend_left(null_rows);
            }
        }
        Ok(())
    }

    /// The bytes that the join holds.
    pub(super) fn reserved(&self) -> usize {
        self.left.reserved() + self.right.reserved()
    }

    /// Works until something is needed or a batch is full.
    pub(super) fn step(&mut self) -> Result<Step> {
        let mut chunks = 0;
        loop {
            if self.output.room() == 0 {
                return self.take_batch();
            }
            self.state = match std::mem::take(&mut self.state) {
                State::Align => {
                    if self.output.is_empty() {
                        self.left.release_passed();
                        self.right.release_passed();
                    } else if self.left.passed().max(self.right.passed()) > PASSED_BATCHES {
                        return self.take_batch();
                    }
                    match self.align() {
                        Aligned::Moved => State::Align,
                        Aligned::Starved(side) => return Ok(Step::Feed(side)),
                        Aligned::Found(key) => State::Collect(key, Group::default()),
                        Aligned::Finished => State::Finished,
                    }
                }
                State::Collect(key, mut group) => match self.collect(&key, &mut group)? {
                    Some(side) => {
                        self.state = State::Collect(key, group);
                        return Ok(Step::Feed(side));
                    }
                    None => {
                        let phase = self.start(&mut group);
                        State::Join(group, phase)
                    }
                },
                State::Join(mut group, phase) => {
                    let next = self.join(&mut group, phase)?;
                    chunks += 1;
                    match next {
                        Some(phase) => State::Join(group, phase),
                        None => {
                            self.left.release_group();
                            self.right.release_group();
                            State::Align
                        }
                    }
                }
                State::Finished => {
                    self.state = State::Finished;
                    return if self.output.is_empty() { Ok(Step::Done) } else { self.take_batch() };
                }
            };
            if chunks == CHUNKS_PER_YIELD {
                return Ok(Step::Yield);
            }
        }
    }

    fn take_batch(&mut self) -> Result<Step> {
        self.output.take(&self.left, &self.right).map(Step::Batch)
    }

    /// Moves the inputs towards a common key, at most one batch at a time.
    fn align(&mut self) -> Aligned {
        let keep = self.kind.yields_unmatched();
        match (self.left.state(), self.right.state()) {
            (InputState::Starved, _) => Aligned::Starved(JoinSide::Left),
            (InputState::Finished, _) => Aligned::Finished,
            (InputState::Ready, InputState::Starved) => Aligned::Starved(JoinSide::Right),
            (InputState::Ready, InputState::Finished) if keep => {
                self.output.extend_left(self.left.skip(None, self.output.room()));
                Aligned::Moved
            }
            (InputState::Ready, InputState::Finished) => Aligned::Finished,
            (InputState::Ready, InputState::Ready) => match self.left.compare_keys(&self.right) {
                Ordering::Equal => Aligned::Found(self.left.key()),
                Ordering::Greater => {
                    let _ = self.right.skip(Some(&self.left.key()), usize::MAX);
                    Aligned::Moved
                }
                Ordering::Less if keep => {
                    let rows = self.left.skip(Some(&self.right.key()), self.output.room());
                    self.output.extend_left(rows);
                    Aligned::Moved
                }
                Ordering::Less => {
                    let _ = self.left.skip(Some(&self.right.key()), usize::MAX);
                    Aligned::Moved
                }
            },
        }
    }

    /// Moves the rows with this key into the group; the side that has to be fed for that, if any.
    fn collect(&mut self, key: &[i64], group: &mut Group) -> Result<Option<JoinSide>> {
        self.left.take_group(key, &mut group.left)?;
        self.right.take_group(key, &mut group.right)?;
        Ok(if self.left.is_past(key).is_none() {
            Some(JoinSide::Left)
        } else if self.right.is_past(key).is_none() {
            Some(JoinSide::Right)
        } else {
            None
        })
    }

    fn start(&self, group: &mut Group) -> Phase {
        let (left, right) = (&group.left.spans, &group.right.spans);
        let only_rows = !self.kind.yields_pairs() && self.filter.is_none();
        let innermost_left =
            matches!(self.predicate, SpanPredicate::Contains(_)) && self.predicate.innermost();
        if only_rows && !innermost_left {
            group.matched = matched_left(self.predicate, left, right);
            return Phase::Rows(0);
        }
        if self.kind != SpanJoinKind::Inner {
            group.matched = vec![false; left.len()];
        }
        if self.predicate.innermost() && self.filter.is_some() {
            let inners = match self.predicate {
                SpanPredicate::Contains(_) => right.len(),
                SpanPredicate::Within(_) | SpanPredicate::Overlaps => left.len(),
            };
            let sweep = Sweep::new(self.predicate.all(), left, right);
            return Phase::Select(sweep, vec![NONE; inners]);
        }
        Phase::Pairs(Source::Sweep(Sweep::new(self.predicate, left, right)))
    }

    /// Does one chunk of work; `None` when the group is done.
    fn join(&mut self, group: &mut Group, phase: Phase) -> Result<Option<Phase>> {
        Ok(match phase {
            Phase::Select(mut sweep, mut best) => {
                let progress = self.find_candidates(group, &mut sweep)?;
                let contains = matches!(self.predicate, SpanPredicate::Contains(_));
                for pair in &self.candidates {
                    let (outers, outer, inner) = match contains {
                        true => (&group.left.spans, pair.left, pair.right),
                        false => (&group.right.spans, pair.right, pair.left),
                    };
                    let best = &mut best[inner as usize];
                    *best = better(outers, *best, outer);
                }
                Some(match progress {
                    Progress::More => Phase::Select(sweep, best),
                    Progress::Done => Phase::Pairs(Source::Selected(best, 0)),
                })
            }
            Phase::Pairs(mut source) => {
                let progress = match &mut source {
                    Source::Sweep(sweep) => self.find_candidates(group, sweep)?,
                    Source::Selected(best, next) => self.list_selected(best, next),
                };
                self.accept_candidates(group);
                match progress {
                    Progress::More => Some(Phase::Pairs(source)),
                    Progress::Done if self.kind == SpanJoinKind::Inner => None,
                    Progress::Done => Some(Phase::Rows(0)),
                }
            }
            Phase::Rows(from) => {
                let wanted = self.kind == SpanJoinKind::LeftSemi;
                let rows = group.matched[from..].iter().zip(&group.left.rows[from..]);
                let chosen = rows.enumerate().filter(|(_, (matched, _))| **matched == wanted);
                let mut next = group.left.rows.len();
                let mut room = self.output.room();
                for (position, (_, row)) in chosen {
                    if room == 0 {
                        next = from + position;
                        break;
                    }
                    self.output.push(*row, RowRef::NULL);
                    room -= 1;
                }
                (next < group.left.rows.len()).then_some(Phase::Rows(next))
            }
        })
    }

    /// Fills the candidates with the next pairs of the sweep that pass the filter.
    fn find_candidates(&mut self, group: &Group, sweep: &mut Sweep) -> Result<Progress> {
        self.candidates.clear();
        let limit = match self.filter {
            // Few may pass, so a whole batch is tried at once.
            Some(_) => self.output.batch_size(),
            None => self.output.room(),
        };
        let (left, right) = (&group.left.spans, &group.right.spans);
        let progress = sweep.fill(left, right, limit, &mut self.candidates);
        if let Some(filter) = &self.filter
            && !self.candidates.is_empty()
        {
            let batch = self.filter_batch(group, filter)?;
            let count = batch.num_rows();
            let verdict = filter.expression().evaluate(&batch)?.into_array(count)?;
            let verdict = as_boolean_array(&verdict)?;
            let mut row = 0;
            self.candidates.retain(|_| {
                row += 1;
                verdict.is_valid(row - 1) && verdict.value(row - 1)
            });
        }
        Ok(progress)
    }

    /// The columns that the filter reads, for the candidates.
    fn filter_batch(&self, group: &Group, filter: &JoinFilter) -> Result<RecordBatch> {
        let pairs = &self.candidates;
        let left_rows = pairs.iter().map(|pair| group.left.rows[pair.left as usize]);
        let left_rows = self.left.locate(left_rows, false);
        let right_rows = pairs.iter().map(|pair| group.right.rows[pair.right as usize]);
        let right_rows = self.right.locate(right_rows, false);
        let mut arrays = Vec::with_capacity(filter.column_indices().len());
        for column in filter.column_indices() {
            arrays.push(match column.side {
                JoinSide::Left => self.left.gather(column.index, &left_rows, None)?,
                JoinSide::Right | JoinSide::None => {
                    self.right.gather(column.index, &right_rows, None)?
                }
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(pairs.len()));
        Ok(RecordBatch::try_new_with_options(filter.schema().clone(), arrays, &options)?)
    }

    /// Fills the candidates with the next selected pairs.
    fn list_selected(&mut self, best: &[u32], next: &mut usize) -> Progress {
        self.candidates.clear();
        let contains = matches!(self.predicate, SpanPredicate::Contains(_));
        let end = best.len().min(*next + self.output.room());
        for inner in *next..end {
            if best[inner] != NONE {
                self.candidates.push(match contains {
                    true => Pair { left: best[inner], right: inner as u32 },
                    false => Pair { left: inner as u32, right: best[inner] },
                });
            }
        }
        *next = end;
        if end < best.len() { Progress::More } else { Progress::Done }
    }

    /// Outputs or notes the candidates.
    fn accept_candidates(&mut self, group: &mut Group) {
        if !group.matched.is_empty() {
            for pair in &self.candidates {
                group.matched[pair.left as usize] = true;
            }
        }
        if self.kind.yields_pairs() {
            for pair in &self.candidates {
                let left = group.left.rows[pair.left as usize];
                let right = group.right.rows[pair.right as usize];
                self.output.push(left, right);
            }
        }
    }
}

/// What became of an attempt to find a common key.
enum Aligned {
    /// Rows were passed.
    Moved,
    /// That side has to be fed.
    Starved(JoinSide),
    /// Both inputs are at this key.
    Found(Vec<i64>),
    /// Nothing more can be decided on.
    Finished,
}
