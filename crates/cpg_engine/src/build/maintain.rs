//! Looking after tables, as far as the program asks for that and it is due.

use std::collections::BTreeMap;
use std::sync::Arc;

use cpg_ir::canon::Fingerprint;
use cpg_ir::policy::Metrics;
use cpg_plan::policy::WriteDecision;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::physical_plan::execute_stream;

use super::Run;
use super::committed::{Committed, Files};
use super::compute::next;
use super::survey::Table;
use super::upkeep::Upkeep;
use crate::delta::layout::Layout;
use crate::delta::order::ordered;
use crate::delta::read::Scanning;
use crate::delta::write::TableWriter;
use crate::delta::{DataFile, maintain, read};
use crate::error::{EngineError, Result};
use crate::fingerprint::TableKey;
use crate::observer::BuildEvent;
use crate::record::{Decision, MaintenanceDecision, Operation, TableRecord};
use crate::resolver::Dataset;

/// How many times smaller than wanted a file may be: its size is looked at before its last pages are compressed.
/// Files that are as they should be are so never written again.
const COMPRESSION: u64 = 8;

/// Puts the small files of a table together where that is due, as a version of its own with the same rows; and says what else
/// is due.
///
/// # Errors
/// When the files cannot be read or written.
pub(super) async fn optimize(
    upkeep: &Upkeep<'_>,
    committed: &Committed<'_>,
    record: &mut TableRecord,
) -> Result<Vec<MaintenanceDecision>> {
    let decisions = decide(upkeep, committed, record)?;
    let is_due = |one: &MaintenanceDecision| {
        one.operation == Operation::Optimize && one.decision == Decision::Due
    };
    if decisions.iter().any(is_due) {
        rearrange(upkeep, committed, record).await?;
    }
    Ok(decisions)
}

/// What the program's policies ask for of a table with these files. Nothing is done.
///
/// # Errors
/// When the table's log cannot be listed.
pub(super) fn decide(
    upkeep: &Upkeep<'_>,
    committed: &Committed<'_>,
    record: &TableRecord,
) -> Result<Vec<MaintenanceDecision>> {
    let Committed { key, table, files, created, .. } = committed;
    let TableKey::Relation(id) = key else { return Ok(Vec::new()) };
    let Some(policies) = upkeep.authority.policies(id) else { return Ok(Vec::new()) };
    let mut decisions = Vec::new();
    let metrics = metrics(table, record, *created)?;
    if let Some(when) = policies.optimize.as_ref().map(|one| &one.value) {
        let target = upkeep.decisions.write(key)?.target_file_bytes.value;
        let decision = match when.holds(&metrics) {
            false => Decision::NotDue,
            true if !could_be_fewer(files, target.get()) => Decision::Needless,
            true => Decision::Due,
        };
        decisions.push(decided(table, Operation::Optimize, when.to_string(), metrics, decision));
    }
    if let Some(vacuum) = policies.vacuum.as_ref().map(|one| &one.value) {
        let decision = if vacuum.when.holds(&metrics) { Decision::Due } else { Decision::NotDue };
        let when = vacuum.when.to_string();
        decisions.push(decided(table, Operation::Vacuum, when, metrics, decision));
    }
    Ok(decisions)
}

/// Whether the log of a table has grown past what the program says since it was summed up. Commits sum it up by themselves, so
/// that is so where the policy is younger than the newest of them.
///
/// # Errors
/// When the log cannot be listed.
pub(super) fn decide_checkpoint(
    upkeep: &Upkeep<'_>,
    committed: &Committed<'_>,
    record: &TableRecord,
) -> Result<Option<MaintenanceDecision>> {
    let Committed { key, table, created, .. } = committed;
    let decided_on = upkeep.decisions.write(key)?;
    let Some(every) = decided_on.checkpoint_every.value else { return Ok(None) };
    let since = maintain::versions_since_checkpoint(&table.dataset)?;
    let decision = if since >= every.get() { Decision::Due } else { Decision::NotDue };
    let when = format!("every {every}");
    let metrics = metrics(table, record, *created)?;
    Ok(Some(decided(table, Operation::Checkpoint, when, metrics, decision)))
}

fn decided(
    table: &Table,
    operation: Operation,
    when: String,
    metrics: Metrics,
    decision: Decision,
) -> MaintenanceDecision {
    let table = table.dataset.to_string();
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
    upkeep: &Upkeep<'_>,
    committed: &Committed<'_>,
    record: &mut TableRecord,
) -> Result<()> {
    let Committed { key, table, files, .. } = committed;
    let decision = upkeep.decisions.write(key)?;
    let layout = Layout::from(decision);
    let (mut kept, mut written) = (Vec::new(), Vec::new());
    for (segment, files) in groups(files) {
        let files: Vec<DataFile> = files.into_iter().cloned().collect();
        if !would_help(&files, layout.target_bytes.get()) {
            kept.extend(files);
            continue;
        }
        let new = rewrite(upkeep, table, &files, decision, &layout).await?;
        written.extend(new.into_iter().map(|file| match segment {
            Some(segment) => file.in_segment(segment),
            None => file,
        }));
    }
    record.measure(kept.iter().chain(&written));
    let replaces = Some(record.version);
    committed.commit(upkeep, Files { kept, written, rearranged: true }, replaces, record).await
}

/// The rows of these files in new ones.
async fn rewrite(
    upkeep: &Upkeep<'_>,
    table: &Table,
    files: &[DataFile],
    decision: &WriteDecision,
    layout: &Layout,
) -> Result<Vec<DataFile>> {
    let what = format!("rearranging `{}`", table.dataset);
    let limit = upkeep.authority.profile().memory_bytes;
    let failed = |error| EngineError::execution(&what, limit, &error);
    let schema = Arc::clone(&table.schema);
    let rows = read::table(&table.dataset, Arc::clone(&schema), files, Scanning::default())?;
    let plan = LogicalPlanBuilder::scan("rows", provider_as_source(rows), None)
        .and_then(LogicalPlanBuilder::build)
        .map_err(failed)?;
    let frame = upkeep.session.execute_logical_plan(plan).await.map_err(failed)?;
    let context = Arc::new(frame.task_ctx());
    let operators = frame.create_physical_plan().await.map_err(failed)?;
    let operators = ordered(operators, decision).map_err(failed)?;
    let mut rows = execute_stream(operators, context).map_err(failed)?;
    let mut writer = TableWriter::open(&table.dataset, schema, layout.clone(), upkeep.id)?;
    while let Some(batch) = next(upkeep.cancel, &mut rows).await? {
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
        let name = table.dataset.to_string();
        let is_due = decisions.iter().any(|one| {
            one.table == name && one.operation == Operation::Vacuum && one.decision == Decision::Due
        });
        let record = tables.iter().find(|record| record.is_of(&table.dataset));
        if let Some(record) = record.filter(|_| is_due) {
            remove_old(&run.upkeep(), key, &table.dataset, record.version).await?;
        }
    }
    Ok(())
}

/// Removes the files of a table that were replaced longer ago than the program's policy says, but none of the version that is
/// `published`. Gives how many; none where there is no policy.
///
/// # Errors
/// As [`vacuum`].
pub(super) async fn remove_old(
    upkeep: &Upkeep<'_>,
    key: &TableKey,
    dataset: &Dataset,
    published: u64,
) -> Result<u64> {
    let TableKey::Relation(id) = key else { return Ok(0) };
    let policies = upkeep.authority.policies(id).and_then(|policies| policies.vacuum.as_ref());
    let Some(vacuum) = policies else { return Ok(0) };
    let files = maintain::vacuum(dataset, &vacuum.value, published).await?;
    upkeep.observer.event(BuildEvent::Vacuumed { dataset, files });
    Ok(files)
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
