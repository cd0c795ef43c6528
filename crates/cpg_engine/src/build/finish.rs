//! From files to a published build: audits, commits, the record.

use std::collections::BTreeMap;
use std::sync::Arc;

use cpg_ir::canon::Fingerprint;
use cpg_ir::check::CheckSeverity;
use cpg_ir::spec::RelationId;
use cpg_plan::program::CheckPlan;
use tokio::task::{JoinError, JoinSet};

use super::committed::{Committed, Files};
use super::execute::{Done, Outcome, execute};
use super::maintain;
use super::survey::{Survey, Table};
use super::{Run, documents, errors};
use crate::audit::{self, Audited};
use crate::authority::ExecutionAuthority;
use crate::delta::state::{Commit, Contents};
use crate::delta::{DataFile, orphans};
use crate::error::{EngineError, Result};
use crate::fingerprint::TableKey;
use crate::observer::BuildEvent;
use crate::publish;
use crate::record::{
    Basis, CheckRecord, MaintenanceDecision, RunRecord, SourceRecord, TableRecord, TableStatus,
};

/// Does everything that is to be done and publishes it.
///
/// # Errors
/// See [`crate::EngineError`]; until the first commit, nothing of a failed build is visible.
pub(super) async fn complete(run: &Arc<Run>) -> Result<RunRecord> {
    let prepared = match prepare(run).await {
        Ok(prepared) => prepared,
        Err(error) => {
            for (_, table) in run.survey.stale() {
                orphans::discard(&table.dataset, &run.id);
            }
            return Err(error);
        }
    };
    run.lock.confirm()?;
    let (record, maintenance) = commit(run, prepared).await?;
    run.lock.confirm()?;
    publish::publish(&run.authority.resolver().runs(), &record)?;
    run.observer.event(BuildEvent::Published { run: run.id.as_str() });
    let vacuumed = maintain::vacuum(run, &maintenance, &record.tables).await;
    // The build is published; what is left over is tried again by the next one.
    drop(sweep(run));
    vacuumed?;
    Ok(record)
}

/// Removes what runs left behind that died.
fn sweep(run: &Run) -> std::io::Result<()> {
    let published = publish::names(&run.authority.resolver().runs())?.into_iter().collect();
    let _seen = run.authority.resolver().root().look()?;
    for (_, table) in run.survey.stale() {
        drop(orphans::sweep(&table.dataset, &published));
    }
    Ok(())
}

/// Files that passed every audit.
struct Prepared {
    outcome: Outcome,
    checks: Vec<CheckRecord>,
    errors: BTreeMap<String, u64>,
    tasks: BTreeMap<TableKey, Fingerprint>,
    basis: Option<Basis>,
}

async fn prepare(run: &Arc<Run>) -> Result<Prepared> {
    let outcome = execute(run).await?;
    for (key, table) in run.survey.stale() {
        run.cancel.check()?;
        // Rows of which none is new were audited when they were.
        let is_new = outcome.done.get(key).is_some_and(|done| !done.written.is_empty());
        if let (TableKey::Relation(id), true) = (key, is_new) {
            let audited = Audited {
                relation: id,
                dataset: &table.dataset,
                row: &table.row,
                schema: &table.schema,
                files: &outcome.files(key, table),
            };
            audit::ids(&run.authority, &run.session, audited).await?;
        }
    }
    let checks = check(run, &outcome).await?;
    run.survey.files().unchanged()?;
    let errors = errors::count_by_kind(run, &outcome).await?;
    let mut tasks: BTreeMap<_, _> =
        run.survey.tables().iter().map(|(key, table)| (key.clone(), table.task)).collect();
    let mut basis = Some(Basis::of(run));
    if outcome.extraction.is_some_and(|summary| summary.changed > 0) {
        basis = None;
        tasks = run.survey.unrepeatable(&run.authority, run.id.as_str())?;
    }
    run.cancel.check()?;
    Ok(Prepared { outcome, checks, errors, tasks, basis })
}

/// Looks whether the program's checks hold.
///
/// # Errors
/// [`EngineError::CheckFailed`] when one does not whose severity keeps the build from being published.
async fn check(run: &Run, outcome: &Outcome) -> Result<Vec<CheckRecord>> {
    let mut checks = Vec::new();
    let plans = run.authority.plans();
    let checks_here =
        plans.checks().iter().filter(|plan| run.authority.scope().holds_all(plan, plans));
    for plan in checks_here {
        run.cancel.check()?;
        if let Some(found) = found(run, outcome, plan) {
            checks.push(found.clone());
            continue;
        }
        let inputs = outcome.rows(run, None, plan.reads())?;
        let limit = run.authority.profile().memory_bytes;
        checks.push(audit::check(&run.session, plan, &inputs, limit).await?);
    }
    let fails = |check: &&CheckRecord| !check.passed && check.severity == CheckSeverity::Error;
    let failed: Vec<CheckRecord> = checks.iter().filter(fails).cloned().collect();
    if failed.is_empty() { Ok(checks) } else { Err(EngineError::CheckFailed { failed }) }
}

/// What the build before found of a check, where it looked at the very rows.
fn found<'a>(run: &'a Run, outcome: &Outcome, plan: &CheckPlan) -> Option<&'a CheckRecord> {
    let previous = run.previous.as_ref().filter(|_| !run.authority.profile().refresh)?;
    let is_by_us = previous.basis.as_ref()?.is_by_us();
    let is_program = previous.manifest == run.authority.manifest().fingerprint();
    let is_as_it_was = |id: &RelationId| {
        let key = run.authority.table(id).ok()?;
        let table = run.survey.table(&key).ok()?;
        let newest = table.newest.as_ref()?;
        let done = outcome.done.get(&key);
        let stays = done.is_none_or(|done| done.is_as(newest));
        let mut records = previous.tables.iter();
        let was = records.find(|record| record.is_of(&table.dataset))?;
        (stays && was.is_at(newest)).then_some(())
    };
    let check = plan.check();
    let mut reads = plan.reads();
    let found = previous
        .checks
        .iter()
        .find(|found| found.check == check.to_string() && found.severity == check.severity)?;
    (is_by_us && is_program && reads.all(|id| is_as_it_was(id).is_some())).then_some(found)
}

/// Makes the files visible. Tables do not wait for one another, so that readers see a mixture for a short time only.
async fn commit(
    run: &Arc<Run>,
    prepared: Prepared,
) -> Result<(RunRecord, Vec<MaintenanceDecision>)> {
    let Prepared { mut outcome, checks, errors, tasks, basis } = prepared;
    let at_once = run.authority.profile().threads.clamp(1, 4);
    let mut commits: JoinSet<Result<CommittedTable>> = JoinSet::new();
    let ended = |one: std::result::Result<_, JoinError>| {
        one.unwrap_or_else(|error| Err(EngineError::internal("committing", error)))
    };
    let mut committed = Vec::with_capacity(run.survey.tables().len());
    for (key, table) in run.survey.tables() {
        if commits.len() >= at_once {
            committed.extend(commits.join_next().await.map(ended));
        }
        // When one fails, no other begins; those that have begun come to their ends.
        if let Some(Err(_)) = committed.last() {
            break;
        }
        let files = outcome.files(key, table);
        let task = tasks.get(key).copied().unwrap_or(table.task);
        let done = outcome.done.remove(key).map(|done| (done, task));
        let (run, key) = (Arc::clone(run), key.clone());
        commits.spawn(async move { commit_table(&run, &key, files, done).await });
    }
    while let Some(one) = commits.join_next().await {
        committed.push(ended(one));
    }
    let mut tables = Vec::with_capacity(committed.len());
    let mut maintenance = Vec::new();
    let mut follows = run.survey.others().clone();
    for one in committed {
        let one = one?;
        if let Some(told) = one.follows {
            follows.insert(format!("{}/{}", one.record.area.folder(), one.record.table), told);
        }
        tables.push(one.record);
        maintenance.extend(one.maintenance);
    }
    tables.extend(left(run));
    tables.sort_by(|a, b| (a.area, &a.table).cmp(&(b.area, &b.table)));
    maintenance.sort_by(|a, b| a.table.cmp(&b.table));
    let record = RunRecord {
        run: run.id.as_str().to_owned(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        manifest: run.authority.manifest().fingerprint(),
        fingerprint: documents::run_fingerprint(run)?,
        artifacts: documents::write(run, &follows, &outcome.schedule, &maintenance)?,
        started_unix_ms: run.clock.started_unix_ms,
        seconds: run.clock.seconds(),
        sources: run.sources.clone(),
        basis,
        selected: run.authority.scope().said().map(str::to_owned),
        restores: None,
        errors,
        checks,
        tables,
    };
    Ok((record, maintenance))
}

/// What committing a table gave.
struct CommittedTable {
    record: TableRecord,
    /// What its rows follow from, where its newest version does not say so.
    follows: Option<Vec<Fingerprint>>,
    maintenance: Vec<MaintenanceDecision>,
}

/// Commits what was done for a table, if that makes it another one, as the rows of a task; and looks after it.
async fn commit_table(
    run: &Run,
    key: &TableKey,
    files: Vec<DataFile>,
    done: Option<(Done, Fingerprint)>,
) -> Result<CommittedTable> {
    let table = run.survey.table(key)?;
    let mut record = TableRecord::of(table);
    let found = record.version;
    let contents = table.newest.as_ref().map(|newest| newest.contents.clone());
    let contents = contents.unwrap_or_default();
    let mut committed = Committed { key, table, files, created: 0, contents };
    let mut is_told = table.is_told;
    if let Some((done, task)) = done {
        record.measure(done.files());
        // What could not be repeated is nothing that a later build may keep.
        let is_repeatable = task == table.task;
        let stays = is_repeatable && stays(run, table, &done);
        record.task = task;
        record.status = match (stays, done.kept.as_slice(), done.written.as_slice()) {
            (true, ..) | (_, [_, ..], []) => TableStatus::Reused,
            (_, [_, ..], _) => TableStatus::Updated,
            (_, [], _) => TableStatus::Written,
        };
        committed.contents = if is_repeatable { done.contents } else { Contents::default() };
        committed.created = done.written.len() as u64;
        record.seconds = done.seconds;
        record.bound_reached.clone_from(&done.reached);
        is_told = true;
        if !stays {
            let replaces = table.newest.as_ref().map(|newest| newest.version);
            let files = Files { kept: done.kept, written: done.written, rearranged: false };
            committed.commit(&run.upkeep(), files, replaces, &mut record).await?;
        }
    }
    let maintenance = maintain::optimize(&run.upkeep(), &committed, &mut record).await?;
    let is_newer = table.newest.is_none() || record.version != found;
    let follows = (is_told && !is_newer).then_some(committed.contents.follows);
    Ok(CommittedTable { record, follows, maintenance })
}

/// Whether a table's newest version says all that one would say that is committed now. What a program says of its tables
/// beside their rows is part of that, and is what it was if the program is.
fn stays(run: &Run, table: &Table, done: &Done) -> bool {
    let program = Some(run.authority.manifest().fingerprint());
    let is_as = |newest: &Commit| newest.manifest == program && done.is_as(newest);
    !run.authority.profile().refresh && table.newest.as_ref().is_some_and(is_as)
}

/// The tables of the build before that a build of a part is not about: they stay published as they are.
fn left(run: &Run) -> Vec<TableRecord> {
    if run.authority.scope().said().is_none() {
        return Vec::new();
    }
    let is_here =
        |record: &&TableRecord| run.survey.tables().values().any(|one| record.is_of(&one.dataset));
    let before = run.previous.iter().flat_map(|previous| &previous.tables);
    let left = before.filter(|record| !is_here(record)).cloned();
    left.map(|record| TableRecord { status: TableStatus::Left, seconds: 0.0, ..record }).collect()
}

/// Whether `previous` says of every table that the build is about what a build that writes none would say.
pub(super) fn is_current(
    authority: &ExecutionAuthority,
    survey: &Survey,
    sources: &SourceRecord,
    previous: &RunRecord,
) -> bool {
    let mut tables: Vec<_> = survey
        .tables()
        .values()
        .map(TableRecord::of)
        .map(|table| (table.area, table.table, table.version, table.task))
        .collect();
    tables.sort();
    let scope = authority.scope();
    let is_here =
        |record: &&TableRecord| survey.tables().values().any(|one| record.is_of(&one.dataset));
    let published = previous
        .tables
        .iter()
        .filter(|record| scope.said().is_none() || is_here(record))
        .map(|table| (table.area, table.table.clone(), table.version, table.task));
    // What was built before as a part only left checks out.
    let as_much = previous.selected.is_none() || previous.selected.as_deref() == scope.said();
    as_much
        && previous.manifest == authority.manifest().fingerprint()
        && previous.sources == *sources
        && published.eq(tables)
}

impl TableRecord {
    /// A table as it is, for a build that leaves it so.
    fn of(table: &Table) -> Self {
        let mut record = Self {
            area: table.dataset.area(),
            table: table.dataset.table().to_owned(),
            schema: table.row.clone(),
            key: table.key.clone(),
            version: table.newest.as_ref().map_or(0, |newest| newest.version),
            written_by: table.newest.as_ref().map(|newest| newest.run.clone()).unwrap_or_default(),
            rows: 0,
            files: 0,
            bytes: 0,
            task: table.task,
            status: TableStatus::Reused,
            seconds: 0.0,
            bound_reached: Vec::new(),
        };
        if let Some(newest) = &table.newest {
            record.measure(newest.files.iter());
            record.bound_reached.clone_from(&newest.reached);
        }
        record
    }

    pub(super) fn measure<'a>(&mut self, files: impl Iterator<Item = &'a DataFile> + Clone) {
        self.rows = files.clone().map(DataFile::rows).sum();
        self.files = files.clone().count() as u64;
        self.bytes = files.map(DataFile::bytes).sum();
    }
}
