//! What a build did, for whoever started it.

use serde::Serialize;

use crate::clock::Clock;
use crate::record::RunRecord;

/// What a build did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BuildReport {
    /// The build that readers see now: this run's, or an earlier one's when nothing changed.
    pub record: RunRecord,
    /// How long this run took, in seconds.
    pub seconds: f64,
    /// Whether this run published; otherwise everything was as it should be and nothing was written.
    pub published: bool,
}

impl BuildReport {
    /// Of a run that found everything as `previous` says.
    pub(super) fn unchanged(previous: &RunRecord, clock: &Clock) -> Self {
        Self { record: previous.clone(), seconds: clock.seconds(), published: false }
    }
}
