//! All work of a build, in the order of the schedule, several pieces at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use cpg_evidence::Summary;
use cpg_ir::canon::Fingerprint;
use cpg_ir::spec::RelationId;
use cpg_plan::policy::Feature;
use tokio::task::JoinSet;

use super::Run;
use super::anew::Anew;
use super::compute::compute;
use super::extract::extract;
use super::job::Job;
use super::segments::Segments;
use super::survey::{self, Table};
use crate::delta::state::{Commit, Contents};
use crate::delta::{DataFile, orphans};
use crate::error::{EngineError, Result};
use crate::fingerprint::TableKey;
use crate::observer::BuildEvent;
use crate::record::{BoundRecord, ScheduledWork, TableStatus};
use crate::resolver::Dataset;
use crate::schedule::{Schedule, Step, Ticket};

/// Source bytes per row of evidence, about: what a table is taken to have before it was ever written.
const SOURCE_BYTES_PER_ROW: u64 = 64;

/// How many rows a plan is taken to read in a microsecond, until it was measured.
const ROWS_PER_MICROSECOND: u64 = 1;

/// A table's files as a build leaves them.
#[derive(Debug)]
pub(super) struct Done {
    /// The new ones.
    pub(super) written: Vec<DataFile>,
    /// Those of the version before that stay.
    pub(super) kept: Vec<DataFile>,
    /// What their segments hold.
    pub(super) contents: Contents,
    /// The fixpoints computed for it that would have gone on.
    pub(super) reached: Vec<BoundRecord>,
    /// How long computing and writing them took, in seconds.
    pub(super) seconds: f64,
}

impl Done {
    /// Of a table whose segments hold `contents`; the rows of those that were made are in these files. Of rows that are there
    /// already, those stay that are.
    pub(super) fn new(
        table: &Table,
        anew: &Anew,
        contents: Vec<Fingerprint>,
        mut made: BTreeMap<usize, Vec<DataFile>>,
    ) -> Result<Self> {
        let segments = Segments::new(contents, &table.segments_there()?);
        let mut written = Vec::new();
        for place in segments.missing() {
            let files = made.remove(place).unwrap_or_default();
            written.extend(segments.files(*place, files)?);
        }
        for files in made.into_values() {
            orphans::remove(&table.dataset, &files);
        }
        let kept = segments.kept(table.newest.as_ref());
        let (segments, follows) = (segments.into_contents(), anew.follows().to_vec());
        let contents = Contents { segments, follows, ..Contents::default() };
        Ok(Self { written, kept, contents, reached: Vec::new(), seconds: 0.0 })
    }

    /// Whether all is as a version has it, but for what its rows follow from.
    pub(super) fn is_as(&self, version: &Commit) -> bool {
        let (ours, theirs) = (&self.contents, &version.contents);
        self.written.is_empty()
            && self.kept.len() == version.files.len()
            && ours.segments == theirs.segments
            && ours.in_columns == theirs.in_columns
            && self.reached == version.reached
    }

    /// All files of the version to be.
    pub(super) fn files(&self) -> impl Iterator<Item = &DataFile> + Clone {
        self.kept.iter().chain(&self.written)
    }
}

/// What a build computed.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// The stale tables' new files.
    pub(super) done: BTreeMap<TableKey, Done>,
    /// What extraction did, where there was some.
    pub(super) extraction: Option<Summary>,
    /// What began, in order.
    pub(super) schedule: Vec<ScheduledWork>,
}

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    /// All stale evidence, in one pass.
    Extract,
    /// One relation.
    Compute(RelationId),
}

impl Work {
    fn relation(&self) -> Option<&RelationId> {
        match self {
            Self::Extract => None,
            Self::Compute(id) => Some(id),
        }
    }
}

/// What a piece of work gave.
enum Product {
    Evidence(BTreeMap<TableKey, Done>, Summary),
    Relation(RelationId, Done),
}

/// How many pieces of work are done at once. Operators work on all threads by themselves; a second piece fills the gaps between
/// them.
pub(super) fn tasks_at_once(threads: usize) -> usize {
    threads.clamp(1, 4)
}

/// Does all work. When a piece fails, the others are stopped.
///
/// # Errors
/// The first failure.
pub(super) async fn execute(run: &Arc<Run>) -> Result<Outcome> {
    let mut schedule = Schedule::new(steps(run)?)
        .map_err(|_| EngineError::internal("scheduling", "tasks wait for one another"))?;
    let at_once = tasks_at_once(run.authority.profile().threads);
    let mut running: JoinSet<Result<(Ticket, Product)>> = JoinSet::new();
    let mut outcome = Outcome::default();
    loop {
        while running.len() < at_once
            && let Some((ticket, work, reason)) = schedule.take()
        {
            outcome.schedule.push(ScheduledWork {
                relation: work.relation().map(ToString::to_string),
                because: reason.clone(),
                began: run.clock.seconds(),
            });
            start(run, &outcome, &mut running, ticket, work, reason)?;
        }
        let Some(finished) = running.join_next().await else { return Ok(outcome) };
        let finished = match finished {
            Ok(finished) => finished,
            Err(error) => Err(EngineError::internal("computing", error)),
        };
        match finished {
            Ok((ticket, product)) => {
                outcome.take(product);
                schedule.done(ticket);
            }
            Err(error) => {
                // Nothing may be written any more once this returns.
                running.shutdown().await;
                return Err(error);
            }
        }
    }
}

fn start(
    run: &Arc<Run>,
    outcome: &Outcome,
    running: &mut JoinSet<Result<(Ticket, Product)>>,
    ticket: Ticket,
    work: Work,
    reason: String,
) -> Result<()> {
    run.cancel.check()?;
    let run = Arc::clone(run);
    match work {
        Work::Extract => {
            running.spawn(async move {
                let (done, summary) = extract(&run).await?;
                Ok((ticket, Product::Evidence(done, summary)))
            });
        }
        Work::Compute(id) => {
            let job = Job::new(&run, outcome, &id)?;
            running.spawn(async move {
                let done = compute(&run, &id, job, &reason).await?;
                Ok((ticket, Product::Relation(id, done)))
            });
        }
    }
    Ok(())
}

impl Outcome {
    fn take(&mut self, product: Product) {
        match product {
            Product::Evidence(done, summary) => {
                self.done.extend(done);
                self.extraction = Some(summary);
            }
            Product::Relation(id, done) => {
                self.done.insert(TableKey::Relation(id), done);
            }
        }
    }

    /// The files of a table as this build leaves it: its new ones, or those that it has.
    pub(super) fn files(&self, key: &TableKey, table: &survey::Table) -> Vec<DataFile> {
        match (self.done.get(key), &table.newest) {
            (Some(done), _) => done.files().cloned().collect(),
            (None, Some(newest)) => newest.files.clone(),
            (None, None) => Vec::new(),
        }
    }
}

/// How many microseconds a table took in the build before, where that computed all of it.
fn measured(run: &Run, id: &RelationId) -> Option<u64> {
    if !run.authority.has(Feature::MeasuredSchedule) {
        return None;
    }
    let table = run.survey.table(&TableKey::Relation(id.clone())).ok()?;
    let before = run.previous.as_ref()?.tables.iter().find(|one| one.is_of(&table.dataset))?;
    (before.status == TableStatus::Written).then_some((before.seconds * 1e6) as u64)
}

/// The stale tables as work, with what they wait for and about what they cost.
fn steps(run: &Run) -> Result<Vec<Step<Work>>> {
    let guess = run.sources.bytes / SOURCE_BYTES_PER_ROW;
    let is_stale = |key: &TableKey| run.survey.tables().get(key).is_some_and(|table| table.stale);
    let mut steps = Vec::new();
    if run.survey.stale().any(|(key, _)| key.is_evidence()) {
        steps.push(Step {
            work: Work::Extract,
            cost: guess / ROWS_PER_MICROSECOND,
            after: Vec::new(),
        });
    }
    for task in run.authority.plans().tasks() {
        if !is_stale(&TableKey::Relation(task.relation.clone())) {
            continue;
        }
        let tables = task.evidence.iter().chain(&task.reads);
        let inputs = tables.map(|id| run.authority.table(id)).collect::<Result<Vec<_>>>()?;
        let cost = measured(run, &task.relation).unwrap_or_else(|| {
            let rows = |key: &TableKey| {
                let table = run.survey.tables().get(key);
                table.and_then(|table| table.statistics().rows()).unwrap_or(guess)
            };
            inputs.iter().map(rows).sum::<u64>() / ROWS_PER_MICROSECOND
        });
        let mut after: Vec<Work> = task.reads.iter().cloned().map(Work::Compute).collect();
        if inputs.iter().any(|key| key.is_evidence() && is_stale(key)) {
            after.push(Work::Extract);
        }
        steps.push(Step { work: Work::Compute(task.relation.clone()), cost, after });
    }
    Ok(steps)
}

impl Run {
    /// Tells that a table's rows are being made, and of how many files if only of some segments.
    pub(super) fn told_started(&self, table: &Table, anew: &Anew, reason: &str) {
        let files = |segment: usize| self.scan.segment_paths(segment).count();
        let part = (anew.count() > 1).then(|| {
            let made: usize = anew.made().map(files).sum();
            let all: usize = (0..self.scan.segments()).map(files).sum();
            (made < all).then(|| format!("{reason}; the rows of {made} of {all} files"))
        });
        let part = part.flatten();
        let reason = part.as_deref().unwrap_or(reason);
        self.observer.event(BuildEvent::TaskStarted { dataset: &table.dataset, reason });
    }

    /// Tells that a table's rows are on disk.
    pub(super) fn told_done(&self, dataset: &Dataset, done: &Done) {
        self.observer.event(BuildEvent::TaskFinished {
            dataset,
            rows: done.files().map(DataFile::rows).sum(),
            bytes: done.files().map(DataFile::bytes).sum(),
            seconds: done.seconds,
        });
        for BoundRecord { fixpoint, rounds } in &done.reached {
            self.observer.event(BuildEvent::BoundReached { dataset, fixpoint, rounds: *rounds });
        }
    }
}
