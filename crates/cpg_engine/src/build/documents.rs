//! What a build leaves beside its record.

use std::collections::BTreeMap;

use cpg_ir::canon::{Domain, Fingerprint};

use super::Run;
use super::told::Follows;
use crate::artifact::{self, Artifact, ArtifactKind};
use crate::error::{EngineError, Result};
use crate::record::{MaintenanceDecision, ManifestDocument, PolicyValidation, ScheduledWork};
use crate::root::Place;

/// Writes all documents; their names by kind.
///
/// # Errors
/// When one cannot be written.
pub(super) fn write(
    run: &Run,
    follows: &Follows,
    schedule: &Vec<ScheduledWork>,
    maintenance: &Vec<MaintenanceDecision>,
) -> Result<BTreeMap<ArtifactKind, Fingerprint>> {
    let authority = &run.authority;
    let folder = authority.resolver().runs();
    folder.make_folder().map_err(|error| EngineError::io("the folder of run records", error))?;
    let mut written = BTreeMap::new();
    let manifest = ManifestDocument::new(authority.manifest())
        .map_err(|error| EngineError::internal("the manifest", error))?;
    let validation = PolicyValidation {
        mode: authority.manifest().policies().validate,
        issues: run.decisions.issues.clone(),
        runtime: authority.capabilities().fingerprint()?,
    };
    let mut put = |document: &dyn Put| {
        let (kind, fingerprint) = document.put(&folder)?;
        written.insert(kind, fingerprint);
        Ok::<_, EngineError>(())
    };
    put(&manifest)?;
    put(&super::sources::contents(&run.scan))?;
    put(follows)?;
    put(authority.capabilities())?;
    put(&run.decisions.functions)?;
    put(&run.decisions.signals.iter().cloned().collect::<Vec<_>>())?;
    put(&run.plans)?;
    put(&validation)?;
    put(&run.decisions.scans().cloned().collect::<Vec<_>>())?;
    put(&run.decisions.writes().cloned().collect::<Vec<_>>())?;
    put(&run.decisions.cache)?;
    put(schedule)?;
    put(&run.divergences)?;
    put(maintenance)?;
    Ok(written)
}

/// A document of some kind.
trait Put {
    fn put(&self, folder: &Place) -> Result<(ArtifactKind, Fingerprint)>;
}

impl<A: Artifact> Put for A {
    fn put(&self, folder: &Place) -> Result<(ArtifactKind, Fingerprint)> {
        Ok((A::KIND, artifact::write(folder, self)?))
    }
}

/// Of all that what a run does depends on.
///
/// # Errors
/// When it cannot be encoded, which would be a defect.
pub(super) fn run_fingerprint(run: &Run) -> Result<Fingerprint> {
    let authority = &run.authority;
    let over = (
        authority.manifest().fingerprint(),
        run.survey.findings(),
        authority.capabilities().fingerprint()?,
        &run.decisions.issues,
    );
    Fingerprint::of(Domain::Run, &over).map_err(|error| EngineError::internal("the run", error))
}
