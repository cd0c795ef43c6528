//! One sorted input of the join: its batches, and the cursor that cuts them into key groups.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::compute::{filter, filter_record_batch, interleave, not};
use arrow::datatypes::Int64Type;
use datafusion::common::{Result, exec_datafusion_err, exec_err, internal_datafusion_err};
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_expr::PhysicalExpr;

use super::SpanColumns;
use super::sweep::{Span, Sweep};

/// A row of an input: the number of its batch and its position there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowRef {
    batch: u32,
    row: u32,
}

impl RowRef {
    /// Stands for a row of nulls.
    pub(super) const NULL: Self = Self { batch: u32::MAX, row: u32::MAX };
}

/// Consecutive rows of one batch.
#[derive(Debug, Default)]
pub(super) struct Rows {
    batch: u32,
    rows: Range<usize>,
}

impl Iterator for Rows {
    type Item = RowRef;

    fn next(&mut self) -> Option<RowRef> {
        let row = self.rows.next()? as u32;
        Some(RowRef { batch: self.batch, row })
    }
}

/// The rows of one side of a key group.
#[derive(Debug, Default)]
pub(super) struct GroupSide {
    /// Their spans, sorted.
    pub(super) spans: Vec<Span>,
    /// Where they are.
    pub(super) rows: Vec<RowRef>,
}

/// The bytes that a row of a group takes besides its batch: its span and place, what the sweep keeps of it, and the
/// marks of the join.
const GROUP_BYTES_PER_ROW: usize =
    size_of::<Span>() + size_of::<RowRef>() + Sweep::BYTES_PER_SPAN + 2 * size_of::<u32>();

/// What an input can do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InputState {
    /// It has a current row.
    Ready,
    /// It must be fed.
    Starved,
    /// It has no more rows.
    Finished,
}

/// A sorted input. Batches stay until they are released, since output rows are copied out of them late.
#[derive(Debug)]
pub(super) struct SpanInput {
    name: &'static str,
    columns: SpanColumns,
    batches: VecDeque<Retained>,
    /// The number of the first batch that is still there.
    first: u32,
    current: Option<Current>,
    finished: bool,
    /// The last row of the previous batch.
    last: Option<(Vec<i64>, Span)>,
    reservation: MemoryReservation,
    group_bytes: usize,
}

#[derive(Debug)]
struct Retained {
    batch: RecordBatch,
    bytes: usize,
}

/// The newest batch, in which the cursor is.
#[derive(Debug)]
struct Current {
    batch: u32,
    keys: Vec<ScalarBuffer<i64>>,
    spans: Vec<Span>,
    next: usize,
}

impl SpanInput {
    /// `name` is that of the side, for messages.
    pub(super) fn new(
        name: &'static str,
        columns: SpanColumns,
        reservation: MemoryReservation,
    ) -> Self {
        Self {
            name,
            columns,
            batches: VecDeque::new(),
            first: 0,
            current: None,
            finished: false,
            last: None,
            reservation,
            group_bytes: 0,
        }
    }

    pub(super) fn state(&self) -> InputState {
        match &self.current {
            Some(current) if current.next < current.spans.len() => InputState::Ready,
            _ if self.finished => InputState::Finished,
            _ => InputState::Starved,
        }
    }

    /// There are no more batches.
    pub(super) fn finish(&mut self) {
        self.finished = true;
    }

    /// Takes the next batch. Its rows with a null among keys and span ends are dropped, or with `keep_null_rows` yielded.
    ///
    /// Errors when the batch is not in order, a span ends before it starts, or there is no memory for the batch.
    pub(super) fn feed(&mut self, batch: RecordBatch, keep_null_rows: bool) -> Result<Rows> {
        let mut columns = Vec::with_capacity(self.columns.keys.len() + 2);
        for expr in self.columns.exprs() {
            columns.push(evaluate(expr, &batch)?);
        }
        let nulls = columns
            .iter()
            .fold(None, |all: Option<NullBuffer>, column| {
                NullBuffer::union(all.as_ref(), column.nulls())
            })
            .filter(|nulls| nulls.null_count() > 0);
        let mut null_rows = Rows::default();
        let batch = match nulls {
            None => batch,
            Some(nulls) => {
                let valid = BooleanArray::new(nulls.into_inner(), None);
                if keep_null_rows {
                    let dropped = filter_record_batch(&batch, &not(&valid)?)?;
                    let rows = 0..dropped.num_rows();
                    null_rows = Rows { batch: self.retain(dropped)?, rows };
                }
                for column in &mut columns {
                    *column = filter(column, &valid)?;
                }
                filter_record_batch(&batch, &valid)?
            }
        };
        if batch.num_rows() > 0 {
            let number = self.retain(batch)?;
            self.enter(number, &columns)?;
        }
        Ok(null_rows)
    }

    /// Makes a batch without nulls in `columns` the current one.
    fn enter(&mut self, number: u32, columns: &[ArrayRef]) -> Result<()> {
        let mut values = Vec::with_capacity(columns.len());
        for column in columns {
            let column = column.as_primitive_opt::<Int64Type>().ok_or_else(|| {
                internal_datafusion_err!("a key or span end of a span join is not an int64")
            })?;
            values.push(column.values().clone());
        }
        let (Some(ends), Some(starts)) = (values.pop(), values.pop()) else {
            return Err(internal_datafusion_err!("a span join without a span"));
        };
        let mut spans = Vec::with_capacity(starts.len());
        for (&start, &end) in starts.iter().zip(ends.iter()) {
            spans.push(Span::new(start, end).ok_or_else(|| {
                exec_datafusion_err!(
                    "span join: the {} input has a span that ends before it starts: {start}..{end}",
                    self.name
                )
            })?);
        }
        let current = Current { batch: number, keys: values, spans, next: 0 };
        let last = current.spans.len() - 1;
        let follows =
            self.last.as_ref().is_none_or(|(key, span)| current.compare(0, key, *span).is_ge());
        if !follows || !(1..=last).all(|row| current.follows_previous(row)) {
            return exec_err!(
                "span join: the {} input is not sorted by keys, start and descending end, although its plan declares that order",
                self.name
            );
        }
        self.last = Some((current.key(last), current.spans[last]));
        self.current = Some(current);
        Ok(())
    }

    fn retain(&mut self, batch: RecordBatch) -> Result<u32> {
        let number = u32::try_from(self.batches.len())
            .ok()
            .and_then(|count| self.first.checked_add(count))
            .filter(|number| {
                *number != RowRef::NULL.batch && u32::try_from(batch.num_rows()).is_ok()
            })
            .ok_or_else(|| exec_datafusion_err!("span join: too many batches or rows"))?;
        let bytes = memory_size(&batch);
        self.reserve(bytes)?;
        self.batches.push_back(Retained { batch, bytes });
        Ok(number)
    }

    fn reserve(&mut self, bytes: usize) -> Result<()> {
        self.reservation.try_grow(bytes).map_err(|error| {
            error.context(format!(
                "span join: the {} rows of one key group do not fit into memory",
                self.name
            ))
        })
    }

    /// Compares the keys of the current rows of two inputs that are ready.
    pub(super) fn compare_keys(&self, other: &Self) -> Ordering {
        match (&self.current, &other.current) {
            (Some(a), Some(b)) => {
                let pairs = a.keys.iter().zip(&b.keys);
                pairs
                    .map(|(x, y)| x[a.next].cmp(&y[b.next]))
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            }
            _ => Ordering::Equal,
        }
    }

    /// The key of the current row.
    pub(super) fn key(&self) -> Vec<i64> {
        self.current.as_ref().map_or_else(Vec::new, |current| current.key(current.next))
    }

    /// Moves past at most `limit` rows of the current batch whose key is less than `key`, or past any without a `key`.
    pub(super) fn skip(&mut self, key: Option<&[i64]>, limit: usize) -> Rows {
        let Some(current) = &mut self.current else {
            return Rows::default();
        };
        let from = current.next;
        let end = match key {
            Some(key) => current.partition_point(|row| current.compare_key(row, key).is_lt()),
            None => current.spans.len(),
        };
        current.next = end.min(from.saturating_add(limit));
        Rows { batch: current.batch, rows: from..current.next }
    }

    /// Moves the rows of the current batch that have the key `key` into `group`.
    ///
    /// Errors when there is no memory for them.
    pub(super) fn take_group(&mut self, key: &[i64], group: &mut GroupSide) -> Result<()> {
        let Some(current) = &self.current else {
            return Ok(());
        };
        let from = current.next;
        let end = current.partition_point(|row| current.compare_key(row, key).is_le());
        if u32::try_from(group.spans.len() + (end - from)).is_err() {
            return exec_err!("span join: one key group has more rows than can be numbered");
        }
        let bytes = (end - from) * GROUP_BYTES_PER_ROW;
        self.reserve(bytes)?;
        self.group_bytes += bytes;
        if let Some(current) = &mut self.current {
            group.spans.extend_from_slice(&current.spans[from..end]);
            group.rows.extend(Rows { batch: current.batch, rows: from..end });
            current.next = end;
        }
        Ok(())
    }

    /// The group is done with; its own memory is free.
    pub(super) fn release_group(&mut self) {
        self.reservation.shrink(self.group_bytes);
        self.group_bytes = 0;
    }

    /// How many batches the cursor has left behind.
    pub(super) fn passed(&self) -> usize {
        match &self.current {
            Some(current) if current.next < current.spans.len() => self.batches.len() - 1,
            _ => self.batches.len(),
        }
    }

    /// Drops the batches that the cursor has left behind. No [`RowRef`] into them may be used any more.
    pub(super) fn release_passed(&mut self) {
        for _ in 0..self.passed() {
            if let Some(retained) = self.batches.pop_front() {
                self.reservation.shrink(retained.bytes);
                self.first += 1;
            }
        }
        if self.batches.is_empty() {
            self.current = None;
        }
    }

    /// The bytes that this input holds.
    pub(super) fn reserved(&self) -> usize {
        self.reservation.size()
    }

    /// The column of the given rows. `null` is an array of one null; without it no row may be [`RowRef::NULL`].
    pub(super) fn gather(
        &self,
        column: usize,
        rows: &[(usize, usize)],
        null: Option<&ArrayRef>,
    ) -> Result<ArrayRef> {
        let batches = self.batches.iter().map(|retained| retained.batch.column(column));
        let arrays: Vec<&dyn Array> = null.into_iter().chain(batches).map(AsRef::as_ref).collect();
        Ok(interleave(&arrays, rows)?)
    }

    /// The given rows as [`SpanInput::gather`] takes them; `nullable` when it will be given a null.
    pub(super) fn locate(
        &self,
        rows: impl Iterator<Item = RowRef>,
        nullable: bool,
    ) -> Vec<(usize, usize)> {
        let shift = usize::from(nullable);
        rows.map(|at| match at {
            RowRef::NULL => (0, 0),
            RowRef { batch, row } => ((batch - self.first) as usize + shift, row as usize),
        })
        .collect()
    }
}

impl Current {
    fn key(&self, row: usize) -> Vec<i64> {
        self.keys.iter().map(|column| column[row]).collect()
    }

    fn compare_key(&self, row: usize, key: &[i64]) -> Ordering {
        self.keys.iter().map(|column| column[row]).cmp(key.iter().copied())
    }

    fn compare(&self, row: usize, key: &[i64], span: Span) -> Ordering {
        self.compare_key(row, key).then_with(|| self.spans[row].cmp(&span))
    }

    fn follows_previous(&self, row: usize) -> bool {
        let keys = self.keys.iter().map(|column| column[row - 1].cmp(&column[row]));
        match keys.into_iter().find(|order| order.is_ne()) {
            Some(order) => order.is_lt(),
            None => self.spans[row - 1] <= self.spans[row],
        }
    }

    /// The first row from the cursor on for which `holds` is false.
    fn partition_point(&self, holds: impl Fn(usize) -> bool) -> usize {
        let (mut low, mut high) = (self.next, self.spans.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

fn evaluate(expr: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<ArrayRef> {
    expr.evaluate(batch)?.into_array(batch.num_rows())
}

/// The bytes of the batch's rows. Not those of its buffers, which several slices may share.
fn memory_size(batch: &RecordBatch) -> usize {
    let sizes = batch.columns().iter().map(|column| {
        column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size())
    });
    sizes.sum()
}
