//! A build from start to end.

mod compute;
mod execute;
mod extract;
mod finish;
mod report;
mod survey;

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cpg_evidence::{Scan, ScanError, ScanOptions, Source};
use cpg_ir::manifest::ProgramManifest;

use crate::authority::ExecutionAuthority;
use crate::cancel::Cancel;
use crate::error::{EngineError, Result};
use crate::lock::BuildLock;
use crate::observer::{BuildEvent, BuildObserver};
use crate::profile::RuntimeProfile;
use crate::publish::{self, RunId};
use crate::record::SourceRecord;
use crate::{runtime, session};

pub use report::BuildReport;
use survey::Survey;

/// Runs a program: afterwards the output directory holds its tables, made from the sources as they are now.
///
/// A table that would hold what it holds already is left alone, and a build that finds every table so writes
/// nothing at all. A build that fails or is interrupted leaves the previous build as it was.
///
/// # Errors
/// See [`EngineError`].
pub fn build(
    manifest: Arc<ProgramManifest>,
    profile: RuntimeProfile,
    observer: Arc<dyn BuildObserver>,
    cancel: &Cancel,
) -> Result<BuildReport> {
    let clock = Clock::start();
    let sources = list_sources(&profile)?;
    let lock = BuildLock::acquire(&profile.out)?;
    let authority = Arc::new(ExecutionAuthority::new(manifest, profile)?);
    cancel.check()?;
    let scan = Arc::new(scan(&authority, &sources)?);
    let source_record = SourceRecord {
        files: scan.files().count() as u64,
        bytes: scan.files().map(|(_, file)| file.size).sum(),
    };
    let SourceRecord { files, bytes } = source_record;
    observer.event(BuildEvent::Scanned { files, bytes });
    if files == 0 {
        let sources = authority.profile().sources.clone();
        return Err(EngineError::NothingToExtract { sources });
    }

    let runs = authority.resolver().runs();
    let seed = format!("{} {}", std::process::id(), clock.started_unix_ms);
    let id = RunId::next(&runs, &seed)
        .map_err(|error| EngineError::storage("listing run records", error))?;
    let survey = Survey::new(&authority, &scan)?;
    observer.event(BuildEvent::Planned {
        stale: survey.stale().count(),
        fresh: survey.tables().len() - survey.stale().count(),
    });
    let previous = publish::latest(&runs)?;
    if let Some(previous) = previous.filter(|_| survey.stale().next().is_none()) {
        let record = finish::reused(&authority, &survey, &previous, source_record.clone());
        if record.same_build(&previous) {
            return Ok(BuildReport::new(previous, clock.seconds(), false));
        }
    }

    let profile = authority.profile();
    let session = session::open(
        profile.threads,
        profile.memory_bytes,
        &authority.resolver().tmp(),
    )?;
    let run = Run { authority, scan, survey, session, id, observer, cancel: cancel.clone() };
    let runtime = runtime::start(run.authority.profile().threads)?;
    let record = runtime.block_on(run.complete(source_record, &clock))?;
    drop(lock);
    Ok(BuildReport::new(record, clock.seconds(), true))
}
