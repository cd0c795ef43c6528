//! What our commits say of where they come from, beside the files of their version.

use cpg_ir::canon::Fingerprint;
use deltalake::kernel::transaction::CommitProperties;
use serde_json::Value;

use super::state::Contents;
use crate::error::{EngineError, Result};
use crate::publish::RunId;
use crate::record::BoundRecord;

/// The fingerprint of the task whose rows these are.
pub(super) const TASK: &str = "cpglang.task_fingerprint";
/// What each segment of the version holds, in their order: an empty segment could not be told from a missing one
/// otherwise.
pub(super) const CONTENTS: &str = "cpglang.contents";
/// What the rows of each segment follow from.
pub(super) const FOLLOWS: &str = "cpglang.follows";
/// What each segment holds in some columns alone, by these.
pub(super) const IN_COLUMNS: &str = "cpglang.contents_in_columns";
/// The run that wrote them.
pub(super) const RUN: &str = "cpglang.run";
/// The fixpoints whose rows are not all there, see [`crate::record::BoundRecord`]; absent when there are none.
pub(super) const BOUND_REACHED: &str = "cpglang.bound_reached";
/// The manifest it ran.
pub(super) const MANIFEST: &str = "cpglang.manifest";

/// Where a version comes from.
pub(crate) struct Provenance<'a> {
    /// The task whose rows it has.
    pub(crate) task: Fingerprint,
    /// The run that commits it.
    pub(crate) run: &'a RunId,
    /// The manifest it runs.
    pub(crate) manifest: Fingerprint,
    /// What its segments hold.
    pub(crate) contents: &'a Contents,
    /// The fixpoints whose rows are not all in them.
    pub(crate) reached: &'a [BoundRecord],
}

impl Provenance<'_> {
    /// As a commit carries it. The log may be summed up if `checkpoints`.
    ///
    /// # Errors
    /// When it has no JSON form, which would be a defect.
    pub(super) fn properties(&self, checkpoints: bool) -> Result<CommitProperties> {
        let Self { task, run, manifest, contents, reached } = self;
        let mut metadata: Vec<(String, Value)> = vec![
            (TASK.to_owned(), task.to_string().into()),
            (RUN.to_owned(), run.as_str().into()),
            (MANIFEST.to_owned(), manifest.to_string().into()),
            (CONTENTS.to_owned(), joined(&contents.segments).into()),
        ];
        if !contents.follows.is_empty() {
            metadata.push((FOLLOWS.to_owned(), joined(&contents.follows).into()));
        }
        if !contents.in_columns.is_empty() {
            let in_columns = contents.in_columns.iter();
            let in_columns =
                in_columns.map(|(columns, held)| (columns.clone(), joined(held).into()));
            metadata.push((IN_COLUMNS.to_owned(), Value::Object(in_columns.collect())));
        }
        if !reached.is_empty() {
            let reached = serde_json::to_value(reached)
                .map_err(|error| EngineError::internal("committing", error))?;
            metadata.push((BOUND_REACHED.to_owned(), reached));
        }
        Ok(CommitProperties::default()
            .with_metadata(metadata)
            // A version between ours and the one we looked at is somebody else's: never merged with.
            .with_max_retries(0)
            .with_create_checkpoint(checkpoints)
            .with_cleanup_expired_logs(Some(false)))
    }
}

fn joined(fingerprints: &[Fingerprint]) -> String {
    fingerprints.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
