//! Evidence alone: what extractors find, without a program and without tables.

use std::ops::ControlFlow;

use cpg_evidence::{EvidenceBatch, EvidenceError, ExtractorMap, Summary};
use cpg_ir::manifest::EvidenceNeeds;

use crate::build::sources;
use crate::cancel::Cancel;
use crate::error::{EngineError, Result};
use crate::profile::RuntimeProfile;

/// Extracts `needs` from the profile's sources, and gives each batch to `receive`, in the order in which a build would
/// write it. Nothing is written.
///
/// # Errors
/// [`EngineError::BadSource`] and [`EngineError::NothingToExtract`] as for a build; [`EngineError::Interrupted`] when
/// `cancel` or `receive` says so.
pub fn extract(
    profile: &RuntimeProfile,
    needs: &EvidenceNeeds,
    cancel: &Cancel,
    mut receive: impl FnMut(EvidenceBatch) -> ControlFlow<()>,
) -> Result<Summary> {
    let failed = |error: EvidenceError| match error {
        EvidenceError::Stopped => EngineError::Interrupted,
        EvidenceError::Thread(error) => EngineError::storage("starting threads", error),
        error => EngineError::internal("extracting", error),
    };
    let map = ExtractorMap::with(needs, &profile.extract.external).map_err(failed)?;
    let named = sources::check(profile)?;
    let scan = sources::scan(profile, &named)?;
    if sources::measure(&scan).files == 0 {
        return Err(EngineError::NothingToExtract { sources: profile.sources.clone() });
    }
    let receive = |_, batch| match cancel.is_cancelled() {
        true => ControlFlow::Break(()),
        false => receive(batch),
    };
    cpg_evidence::extract(&scan, &map, 0..scan.segments(), profile.threads, receive).map_err(failed)
}
