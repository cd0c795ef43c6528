//! All work of a build, in the order of the schedule, several pieces at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use cpg_evidence::Summary;
use cpg_ir::spec::RelationId;
use cpg_plan::program::{RelationPlan, Task};
use cpg_plan::schema::arrow_schema;
use tokio::task::JoinSet;

use super::Run;
use super::clock::seconds;
use super::compute::compute;
use super::extract::extract;
use super::segments::Segments;
use super::survey::{self, Table};
use crate::audit::Inputs;
use crate::delta::{DataFile, read};
use crate::error::{EngineError, Result};
use crate::fingerprint::TableKey;
use crate::observer::BuildEvent;
use crate::record::BoundRecord;
use crate::resolver::Dataset;
use crate::schedule::{Schedule, Step, Ticket};

/// Source bytes per row of evidence, about: what a table is taken to have before it was ever written.
const SOURCE_BYTES_PER_ROW: u64 = 64;

/// A table's new files.
#[derive(Debug)]
pub(super) struct Done {
    /// The files.
    pub(super) written: Vec<DataFile>,
    /// Those of the version before that stay.
    pub(super) kept: Vec<DataFile>,
    /// The fixpoints computed for it that would have gone on.
    pub(super) reached: Vec<BoundRecord>,
    /// How long computing and writing them took, in seconds.
    pub(super) seconds: f64,
}

impl Done {
    pub(super) fn new(table: &Table, written: Vec<DataFile>, took: Duration) -> Self {
        let segments = table.segments.as_ref();
        let kept = segments.map(|segments| segments.kept(table.newest.as_ref()));
        let kept = kept.unwrap_or_default();
        Self { written, kept, reached: Vec::new(), seconds: seconds(took) }
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
}

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    /// All stale evidence, in one pass.
    Extract,
    /// One relation.
    Compute(RelationId),
}

/// What a piece of work gave.
enum Product {
    Evidence(BTreeMap<TableKey, Done>, Summary),
    Relation(RelationId, Done),
}

/// Does all work. When a piece fails, the others are stopped.
///
/// # Errors
/// The first failure.
pub(super) async fn execute(run: &Arc<Run>) -> Result<Outcome> {
    let mut schedule = Schedule::new(steps(run)?)
        .map_err(|_| EngineError::internal("scheduling", "tasks wait for one another"))?;
    // Operators work on all threads by themselves; a second piece of work fills the gaps between them.
    let at_once = run.authority.profile().threads.clamp(1, 4);
    let mut running: JoinSet<Result<(Ticket, Product)>> = JoinSet::new();
    let mut outcome = Outcome::default();
    loop {
        while running.len() < at_once
            && let Some((ticket, work, reason)) = schedule.take()
        {
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
            let inputs = outcome.inputs(&run, &id)?;
            running.spawn(async move {
                let done = compute(&run, &id, &inputs, &reason).await?;
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

    /// The rows of the tables that a task reads, all of which are done: those of the segments that it makes.
    fn inputs(&self, run: &Run, id: &RelationId) -> Result<Inputs> {
        let table = run.survey.table(&TableKey::Relation(id.clone()))?;
        let segments = table.segments.as_ref().map(Segments::missing);
        let mut tasks = run.authority.plans().tasks().iter();
        let task = tasks.find(|task| task.relation == *id);
        self.read(run, task.into_iter().flat_map(reads), segments)
    }

    /// The rows of tables and evidence, all of which are done.
    pub(super) fn rows<'a>(
        &self,
        run: &Run,
        relations: impl Iterator<Item = &'a RelationId>,
    ) -> Result<Inputs> {
        self.read(run, relations, None)
    }

    fn read<'a>(
        &self,
        run: &Run,
        relations: impl Iterator<Item = &'a RelationId>,
        segments: Option<&BTreeSet<usize>>,
    ) -> Result<Inputs> {
        let mut rows = Inputs::new();
        for id in relations {
            if run.survey.files().finding(id).is_some() {
                let schema = arrow_schema(plan(run, id)?.schema());
                rows.insert(id.clone(), run.survey.files().table(id, schema)?);
                continue;
            }
            let key = key(run, id)?;
            let table = run.survey.table(&key)?;
            let mut files = self.files(&key, table);
            if let (Some(wanted), Some(segments)) = (segments, &table.segments) {
                files.retain(|file| segments.place(file).is_none_or(|at| wanted.contains(&at)));
            }
            let scanning = read::Scanning::of(run.authority.policies(id));
            let schema = Arc::clone(&table.schema);
            let provider = read::table(&table.dataset, schema, &files, scanning)?;
            rows.insert(id.clone(), provider);
        }
        Ok(rows)
    }
}

/// The relations that a task's plan scans.
fn reads(task: &Task) -> impl Iterator<Item = &RelationId> {
    task.evidence.iter().chain(&task.files).chain(&task.reads)
}

fn plan<'a>(run: &'a Run, id: &RelationId) -> Result<&'a RelationPlan> {
    run.authority.plans().relation(id).ok_or_else(|| {
        EngineError::internal(format!("relation `{id}`"), "it is not in the program")
    })
}

/// The table that holds a relation's rows.
fn key(run: &Run, id: &RelationId) -> Result<TableKey> {
    Ok(match plan(run, id)?.evidence() {
        Some(spec) => {
            TableKey::Evidence { extractor: spec.extractor.clone(), table: spec.table.clone() }
        }
        None => TableKey::Relation(id.clone()),
    })
}

/// The stale tables as work, with what they wait for and about what they cost.
fn steps(run: &Run) -> Result<Vec<Step<Work>>> {
    let guess = run.sources.bytes / SOURCE_BYTES_PER_ROW;
    let is_stale = |key: &TableKey| run.survey.tables().get(key).is_some_and(|table| table.stale);
    let mut steps = Vec::new();
    if run.survey.stale().any(|(key, _)| key.is_evidence()) {
        steps.push(Step { work: Work::Extract, cost: guess, after: Vec::new() });
    }
    for task in run.authority.plans().tasks() {
        if !is_stale(&TableKey::Relation(task.relation.clone())) {
            continue;
        }
        let tables = task.evidence.iter().chain(&task.reads);
        let inputs = tables.map(|id| key(run, id)).collect::<Result<Vec<_>>>()?;
        let rows = |key: &TableKey| {
            let table = run.survey.tables().get(key);
            table.and_then(survey::Table::known_rows).unwrap_or(guess)
        };
        let cost = inputs.iter().map(rows).sum();
        let mut after: Vec<Work> = task.reads.iter().cloned().map(Work::Compute).collect();
        if inputs.iter().any(|key| key.is_evidence() && is_stale(key)) {
            after.push(Work::Extract);
        }
        steps.push(Step { work: Work::Compute(task.relation.clone()), cost, after });
    }
    Ok(steps)
}

impl Run {
    /// Tells that a table's rows are being made, and of how many files if not of all.
    pub(super) fn told_started(&self, table: &Table, reason: &str) {
        let files = |segment: &usize| self.scan.segment_paths(*segment).count();
        let part = table.segments.as_ref().and_then(|segments| {
            let made: usize = segments.missing().iter().map(files).sum();
            let all: usize = (0..self.scan.segments()).map(|segment| files(&segment)).sum();
            (made < all).then(|| format!("{reason}; the rows of {made} of {all} files"))
        });
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
