//! Whether a build would find everything as it should be, found without planning the program.
//!
//! What tables should hold follows from the program, from how this build of cpglang plans it, and from what extractors
//! find and files hold. Where these are what they were when the newest build was published, it is enough to look whether its tables
//! are still there.

use cpg_evidence::Scan;
use cpg_ir::manifest::ProgramManifest;

use super::Run;
use crate::delta::read;
use crate::delta::state::{self, TableState};
use crate::error::{EngineError, Result};
use crate::files::GivenFiles;
use crate::fingerprint;
use crate::profile::RuntimeProfile;
use crate::record::{Basis, RunRecord, SourceRecord, TableRecord};
use crate::resolver;
use crate::root::Place;

/// The sources of cpglang that decide what tables hold.
const BUILD: &str = env!("CPGLANG_SOURCES");

impl Basis {
    /// Whether it is of a run of this build of cpglang.
    pub(super) fn is_by_us(&self) -> bool {
        self.build == BUILD
    }

    /// What the tables of a run follow from.
    pub(super) fn of(run: &Run) -> Self {
        let findings = run.survey.findings().clone();
        Self { build: BUILD.to_owned(), findings, files: run.survey.files().findings() }
    }
}

/// Whether a record leaves nothing to say for builds after it. After cpglang itself was changed, the first build says anew
/// what tables follow from, so that those after it need not plan.
pub(super) fn is_told(previous: &RunRecord) -> bool {
    previous.basis.as_ref().is_none_or(Basis::is_by_us)
}

/// Whether `previous` may turn out to be what a build with this profile would publish.
pub(super) fn may_be(
    manifest: &ProgramManifest,
    profile: &RuntimeProfile,
    previous: &RunRecord,
) -> bool {
    let of_all = profile.selection.is_none() && previous.selected.is_none();
    let by_us = previous.basis.as_ref().is_some_and(Basis::is_by_us);
    let at_will = !profile.refresh && profile.plan.is_none();
    of_all && by_us && at_will && previous.manifest == manifest.fingerprint()
}

/// Whether it is, given that it may be. What cannot be read is for the build to tell that looks closer.
///
/// # Errors
/// When the findings of extractors cannot be encoded, which would be a defect, or the root cannot be listed.
pub(super) fn is(
    root: &Place,
    manifest: &ProgramManifest,
    profile: &RuntimeProfile,
    scan: &Scan,
    sources: &SourceRecord,
    previous: &RunRecord,
) -> Result<bool> {
    let Some(basis) = &previous.basis else { return Ok(false) };
    if previous.sources != *sources
        || fingerprint::findings(basis.findings.keys(), scan)? != basis.findings
    {
        return Ok(false);
    }
    let named = basis.files.keys().filter_map(|id| Some((id.clone(), manifest.files(id)?.clone())));
    let files = GivenFiles::look(&profile.project, named.collect());
    if files.map(|files| files.findings()).ok().as_ref() != Some(&basis.files) {
        return Ok(false);
    }
    let _seen = root.look().map_err(|error| EngineError::io(root.to_string(), error))?;
    Ok(previous.tables.iter().all(|table| is_there(root, scan, table)))
}

fn is_there(root: &Place, scan: &Scan, table: &TableRecord) -> bool {
    let dataset = resolver::locate(root, table.area, &table.table);
    let Ok(TableState::Ours(newest)) = state::newest(&dataset) else { return false };
    let segments = newest.contents.segments.len();
    table.is_at(&newest)
        && (segments == 1 || segments == scan.segments() + 1)
        && read::is_whole(&dataset, &newest.files).unwrap_or(false)
}
