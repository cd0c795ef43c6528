//! The join of one partition as a state machine that does no waiting of its own.

use std::cmp::Ordering;

use arrow::array::RecordBatch;
use datafusion::common::{JoinSide, Result};

use super::group::{Condition, GroupJoin};
use super::input::{GroupSide, InputState, SpanInput};
use super::output::Output;
use super::sweep::Pair;

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

/// Moves two inputs from common key to common key and joins the rows there.
#[derive(Debug)]
pub(super) struct Joiner {
    left: SpanInput,
    right: SpanInput,
    condition: Condition,
    output: Output,
    state: State,
    /// Used again for each chunk of pairs.
    candidates: Vec<Pair>,
}

#[derive(Debug, Default)]
enum State {
    /// The inputs are moved to a common key.
    #[default]
    Align,
    /// One is found, and its rows are collected.
    Collect { key: Vec<i64>, left: GroupSide, right: GroupSide },
    /// They are being joined.
    Join(GroupJoin),
    /// No more rows will be decided on.
    Finished,
}

/// What became of an attempt to find a common key.
enum Aligned {
    /// Rows were passed.
    Moved,
    /// That side has to be fed.
    Starved(JoinSide),
    /// Both inputs are at this key.
    Found(Vec<i64>),
    /// There is none any more.
    Finished,
}

impl Joiner {
    pub(super) fn new(
        left: SpanInput,
        right: SpanInput,
        condition: Condition,
        output: Output,
    ) -> Self {
        Self { left, right, condition, output, state: State::default(), candidates: Vec::new() }
    }

    /// Takes what [`Step::Feed`] asked for.
    pub(super) fn feed(&mut self, side: JoinSide, batch: Option<RecordBatch>) -> Result<()> {
        let input = match side {
            JoinSide::Left => &mut self.left,
            JoinSide::Right | JoinSide::None => &mut self.right,
        };
        match batch {
            None => input.finish(),
            Some(batch) => {
                let keep = side == JoinSide::Left && self.condition.kind.yields_unmatched();
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
        while chunks < CHUNKS_PER_YIELD {
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
                        Aligned::Found(key) => State::Collect {
                            key,
                            left: GroupSide::default(),
                            right: GroupSide::default(),
                        },
                        Aligned::Finished => State::Finished,
                    }
                }
                State::Collect { key, mut left, mut right } => {
                    if let Some(side) = self.collect(&key, &mut left, &mut right)? {
                        self.state = State::Collect { key, left, right };
                        return Ok(Step::Feed(side));
                    }
                    State::Join(GroupJoin::new(left, right, &self.condition))
                }
                State::Join(group) if group.is_done() => {
                    drop(group);
                    self.left.release_group();
                    self.right.release_group();
                    State::Align
                }
                State::Join(mut group) => {
                    let inputs = [&self.left, &self.right];
                    let (output, buffer) = (&mut self.output, &mut self.candidates);
                    group.advance(&self.condition, inputs, output, buffer)?;
                    chunks += 1;
                    State::Join(group)
                }
                State::Finished => {
                    self.state = State::Finished;
                    return match self.output.is_empty() {
                        true => Ok(Step::Done),
                        false => self.take_batch(),
                    };
                }
            };
        }
        Ok(Step::Yield)
    }

    fn take_batch(&mut self) -> Result<Step> {
        self.output.take(&self.left, &self.right).map(Step::Batch)
    }

    /// Moves the inputs towards a common key, at most one batch at a time.
    fn align(&mut self) -> Aligned {
        let keep = self.condition.kind.yields_unmatched();
        match (self.left.state(), self.right.state()) {
            (InputState::Starved, _) => Aligned::Starved(JoinSide::Left),
            (InputState::Finished, _) => Aligned::Finished,
            (InputState::Ready, InputState::Starved) => Aligned::Starved(JoinSide::Right),
            (InputState::Ready, InputState::Finished) if keep => {
                let rows = self.left.skip(None, self.output.room());
                self.output.extend_left(rows);
                Aligned::Moved
            }
            (InputState::Ready, InputState::Finished) => Aligned::Finished,
            (InputState::Ready, InputState::Ready) => match self.left.compare_keys(&self.right) {
                Ordering::Equal => Aligned::Found(self.left.key()),
                Ordering::Greater => {
                    self.right.skip(Some(&self.left.key()), usize::MAX);
                    Aligned::Moved
                }
                Ordering::Less => {
                    let limit = if keep { self.output.room() } else { usize::MAX };
                    let rows = self.left.skip(Some(&self.right.key()), limit);
                    if keep {
                        self.output.extend_left(rows);
                    }
                    Aligned::Moved
                }
            },
        }
    }

    /// Moves the rows with this key out of the inputs; the side that has to be fed for more of them, if any.
    fn collect(
        &mut self,
        key: &[i64],
        left: &mut GroupSide,
        right: &mut GroupSide,
    ) -> Result<Option<JoinSide>> {
        self.left.take_group(key, left)?;
        self.right.take_group(key, right)?;
        let sides = [(&self.left, JoinSide::Left), (&self.right, JoinSide::Right)];
        let starved = sides.into_iter().find(|(side, _)| side.state() == InputState::Starved);
        Ok(starved.map(|(_, side)| side))
    }
}
