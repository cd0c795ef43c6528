//! Data files that no version refers to: what runs that were killed or failed left behind.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;

use super::DataFile;
use super::state::{self, TableState};
use crate::publish::RunId;
use crate::resolver::Dataset;

/// Removes what `run` wrote to the table. For runs that failed before they committed anything; that it may not
/// succeed is no matter, since a later build does it again.
pub(crate) fn discard(dataset: &Dataset, run: &RunId) {
    drop(fs::remove_dir_all(dataset.path().join(run.as_str())));
}

/// Removes files that a run wrote and does not commit after all. That it may not succeed is no matter, as above.
pub(crate) fn remove(dataset: &Dataset, files: &[DataFile]) {
    for file in files {
        drop(fs::remove_file(dataset.path().join(file.path())));
    }
}

/// Removes the folders of runs that no commit of the table names. Only folders named as runs are touched, and
/// only while every version is ours: so nothing is removed that something else may need.
///
/// # Errors
/// When the table cannot be listed or a folder not be removed.
pub(crate) fn sweep(dataset: &Dataset) -> io::Result<()> {
    orphaned(dataset)?.into_iter().try_for_each(fs::remove_dir_all)
}

/// The folders that [`sweep`] removes. A table that was never committed has none that is needed.
///
/// # Errors
/// When the table cannot be listed.
pub(crate) fn orphaned(dataset: &Dataset) -> io::Result<Vec<PathBuf>> {
    let mut committed = BTreeSet::new();
    let commits = match fs::read_dir(dataset.log()) {
        Ok(commits) => Some(commits),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    for entry in commits.into_iter().flatten() {
        let name = entry?.file_name();
        let version = name.to_str().and_then(|name| name.strip_suffix(".json"));
        let Some(version) = version.and_then(|version| version.parse().ok()) else { continue };
        match state::at(dataset, version) {
            Ok(TableState::Ours(commit)) => committed.insert(commit.run),
            _ => return Ok(Vec::new()),
        };
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(dataset.path())? {
        let entry = entry?;
        let name = entry.file_name();
        let orphaned =
            name.to_str().is_some_and(|name| RunId::is_one(name) && !committed.contains(name));
        if orphaned && entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
