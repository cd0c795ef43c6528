//! The rows of one view as a set.

use arrow::array::{BooleanBuilder, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion::physical_plan::aggregates::order::GroupOrdering;
use std::sync::Arc;

use super::rows::Found;

/// What a view has, and what is new this round.
pub(super) struct Member {
    schema: SchemaRef,
    known: Box<dyn GroupValues>,
    groups: Vec<usize>,
    /// The rows of this round.
    new: Vec<RecordBatch>,
    /// How many rows a batch should have.
    batch_rows: usize,
    /// The bytes of all batches.
    held: usize,
    reservation: MemoryReservation,
}

impl Member {
    pub(super) fn new(
        name: &str,
        schema: SchemaRef,
        batch_rows: usize,
        pool: &Arc<dyn MemoryPool>,
    ) -> Result<Self> {
        Ok(Self {
            known: new_group_values(Arc::clone(&schema), &GroupOrdering::None)?,
            schema,
            groups: Vec::new(),
            new: Vec::new(),
            batch_rows,
            held: 0,
            reservation: MemoryConsumer::new(name).register(pool),
        })
    }

    /// Adds those rows that are not known; whether there are any.
    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<bool> {
        let before = self.known.len();
        self.groups.clear();
        self.known.intern(batch.columns(), &mut self.groups)?;
        if self.known.len() == before {
            return Ok(false);
        }
        // Groups are numbered as they come: a row is new if its number was not there before it.
        let mut next = before;
        let mut is_new = BooleanBuilder::with_capacity(batch.num_rows());
        for group in &self.groups {
            is_new.append_value(*group >= next);
            next = next.max(group + 1);
        }
        let columns = filter_record_batch(batch, &is_new.finish())?.columns().to_vec();
        self.push(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)?;
        Ok(true)
    }

    /// Small batches are put together, so that there are not as many as there are rounds.
    fn push(&mut self, batch: RecordBatch) -> Result<()> {
        self.held += batch.get_array_memory_size();
        self.new.push(batch);
        self.reserve()
    }

    fn reserve(&mut self) -> Result<()> {
        self.reservation.try_resize(self.held + self.known.size())
    }

    /// Ends the round; whether it found anything.
    pub(super) fn end_round(&mut self, found: &mut Found) -> Result<bool> {
        found.before.append(&mut found.newest);
        self.compact(&mut found.before)?;
        found.newest.append(&mut self.new);
        self.compact(&mut found.newest)?;
        self.reserve()?;
        Ok(!found.newest.is_empty())
    }

    /// Puts the small batches at the end together.
    fn compact(&mut self, batches: &mut Vec<RecordBatch>) -> Result<()> {
        let mut rows = 0;
        let small = batches.iter().rev().take_while(|batch| {
            rows += batch.num_rows();
            batch.num_rows() < self.batch_rows && rows <= self.batch_rows
        });
        let count = small.count();
        if count < 2 {
            return Ok(());
        }
        let tail = batches.split_off(batches.len() - count);
        let whole = concat_batches(&self.schema, &tail)?;
        let freed: usize = tail.iter().map(RecordBatch::get_array_memory_size).sum();
        self.held = (self.held + whole.get_array_memory_size()).saturating_sub(freed);
        batches.push(whole);
        Ok(())
    }
}
