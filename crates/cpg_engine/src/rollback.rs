//! Back to an earlier build: its tables are put back, and published as a new one.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::clock::Clock;
use crate::delta::provenance::Provenance;
use crate::delta::restore::restore;
use crate::delta::state::{self, Commit, TableState};
use crate::error::{EngineError, Result};
use crate::lock::BuildLock;
use crate::publish::{self, RunId};
use crate::published::PublishedTable;
use crate::record::{RunRecord, TableRecord, TableStatus};
use crate::root::{Location, Place};
use crate::{resolver, runtime};

/// What going back did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Rollback {
    /// The build that readers see now.
    pub record: RunRecord,
    /// How many tables were put back. The others were as the earlier build had left them.
    pub restored: usize,
}

/// A table that is to be as an earlier build left it.
struct Step<'a> {
    record: &'a TableRecord,
    earlier: PublishedTable,
    newest: Commit,
}

/// Puts the tables of an earlier build back, each by a new version, and publishes them together. What came after stays in the
/// history. Nothing is written unless every table can be put back.
///
/// Tables that the earlier build did not have are left where they are, and belong to no build any more.
///
/// # Errors
/// [`EngineError::UnknownRun`] for a run that there is not, [`EngineError::BuildGone`] when files of it were removed,
/// [`EngineError::OutputBusy`] while a build runs, [`EngineError::ForeignTable`] when something else wrote a table.
pub fn rollback(out: &Location, run: &str) -> Result<Rollback> {
    let clock = Clock::start();
    let root = Place::existing(out)?;
    let lock = BuildLock::acquire(&root)?;
    let seen = root.look().map_err(|error| EngineError::io(out.to_string(), error))?;
    let runs = resolver::runs(&root);
    let target = publish::find(&runs, run)?;
    let steps = target
        .tables
        .iter()
        .map(|record| {
            let earlier = PublishedTable::open(&root, &target, record)?;
            let newest = newest(&earlier)?;
            Ok(Step { record, earlier, newest })
        })
        .collect::<Result<Vec<_>>>()?;
    let id = RunId::next(&runs, &clock.seed())
        .map_err(|error| EngineError::io("listing run records", error))?;
    drop(seen);
    lock.confirm()?;
    let mut restored = 0;
    let mut tables = Vec::with_capacity(steps.len());
    let runtime = runtime::start(1)?;
    for Step { record, earlier, newest } in steps {
        let (mut version, mut status) = (newest.version, TableStatus::Reused);
        let mut written_by = newest.run.clone();
        if !is_same(&earlier.commit, &newest) {
            let provenance = Provenance {
                task: record.task,
                run: &id,
                manifest: target.manifest,
                contents: &earlier.commit.contents,
                reached: &earlier.commit.reached,
            };
            let put_back = restore(&earlier.dataset, &earlier.commit, newest.version, &provenance);
            version = runtime.block_on(put_back)?;
            status = TableStatus::Restored;
            id.as_str().clone_into(&mut written_by);
            restored += 1;
        }
        tables.push(TableRecord { version, written_by, status, seconds: 0.0, ..record.clone() });
    }
    let record = RunRecord {
        run: id.as_str().to_owned(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        started_unix_ms: clock.started_unix_ms,
        seconds: clock.seconds(),
        restores: Some(target.run.clone()),
        tables,
        ..target.clone()
    };
    lock.confirm()?;
    publish::publish(&runs, &record)?;
    Ok(Rollback { record, restored })
}

fn newest(table: &PublishedTable) -> Result<Commit> {
    match state::newest(&table.dataset)? {
        TableState::Ours(commit) => Ok(commit),
        TableState::Absent => {
            Err(EngineError::internal(table.dataset.to_string(), "it has no newest version"))
        }
        TableState::Foreign { version, operation } => {
            let table = table.dataset.to_string();
            Err(EngineError::ForeignTable { table, version, operation })
        }
    }
}

fn is_same(earlier: &Commit, newest: &Commit) -> bool {
    let paths = |commit: &Commit| -> BTreeSet<String> {
        commit.files.iter().map(|file| file.path().to_owned()).collect()
    };
    earlier.contents.segments == newest.contents.segments && paths(earlier) == paths(newest)
}
