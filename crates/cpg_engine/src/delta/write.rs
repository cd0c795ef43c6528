//! Rows to data files that nothing refers to yet.

use std::sync::Arc;

use arrow::compute::cast;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use deltalake::datafile::DataFileWriter;
use deltalake::datafile::writer::{PartitionWriter, PartitionWriterConfig};
use deltalake::kernel::scalars::ScalarExt;
use deltalake::parquet::basic::{Compression, ZstdLevel};
use deltalake::parquet::file::properties::WriterProperties;
use deltalake::{ObjectStore, Path};

use super::DataFile;
use super::layout::Layout;
use super::partitions::{Values, pieces};
use crate::error::{EngineError, Result};
use crate::publish::RunId;
use crate::resolver::Dataset;

/// At most how many rows go to the encoder at once: between these, a file's size is looked at.
const CHUNK_ROWS: usize = 8192;

/// How small a row may be, in bytes: small files are looked at more often.
const SMALLEST_ROW: u64 = 64;

/// Writes one table's rows.
pub(crate) struct TableWriter {
    dataset: Dataset,
    schema: SchemaRef,
    layout: Layout,
    folder: Path,
    store: Arc<dyn ObjectStore>,
    properties: WriterProperties,
    /// The files being written, with the values that their rows share.
    open: Option<(Values, PartitionWriter)>,
    written: Vec<DataFile>,
}

impl TableWriter {
    /// A writer for rows of `schema`, into the table's folder of `run`. Rows of one partition come together.
    ///
    /// # Errors
    /// When the folder cannot be created.
    pub(crate) fn open(
        dataset: &Dataset,
        schema: SchemaRef,
        layout: Layout,
        run: &RunId,
    ) -> Result<Self> {
        let what = || format!("table `{dataset}`");
        dataset.folder().make_folder().map_err(|error| EngineError::io(what(), error))?;
        let delta = |error| EngineError::delta(&what(), &error);
        let store = dataset.unread().map_err(delta)?.object_store();
        let level = ZstdLevel::try_new(1).map_err(|error| EngineError::internal(what(), error))?;
        let properties = WriterProperties::builder()
            .set_created_by(concat!("cpglang ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(layout.row_group_rows))
            .build();
        Ok(Self {
            dataset: dataset.clone(),
            schema,
            layout,
            folder: Path::from(run.as_str()),
            store,
            properties,
            open: None,
            written: Vec::new(),
        })
    }

    /// A writer for files whose rows share these values. The files hold the values, too: readers of Delta tables take
    /// them from the log, and our own read files as they are.
    fn files(&self, values: &Values) -> Result<PartitionWriter> {
        let mut shared = Vec::with_capacity(values.len());
        for (name, value) in self.layout.partition.iter().zip(values) {
            let what = || format!("table `{}`, partitioned by `{name}`", self.dataset);
            let array = value.to_array().map_err(|error| EngineError::internal(what(), error))?;
            let value = ScalarExt::from_array(&array, 0)
                .ok_or_else(|| EngineError::internal(what(), "no log can hold its values"))?;
            shared.push((name.clone(), value));
        }
        let config = PartitionWriterConfig::try_new(
            Arc::clone(&self.schema),
            shared.into_iter().collect(),
            Some(self.properties.clone()),
            Some(self.layout.target_bytes),
            Some(self.chunk_rows()),
            None,
            Some(self.folder.clone()),
        );
        config
            .and_then(|config| {
                let store = Arc::clone(&self.store);
                let stats = self.layout.stats.clone();
                PartitionWriter::try_with_config(store, config, Default::default(), stats)
            })
            .map_err(|error| self.failed(&error))
    }

    fn chunk_rows(&self) -> usize {
        let rows = self.layout.target_bytes.get() / SMALLEST_ROW;
        usize::try_from(rows).unwrap_or(CHUNK_ROWS).clamp(16, CHUNK_ROWS)
    }

    /// Adds rows, whose columns are those of the table in order.
    ///
    /// # Errors
    /// When a value does not fit its column, or a file cannot be written.
    pub(crate) async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let batch = conform(batch, &self.schema)
            .map_err(|error| EngineError::internal(format!("table `{}`", self.dataset), error))?;
        let pieces = pieces(&batch, &self.layout.partition)
            .map_err(|error| EngineError::internal(format!("table `{}`", self.dataset), error))?;
        for (values, range) in pieces {
            if self.open.as_ref().is_none_or(|(open, _)| *open != values) {
                self.end().await?;
                let files = self.files(&values)?;
                self.open = Some((values, files));
            }
            let rows = batch.slice(range.start, range.len());
            if let Some((_, writer)) = &mut self.open {
                let written = writer.write(&rows).await;
                written.map_err(|error| self.failed(&error))?;
            }
        }
        Ok(())
    }

    /// Ends the files being written.
    async fn end(&mut self) -> Result<()> {
        if let Some((_, writer)) = self.open.take() {
            let adds = Box::new(writer).close().await.map_err(|error| self.failed(&error))?;
            self.written.extend(adds.into_iter().map(DataFile::new));
        }
        Ok(())
    }

    /// Finishes the files. A table without rows has none.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) async fn close(mut self) -> Result<Vec<DataFile>> {
        self.end().await?;
        Ok(self.written)
    }

    fn failed(&self, error: &deltalake::DeltaTableError) -> EngineError {
        EngineError::delta(&format!("table `{}`", self.dataset), error)
    }
}

/// The same rows under the table's own schema: plans may promise less about nulls than the table does.
fn conform(batch: &RecordBatch, schema: &SchemaRef) -> arrow::error::Result<RecordBatch> {
    if batch.schema_ref() == schema {
        return Ok(batch.clone());
    }
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(|(column, field)| {
            if column.data_type() == field.data_type() {
                Ok(Arc::clone(column))
            } else {
                cast(column, field.data_type())
            }
        })
        .collect::<arrow::error::Result<Vec<_>>>()?;
    RecordBatch::try_new(Arc::clone(schema), columns)
}
