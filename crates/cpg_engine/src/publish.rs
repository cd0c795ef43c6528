//! Run records: a build exists for its readers from the moment its record does.

use std::fmt;
use std::io;

use cpg_ir::canon::{Domain, Fingerprint};

use crate::artifact;
use crate::error::{EngineError, Result};
use crate::record::RunRecord;
use crate::root::Place;

/// The name of a run: `run-00000042-1f3a9c2b`. Names sort in the order in which runs began; the second half
/// keeps apart runs that began from the same state, such as a run that died and its successor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RunId(String);

impl RunId {
    /// The run after the newest one in `runs`; `seed` is anything that another run does not share.
    pub(crate) fn next(runs: &Place, seed: &str) -> io::Result<Self> {
        let last = names(runs)?.pop().and_then(|name| number_of(&name)).unwrap_or_default();
        let salt = Fingerprint::of_bytes(Domain::Run, seed.as_bytes()).to_string();
        Ok(Self(format!("run-{:08}-{}", last + 1, &salt[..8])))
    }

    /// Whether `name` has the form of a run's name.
    pub(crate) fn is_one(name: &str) -> bool {
        let mut parts = name.split('-');
        let digits = |part: Option<&str>, radix| {
            part.is_some_and(|part| part.len() == 8 && part.chars().all(|c| c.is_digit(radix)))
        };
        parts.next() == Some("run")
            && digits(parts.next(), 10)
            && digits(parts.next(), 16)
            && parts.next().is_none()
    }

    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The runs that have a record, oldest first.
pub(crate) fn names(runs: &Place) -> io::Result<Vec<String>> {
    let files = runs.names()?;
    let names = files.iter().filter_map(|file| file.strip_suffix(".json"));
    Ok(names.filter(|run| RunId::is_one(run)).map(str::to_owned).collect())
}

/// The newest record in `runs`; `None` where nothing was published.
///
/// # Errors
/// When the record cannot be read, or is of a later version than this engine knows.
pub(crate) fn latest(runs: &Place) -> Result<Option<RunRecord>> {
    let failed = |error| EngineError::io("the newest run record", error);
    let Some(run) = names(runs).map_err(failed)?.pop() else { return Ok(None) };
    record(runs, &run).map(Some)
}

/// The record of a run.
///
/// # Errors
/// As [`latest`].
pub(crate) fn record(runs: &Place, run: &str) -> Result<RunRecord> {
    artifact::read(&runs.join(&format!("{run}.json")), run, None)
}

/// The record of the run that `said` means: its name, the beginning of that, or its number.
///
/// # Errors
/// [`EngineError::UnknownRun`] where it means none, or several; otherwise as [`latest`].
pub(crate) fn find(runs: &Place, said: &str) -> Result<RunRecord> {
    let names = names(runs).map_err(|error| EngineError::io("listing run records", error))?;
    let number = said.parse::<u64>().ok();
    let means = |name: &&String| match number {
        Some(_) => number_of(name) == number,
        None => !said.is_empty() && name.starts_with(said),
    };
    let found: Vec<&String> = names.iter().filter(means).collect();
    match found.as_slice() {
        [run] => record(runs, run),
        _ => Err(EngineError::UnknownRun {
            said: said.to_owned(),
            known: if found.is_empty() { names } else { found.into_iter().cloned().collect() },
        }),
    }
}

/// The record of the run before another, if there is one.
///
/// # Errors
/// As [`latest`].
pub(crate) fn before(runs: &Place, run: &str) -> Result<Option<RunRecord>> {
    let names = names(runs).map_err(|error| EngineError::io("listing run records", error))?;
    let before = names.iter().rev().find(|name| name.as_str() < run);
    before.map(|run| record(runs, run)).transpose()
}

/// The number in a run's name.
fn number_of(run: &str) -> Option<u64> {
    run.split('-').nth(1)?.parse().ok()
}

/// Every record in `runs`, oldest first.
///
/// # Errors
/// As [`latest`].
pub(crate) fn all(runs: &Place) -> Result<Vec<RunRecord>> {
    let names = names(runs).map_err(|error| EngineError::io("listing run records", error))?;
    names.iter().map(|run| record(runs, run)).collect()
}

/// Publishes: puts the record into `runs`, whole or not at all. Its documents are there already.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn publish(runs: &Place, record: &RunRecord) -> Result<()> {
    let bytes = artifact::document(record)?;
    let place = runs.join(&format!("{}.json", record.run));
    place
        .create(bytes)
        .map_err(|error| EngineError::io(format!("publishing `{}`", record.run), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runs_sort_and_are_known_again() -> io::Result<()> {
        let missing = Place::Local("no such folder".into());
        let first = RunId::next(&missing, "seed")?;
        assert!(RunId::is_one(first.as_str()), "{first}");
        assert!(first.as_str().starts_with("run-00000001-"));
        assert_ne!(first, RunId::next(&missing, "another seed")?);
        for other in ["run-1-2", "run-00000001-xyzxyzxy", "run-00000001-00000000-1", "part-0"] {
            assert!(!RunId::is_one(other), "{other}");
        }
        Ok(())
    }
}
