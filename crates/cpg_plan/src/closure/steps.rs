//! Steps between values, by number.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, RecordBatch};
use arrow::compute::{filter_record_batch, is_not_null, kernels::boolean::and};
use arrow::datatypes::{Field, Schema};
use datafusion::common::{Result, exec_err};
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::logical_expr::EmitTo;
use datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion::physical_plan::aggregates::order::GroupOrdering;

/// Steps that are being read.
pub(super) struct Reader {
    values: Box<dyn GroupValues>,
    groups: Vec<usize>,
    steps: Vec<(u32, u32)>,
    reservation: MemoryReservation,
}

/// All steps, each once.
#[derive(Debug)]
pub(super) struct Steps {
    /// The values, by number.
    pub(super) values: ArrayRef,
    /// Where in `ends` the steps from each value begin, and where the last ones end.
    starts: Vec<u32>,
    ends: Vec<u32>,
    /// Held for all of it.
    _reservation: MemoryReservation,
}

impl Reader {
    /// A reader of steps between values of the type of `field`.
    pub(super) fn new(field: &Field, reservation: MemoryReservation) -> Result<Self> {
        let schema = Arc::new(Schema::new(vec![field.clone()]));
        Ok(Self {
            values: new_group_values(schema, &GroupOrdering::None)?,
            groups: Vec::new(),
            steps: Vec::new(),
            reservation,
        })
    }

    /// Reads the steps of a batch of two columns; rows with a null are none.
    pub(super) fn read(&mut self, batch: &RecordBatch) -> Result<()> {
        let nulls = batch.columns().iter().any(|column| column.null_count() > 0);
        let whole = if nulls {
            let is_step = and(&is_not_null(batch.column(0))?, &is_not_null(batch.column(1))?)?;
            &filter_record_batch(batch, &is_step)?
        } else {
            batch
        };
        let from = self.numbers(whole.column(0))?;
        let to = self.numbers(whole.column(1))?;
        self.steps.extend(from.into_iter().zip(to));
        let bytes = self.steps.capacity() * size_of::<(u32, u32)>() + self.values.size();
        self.reservation.try_resize(bytes)
    }

    fn numbers(&mut self, column: &ArrayRef) -> Result<Vec<u32>> {
        self.groups.clear();
        self.values.intern(std::slice::from_ref(column), &mut self.groups)?;
        let numbers = self.groups.iter().map(|group| u32::try_from(*group));
        match numbers.collect() {
            Ok(numbers) => Ok(numbers),
            Err(_) => exec_err!("a closure over more than {} values", u32::MAX),
        }
    }

    /// All of them.
    pub(super) fn finish(mut self) -> Result<Steps> {
        let count = self.values.len();
        self.steps.sort_unstable();
        self.steps.dedup();
        if u32::try_from(self.steps.len()).is_err() {
            return exec_err!("a closure over more than {} steps", u32::MAX);
        }
        let bytes = (count + 1 + self.steps.len()) * size_of::<u32>();
        self.reservation.try_grow(bytes)?;
        let mut starts = vec![0_u32; count + 1];
        for (from, _) in &self.steps {
            if let Some(start) = starts.get_mut(*from as usize + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let ends: Vec<u32> = self.steps.iter().map(|(_, to)| *to).collect();
        drop(std::mem::take(&mut self.steps));
        let values = match self.values.emit(EmitTo::All)?.pop() {
            Some(values) => values,
            None => return exec_err!("a closure lost its values"),
        };
        self.reservation.try_resize(bytes + values.get_array_memory_size())?;
        Ok(Steps { values, starts, ends, _reservation: self.reservation })
    }
}

impl Steps {
    /// How many values there are.
    pub(super) fn count(&self) -> u32 {
        // There are at most as many as fit, see `Reader::numbers`; one start more than values.
        u32::try_from(self.starts.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Where the steps from a value lead.
    pub(super) fn from(&self, value: u32) -> &[u32] {
        let at = value as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => {
                self.ends.get(*start as usize..*end as usize).unwrap_or_default()
            }
            _ => &[],
        }
    }
}
