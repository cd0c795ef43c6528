//! The rows of exactly known files.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use cpg_ir::policy::RelationPolicies;
use cpg_plan::policy::ScanDecision;
use datafusion::catalog::TableProvider;
use datafusion::config::TableParquetOptions;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig};

use super::DataFile;
use crate::error::{EngineError, Result};
use crate::resolver::Dataset;

/// How files are scanned. Neither changes the rows that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scanning {
    /// Whether row groups are left out by their statistics.
    pruning: bool,
    /// Whether rows are filtered while they are decoded.
    pushdown: bool,
}

impl Default for Scanning {
    fn default() -> Self {
        Self { pruning: true, pushdown: true }
    }
}

impl From<&ScanDecision> for Scanning {
    fn from(decision: &ScanDecision) -> Self {
        Self { pruning: decision.pruning.value, pushdown: decision.pushdown.value }
    }
}

impl Scanning {
    /// Of a scan that is part of no table's plan: what is said of the relation, if anything is.
    pub(crate) fn of(policies: Option<&RelationPolicies>) -> Self {
        let default = Self::default();
        let Some(said) = policies else { return default };
        Self {
            pruning: said.pruning.as_ref().map_or(default.pruning, |one| one.value),
            pushdown: said.pushdown.as_ref().map_or(default.pushdown, |one| one.value),
        }
    }

    fn format(self) -> ParquetFormat {
        let mut options = TableParquetOptions::default();
        options.global.pruning = self.pruning;
        options.global.enable_page_index = self.pruning;
        options.global.pushdown_filters = self.pushdown;
        options.global.reorder_filters = self.pushdown;
        // Tables hold `Utf8`; a scan that gave views would need a cast per column and change schemas on the way.
        options.global.schema_force_view_types = false;
        ParquetFormat::default().with_options(options)
    }
}

/// The rows of these files of a table, committed or not.
///
/// # Errors
/// When a file is missing or has another size than was recorded, instead of reading fewer rows.
pub(crate) fn table(
    dataset: &Dataset,
    schema: SchemaRef,
    files: &[DataFile],
    scanning: Scanning,
) -> Result<Arc<dyn TableProvider>> {
    if files.is_empty() {
        return Ok(Arc::new(EmptyTable::new(schema)));
    }
    if let Some((file, reason)) = missing(dataset, files)?.into_iter().next() {
        let what = format!("file `{}` of `{dataset}`", file.path());
        return Err(EngineError::storage(what, reason));
    }
    let urls = files.iter().map(|file| dataset.file(file.path())).collect::<Result<Vec<_>>>()?;
    let config = ListingTableConfig::new_with_multi_paths(urls)
        .with_listing_options(ListingOptions::new(Arc::new(scanning.format())))
        .with_schema(schema);
    let table = ListingTable::try_new(config)
        .map_err(|error| EngineError::internal(format!("table `{dataset}`"), error))?;
    Ok(Arc::new(table))
}

/// Whether all these files are there.
///
/// # Errors
/// When they cannot be looked at.
pub(crate) fn is_whole(dataset: &Dataset, files: &[DataFile]) -> Result<bool> {
    Ok(missing(dataset, files)?.is_empty())
}

/// What is wrong with the first of these files that is not there as it was written; none where all are.
///
/// # Errors
/// When they cannot be looked at.
pub(crate) fn first_missing(dataset: &Dataset, files: &[DataFile]) -> Result<Option<String>> {
    let first = missing(dataset, files)?.into_iter().next();
    Ok(first.map(|(file, reason)| format!("file `{}`: {reason}", file.path())))
}

/// Those of these files that are not there as they were written, and what is wrong with each.
///
/// # Errors
/// When they cannot be looked at.
pub(crate) fn missing<'a>(
    dataset: &Dataset,
    files: &'a [DataFile],
) -> Result<Vec<(&'a DataFile, String)>> {
    let sizes = dataset.folder().sizes(files.iter().map(DataFile::path));
    let sizes =
        sizes.map_err(|error| EngineError::io(format!("the files of `{dataset}`"), error))?;
    let problem = |(file, size): (&'a DataFile, Option<u64>)| match size {
        Some(size) if size == file.bytes() => None,
        Some(size) => Some((file, format!("it has {size} bytes instead of {}", file.bytes()))),
        None => Some((file, "it is not there".to_owned())),
    };
    Ok(files.iter().zip(sizes).filter_map(problem).collect())
}
