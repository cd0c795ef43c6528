//! What the server is told by the program that runs it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use cpg_base::{Diagnostic, SourceId, System};
use cpg_hir::Source;
use cpg_ir::catalog::{ExtractorCatalog, FunctionCatalog};
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::RelationId;

/// Who runs the server.
pub trait Host: Send + Sync + 'static {
    /// How files are reached.
    fn system(&self) -> &dyn System;

    /// The standard library's files.
    fn library(&self) -> Vec<Source>;

    /// A file with the text of a file of the standard library, for editors to open.
    fn library_file(&self, source: &SourceId) -> Option<PathBuf>;

    /// The extractors that programs are checked against.
    fn extractors(&self) -> ExtractorCatalog;

    /// The functions that programs are checked against.
    fn functions(&self) -> FunctionCatalog;

    /// The program's files in a project's folder, each with its module.
    ///
    /// # Errors
    /// As the operating system gives them.
    fn project_files(&self, root: &Path) -> io::Result<Vec<(String, PathBuf)>>;

    /// The module that a file is in the project in that folder; `None` when it does not belong to it.
    fn module(&self, root: &Path, path: &Path) -> Option<String>;

    /// What only plans tell of a program.
    ///
    /// # Errors
    /// Why it cannot be planned, for people.
    fn plan(&self, manifest: ProgramManifest) -> Result<PlanFacts, String>;
}

/// What only plans tell of a program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlanFacts {
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// What is known of each relation.
    pub relations: BTreeMap<RelationId, RelationFacts>,
}

/// What plans tell of a relation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RelationFacts {
    /// Lines for people, in order: what is said of, and what is said.
    pub notes: Vec<(String, String)>,
    /// Its plan, as text.
    pub plan: String,
}
