//! A build from start to end.

mod anew;
mod cached;
mod committed;
mod compute;
mod decisions;
mod divergence;
mod documents;
mod errors;
mod execute;
mod extract;
mod finish;
mod job;
mod maintain;
mod maintained;
mod memory;
mod plans;
mod readers;
mod report;
mod segments;
pub(crate) mod sources;
pub(crate) mod survey;
mod told;
mod unchanged;
mod upkeep;

use std::path::PathBuf;
use std::sync::Arc;

use cpg_evidence::{Scan, Source};
use cpg_ir::manifest::ProgramManifest;
use cpg_plan::policy::Feature;
use datafusion::prelude::SessionContext;

use crate::artifact;
use crate::authority::ExecutionAuthority;
use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::error::{EngineError, Result};
use crate::lock::BuildLock;
use crate::observer::{BuildEvent, BuildObserver};
use crate::plan;
use crate::profile::RuntimeProfile;
use crate::publish::{self, RunId};
use crate::record::{PlanRecord, RunRecord, SchemaDivergence, SourceRecord};
use crate::root::Place;
use crate::{resolver, runtime, session};

use decisions::Decisions;
pub use maintained::{Effect, LeftAlone, Maintained, Maintenance, maintain};
use readers::Readers;
pub use report::BuildReport;
use segments::SegmentOfFile;
pub(crate) use survey::{Survey, Table};

/// A build that has something to do, and all it needs to do it.
struct Run {
    authority: ExecutionAuthority,
    scan: Arc<Scan>,
    sources: SourceRecord,
    survey: Survey,
    decisions: Decisions,
    plans: Vec<PlanRecord>,
    previous: Option<RunRecord>,
    divergences: Vec<SchemaDivergence>,
    segment_of_file: SegmentOfFile,
    readers: Readers,
    session: SessionContext,
    id: RunId,
    /// Held until the end: whoever reads tables below the root must know that nobody else writes them.
    lock: BuildLock,
    observer: Arc<dyn BuildObserver>,
    cancel: Cancel,
    clock: Clock,
}

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
    let sources = sources::check(&profile)?;
    let root = Place::made(&profile.out)?;
    // The lock of a bucket is an object. A build that changes nothing writes none: it looks, and that is all.
    let lock = root.local().map(|_| BuildLock::acquire(&root)).transpose()?;
    let runs = resolver::runs(&root);
    let mut previous = publish::latest(&runs)?;
    let scanned = |scan: &Scan| {
        let sources = sources::measure(scan);
        observer.event(BuildEvent::Scanned { files: sources.files, bytes: sources.bytes });
        sources
    };
    let candidate =
        previous.as_ref().filter(|previous| unchanged::may_be(&manifest, &profile, previous));
    let (authority, scan, sources) = if let Some(previous) = candidate {
        let scan = sources::scan(&profile, &sources)?;
        let sources = scanned(&scan);
        cancel.check()?;
        if unchanged::is(&root, &manifest, &profile, &scan, &sources, previous)? {
            observer.event(BuildEvent::Planned { stale: 0, fresh: previous.tables.len() });
            return Ok(BuildReport::unchanged(previous, &clock));
        }
        (ExecutionAuthority::new(manifest, profile, root.clone())?, scan, sources)
    } else {
        let (authority, scan) = prepare(manifest, profile, &root, &sources, cancel)?;
        let sources = scanned(&scan);
        (authority, scan, sources)
    };
    let lock = match lock {
        Some(lock) => lock,
        None => {
            let lock = BuildLock::acquire(&root)?;
            // Another build may have published in between.
            previous = publish::latest(&runs)?;
            lock
        }
    };
    let scan = Arc::new(scan);
    if sources.files == 0 && !authority.needs().is_empty() {
        let sources = authority.profile().sources.clone();
        return Err(EngineError::NothingToExtract { sources });
    }
    cancel.check()?;

    let survey = Survey::new(&authority, &scan, previous.as_ref())?;
    if let Some(plan) = &authority.profile().plan {
        plan.agrees(&plan::look(&authority, &survey, &scan, previous.as_ref())?)?;
    }
    let stale = survey.stale().count();
    observer.event(BuildEvent::Planned { stale, fresh: survey.tables().len() - stale });
    let divergences = divergence::divergences(&authority, &survey, previous.as_ref())?;
    if stale == 0
        && let Some(previous) = &previous
        && finish::is_current(&authority, &survey, &sources, previous)
        && unchanged::is_told(previous)
    {
        return Ok(BuildReport::unchanged(previous, &clock));
    }

    let id = RunId::next(&runs, &clock.seed())
        .map_err(|error| EngineError::io("listing run records", error))?;
    let profile = authority.profile();
    let tmp = Temporary::new(authority.resolver().tmp(&id))?;
    let spill = authority.has(Feature::Spilling).then_some(tmp.0.as_path());
    let session = session::open(profile.threads, profile.memory_bytes, spill)?;
    root.register(&session);
    let decisions = Decisions::new(&authority, &survey, &session)?;
    memory::can_be_enough(&authority, &survey, &decisions, &session)?;
    let level = profile.plan_gate;
    let plans = plans::records(&authority, &decisions.signals, level)?;
    if let (Some(level), Some(previous)) = (level, &previous) {
        let before = artifact::document_of::<Vec<PlanRecord>>(&runs, previous)?;
        plans::gate(&before, &plans, level)?;
    }
    for issue in &decisions.issues {
        observer.event(BuildEvent::PolicyIssue { issue });
    }
    let runtime = runtime::start(profile.threads)?;
    let run = Arc::new(Run {
        segment_of_file: SegmentOfFile::new(&scan),
        readers: Readers::new(authority.plans()),
        authority,
        scan,
        sources,
        survey,
        decisions,
        plans,
        previous,
        divergences,
        session,
        id,
        lock,
        observer,
        cancel: cancel.clone(),
        clock,
    });
    let record = runtime.block_on(finish::complete(&run));
    // What still runs after a failure may hold files of the temporary folder.
    drop((runtime, run, tmp));
    Ok(BuildReport { record: record?, seconds: clock.seconds(), published: true })
}

/// Plans the program and lists the files of the sources, one beside the other: neither waits for the other's result.
pub(crate) fn prepare(
    manifest: Arc<ProgramManifest>,
    profile: RuntimeProfile,
    root: &Place,
    sources: &[Source],
    cancel: &Cancel,
) -> Result<(ExecutionAuthority, Scan)> {
    let scanned = profile.clone();
    std::thread::scope(|threads| {
        let scan = threads.spawn(|| sources::scan(&scanned, sources));
        // Here, since the stack of this thread is deep enough for any plan.
        let authority = ExecutionAuthority::new(manifest, profile, root.clone());
        let scan = scan
            .join()
            .map_err(|_| EngineError::internal("listing the sources", "its thread ended"))?;
        let authority = authority?;
        cancel.check()?;
        Ok((authority, scan?))
    })
}

/// A folder that is there as long as this is.
struct Temporary(PathBuf);

impl Temporary {
    /// Makes it hold nothing: what is there is left from a build that was killed.
    fn new(folder: PathBuf) -> Result<Self> {
        let failed = |error| EngineError::storage("the folder for temporary files", error);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(failed)?;
        }
        std::fs::create_dir_all(&folder).map_err(failed)?;
        Ok(Self(folder))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // The next build tries again.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
