//! What lies below an output root and no published build needs: what killed and failed builds left behind.

use std::collections::BTreeSet;
use std::path::Path;

use cpg_ir::manifest::Area;

use crate::artifact;
use crate::cache::Cache;
use crate::delta::orphans;
use crate::error::{EngineError, Result};
use crate::lock::BuildLock;
use crate::root::{Location, Place};
use crate::{publish, resolver};

/// What is not needed.
#[derive(Debug, Default)]
pub struct Needless {
    /// Files, and folders with all that is in them.
    pub paths: Vec<String>,
    /// Their size in bytes.
    pub bytes: u64,
}

/// Finds what no published run needs below an output root, and in the folder of a cache everything; removes it unless
/// it is only to be looked at. Every run that has a record keeps all that it names.
///
/// # Errors
/// [`EngineError::OutputBusy`] while a build runs, [`EngineError::NoBuild`] where there is no output root, and when a file
/// cannot be read or removed.
pub fn clean(out: &Location, cache: Option<&Path>, look_only: bool) -> Result<Needless> {
    let root = Place::existing(out)?;
    // Held until the end: what a build is writing has no record yet.
    let _lock = BuildLock::acquire(&root)?;
    let failed = |error| EngineError::io(format!("cleaning `{out}`"), error);
    let seen = root.look().map_err(failed)?;
    let published = publish::names(&resolver::runs(&root)).map_err(failed)?;
    let published = published.into_iter().collect();
    let mut found = vec![resolver::tmp(&root)];
    for area in [Area::Extract, Area::Stage, Area::Graph] {
        for table in root.join(area.folder()).folders().map_err(failed)? {
            let dataset = resolver::locate(&root, area, &table);
            found.extend(orphans::orphaned(&dataset, &published).map_err(failed)?);
        }
    }
    found.extend(documents(&root)?);
    if let Some(folder) = cache {
        let shards = Cache::open(folder, 0)?.shards().map_err(failed)?;
        found.extend(shards.into_iter().map(Place::Local));
    }
    let mut needless = Needless::default();
    let mut removed = Vec::new();
    for place in found {
        let Some(bytes) = place.size_of_all().map_err(failed)? else { continue };
        needless.bytes += bytes;
        needless.paths.push(place.to_string());
        removed.push(place);
    }
    drop(seen);
    if !look_only {
        removed.iter().try_for_each(Place::remove).map_err(failed)?;
    }
    Ok(needless)
}

/// The documents beside the run records that no record names, and what was being written when a build was killed.
fn documents(root: &Place) -> Result<Vec<Place>> {
    let runs = resolver::runs(root);
    let records = publish::all(&runs)?;
    let mut needed = BTreeSet::new();
    for record in &records {
        needed.insert(format!("{}.json", record.run));
        needed.extend(record.artifacts.iter().map(|(kind, of)| artifact::name(*kind, *of)));
    }
    let there = runs.names().map_err(|error| EngineError::io("listing run records", error))?;
    let needless = there.into_iter().filter(|name| !needed.contains(name));
    Ok(needless.map(|name| runs.join(&name)).collect())
}
