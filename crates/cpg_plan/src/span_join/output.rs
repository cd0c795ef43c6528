//! The output rows that are decided on but not yet copied.

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::SchemaRef;
use datafusion::common::{JoinSide, Result};
use datafusion::physical_plan::joins::utils::ColumnIndex;

use super::input::{RowRef, SpanInput};

/// Output rows by their places in the inputs, copied when a batch is full.
#[derive(Debug)]
pub(super) struct Output {
    schema: SchemaRef,
    /// Where each column comes from.
    columns: Vec<ColumnIndex>,
    /// A null for each column, when right rows may be missing.
    nulls: Option<Vec<ArrayRef>>,
    batch_size: usize,
    left: Vec<RowRef>,
    /// As long as `left`.
    right: Vec<RowRef>,
}

impl Output {
    /// `outer` when right rows may be missing.
    pub(super) fn new(
        schema: SchemaRef,
        columns: Vec<ColumnIndex>,
        outer: bool,
        batch_size: usize,
    ) -> Self {
        let nulls = outer.then(|| {
            let types = schema.fields().iter().map(|field| field.data_type());
            types.map(|data_type| new_null_array(data_type, 1)).collect()
        });
        Self {
            schema,
            columns,
            nulls,
            batch_size: batch_size.max(1),
            left: Vec::new(),
            right: Vec::new(),
        }
    }

    pub(super) fn batch_size(&self) -> usize {
        self.batch_size
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// How many rows are missing to a full batch.
    pub(super) fn room(&self) -> usize {
        self.batch_size.saturating_sub(self.left.len())
    }

    pub(super) fn push(&mut self, left: RowRef, right: RowRef) {
        self.left.push(left);
        self.right.push(right);
    }

    /// Left rows without a right one.
    pub(super) fn extend_left(&mut self, rows: impl Iterator<Item = RowRef>) {
        self.left.extend(rows);
        self.right.resize(self.left.len(), RowRef::NULL);
    }

    /// Copies and removes the first rows, at most a batch.
    pub(super) fn take(&mut self, left: &SpanInput, right: &SpanInput) -> Result<RecordBatch> {
        let count = self.left.len().min(self.batch_size);
        let left_rows = left.locate(self.left.drain(..count), false);
        let outer = self.nulls.is_some();
        let right_rows = right
            .locate(self.right.drain(..count).filter(|row| outer || *row != RowRef::NULL), outer);
        let mut arrays = Vec::with_capacity(self.columns.len());
        for (position, column) in self.columns.iter().enumerate() {
            arrays.push(match column.side {
                JoinSide::Left => left.gather(column.index, &left_rows, None)?,
                JoinSide::Right | JoinSide::None => {
                    let null = self.nulls.as_ref().and_then(|nulls| nulls.get(position));
                    right.gather(column.index, &right_rows, null)?
                }
            });
        }
        // A join may be asked for no column at all, when only its rows are counted.
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)?)
    }
}
