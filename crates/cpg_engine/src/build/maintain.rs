//! Looking after the tables of a build, as far as the program asks for that and it is due.

use std::collections::BTreeMap;
use std::sync::Arc;

use cpg_ir::canon::Fingerprint;
use cpg_ir::policy::{Condition, Metrics};
use cpg_plan::policy::WriteDecision;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::physical_plan::execute_stream;

use super::Run;
use super::committed::{Committed, Files};
use super::compute::next;
use super::survey::Table;
use crate::delta::layout::Layout;
use crate::delta::order::ordered;
use crate::delta::read::Scanning;
use crate::delta::write::TableWriter;
use crate::delta::{DataFile, maintain, read};
use crate::error::{EngineError, Result};
use crate::fingerprint::TableKey;
use crate::observer::BuildEvent;
use crate::record::{Decision, MaintenanceDecision, Operation, TableRecord};

/// How many times smaller than wanted a file may be: its size is looked at before its last pages are compressed.
/// Files that are as they should be are so never written again.
const COMPRESSION: u64 = 8;

/// Puts the small files of a table together where that is due, as a version of its own with the same rows.
///
/// # Errors
/// When the files cannot be read or written.
pub(super) async fn optimize(
    run: &Run,
    committed: &Committed<'_>,
    record: &mut TableRecord,
) -> Result<Vec<MaintenanceDecision>> {
    let Committed { key: TableKey::Relation(id), table, files, created, .. } = committed else {
        return Ok(Vec::new());
    };
    let Some(policies) = run.authority.policies(id) else { return Ok(Vec::new()) };
    let mut decisions = Vec::new();
    let metrics = metrics(table, record, *created)?;
    if let Some(when) = policies.optimize.as_ref().map(|one| &one.value) {
        let decision = run.decisions.write(committed.key)?;
        let layout = Layout::from(decision);
        let decision = match when.holds(&metrics) {
            false => Decision::NotDue,
            true if !could_be_fewer(files, layout.target_bytes.get()) => Decision::Needless,
            true => {
                rearrange(run, committed, decision, &layout, record).await?;
                Decision::Due
            }
        };
        decisions.push(decided(table, Operation::Optimize, when, metrics, decision));
    }
    if let Some(vacuum) = policies.vacuum.as_ref().map(|one| &one.value) {
        let decision = if vacuum.when.holds(&metrics) { Decision::Due } else { Decision::NotDue };
        decisions.push(decided(table, Operation::Vacuum, &vacuum.when, metrics, decision));
    }
    Ok(decisions)
}

fn decided(
    table: &Table,
    operation: Operation,
    when: &Condition,
    metrics: Metrics,
    decision: Decision,
) -> MaintenanceDecision {
    let (table, when) = (table.dataset.to_string(), when.to_string());
    MaintenanceDecision { table, operation, when, metrics, decision }
}

fn metrics(table: &Table, record: &TableRecord, files_created: u64) -> Result<Metrics> {
    Ok(Metrics {
        files_created,
        total_files: record.files,
        total_bytes: record.bytes,
        rows: record.rows,
        versions: maintain::versions(&table.dataset)?,
    })
}

/// Whether half as many files could hold the rows of some segment.
fn could_be_fewer(files: &[DataFile], target_bytes: u64) -> bool {
    groups(files).into_values().any(|files| would_help(files, target_bytes))
}

/// Files that may become fewer: those of one segment, whose partitions stay apart.
type Groups<'a> = BTreeMap<Option<Fingerprint>, Vec<&'a DataFile>>;

fn groups(files: &[DataFile]) -> Groups<'_> {
    let mut groups = Groups::new();
    for file in files {
        groups.entry(file.segment()).or_default().push(file);
    }
    groups
}

/// Whether half as many files could hold the rows of some partition. Less is not worth reading and writing them.
fn would_help<'a>(files: impl IntoIterator<Item = &'a DataFile>, target_bytes: u64) -> bool {
    let mut partitions: BTreeMap<BTreeMap<_, _>, (u64, u64)> = BTreeMap::new();
    for file in files {
        let partition = file.partition().iter().collect();
        let (count, bytes) = partitions.entry(partition).or_default();
        *count += 1;
        *bytes += file.bytes();
    }
    partitions
        .values()
        .any(|(count, bytes)| *count >= 2 * (bytes * COMPRESSION).div_ceil(target_bytes).max(1))
}

/// Writes the rows of a table's many small files to files as they should be, and commits these in their place.
async fn rearrange(
    run: &Run,
    committed: &Committed<'_>,
    decision: &WriteDecision,
    layout: &Layout,
    record: &mut TableRecord,
) -> Result<()> {
    let Committed { table, files, .. } = committed;
    let (mut kept, mut written) = (Vec::new(), Vec::new());
    for (segment, files) in groups(files) {
        let files: Vec<DataFile> = files.into_iter().cloned().collect();
        if !would_help(&files, layout.target_bytes.get()) {
            kept.extend(files);
            continue;
        }
        let new = rewrite(run, table, &files, decision, layout).await?;
        written.extend(new.into_iter().map(|file| match segment {
            Some(segment) => file.in_segment(segment),
            None => file,
        }));
    }
    record.measure(kept.iter().chain(&written));
    let replaces = Some(record.version);
    committed.commit(run, Files { kept, written, rearranged: true }, replaces, record).await
}

/// The rows of these files in new ones.
async fn rewrite(
    run: &Run,
    table: &Table,
    files: &[DataFile],
    decision: &WriteDecision,
    layout: &Layout,
) -> Result<Vec<DataFile>> {
    let what = format!("rearranging `{}`", table.dataset);
    let limit = run.authority.profile().memory_bytes;
    let failed = |error| EngineError::execution(&what, limit, &error);
    let schema = Arc::clone(&table.schema);
    let rows = read::table(&table.dataset, Arc::clone(&schema), files, Scanning::default())?;
    let plan = LogicalPlanBuilder::scan("rows", provider_as_source(rows), None)
        .and_then(LogicalPlanBuilder::build)
        .map_err(failed)?;
    let frame = run.session.execute_logical_plan(plan).await.map_err(failed)?;
    let context = Arc::new(frame.task_ctx());
    let operators = frame.create_physical_plan().await.map_err(failed)?;
    let operators = ordered(operators, decision).map_err(failed)?;
    let mut rows = execute_stream(operators, context).map_err(failed)?;
    let mut writer = TableWriter::open(&table.dataset, schema, layout.clone(), &run.id)?;
    while let Some(batch) = next(run, &mut rows).await? {
        writer.write(&batch.map_err(failed)?).await?;
    }
    writer.close().await
}

/// Removes the old files of the tables where that is due. The build is published: what cannot be removed now is tried
/// again by the next one that finds it due.
///
/// # Errors
/// When a log cannot be read or a file not be removed.
pub(super) async fn vacuum(
    run: &Run,
    decisions: &[MaintenanceDecision],
    tables: &[TableRecord],
) -> Result<()> {
    for (key, table) in run.survey.tables() {
        let TableKey::Relation(id) = key else { continue };
        let policies = run.authority.policies(id).and_then(|policies| policies.vacuum.as_ref());
        let Some(vacuum) = policies else { continue };
        let name = table.dataset.to_string();
        let is_due = decisions.iter().any(|one| {
            one.table == name && one.operation == Operation::Vacuum && one.decision == Decision::Due
        });
        let record = tables.iter().find(|record| record.is_of(&table.dataset));
        let Some(record) = record.filter(|_| is_due) else { continue };
        let files = maintain::vacuum(&table.dataset, &vacuum.value, record.version).await?;
        run.observer.event(BuildEvent::Vacuumed { dataset: &table.dataset, files });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use deltalake::kernel::Add;

    use super::*;

    fn file(partition: &str, bytes: i64) -> DataFile {
        DataFile::new(Add {
            partition_values: [("kind".to_owned(), Some(partition.to_owned()))].into(),
            size: bytes,
            ..Add::default()
        })
    }

    #[test]
    fn files_of_one_partition_are_put_together() {
        let many = |count, bytes| (0..count).map(|_| file("a", bytes)).collect::<Vec<_>>();
        assert!(would_help(&many(2, 10), 1000));
        assert!(!would_help(&many(1, 10), 1000));
        assert!(!would_help(&many(3, 60), 1000), "two files may be needed");
        assert!(would_help(&many(4, 50), 1000));
        assert!(!would_help(&[file("a", 1), file("b", 1)], 1000), "partitions stay apart");
    }
}
