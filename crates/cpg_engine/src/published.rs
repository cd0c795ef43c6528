//! The tables of a published build, as it left them.

use crate::delta::read;
use crate::delta::state::{self, Commit, TableState};
use crate::error::{EngineError, Result};
use crate::record::{RunRecord, TableRecord};
use crate::resolver::{self, Dataset};
use crate::root::Place;

/// A table at the version that belongs to a build, all of whose files are there.
pub(crate) struct PublishedTable {
    /// Where it lies.
    pub(crate) dataset: Dataset,
    /// That version.
    pub(crate) commit: Commit,
}

impl PublishedTable {
    /// The table of `run` that `record` is about.
    ///
    /// # Errors
    /// [`EngineError::BuildGone`] when the version or a file of it is not there any more.
    pub(crate) fn open(root: &Place, run: &RunRecord, record: &TableRecord) -> Result<Self> {
        let dataset = resolver::locate(root, record.area, &record.table);
        let gone = |reason: String| EngineError::BuildGone {
            run: run.run.clone(),
            table: dataset.to_string(),
            reason,
        };
        let version = record.version;
        let commit = match state::at(&dataset, version)? {
            TableState::Ours(commit) if record.is_at(&commit) => commit,
            _ => return Err(gone(format!("version {version} of it is gone"))),
        };
        if let Some(problem) = read::first_missing(&dataset, &commit.files)? {
            return Err(gone(problem));
        }
        Ok(Self { dataset, commit })
    }
}
