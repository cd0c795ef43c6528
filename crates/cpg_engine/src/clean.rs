//! What lies below an output root and no published build needs: what killed and failed builds left behind.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cpg_ir::manifest::Area;

use crate::artifact;
use crate::cache::Cache;
use crate::delta::orphans;
use crate::error::{EngineError, Result};
use crate::lock::BuildLock;
use crate::{folder, publish, resolver};

/// What is not needed.
#[derive(Debug, Default)]
pub struct Needless {
    /// Files, and folders with all that is in them.
    pub paths: Vec<PathBuf>,
    /// Their size in bytes.
    pub bytes: u64,
}

/// Finds what no published run needs below an output root, and in the folder of a cache everything; removes it unless
/// it is only to be looked at. Every run that has a record keeps all that it names.
///
/// # Errors
/// [`EngineError::OutputBusy`] while a build runs, [`EngineError::NoBuild`] where there is no output root, and when a file
/// cannot be read or removed.
pub fn clean(out: &Path, cache: Option<&Path>, look_only: bool) -> Result<Needless> {
    let root = out.canonicalize().map_err(|_| EngineError::NoBuild { path: out.to_owned() })?;
    // Held until the end: what a build is writing has no record yet.
    let _lock = BuildLock::acquire(&root)?;
    let failed = |error| EngineError::storage(format!("cleaning `{}`", out.display()), error);
    let mut found = vec![resolver::tmp(&root)];
    for area in [Area::Extract, Area::Stage, Area::Graph] {
        for table in folder::names(&root.join(area.folder())).map_err(failed)? {
            let dataset = resolver::locate(&root, area, &table);
            if !dataset.path().is_dir() {
                continue;
            }
            found.extend(orphans::orphaned(&dataset).map_err(failed)?);
        }
    }
    found.extend(documents(&root)?);
    if let Some(folder) = cache {
        found.extend(Cache::open(folder, 0)?.shards().map_err(failed)?);
    }
    let mut needless = Needless::default();
    for path in found.into_iter().filter(|path| path.exists()) {
        needless.bytes += size(&path).map_err(failed)?;
        if !look_only {
            remove(&path).map_err(failed)?;
        }
        needless.paths.push(path);
    }
    Ok(needless)
}

/// The documents beside the run records that no record names, and what was being written when a build was killed.
fn documents(root: &Path) -> Result<Vec<PathBuf>> {
    let runs = resolver::runs(root);
    let records = publish::all(&runs)?;
    let mut needed = BTreeSet::new();
    for record in &records {
        needed.insert(format!("{}.json", record.run));
        needed.extend(record.artifacts.iter().map(|(kind, of)| artifact::name(*kind, *of)));
    }
    let there =
        folder::names(&runs).map_err(|error| EngineError::storage("listing run records", error))?;
    let needless = there.into_iter().filter(|name| !needed.contains(name));
    Ok(needless.map(|name| runs.join(name)).collect())
}

fn size(path: &Path) -> io::Result<u64> {
    let about = fs::symlink_metadata(path)?;
    if !about.is_dir() {
        return Ok(about.len());
    }
    let mut bytes = 0;
    for entry in fs::read_dir(path)? {
        bytes += size(&entry?.path())?;
    }
    Ok(bytes)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path)?.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    }
}
