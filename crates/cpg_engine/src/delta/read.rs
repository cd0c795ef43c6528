//! The rows of exactly known files.

use std::fs;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig};

use super::DataFile;
use crate::error::{EngineError, Result};
use crate::resolver::Dataset;

/// The rows of these files of a table, committed or not.
///
/// # Errors
/// When a file is missing or has another size than was recorded, instead of reading fewer rows.
pub(crate) fn table(
    dataset: &Dataset,
    schema: SchemaRef,
    files: &[DataFile],
) -> Result<Arc<dyn TableProvider>> {
    if files.is_empty() {
        return Ok(Arc::new(EmptyTable::new(schema)));
    }
    let mut urls = Vec::with_capacity(files.len());
    for file in files {
        check(dataset, file).map_err(|reason| {
            EngineError::storage(format!("file `{}` of `{dataset}`", file.path()), reason)
        })?;
        urls.push(dataset.file(file.path())?);
    }
    let config = ListingTableConfig::new_with_multi_paths(urls)
        .with_listing_options(ListingOptions::new(Arc::new(ParquetFormat::default())))
        .with_schema(schema);
    let table = ListingTable::try_new(config)
        .map_err(|error| EngineError::internal(format!("table `{dataset}`"), error))?;
    Ok(Arc::new(table))
}

/// Whether all these files are there.
pub(crate) fn is_whole(dataset: &Dataset, files: &[DataFile]) -> bool {
    files.iter().all(|file| check(dataset, file).is_ok())
}

fn check(dataset: &Dataset, file: &DataFile) -> std::result::Result<(), String> {
    let found =
        fs::metadata(dataset.path().join(file.path())).map_err(|error| error.to_string())?.len();
    if found == file.bytes() {
        Ok(())
    } else {
        Err(format!("it has {found} bytes instead of {}", file.bytes()))
    }
}
