//! Data files that no version refers to: what runs that were killed or failed left behind.

use std::collections::BTreeSet;
use std::io;

use super::DataFile;
use super::state::{self, TableState};
use crate::publish::RunId;
use crate::resolver::Dataset;
use crate::root::Place;

/// Removes what `run` wrote to the table. For runs that failed before they committed anything; that it may not
/// succeed is no matter, since a later build does it again.
pub(crate) fn discard(dataset: &Dataset, run: &RunId) {
    drop(dataset.folder().join(run.as_str()).remove());
}

/// Removes files that a run wrote and does not commit after all. That it may not succeed is no matter, as above.
pub(crate) fn remove(dataset: &Dataset, files: &[DataFile]) {
    for file in files {
        drop(dataset.folder().join(file.path()).remove_file());
    }
}

/// Removes the folders of runs that no commit of the table names. Only folders named as runs are touched, and
/// only while every version is ours: so nothing is removed that something else may need.
///
/// # Errors
/// When the table cannot be listed or a folder not be removed.
pub(crate) fn sweep(dataset: &Dataset, published: &BTreeSet<String>) -> io::Result<()> {
    orphaned(dataset, published)?.iter().try_for_each(Place::remove)
}

/// The folders that [`sweep`] removes. A table that was never committed has none that is needed. What runs that are
/// `published` wrote is needed where a log would have to be read by many requests to find that out; such a folder is
/// never empty there.
///
/// # Errors
/// When the table cannot be listed.
pub(crate) fn orphaned(dataset: &Dataset, published: &BTreeSet<String>) -> io::Result<Vec<Place>> {
    let mut runs = dataset.folder().folders()?;
    let is_remote = dataset.folder().local().is_none();
    runs.retain(|name| RunId::is_one(name) && !(is_remote && published.contains(name)));
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let mut committed = BTreeSet::new();
    for name in dataset.log().names()? {
        let version = name.strip_suffix(".json").and_then(|version| version.parse().ok());
        let Some(version) = version else { continue };
        match state::at(dataset, version) {
            Ok(TableState::Ours(commit)) => committed.insert(commit.run),
            _ => return Ok(Vec::new()),
        };
    }
    runs.retain(|run| !committed.contains(run));
    Ok(runs.iter().map(|run| dataset.folder().join(run)).collect())
}
