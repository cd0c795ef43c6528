//! What lies below an output root, looked at and left as it is.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use cpg_plan::signals::Protocol;

use crate::delta::state::{self, TableState};
use crate::delta::{protocol, read};
use crate::error::{EngineError, Result};
use crate::lock::BuildLock;
use crate::record::RunRecord;
use crate::resolver::{self, Dataset};
use crate::root::{Location, Place};
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
pub fn inspect(out: &Location) -> Result<Inspection> {
    let unwritable = match out {
        Location::Folder(folder) => probe(folder).err().map(|error| error.to_string()),
        Location::Bucket(_) => probe_bucket(&Place::at(out)?)?,
    };
    let root = match Place::existing(out) {
        Err(EngineError::NoBuild { .. }) => {
            let (published, problems) = (None, Vec::new());
            return Ok(Inspection { unwritable, busy: false, published, problems });
        }
        found => found?,
    };
    let busy = BuildLock::is_held(&root)
        .map_err(|error| EngineError::BadOutput { out: out.clone(), reason: error.to_string() })?;
    let _seen = root.look().map_err(|error| EngineError::io(out.to_string(), error))?;
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

/// Writes and removes an object, and looks whether the store refuses to write it again: that keeps two builds apart.
fn probe_bucket(root: &Place) -> Result<Option<String>> {
    let probe = root.join(PROBE);
    let failed = |error: io::Error| EngineError::io(root.to_string(), error);
    // What is left of a probe that was killed.
    probe.remove_file().map_err(failed)?;
    probe.create(b"1".to_vec()).map_err(failed)?;
    let again = probe.create(b"2".to_vec());
    probe.remove_file().map_err(failed)?;
    match again {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(failed(error)),
        Ok(()) => {
            let reason = "it wrote an object again that was there already".to_owned();
            Err(EngineError::NoConditions { what: root.to_string(), reason })
        }
    }
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
        TableState::Ours(commit) if read::is_whole(dataset, &commit.files)? => {}
        TableState::Ours(_) => return Ok(Some(format!("files of version {version} are gone"))),
        _ => return Ok(Some(format!("version {version} is gone"))),
    }
    let table = dataset.load(None).await;
    Ok(match table.map(|table| protocol::of_writer(&table)) {
        Ok(Protocol::Incompatible { features }) => {
            Some(format!("it needs what this build cannot do: {}", features.join(", ")))
        }
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    })
}
