//! What a table is, told by its newest commit alone.

use std::collections::BTreeMap;
use std::io;

use cpg_ir::canon::Fingerprint;
use deltalake::kernel::{Action, CommitInfo};
use serde_json::Value;

use super::{DataFile, provenance};
use crate::error::{EngineError, Result};
use crate::record::BoundRecord;
use crate::resolver::Dataset;
use crate::root::{Place, of_store};

/// What lies where a table should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TableState {
    /// No table.
    Absent,
    /// A table whose newest version this program's engine wrote.
    Ours(Commit),
    /// A table whose newest version something else wrote.
    Foreign {
        /// That version.
        version: u64,
        /// What its writer says it did.
        operation: String,
    },
}

/// A version that we wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    /// Its number.
    pub(crate) version: u64,
    /// The task whose rows it holds.
    pub(crate) task: Fingerprint,
    /// The run that wrote it.
    pub(crate) run: String,
    /// The manifest that it ran.
    pub(crate) manifest: Option<Fingerprint>,
    /// The fixpoints whose rows are not all there.
    pub(crate) reached: Vec<BoundRecord>,
    /// All files of the version.
    pub(crate) files: Vec<DataFile>,
    /// What its segments hold.
    pub(crate) contents: Contents,
}

/// What the segments of a version hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Contents {
    /// What each holds. Equal for equal rows of the same files.
    pub(crate) segments: Vec<Fingerprint>,
    /// What the rows of each follow from.
    pub(crate) follows: Vec<Fingerprint>,
    /// What each segment holds in some columns alone, by these.
    pub(crate) in_columns: BTreeMap<String, Vec<Fingerprint>>,
}

/// Looks at the newest commit of a table: one listing and one small file, the table is not loaded.
///
/// # Errors
/// When the log cannot be listed or read.
pub(crate) fn newest(dataset: &Dataset) -> Result<TableState> {
    match newest_version(&dataset.log()) {
        Ok(None) => Ok(TableState::Absent),
        Ok(Some(version)) => at(dataset, version),
        Err(error) => Err(EngineError::io(format!("the log of `{dataset}`"), error)),
    }
}

/// Looks at one commit of a table.
///
/// # Errors
/// When the commit is there but cannot be read.
pub(crate) fn at(dataset: &Dataset, version: u64) -> Result<TableState> {
    let damaged =
        |reason: String| EngineError::DamagedLog { table: dataset.to_string(), version, reason };
    let text = match dataset.log().join(&format!("{version:020}.json")).read() {
        Ok(bytes) => String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))?,
        // Only a checkpoint is left. We never clean logs up, so whoever did owns the table now.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let operation = "its log was cleaned up".to_owned();
            return Ok(TableState::Foreign { version, operation });
        }
        Err(error) => {
            let store = of_store(&format!("version {version} of `{dataset}`"), &error);
            return Err(store.unwrap_or_else(|| damaged(error.to_string())));
        }
    };
    let mut files = Vec::new();
    let mut info = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let action =
            serde_json::from_str::<Action>(line).map_err(|error| damaged(error.to_string()))?;
        match action {
            Action::Add(add) => files.push(DataFile::new(add)),
            Action::CommitInfo(commit) => info = Some(commit),
            _ => {}
        }
    }
    Ok(judge(version, info, files))
}

fn judge(version: u64, info: Option<CommitInfo>, files: Vec<DataFile>) -> TableState {
    let Some(info) = info else {
        return TableState::Foreign { version, operation: "an unnamed operation".to_owned() };
    };
    let text = |key: &str| info.info.get(key).and_then(Value::as_str);
    let fingerprint = |key: &str| text(key).and_then(|told| told.parse().ok());
    let (task, manifest) = (fingerprint(provenance::TASK), fingerprint(provenance::MANIFEST));
    let segments = fingerprints(text(provenance::CONTENTS).unwrap_or_default());
    let in_columns = info.info.get(provenance::IN_COLUMNS).and_then(Value::as_object);
    let in_columns = in_columns.into_iter().flatten().filter_map(|(columns, contents)| {
        Some((columns.clone(), fingerprints(contents.as_str()?)))
    });
    let in_columns = in_columns.collect();
    let follows = fingerprints(text(provenance::FOLLOWS).unwrap_or_default());
    let contents = Contents { segments, follows, in_columns };
    match (task, text(provenance::RUN)) {
        (Some(task), Some(run)) => {
            let reached = info.info.get(provenance::BOUND_REACHED);
            let reached = reached.and_then(|told| serde_json::from_value(told.clone()).ok());
            let reached = reached.unwrap_or_default();
            let run = run.to_owned();
            TableState::Ours(Commit { version, task, run, manifest, reached, files, contents })
        }
        _ => {
            let operation = info.operation.unwrap_or_else(|| "an unnamed operation".to_owned());
            TableState::Foreign { version, operation }
        }
    }
}

/// Those that [`super::commit`] wrote one after the other.
fn fingerprints(text: &str) -> Vec<Fingerprint> {
    text.split_ascii_whitespace().flat_map(str::parse).collect()
}

/// How many versions have a commit in the table's log.
pub(crate) fn count_versions(dataset: &Dataset) -> io::Result<u64> {
    Ok(dataset.log().names()?.iter().filter(|name| is_commit(name)).count() as u64)
}

/// How many of them are newer than its newest checkpoint; all where there is none.
pub(crate) fn count_versions_since_checkpoint(dataset: &Dataset) -> io::Result<u64> {
    let names = dataset.log().names()?;
    let (commits, checkpoints): (Vec<&String>, Vec<&String>) =
        names.iter().filter(|name| version_of(name).is_some()).partition(|name| is_commit(name));
    let newest = checkpoints.into_iter().filter_map(|name| version_of(name)).max();
    let commits = commits.into_iter().filter_map(|name| version_of(name));
    Ok(commits.filter(|version| newest.is_none_or(|newest| *version > newest)).count() as u64)
}

fn is_commit(name: &str) -> bool {
    name.ends_with(".json") && version_of(name).is_some()
}

/// The largest version that a commit or a checkpoint in `log` has; `None` where there is no log.
fn newest_version(log: &Place) -> io::Result<Option<u64>> {
    Ok(log.names()?.iter().filter_map(|name| version_of(name)).max())
}

/// The version in the name of a commit (`00000000000000000012.json`) or a checkpoint
/// (`00000000000000000012.checkpoint.parquet`).
fn version_of(name: &str) -> Option<u64> {
    let (version, rest) = name.split_at_checked(20)?;
    let known = rest == ".json" || (rest.starts_with(".checkpoint.") && rest.ends_with(".parquet"));
    known.then(|| version.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_commits_and_checkpoints_by_their_names() {
        assert_eq!(version_of("00000000000000000012.json"), Some(12));
        assert_eq!(version_of("00000000000000000010.checkpoint.parquet"), Some(10));
        assert_eq!(version_of("00000000000000000010.checkpoint.0001.0002.parquet"), Some(10));
        for other in ["_last_checkpoint", "00000000000000000012.json.tmp", "12.json", "", "ä.json"]
        {
            assert_eq!(version_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_commit_without_our_provenance_is_foreign() {
        let info = CommitInfo { operation: Some("OPTIMIZE".to_owned()), ..CommitInfo::default() };
        let expected = TableState::Foreign { version: 3, operation: "OPTIMIZE".to_owned() };
        assert_eq!(judge(3, Some(info), Vec::new()), expected);
    }
}
