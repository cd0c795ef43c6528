//! The join of the rows of one key.

use arrow::array::{Array, RecordBatch, RecordBatchOptions};
use datafusion::common::cast::as_boolean_array;
use datafusion::common::{JoinSide, Result};
use datafusion::physical_plan::joins::utils::JoinFilter;

use super::input::{GroupSide, RowRef, SpanInput};
use super::output::Output;
use super::sweep::{Outer, Pair, Progress, Sweep, better, matched_left};
use super::{SpanJoinKind, SpanPredicate};

/// What is joined.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) predicate: SpanPredicate,
    pub(super) kind: SpanJoinKind,
    pub(super) filter: Option<JoinFilter>,
}

/// The rows of one key and how far they are joined.
#[derive(Debug)]
pub(super) struct GroupJoin {
    left: GroupSide,
    right: GroupSide,
    /// For each left row whether it has a match; empty when nobody asks.
    matched: Vec<bool>,
    phase: Phase,
}

/// What is being done with a group, in this order.
#[derive(Debug)]
enum Phase {
    /// For each inner row the innermost of the enclosing rows that pass the filter is sought among all pairs.
    Select(Sweep, Vec<Option<u32>>),
    /// The sweep's pairs are filtered and output or noted.
    Sweep(Sweep),
    /// The selected pairs are output or noted, from that of this inner row on.
    Selected(Vec<Option<u32>>, usize),
    /// Left rows are output according to whether they have a match, from this one on.
    Rows(usize),
    Done,
}

impl GroupJoin {
    /// Starts to join two sides, which are sorted and have the same key.
    pub(super) fn new(left: GroupSide, right: GroupSide, condition: &Condition) -> Self {
        let Condition { predicate, kind, filter } = condition;
        let (a, b) = (&left.spans, &right.spans);
        // Which enclosing span is the innermost decides only which *outer* rows match at all.
        let inner_left = *predicate != SpanPredicate::Contains(super::Enclosing::Innermost);
        let mut matched = Vec::new();
        let phase = if !kind.yields_pairs() && filter.is_none() && inner_left {
            matched = matched_left(*predicate, a, b);
            Phase::Rows(0)
        } else {
            if *kind != SpanJoinKind::Inner {
                matched.resize(a.len(), false);
            }
            match predicate.innermost() {
                Some(outer) if filter.is_some() => {
                    let (_, inners) = outer.split(a, b);
                    Phase::Select(Sweep::new(predicate.all(), a, b), vec![None; inners.len()])
                }
                _ => Phase::Sweep(Sweep::new(*predicate, a, b)),
            }
        };
        Self { left, right, matched, phase }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done)
    }

    /// Does one chunk of work. `candidates` is a buffer to be used again.
    pub(super) fn advance(
        &mut self,
        condition: &Condition,
        inputs: [&SpanInput; 2],
        output: &mut Output,
        candidates: &mut Vec<Pair>,
    ) -> Result<()> {
        candidates.clear();
        let (kind, outer) = (condition.kind, condition.predicate.innermost());
        let filter = condition.filter.as_ref();
        self.phase = match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Select(mut sweep, mut best) => {
                let progress = self.find(&mut sweep, filter, inputs, output, candidates)?;
                let outer = outer.unwrap_or(Outer::Left);
                let (outers, _) = outer.split(&self.left.spans, &self.right.spans);
                for pair in candidates.iter() {
                    let (outer, inner) = outer.split(pair.left, pair.right);
                    let best = &mut best[inner as usize];
                    *best = better(outers, *best, Some(outer));
                }
                match progress {
                    Progress::More => Phase::Select(sweep, best),
                    Progress::Done => Phase::Selected(best, 0),
                }
            }
            Phase::Sweep(mut sweep) => {
                let progress = self.find(&mut sweep, filter, inputs, output, candidates)?;
                self.accept(kind, candidates, output);
                match progress {
                    Progress::More => Phase::Sweep(sweep),
                    Progress::Done => Self::after_pairs(kind),
                }
            }
            Phase::Selected(best, from) => {
                let outer_side = outer.unwrap_or(Outer::Left);
                let to = best.len().min(from + output.room());
                let selected = (from..to).filter_map(|inner| Some((best[inner]?, inner as u32)));
                candidates.extend(selected.map(|(outer, inner)| outer_side.pair(outer, inner)));
                self.accept(kind, candidates, output);
                match to < best.len() {
                    true => Phase::Selected(best, to),
                    false => Self::after_pairs(kind),
                }
            }
            Phase::Rows(from) => self.output_rows(kind, from, output),
            Phase::Done => Phase::Done,
        };
        Ok(())
    }

    fn after_pairs(kind: SpanJoinKind) -> Phase {
        match kind {
            SpanJoinKind::Inner => Phase::Done,
            SpanJoinKind::Left | SpanJoinKind::LeftSemi | SpanJoinKind::LeftAnti => Phase::Rows(0),
        }
    }

    /// Fills the candidates with the next pairs of the sweep that pass the filter.
    fn find(
        &self,
        sweep: &mut Sweep,
        filter: Option<&JoinFilter>,
        inputs: [&SpanInput; 2],
        output: &Output,
        candidates: &mut Vec<Pair>,
    ) -> Result<Progress> {
        let limit = match filter {
            // Few may pass, so a whole batch is tried at once.
            Some(_) => output.batch_size(),
            None => output.room(),
        };
        let progress = sweep.fill(&self.left.spans, &self.right.spans, limit, candidates);
        if let Some(filter) = filter
            && !candidates.is_empty()
        {
            let batch = self.filter_batch(filter, inputs, candidates)?;
            let verdict = filter.expression().evaluate(&batch)?.into_array(batch.num_rows())?;
            let verdict = as_boolean_array(&verdict)?;
            let mut rows = 0..;
            candidates.retain(|_| {
                rows.next().is_some_and(|row| verdict.is_valid(row) && verdict.value(row))
            });
        }
        Ok(progress)
    }

    /// The columns that the filter reads, for the candidates.
    fn filter_batch(
        &self,
        filter: &JoinFilter,
        [left, right]: [&SpanInput; 2],
        candidates: &[Pair],
    ) -> Result<RecordBatch> {
        let left_rows = candidates.iter().map(|pair| self.left.rows[pair.left as usize]);
        let left_rows = left.locate(left_rows, false);
        let right_rows = candidates.iter().map(|pair| self.right.rows[pair.right as usize]);
        let right_rows = right.locate(right_rows, false);
        let arrays = filter.column_indices().iter().map(|column| match column.side {
            JoinSide::Left => left.gather(column.index, &left_rows, None),
            JoinSide::Right | JoinSide::None => right.gather(column.index, &right_rows, None),
        });
        let options = RecordBatchOptions::new().with_row_count(Some(candidates.len()));
        let schema = filter.schema().clone();
        let arrays = arrays.collect::<Result<_>>()?;
        Ok(RecordBatch::try_new_with_options(schema, arrays, &options)?)
    }

    /// Outputs or notes pairs.
    fn accept(&mut self, kind: SpanJoinKind, pairs: &[Pair], output: &mut Output) {
        if !self.matched.is_empty() {
            for pair in pairs {
                self.matched[pair.left as usize] = true;
            }
        }
        if kind.yields_pairs() {
            for pair in pairs {
                let left = self.left.rows[pair.left as usize];
                output.push(left, self.right.rows[pair.right as usize]);
            }
        }
    }

    /// Outputs left rows as long as there is room.
    fn output_rows(&self, kind: SpanJoinKind, from: usize, output: &mut Output) -> Phase {
        let wanted = kind == SpanJoinKind::LeftSemi;
        for position in from..self.left.rows.len() {
            if self.matched[position] == wanted {
                if output.room() == 0 {
                    return Phase::Rows(position);
                }
                output.push(self.left.rows[position], RowRef::NULL);
            }
        }
        Phase::Done
    }
}
