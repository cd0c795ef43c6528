//! Evidence that lies in files of the project: found, described, fingerprinted and read. Nothing here is written.
//!
//! ```text
//! location ─locate─► files ─describe─► schema, for the frontend
//!                      └─pin─► what the rows depend on ─read─► rows, each held to the contract
//! ```

mod contract;
mod describe;
mod locate;
mod pin;

use std::collections::BTreeMap;
use std::path::Path;

use cpg_ir::file::{FileProblem, FileSchema, FileSource};

use crate::error::{EngineError, Result};
use crate::runtime;

pub(crate) use contract::BrokenEvidence;
pub(crate) use pin::GivenFiles;

/// Looks at the files that a program names: `root` is the folder that its locations are relative to. That files are
/// missing or cannot be read is part of the answer.
///
/// # Errors
/// When the system gives no threads.
pub fn describe_files(
    root: &Path,
    sources: impl IntoIterator<Item = FileSource>,
) -> Result<BTreeMap<FileSource, std::result::Result<FileSchema, FileProblem>>> {
    let sources: Vec<FileSource> = sources.into_iter().collect();
    if sources.is_empty() {
        return Ok(BTreeMap::new());
    }
    let runtime = runtime::start(1)?;
    let root = root.to_owned();
    let described = runtime.spawn(async move {
        let mut found = BTreeMap::new();
        for source in sources {
            let schema = describe::describe(&root, &source).await;
            found.insert(source, schema);
        }
        found
    });
    runtime.block_on(described).map_err(|error| EngineError::internal("looking at files", error))
}
