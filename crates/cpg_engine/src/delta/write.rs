//! Rows to data files that nothing refers to yet.

use std::num::NonZeroU64;
use std::sync::Arc;

use arrow::compute::cast;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use deltalake::datafile::DataFileWriter;
use deltalake::datafile::writer::{PartitionWriter, PartitionWriterConfig};
use deltalake::parquet::basic::{Compression, ZstdLevel};
use deltalake::parquet::file::properties::WriterProperties;
use deltalake::{DeltaTableBuilder, Path};

use super::DataFile;
use crate::error::{EngineError, Result};
use crate::publish::RunId;
use crate::resolver::Dataset;

/// A file is closed and the next one begun at this size. Large enough that a graph of a million rows is a few
/// files, small enough that several cores can read it.
const TARGET_FILE_BYTES: NonZeroU64 = NonZeroU64::new(64 * 1024 * 1024).expect("not zero");

/// Rows per row group: the unit in which readers skip and share work, and that a writer holds in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RowGroups {
    /// Of a table that has one writer.
    Large,
    /// Of a table that has many at a time.
    Small,
}

impl RowGroups {
    fn rows(self) -> usize {
        match self {
            Self::Large => 128 * 1024,
            Self::Small => 16 * 1024,
        }
    }
}

/// How many rows go to the encoder at once.
const CHUNK_ROWS: usize = 8192;

/// Writes one table's rows.
pub(crate) struct TableWriter {
    dataset: Dataset,
    schema: SchemaRef,
    writer: PartitionWriter,
}

impl TableWriter {
    /// A writer for rows of `schema`, into the table's folder of `run`.
    ///
    /// # Errors
    /// When the folder cannot be created.
    pub(crate) fn open(
        dataset: &Dataset,
        schema: SchemaRef,
        run: &RunId,
        row_groups: RowGroups,
    ) -> Result<Self> {
        let what = || format!("table `{dataset}`");
        std::fs::create_dir_all(dataset.path())
            .map_err(|error| EngineError::storage(what(), error))?;
        let delta = |error| EngineError::delta(&what(), &error);
        let store = DeltaTableBuilder::from_url(dataset.url()?)
            .and_then(DeltaTableBuilder::build)
            .map_err(delta)?
            .object_store();
        let level = ZstdLevel::try_new(1).map_err(|error| EngineError::internal(what(), error))?;
        let properties = WriterProperties::builder()
            .set_created_by(concat!("cpglang ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(row_groups.rows()))
            .build();
        let config = PartitionWriterConfig::try_new(
            Arc::clone(&schema),
            Default::default(),
            Some(properties),
            Some(TARGET_FILE_BYTES),
            Some(CHUNK_ROWS),
            None,
            Some(Path::from(run.as_str())),
        )
        .map_err(delta)?;
        let writer = PartitionWriter::try_with_config(store, config, Default::default(), None)
            .map_err(delta)?;
        Ok(Self { dataset: dataset.clone(), schema, writer })
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
        self.writer.write(&batch).await.map_err(|error| self.failed(&error))
    }

    /// Finishes the files. A table without rows has none.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) async fn close(self) -> Result<Vec<DataFile>> {
        let Self { dataset, writer, .. } = self;
        let adds = Box::new(writer)
            .close()
            .await
            .map_err(|error| EngineError::delta(&format!("table `{dataset}`"), &error))?;
        Ok(adds.into_iter().map(DataFile::new).collect())
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
