//! Rows to data files of one segment each.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use super::DataFile;
use super::content::{RowsHash, RowsHasher};
use super::layout::Layout;
use super::write::TableWriter;
use crate::error::{EngineError, Result};
use crate::publish::RunId;
use crate::resolver::Dataset;

/// The rows of one segment.
#[derive(Debug, Default)]
pub(crate) struct SegmentRows {
    /// Where they are.
    pub(crate) files: Vec<DataFile>,
    /// Their hashes, as many as were asked for.
    pub(crate) hashes: Vec<RowsHash>,
}

/// Writes the rows of some segments of a table.
pub(crate) struct SegmentedWriter<'a> {
    dataset: &'a Dataset,
    schema: SchemaRef,
    layout: Layout,
    run: &'a RunId,
    hashers: Vec<RowsHasher>,
    open: BTreeMap<usize, (TableWriter, Vec<RowsHash>)>,
    written: BTreeMap<usize, SegmentRows>,
}

impl<'a> SegmentedWriter<'a> {
    /// A writer of rows of `schema`.
    pub(crate) fn new(
        dataset: &'a Dataset,
        schema: &SchemaRef,
        layout: Layout,
        run: &'a RunId,
    ) -> Self {
        Self {
            dataset,
            schema: Arc::clone(schema),
            layout,
            run,
            hashers: Vec::new(),
            open: BTreeMap::new(),
            written: BTreeMap::new(),
        }
    }

    /// The same, which hashes the rows of each segment once more: those of their columns that are `hashed`.
    ///
    /// # Errors
    /// As [`RowsHasher::new`].
    pub(crate) fn hashing(mut self, hashed: impl Fn(&str) -> bool) -> Result<Self> {
        let hasher = RowsHasher::new(&self.schema, hashed).map_err(|error| self.failed(error))?;
        self.hashers.push(hasher);
        Ok(self)
    }

    /// Adds rows of one segment.
    ///
    /// # Errors
    /// As [`TableWriter::write`].
    pub(crate) async fn write(&mut self, segment: usize, batch: &RecordBatch) -> Result<()> {
        let (writer, hashes) = match self.open.entry(segment) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(vacant) => {
                let (schema, layout) = (Arc::clone(&self.schema), self.layout.clone());
                let writer = TableWriter::open(self.dataset, schema, layout, self.run)?;
                vacant.insert((writer, vec![RowsHash::default(); self.hashers.len()]))
            }
        };
        for (hasher, hash) in self.hashers.iter().zip(hashes) {
            hasher.hash(batch, hash).map_err(|error| {
                EngineError::internal(format!("table `{}`", self.dataset), error)
            })?;
        }
        writer.write(batch).await
    }

    /// Finishes the files of all segments before `segment`: no more rows come for these.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) async fn close_before(&mut self, segment: usize) -> Result<()> {
        let later = self.open.split_off(&segment);
        for (segment, (writer, hashes)) in std::mem::replace(&mut self.open, later) {
            let files = writer.close().await?;
            self.written.insert(segment, SegmentRows { files, hashes });
        }
        Ok(())
    }

    /// Finishes all files: those of the segments that have rows.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) async fn close(mut self) -> Result<BTreeMap<usize, SegmentRows>> {
        self.close_before(usize::MAX).await?;
        Ok(self.written)
    }

    fn failed(&self, error: impl std::fmt::Display) -> EngineError {
        EngineError::internal(format!("table `{}`", self.dataset), error)
    }
}
