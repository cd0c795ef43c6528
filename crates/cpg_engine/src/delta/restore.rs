//! Putting a table back: a new version with the files, the columns and the properties of an earlier one.

use std::collections::HashSet;

use cpg_plan::signals::Protocol;
use deltalake::kernel::Action;
use deltalake::kernel::transaction::{CommitBuilder, TableReference};
use deltalake::protocol::DeltaOperation;

use super::provenance::Provenance;
use super::state::Commit;
use super::{DataFile, protocol};
use crate::error::{EngineError, Result};
use crate::resolver::Dataset;

/// Commits the files of `earlier` as the version after `newest`. Returns the version's number.
///
/// # Errors
/// What storage says, and when something else committed in between.
pub(crate) async fn restore(
    dataset: &Dataset,
    earlier: &Commit,
    newest: u64,
    provenance: &Provenance<'_>,
) -> Result<u64> {
    let what = format!("putting `{dataset}` back");
    let delta = |error| EngineError::delta(&what, &error);
    let then = dataset.load(Some(earlier.version)).await.map_err(delta)?;
    let now = dataset.load(Some(newest)).await.map_err(delta)?;
    if let Protocol::Incompatible { features } = protocol::of_writer(&now) {
        let reason = format!("its writers must know {}", features.join(", "));
        return Err(EngineError::storage(what, reason));
    }
    let state = now.snapshot().map_err(delta)?;
    let metadata = then.snapshot().map_err(delta)?.metadata().clone();
    let mut actions = Vec::new();
    if *state.metadata() != metadata {
        actions.push(Action::Metadata(metadata));
    }
    let kept: HashSet<&str> = earlier.files.iter().map(DataFile::path).collect();
    let log = state.log_data();
    let there: HashSet<String> = log.iter().map(|file| file.remove_action(true).path).collect();
    let removed = log.iter().map(|file| file.remove_action(true));
    let removed = removed.filter(|file| !kept.contains(file.path.as_str()));
    actions.extend(removed.map(Action::Remove));
    let added = earlier.files.iter().map(|file| {
        let is_new = !there.contains(file.path());
        Action::Add(file.clone().into_add(is_new))
    });
    actions.extend(added);
    let operation = DeltaOperation::Restore { version: Some(earlier.version), datetime: None };
    let reference: &dyn TableReference = state;
    let commit = CommitBuilder::from(provenance.properties(false)?)
        .with_actions(actions)
        .build(Some(reference), now.log_store(), operation)
        .await
        .map_err(delta)?;
    Ok(commit.version())
}
