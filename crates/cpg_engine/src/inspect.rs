//! What lies below an output root, looked at and left as it is.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use cpg_plan::signals::Protocol;
use deltalake::DeltaTableBuilder;

use crate::delta::state::{self, TableState};
use crate::delta::{protocol, read};
use crate::error::{EngineError, Result};
use crate::lock::BuildLock;
use crate::record::RunRecord;
use crate::resolver::{self, Dataset};
use crate::{publish, runtime};

/// A file that tells whether a folder can be written to.
const PROBE: &str = ".cpglang-probe";

/// What an output root is.
#[derive(Debug)]
pub struct Inspection {
    /// Why nothing can be written there, if nothing can.
    pub unwritable: Option<String>,
    /// Whether a build holds it.
    pub busy: bool,
    /// The newest published build, if there is one.
    pub published: Option<RunRecord>,
    /// What is wrong with tables of that build, by area and name.
    pub problems: Vec<(String, String)>,
}

/// Looks at an output root. Where there is none, at the folder in which it would be made.
///
/// # Errors
/// When the record of the newest build, or its tables' logs, cannot be read.
pub fn inspect(out: &Path) -> Result<Inspection> {
    let unwritable = probe(out).err().map(|error| error.to_string());
    let Ok(root) = out.canonicalize() else {
        return Ok(Inspection { unwritable, busy: false, published: None, problems: Vec::new() });
    };
    let busy = BuildLock::is_held(&root).map_err(|error| EngineError::BadOutput {
        path: root.clone(),
        reason: error.to_string(),
    })?;
    let published = publish::latest(&resolver::runs(&root))?;
    let runtime = runtime::start(1)?;
    let mut problems = Vec::new();
    for record in published.iter().flat_map(|record| &record.tables) {
        let dataset = resolver::locate(&root, record.area, &record.table);
        if let Some(problem) = runtime.block_on(problem(&dataset, record.version))? {
            problems.push((dataset.to_string(), problem));
        }
    }
    Ok(Inspection { unwritable, busy, published, problems })
}

/// Writes and removes a file in the folder, or in the nearest one above it that is there.
fn probe(folder: &Path) -> io::Result<()> {
    let folder = std::path::absolute(folder)?;
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(&folder);
    let probe = there.join(PROBE);
    OpenOptions::new().create(true).truncate(true).write(true).open(&probe)?;
    fs::remove_file(probe)
}

/// What is wrong with a table of which a build has a version.
async fn problem(dataset: &Dataset, version: u64) -> Result<Option<String>> {
    match state::newest(dataset)? {
        TableState::Absent => return Ok(Some("it is gone".to_owned())),
        TableState::Foreign { version, operation } => {
            return Ok(Some(format!("something else wrote version {version}: {operation}")));
        }
        TableState::Ours(_) => {}
    }
    match state::at(dataset, version)? {
        TableState::Ours(commit) if read::is_whole(dataset, &commit.files) => {}
        TableState::Ours(_) => return Ok(Some(format!("files of version {version} are gone"))),
        _ => return Ok(Some(format!("version {version} is gone"))),
    }
    let table = match DeltaTableBuilder::from_url(dataset.url()?) {
        Ok(builder) => builder.load().await,
        Err(error) => Err(error),
    };
    Ok(match table.map(|table| protocol::of_writer(&table)) {
        Ok(Protocol::Incompatible { features }) => {
            Some(format!("it needs what this build cannot do: {}", features.join(", ")))
        }
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    })
}
