//! What the server is told by the program that runs it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use cpg_base::{SourceId, System};
use cpg_hir::{Finding, FoundSchemas, Planner, ProgramTests, Source, TestCase};
use cpg_ir::catalog::{ExtractorCatalog, FunctionCatalog};
use cpg_ir::file::FileSource;
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

    /// The extractors that the program in a folder is checked against.
    fn extractors(&self, root: Option<&Path>) -> ExtractorCatalog;

    /// The functions that programs are checked against.
    fn functions(&self) -> FunctionCatalog;

    /// Who reads and plans views in SQL; where nobody does, such views are taken as right.
    fn sql(&self) -> Planner;

    /// The program's files in a project's folder, each with its module.
    ///
    /// # Errors
    /// As the operating system gives them.
    fn project_files(&self, root: &Path) -> io::Result<Vec<(String, PathBuf)>>;

    /// The module that a file is in the project in that folder; `None` when it does not belong to it.
    fn module(&self, root: &Path, path: &Path) -> Option<String>;

    /// What lies where a program's evidence says, relative to its folder.
    ///
    /// # Errors
    /// Why nobody can look there, for people.
    fn file_schemas(
        &self,
        root: &Path,
        named: BTreeSet<FileSource>,
    ) -> Result<FoundSchemas, String>;

    /// The files and folders beside the program in a folder on which it depends what is told of that program.
    fn beside(&self, root: &Path) -> Vec<PathBuf>;

    /// What only plans, and the newest build, tell of the program in a folder.
    ///
    /// # Errors
    /// Why that cannot be told, for people.
    fn plan(&self, root: Option<&Path>, manifest: ProgramManifest) -> Result<PlanFacts, String>;

    /// Runs one of a program's tests.
    ///
    /// # Errors
    /// Why it cannot be run, for people.
    fn test(&self, program: &ProgramTests, case: &TestCase) -> Result<Tested, String>;
}

/// What only plans, and the newest build, tell of a program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlanFacts {
    /// What is known of each relation.
    pub relations: BTreeMap<RelationId, RelationFacts>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// Why something of it could not be found out, for people.
    pub untold: Option<String>,
}

/// What plans tell of a relation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RelationFacts {
    /// From what its rows follow, in two words.
    pub granularity: String,
    /// Lines for people, in order: what is said of, and what is said.
    pub notes: Vec<(String, String)>,
    /// Its plan, as text.
    pub plan: String,
}

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tested {
    /// It computes the rows that it expects.
    Passed,
    /// It computes others.
    Failed {
        /// How they differ, in one line.
        summary: String,
        /// The rows that differ, as a table.
        rows: String,
    },
}
