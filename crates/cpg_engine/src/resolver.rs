//! The one way from a relation to a location.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cpg_ir::manifest::{Area, ProgramManifest};
use cpg_ir::spec::RelationId;
use datafusion::datasource::listing::ListingTableUrl;
use deltalake::{DeltaResult, DeltaTable};

use crate::error::{EngineError, Result};
use crate::publish::RunId;
use crate::root::Place;

/// A table below the output root. Made only by a [`DatasetResolver`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    area: Area,
    table: String,
    folder: Place,
}

impl Dataset {
    /// Which folder of the output root.
    pub fn area(&self) -> Area {
        self.area
    }

    /// The table's name within its area.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The folder that holds the table.
    pub(crate) fn folder(&self) -> &Place {
        &self.folder
    }

    /// The folder that holds the table's log.
    pub(crate) fn log(&self) -> Place {
        self.folder.join("_delta_log")
    }

    /// The table as Delta knows it, nothing of it read.
    ///
    /// # Errors
    /// When its path has no URL.
    pub(crate) fn unread(&self) -> DeltaResult<DeltaTable> {
        self.folder.log_store().map(DeltaTable::new)
    }

    /// The table as Delta knows it, at its newest version or the one that is given.
    ///
    /// # Errors
    /// When its log cannot be read.
    pub(crate) async fn load(&self, version: Option<u64>) -> DeltaResult<DeltaTable> {
        let mut table = self.unread()?;
        match version {
            Some(version) => table.load_version(version).await?,
            None => table.load().await?,
        }
        Ok(table)
    }

    /// A file of the table, by its path relative to the table's folder.
    pub(crate) fn file(&self, name: &str) -> Result<ListingTableUrl> {
        ListingTableUrl::try_new(self.folder.join(name).file_url()?, None)
            .map_err(|error| EngineError::internal(self.to_string(), error))
    }
}

/// As users see it: `graph/cpg_nodes`.
impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.area.folder(), self.table)
    }
}

/// Relations to locations: what the manifest binds, below the output root. There is one per run, shared.
#[derive(Debug)]
pub(crate) struct DatasetResolver {
    root: Place,
    /// The project's folder, below which evidence in files lies.
    project: PathBuf,
    manifest: Arc<ProgramManifest>,
}

impl DatasetResolver {
    /// The bindings of `manifest` below `root`.
    pub(crate) fn new(root: Place, project: PathBuf, manifest: Arc<ProgramManifest>) -> Arc<Self> {
        Arc::new(Self { root, project, manifest })
    }

    /// Where the rows of `relation` are kept.
    ///
    /// # Errors
    /// When the program has no such relation: every relation of a manifest is bound.
    pub(crate) fn dataset(&self, relation: &RelationId) -> Result<Dataset> {
        let binding = self.manifest.binding(relation).ok_or_else(|| {
            EngineError::internal(format!("relation `{relation}`"), "it has no binding")
        })?;
        Ok(locate(&self.root, binding.area, &binding.table))
    }

    /// Where an extractor's table is kept.
    pub(crate) fn evidence(&self, table: &str) -> Dataset {
        locate(&self.root, Area::Extract, table)
    }

    /// The folder that the locations of evidence in files are relative to.
    pub(crate) fn project(&self) -> &Path {
        &self.project
    }

    /// The output root.
    pub(crate) fn root(&self) -> &Place {
        &self.root
    }

    /// The folder of the run records.
    pub(crate) fn runs(&self) -> Place {
        runs(&self.root)
    }

    /// The folder for what lives no longer than a run. It is always one of this machine.
    pub(crate) fn tmp(&self, run: &RunId) -> PathBuf {
        match tmp(&self.root) {
            Place::Local(folder) => folder,
            Place::Remote(..) => {
                let name = format!("cpglang-{}-{run}", std::process::id());
                std::env::temp_dir().join(name)
            }
        }
    }
}

/// The folder below an output root for what lives no longer than a build.
pub(crate) fn tmp(root: &Place) -> Place {
    root.join("tmp")
}

/// The folder of the run records below an output root.
pub const RUNS: &str = "runs";

/// That folder's place.
pub(crate) fn runs(root: &Place) -> Place {
    root.join(RUNS)
}

/// A table that a published record names.
pub(crate) fn locate(root: &Place, area: Area, table: &str) -> Dataset {
    Dataset { area, table: table.to_owned(), folder: root.join(area.folder()).join(table) }
}
