//! Rows to data files of one segment each.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use cpg_ir::canon::Fingerprint;

use super::DataFile;
use super::layout::Layout;
use super::write::{RowGroups, TableWriter};
use crate::error::{EngineError, Result};
use crate::publish::RunId;
use crate::resolver::Dataset;

/// Writes the rows of some segments of a table.
pub(crate) struct SegmentedWriter<'a> {
    dataset: &'a Dataset,
    schema: SchemaRef,
    layout: Layout,
    run: &'a RunId,
    /// What each segment of the table is to hold, in order.
    segments: &'a [Fingerprint],
    open: BTreeMap<usize, TableWriter>,
    written: Vec<DataFile>,
}

impl<'a> SegmentedWriter<'a> {
    /// A writer of rows of `schema` for the segments of a table.
    pub(crate) fn new(
        dataset: &'a Dataset,
        schema: &SchemaRef,
        layout: Layout,
        run: &'a RunId,
        segments: &'a [Fingerprint],
    ) -> Self {
        let schema = Arc::clone(schema);
        Self { dataset, schema, layout, run, segments, open: BTreeMap::new(), written: Vec::new() }
    }

    /// Adds rows of one segment.
    ///
    /// # Errors
    /// As [`TableWriter::write`].
    pub(crate) async fn write(&mut self, segment: usize, batch: &RecordBatch) -> Result<()> {
        let writer = match self.open.entry(segment) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(vacant) => {
                let schema = Arc::clone(&self.schema);
                let (layout, rows) = (self.layout.clone(), RowGroups::Small);
                vacant.insert(TableWriter::open(self.dataset, schema, layout, self.run, rows)?)
            }
        };
        writer.write(batch).await
    }

    /// Finishes the files of all segments before `segment`: no more rows come for these.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) async fn close_before(&mut self, segment: usize) -> Result<()> {
        let later = self.open.split_off(&segment);
        for (segment, writer) in std::mem::replace(&mut self.open, later) {
            self.finish(segment, writer).await?;
        }
        Ok(())
    }

    /// Finishes all files.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) async fn close(mut self) -> Result<Vec<DataFile>> {
        self.close_before(usize::MAX).await?;
        Ok(self.written)
    }

    async fn finish(&mut self, segment: usize, writer: TableWriter) -> Result<()> {
        let key = self.segments.get(segment).ok_or_else(|| {
            EngineError::internal(format!("table `{}`", self.dataset), "rows of no segment")
        })?;
        let files = writer.close().await?;
        self.written.extend(files.into_iter().map(|file| file.in_segment(*key)));
        Ok(())
    }
}
