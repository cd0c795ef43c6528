//! What tables are committed and looked after with, by a build or without one.

use datafusion::prelude::SessionContext;

use super::Run;
use super::decisions::Decisions;
use crate::authority::ExecutionAuthority;
use crate::cancel::Cancel;
use crate::observer::BuildObserver;
use crate::publish::RunId;

/// The part of a run that does not know of sources.
#[derive(Clone, Copy)]
pub(super) struct Upkeep<'a> {
    pub(super) authority: &'a ExecutionAuthority,
    pub(super) decisions: &'a Decisions,
    pub(super) session: &'a SessionContext,
    pub(super) id: &'a RunId,
    pub(super) observer: &'a dyn BuildObserver,
    pub(super) cancel: &'a Cancel,
}

impl Run {
    /// That part of this one.
    pub(super) fn upkeep(&self) -> Upkeep<'_> {
        Upkeep {
            authority: &self.authority,
            decisions: &self.decisions,
            session: &self.session,
            id: &self.id,
            observer: self.observer.as_ref(),
            cancel: &self.cancel,
        }
    }
}
