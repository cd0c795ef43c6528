//! The runs of an output directory as tables, read when a query asks for them.

use std::fmt;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray, UInt64Array,
};
use async_trait::async_trait;
use datafusion::catalog::{MemTable, SchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, Result};

use crate::artifact::ArtifactKind;
use crate::publish;
use crate::record::{RunRecord, TableRecord, TableStatus};
use crate::root::Place;

/// The tables `runs`, `tables` and `artifacts`.
pub(super) struct History {
    runs: Place,
}

impl History {
    /// Of the run records in a folder.
    pub(super) fn new(runs: Place) -> Self {
        Self { runs }
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}

/// A table's name, and how it is made of all records.
type Made = fn(&[RunRecord]) -> Result<RecordBatch>;

const TABLES: [(&str, Made); 3] = [("artifacts", artifacts), ("runs", runs), ("tables", tables)];

#[async_trait]
impl SchemaProvider for History {
    fn table_names(&self) -> Vec<String> {
        TABLES.iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let Some((_, make)) = TABLES.iter().find(|(table, _)| *table == name) else {
            return Ok(None);
        };
        let records =
            publish::all(&self.runs).map_err(|error| DataFusionError::External(Box::new(error)))?;
        let batch = make(&records)?;
        Ok(Some(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?)))
    }

    fn table_exist(&self, name: &str) -> bool {
        TABLES.iter().any(|(table, _)| *table == name)
    }
}

/// A row for each run.
fn runs(records: &[RunRecord]) -> Result<RecordBatch> {
    let written = |run: &RunRecord| {
        let is_new =
            |one: &&TableRecord| matches!(one.status, TableStatus::Written | TableStatus::Updated);
        run.tables.iter().filter(is_new).count() as u64
    };
    let sum = |part: fn(&TableRecord) -> u64| {
        numbers(records.iter().map(move |run| run.tables.iter().map(part).sum()))
    };
    let started = records.iter().map(|run| i64::try_from(run.started_unix_ms).unwrap_or(i64::MAX));
    Ok(RecordBatch::try_from_iter([
        ("run", texts(records.iter().map(|run| run.run.clone()))),
        (
            "started",
            Arc::new(TimestampMillisecondArray::from_iter_values(started).with_timezone("UTC"))
                as ArrayRef,
        ),
        (
            "seconds",
            Arc::new(Float64Array::from_iter_values(records.iter().map(|run| run.seconds))),
        ),
        ("engine", texts(records.iter().map(|run| run.engine.clone()))),
        ("source_files", numbers(records.iter().map(|run| run.sources.files))),
        ("source_bytes", numbers(records.iter().map(|run| run.sources.bytes))),
        ("errors", numbers(records.iter().map(|run| run.errors.values().sum()))),
        (
            "failed_checks",
            numbers(
                records
                    .iter()
                    .map(|run| run.checks.iter().filter(|check| !check.passed).count() as u64),
            ),
        ),
        ("tables", numbers(records.iter().map(|run| run.tables.len() as u64))),
        ("tables_written", numbers(records.iter().map(written))),
        ("rows", sum(|table| table.rows)),
        ("bytes", sum(|table| table.bytes)),
        ("manifest", texts(records.iter().map(|run| run.manifest.to_string()))),
        ("fingerprint", texts(records.iter().map(|run| run.fingerprint.to_string()))),
    ])?)
}

/// A row for each table of each run.
fn tables(records: &[RunRecord]) -> Result<RecordBatch> {
    let all: Vec<(&RunRecord, &TableRecord)> =
        records.iter().flat_map(|run| run.tables.iter().map(move |table| (run, table))).collect();
    let number =
        |part: fn(&TableRecord) -> u64| numbers(all.iter().map(move |(_, table)| part(table)));
    Ok(RecordBatch::try_from_iter([
        ("run", texts(all.iter().map(|(run, _)| run.run.clone()))),
        ("area", texts(all.iter().map(|(_, table)| table.area.folder().to_owned()))),
        ("table", texts(all.iter().map(|(_, table)| table.table.clone()))),
        ("version", number(|table| table.version)),
        ("status", texts(all.iter().map(|(_, table)| table.status.word().to_owned()))),
        ("rows", number(|table| table.rows)),
        ("files", number(|table| table.files)),
        ("bytes", number(|table| table.bytes)),
        (
            "seconds",
            Arc::new(Float64Array::from_iter_values(all.iter().map(|(_, table)| table.seconds)))
                as ArrayRef,
        ),
        ("task", texts(all.iter().map(|(_, table)| table.task.to_string()))),
    ])?)
}

/// A row for each document of each run.
fn artifacts(records: &[RunRecord]) -> Result<RecordBatch> {
    let all: Vec<(&RunRecord, ArtifactKind, String)> = records
        .iter()
        .flat_map(|run| run.artifacts.iter().map(move |(kind, of)| (run, *kind, of.to_string())))
        .collect();
    Ok(RecordBatch::try_from_iter([
        ("run", texts(all.iter().map(|(run, ..)| run.run.clone()))),
        ("artifact", texts(all.iter().map(|(_, kind, _)| kind.name().to_owned()))),
        ("version", numbers(all.iter().map(|(_, kind, _)| u64::from(kind.version())))),
        ("fingerprint", texts(all.iter().map(|(.., of)| of.clone()))),
    ])?)
}

fn texts(values: impl Iterator<Item = String>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn numbers(values: impl Iterator<Item = u64>) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(values))
}
