//! The one way from a relation to a location.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cpg_ir::manifest::{Area, ProgramManifest};
use cpg_ir::spec::RelationId;
use datafusion::datasource::listing::ListingTableUrl;
use url::Url;

use crate::error::{EngineError, Result};

/// A table below the output root. Made only by a [`DatasetResolver`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dataset {
    area: Area,
    table: String,
    path: PathBuf,
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
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that holds the table's log.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("_delta_log")
    }

    /// The folder as a URL.
    pub(crate) fn url(&self) -> Result<Url> {
        Url::from_directory_path(&self.path)
            .map_err(|()| EngineError::internal(self.to_string(), "its path has no URL"))
    }

    /// A file of the table, by its path relative to the table's folder.
    pub(crate) fn file(&self, name: &str) -> Result<ListingTableUrl> {
        let url = Url::from_file_path(self.path.join(name))
            .map_err(|()| EngineError::internal(self.to_string(), "a file's path has no URL"))?;
        ListingTableUrl::try_new(url, None)
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
    root: PathBuf,
    /// The project's folder, below which evidence in files lies.
    project: PathBuf,
    manifest: Arc<ProgramManifest>,
}

impl DatasetResolver {
    /// The bindings of `manifest` below `root`, which must be an absolute path.
    pub(crate) fn new(
        root: PathBuf,
        project: PathBuf,
        manifest: Arc<ProgramManifest>,
    ) -> Arc<Self> {
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

    /// The folder of the run records.
    pub(crate) fn runs(&self) -> PathBuf {
        runs(&self.root)
    }

    /// The folder for what lives no longer than a build.
    pub(crate) fn tmp(&self) -> PathBuf {
        tmp(&self.root)
    }
}

/// The folder below an output root for what lives no longer than a build.
pub(crate) fn tmp(root: &Path) -> PathBuf {
    root.join("tmp")
}

/// The folder of the run records below an output root.
pub const RUNS: &str = "runs";

/// That folder's path.
pub(crate) fn runs(root: &Path) -> PathBuf {
    root.join(RUNS)
}

/// A table that a published record names.
pub(crate) fn locate(root: &Path, area: Area, table: &str) -> Dataset {
    Dataset { area, table: table.to_owned(), path: root.join(area.folder()).join(table) }
}
