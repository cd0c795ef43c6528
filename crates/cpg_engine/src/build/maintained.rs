//! Looking after the tables of a published build, without making another one.

use std::collections::BTreeMap;
use std::sync::Arc;

use cpg_ir::manifest::ProgramManifest;
use cpg_ir::policy::{RelationPolicies, SortColumn};
use cpg_plan::TableKey;
use cpg_plan::policy::{Feature, WriteDecision};
use serde::Serialize;

use super::Temporary;
use super::committed::Committed;
use super::decisions::Decisions;
use super::maintain::{decide, decide_checkpoint, optimize, remove_old};
use super::survey::Table;
use super::upkeep::Upkeep;
use crate::authority::ExecutionAuthority;
use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::delta::state::{self, TableState};
use crate::delta::{maintain as delta, orphans, read};
use crate::error::{EngineError, Result};
use crate::foresight::Recorded;
use crate::lock::BuildLock;
use crate::observer::{BuildEvent, BuildObserver};
use crate::profile::RuntimeProfile;
use crate::publish::{self, RunId};
use crate::record::{
    Decision, MaintenanceDecision, Operation, RunRecord, TableRecord, TableStatus,
};
use crate::root::Place;
use crate::standing::{Standing, Stands};
use crate::{artifact, resolver, runtime, session};

/// What looking after a published build came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Maintenance {
    /// The build that readers see now.
    pub run: String,
    /// Whether that is another one than before, since tables have new versions.
    pub published: bool,
    /// What the program's policies ask for, by table, and what was done of it.
    pub operations: Vec<Maintained>,
    /// The tables that were left alone although policies speak of them.
    pub left: Vec<LeftAlone>,
}

/// An operation that a policy speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Maintained {
    /// Whether it was due.
    #[serde(flatten)]
    pub decision: MaintenanceDecision,
    /// What it did; nothing where it was not due, or it was only looked.
    pub effect: Option<Effect>,
}

/// What an operation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The rows of the table are in other files now.
    Rearranged {
        /// How many files there are.
        files: u64,
        /// The version that has them.
        version: u64,
    },
    /// Old files are gone.
    Removed {
        /// How many.
        files: u64,
    },
    /// The log is summed up.
    SummedUp {
        /// At this version.
        version: u64,
    },
}

/// A table that was left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftAlone {
    /// Area and name, as in `graph/cpg_nodes`.
    pub table: String,
    /// Why.
    pub reason: String,
}

/// Does what the policies of a program ask for of the newest published build, as a build does at its end: files are put
/// together, old ones removed, logs summed up. Rows stay as they are. Where tables got new versions, these are published
/// together; else the record stays as it is. With `look_only` it is only found out what is due, and nothing is written.
///
/// # Errors
/// [`EngineError::NoBuild`] where nothing was published, [`EngineError::OutputBusy`] while a build runs,
/// [`EngineError::ForeignTable`] when something else wrote a table, [`EngineError::BuildGone`] when files of one are gone.
pub fn maintain(
    manifest: Arc<ProgramManifest>,
    profile: RuntimeProfile,
    observer: &dyn BuildObserver,
    cancel: &Cancel,
    look_only: bool,
) -> Result<Maintenance> {
    let clock = Clock::start();
    let root = Place::existing(&profile.out)?;
    let lock = (!look_only).then(|| BuildLock::acquire(&root)).transpose()?;
    let runs = resolver::runs(&root);
    let previous = publish::latest(&runs)?;
    let previous = previous.ok_or_else(|| EngineError::NoBuild { out: profile.out.clone() })?;
    let id = RunId::next(&runs, &clock.seed())
        .map_err(|error| EngineError::io("listing run records", error))?;
    let authority = ExecutionAuthority::new(manifest, profile, root.clone())?;
    let profile = authority.profile();
    let tmp = lock.is_some().then(|| Temporary::new(authority.resolver().tmp(&id))).transpose()?;
    let spill = tmp.as_ref().filter(|_| authority.has(Feature::Spilling));
    let spill = spill.map(|tmp| tmp.0.as_path());
    let session = session::open(profile.threads, profile.memory_bytes, spill)?;
    root.register(&session);
    let known = Recorded::new(authority.manifest(), authority.plans(), Some(&previous));
    let decisions = Decisions::new(&authority, &known, &session)?;
    let upkeep = Upkeep {
        authority: &authority,
        decisions: &decisions,
        session: &session,
        id: &id,
        observer,
        cancel,
    };
    let (tables, left) = Looked::at(&upkeep, &previous)?;
    let Some(lock) = lock else {
        let operations = tables.iter().map(|table| table.due(&upkeep));
        let operations = operations.collect::<Result<Vec<_>>>()?.into_iter().flatten();
        let operations = operations.map(|decision| Maintained { decision, effect: None });
        let operations = operations.collect();
        return Ok(Maintenance { run: previous.run, published: false, operations, left });
    };
    let runtime = runtime::start(profile.threads)?;
    let done = runtime.block_on(Work { upkeep, lock, clock, previous, tables }.done());
    // What still runs after a failure may hold files of the temporary folder.
    drop((runtime, tmp));
    let (run, published, operations) = done?;
    Ok(Maintenance { run, published, operations, left })
}

/// A table that policies speak of.
struct Looked {
    key: TableKey,
    table: Table,
    /// What is to be published of it.
    record: TableRecord,
}

impl Looked {
    /// The tables of a build that the program's policies speak of, and those of them that are to be left alone.
    fn at(upkeep: &Upkeep<'_>, build: &RunRecord) -> Result<(Vec<Self>, Vec<LeftAlone>)> {
        let authority = upkeep.authority;
        let root = authority.resolver().root();
        let standing = Standing::read(authority, build)?;
        let laid_out =
            artifact::document_of::<Vec<WriteDecision>>(&authority.resolver().runs(), build)?;
        let laid_out: BTreeMap<TableKey, Shape> =
            laid_out.into_iter().map(|one| (one.table.clone(), Shape::of(one))).collect();
        let _seen = root.look().map_err(|error| EngineError::io(root.to_string(), error))?;
        let (mut tables, mut left) = (Vec::new(), Vec::new());
        for task in authority.plans().tasks() {
            if !authority.policies(&task.relation).is_some_and(asks) {
                continue;
            }
            let key = TableKey::Relation(task.relation.clone());
            let shape = Shape::of(upkeep.decisions.write(&key)?.clone());
            let found = match standing.table(&key)? {
                Stands::Not(reasons) => Err(reasons.join("; ")),
                Stands::Fits(_) if laid_out.get(&key) != Some(&shape) => {
                    Err("the program lays its rows out in another way".to_owned())
                }
                Stands::Fits(record) => Self::newest(&standing, build, key.clone(), record)?,
            };
            match found {
                Ok(table) => tables.push(table),
                Err(reason) => {
                    let table = standing.dataset(&key)?.to_string();
                    left.push(LeftAlone { table, reason });
                }
            }
        }
        Ok((tables, left))
    }

    /// A table as it is now, whose rows are those of a build; or why they are not.
    fn newest(
        standing: &Standing<'_>,
        build: &RunRecord,
        key: TableKey,
        record: &TableRecord,
    ) -> Result<std::result::Result<Self, String>> {
        let dataset = standing.dataset(&key)?;
        let gone = |reason: String| EngineError::BuildGone {
            run: build.run.clone(),
            table: dataset.to_string(),
            reason,
        };
        let newest = match state::newest(&dataset)? {
            TableState::Ours(newest) => newest,
            TableState::Absent => return Err(gone("it has no versions".to_owned())),
            TableState::Foreign { version, operation } => {
                let table = dataset.to_string();
                return Err(EngineError::ForeignTable { table, version, operation });
            }
        };
        if !record.is_at(&newest) && newest.task != record.task {
            return Ok(Err(format!("{} wrote it and was not published", newest.run)));
        }
        if let Some(problem) = read::first_missing(&dataset, &newest.files)? {
            return Err(gone(problem));
        }
        let mut record = record.clone();
        // Another one than the build has, where whoever looked after it last did not come to publish that.
        record.version = newest.version;
        record.written_by.clone_from(&newest.run);
        record.measure(newest.files.iter());
        let table = Table::settled(dataset, &record, newest);
        Ok(Ok(Self { key, table, record }))
    }

    fn committed(&self) -> Committed<'_> {
        let newest = self.table.newest.as_ref();
        Committed {
            key: &self.key,
            table: &self.table,
            files: newest.map(|newest| newest.files.clone()).unwrap_or_default(),
            created: 0,
            contents: newest.map(|newest| newest.contents.clone()).unwrap_or_default(),
        }
    }

    /// What its policies ask for.
    fn due(&self, upkeep: &Upkeep<'_>) -> Result<Vec<MaintenanceDecision>> {
        let committed = self.committed();
        let mut decisions = decide(upkeep, &committed, &self.record)?;
        decisions.extend(decide_checkpoint(upkeep, &committed, &self.record)?);
        Ok(decisions)
    }
}

/// Whether policies ask for a table to be looked after.
fn asks(policies: &RelationPolicies) -> bool {
    policies.optimize.is_some() || policies.vacuum.is_some() || policies.checkpoint_every.is_some()
}

/// How rows lie in a table. All of its files are alike in that.
#[derive(PartialEq, Eq)]
struct Shape {
    partition: Vec<String>,
    sort: Vec<SortColumn>,
}

impl Shape {
    fn of(decision: WriteDecision) -> Self {
        Self { partition: decision.partition.value, sort: decision.sort.value }
    }
}

/// All that is to be done.
struct Work<'a> {
    upkeep: Upkeep<'a>,
    lock: BuildLock,
    clock: Clock,
    previous: RunRecord,
    tables: Vec<Looked>,
}

impl Work<'_> {
    /// Does it: the build that readers see then, whether it is a new one, and what was done.
    async fn done(mut self) -> Result<(String, bool, Vec<Maintained>)> {
        let mut operations = Vec::new();
        for table in &mut self.tables {
            self.upkeep.cancel.check()?;
            self.lock.confirm()?;
            operations.extend(rearranged(&self.upkeep, table).await?);
        }
        let decisions = operations.iter().map(|one| one.decision.clone()).collect();
        let published = self.publish(decisions)?;
        for looked in &self.tables {
            let (key, dataset) = (&looked.key, &looked.table.dataset);
            let name = dataset.to_string();
            let of_table = operations.iter_mut().filter(|one| one.decision.table == name);
            for one in of_table.filter(|one| one.decision.decision == Decision::Due) {
                self.lock.confirm()?;
                one.effect = match one.decision.operation {
                    Operation::Optimize => continue,
                    Operation::Vacuum => {
                        let version = looked.record.version;
                        let files = remove_old(&self.upkeep, key, dataset, version).await?;
                        Some(Effect::Removed { files })
                    }
                    Operation::Checkpoint => {
                        Some(Effect::SummedUp { version: delta::checkpoint(dataset).await? })
                    }
                };
            }
        }
        let is_new = published.is_some();
        Ok((published.unwrap_or(self.previous.run), is_new, operations))
    }

    /// Publishes the tables together if one of them has another version than before. Gives the run then.
    fn publish(&self, decisions: Vec<MaintenanceDecision>) -> Result<Option<String>> {
        let mut tables = self.previous.tables.clone();
        let mut is_new = false;
        for published in &mut tables {
            let looked = self.tables.iter().find(|looked| published.is_of(&looked.table.dataset));
            if let Some(looked) = looked.filter(|looked| looked.record.version != published.version)
            {
                published.clone_from(&looked.record);
                is_new = true;
            }
            // No row is computed here.
            published.seconds = 0.0;
            if published.status != TableStatus::Left {
                published.status = TableStatus::Reused;
            }
        }
        if !is_new {
            return Ok(None);
        }
        let runs = self.upkeep.authority.resolver().runs();
        let mut artifacts = self.previous.artifacts.clone();
        artifacts.insert(
            artifact::ArtifactKind::MaintenanceDecision,
            artifact::write(&runs, &decisions)?,
        );
        let record = RunRecord {
            run: self.upkeep.id.as_str().to_owned(),
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            artifacts,
            started_unix_ms: self.clock.started_unix_ms,
            seconds: self.clock.seconds(),
            restores: None,
            tables,
            ..self.previous.clone()
        };
        self.lock.confirm()?;
        publish::publish(&runs, &record)?;
        self.upkeep.observer.event(BuildEvent::Published { run: &record.run });
        Ok(Some(record.run))
    }
}

/// What is due of a table, after its files were put together where that is.
async fn rearranged(upkeep: &Upkeep<'_>, looked: &mut Looked) -> Result<Vec<Maintained>> {
    let mut record = looked.record.clone();
    let done = optimize(upkeep, &looked.committed(), &mut record).await;
    if let Err(EngineError::Interrupted) = done {
        // It came to no commit.
        orphans::discard(&looked.table.dataset, upkeep.id);
    }
    let decisions = done?;
    let effect = (record.version != looked.record.version)
        .then_some(Effect::Rearranged { files: record.files, version: record.version });
    looked.record = record;
    let checkpoint = decide_checkpoint(upkeep, &looked.committed(), &looked.record)?;
    let effect_of = |decision: &MaintenanceDecision| match decision.operation {
        Operation::Optimize => effect,
        Operation::Vacuum | Operation::Checkpoint => None,
    };
    let all = decisions.into_iter().chain(checkpoint);
    Ok(all.map(|decision| Maintained { effect: effect_of(&decision), decision }).collect())
}
