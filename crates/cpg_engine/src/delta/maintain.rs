//! Looking after tables: no files that nothing needs, and logs that are summed up.

use std::io;

use chrono::TimeDelta;
use cpg_ir::policy::Vacuum;
use deltalake::checkpoints::create_checkpoint;

use super::state;
use crate::error::{EngineError, Result};
use crate::resolver::Dataset;

/// How many versions a table's log still has.
///
/// # Errors
/// When the log cannot be listed.
pub(crate) fn versions(dataset: &Dataset) -> Result<u64> {
    state::count_versions(dataset)
        .map_err(|error| EngineError::io(format!("the log of `{dataset}`"), error))
}

/// How many versions a table got since its log was summed up; all where it never was.
///
/// # Errors
/// When the log cannot be listed.
pub(crate) fn versions_since_checkpoint(dataset: &Dataset) -> Result<u64> {
    state::count_versions_since_checkpoint(dataset)
        .map_err(|error| EngineError::io(format!("the log of `{dataset}`"), error))
}

/// Sums up the log of a table at its newest version, for readers that would otherwise read all of it. Gives the version.
///
/// # Errors
/// When the log cannot be read or written.
pub(crate) async fn checkpoint(dataset: &Dataset) -> Result<u64> {
    let what = format!("summing up the log of `{dataset}`");
    let delta = |error| EngineError::delta(&what, &error);
    let table = dataset.load(None).await.map_err(delta)?;
    create_checkpoint(&table, None).await.map_err(delta)?;
    Ok(table.version().unwrap_or_default())
}

/// Removes the data files that were replaced longer ago than a policy says, except those of `published`. Gives how
/// many.
///
/// Delta's own operation decides which files these are; it is not asked to remove them, since it would commit that to
/// the log, and every version of a table is one of rows.
///
/// # Errors
/// When the log cannot be read, or a file not be removed.
pub(crate) async fn vacuum(dataset: &Dataset, vacuum: &Vacuum, published: u64) -> Result<u64> {
    let what = format!("removing old files of `{dataset}`");
    let delta = |error| EngineError::delta(&what, &error);
    let table = dataset.load(None).await.map_err(delta)?;
    let (_, found) = table
        .vacuum()
        .with_dry_run(true)
        .with_enforce_retention_duration(false)
        .with_retention_period(retention(vacuum))
        .with_keep_versions(&[published])
        .await
        .map_err(delta)?;
    let mut removed = 0;
    for file in found.files_deleted {
        match dataset.folder().join(&file).remove_file() {
            Ok(()) => removed += 1,
            // A build that removed it was killed before it could say so.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(EngineError::io(what, error)),
        }
    }
    Ok(removed)
}

/// The longest that there is, for what is longer.
fn retention(vacuum: &Vacuum) -> TimeDelta {
    let seconds = i64::try_from(vacuum.retain_seconds).ok();
    seconds.and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX)
}
