//! A host whose files are in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cpg_base::{Code, Severity, SourceId, System};
use cpg_hir::{
    About, Finding, FoundSchemas, Planner, ProgramTests, Source, TestCase, builtin_functions,
    module_path,
};
use cpg_ir::catalog::{ExtractorCatalog, ExtractorSignature, FunctionCatalog};
use cpg_ir::file::{FileColumn, FileProblem, FileSchema, FileSource};
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::RelationId;
use cpg_ir::sql::{SqlColumn, SqlName, SqlPlanner, SqlProblem, SqlQuery};
use cpg_ir::types::{Column, ColumnType, PhysicalType, RowSchema, SemanticType, TextUnit};
use cpg_server::{Host, PlanFacts, RelationFacts, Tested};

/// Where builds leave their records, in a project.
pub const RUNS: &str = "out/runs";

/// Where projects lie.
pub const ROOT: &str = "/project";

/// Files in memory that tests can change.
#[derive(Default)]
pub struct Files(Mutex<BTreeMap<PathBuf, String>>);

impl Files {
    pub fn set(&self, path: &str, text: Option<&str>) {
        let mut files = self.0.lock().expect("no test holds it");
        match text {
            Some(text) => files.insert(PathBuf::from(path), text.to_owned()),
            None => files.remove(Path::new(path)),
        };
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.0.lock().expect("no test holds it").keys().cloned().collect()
    }
}

impl System for Files {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let files = self.0.lock().expect("no test holds it");
        let text = files.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(text.clone().into_bytes())
    }

    fn files_in(&self, dir: &Path, _: &str) -> io::Result<Vec<PathBuf>> {
        Ok(self.paths().into_iter().filter(|path| path.parent() == Some(dir)).collect())
    }

    fn files_below(&self, dir: &Path, _: &str) -> io::Result<Vec<PathBuf>> {
        Ok(self.paths().into_iter().filter(|path| path.starts_with(dir)).collect())
    }

    fn is_file(&self, path: &Path) -> bool {
        self.paths().iter().any(|own| own == path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.paths().iter().any(|own| own != path && own.starts_with(path))
    }

    fn env(&self, _: &str) -> Option<String> {
        None
    }
}

/// The standard library of tests.
pub const LIBRARY: &str = "//! Files.

/// A file of the repository.
evidence repo_files from extractor repo {
  file_id: FileId
  path: Path
}
";

/// A host on files in memory.
pub struct TestHost {
    pub files: Files,
}

impl Host for TestHost {
    fn system(&self) -> &dyn System {
        &self.files
    }

    fn library(&self) -> Vec<Source> {
        let id = SourceId::new("std/files.cpg");
        let text = LIBRARY.to_owned();
        vec![Source { id, module: "std.files".to_owned(), text, library: true }]
    }

    fn library_file(&self, source: &SourceId) -> Option<PathBuf> {
        Some(Path::new("/library").join(source.as_str()))
    }

    /// The profile is the name of a command that gives a table of that name.
    fn extractors(&self, root: Option<&Path>) -> ExtractorCatalog {
        let column = |(name, semantic, nullable): (&str, SemanticType, bool)| Column {
            name: name.to_owned(),
            ty: ColumnType { semantic, nullable },
        };
        let offset = SemanticType::Offset(TextUnit::Byte);
        let file = [("file_id", SemanticType::FileId, false), ("path", SemanticType::Path, false)];
        let defs = file.iter().cloned().chain([
            ("name", SemanticType::String, false),
            ("kind", SemanticType::String, false),
            ("start", offset.clone(), false),
            ("end", offset.clone(), false),
            ("container_start", offset.clone(), true),
            ("container_end", offset, true),
        ]);
        let defs = RowSchema { columns: defs.map(column).collect() };
        let files = RowSchema { columns: file.map(column).into() };
        let extractor = |description: &str, table: &str, schema| ExtractorSignature {
            version: 1,
            description: description.to_owned(),
            tables: BTreeMap::from([(table.to_owned(), schema)]),
            docs: BTreeMap::new(),
        };
        let external = root.and_then(|root| self.files.read(&root.join("cpglang.toml")).ok());
        let external = external.map(|name| {
            let name = String::from_utf8(name).expect("it is text");
            (format!("external.{name}"), extractor("A command.", &name, files.clone()))
        });
        let cst = extractor("Definitions.", "cst_defs", defs);
        let repo = extractor("Files.", "repo_files", files);
        let extractors = [("python.cst".to_owned(), cst), ("repo".to_owned(), repo)];
        ExtractorCatalog { extractors: extractors.into_iter().chain(external).collect() }
    }

    fn functions(&self) -> FunctionCatalog {
        builtin_functions().expect("the catalogue of functions is well-formed")
    }

    fn sql(&self) -> Planner {
        Some(Arc::new(Words))
    }

    fn project_files(&self, root: &Path) -> io::Result<Vec<(String, PathBuf)>> {
        let paths = self.files.paths().into_iter();
        Ok(paths.filter_map(|path| Some((self.module(root, &path)?, path))).collect())
    }

    fn module(&self, root: &Path, path: &Path) -> Option<String> {
        let own = path.strip_prefix(root).ok()?;
        let below = own.starts_with("cpg") || own.components().count() == 1;
        let is_program = own.extension().is_some_and(|extension| extension == "cpg");
        (below && is_program).then(|| module_path("", &own.to_string_lossy()))
    }

    fn file_schemas(
        &self,
        root: &Path,
        named: BTreeSet<FileSource>,
    ) -> Result<FoundSchemas, String> {
        let look = |source: FileSource| {
            let text = self.files.read(&root.join(&source.location));
            let schema = text.map_err(|_| FileProblem::Missing).map(|text| {
                let names = String::from_utf8_lossy(&text).lines().next().unwrap_or("").to_owned();
                let columns = names.split(',').map(|name| FileColumn {
                    name: name.to_owned(),
                    physical: Some(PhysicalType::Utf8),
                    stored: "text".to_owned(),
                    nullable: false,
                });
                FileSchema { columns: columns.collect() }
            });
            (source, schema)
        };
        Ok(named.into_iter().map(look).collect())
    }

    fn beside(&self, root: &Path) -> Vec<PathBuf> {
        vec![root.join("cpglang.toml"), root.join(RUNS)]
    }

    /// The newest build says a finding a line: what it is about, the relation, and what is wrong.
    fn plan(&self, root: Option<&Path>, manifest: ProgramManifest) -> Result<PlanFacts, String> {
        let facts = RelationFacts {
            granularity: "per file".to_owned(),
            notes: vec![("Granularity".to_owned(), "file".to_owned())],
            plan: format!("{} relations", manifest.bindings().len()),
        };
        let relations = BTreeMap::from([(RelationId::new("main", "def"), facts)]);
        let build = root.and_then(|root| self.files.read(&root.join(RUNS).join("newest")).ok());
        let build = String::from_utf8(build.unwrap_or_default()).expect("it is text");
        let finding = |line: &str| {
            let mut words = line.splitn(3, ' ');
            let mut word = || words.next().expect("it has three parts").to_owned();
            let (about, relation) = (word(), word());
            let (about, code, severity) = match about.as_str() {
                "columns" => (About::Columns, Code::SchemaDiverged, Severity::Error),
                "scans" => (About::Scans, Code::UnfitPolicy, Severity::Warning),
                _ => (About::Relation, Code::Internal, Severity::Error),
            };
            let relation = RelationId::new("main", &relation);
            let (message, help) = (word(), Some("mend it".to_owned()));
            Finding { relation, about, code, severity, message, help }
        };
        let findings = build.lines().map(finding).collect();
        Ok(PlanFacts { relations, findings, untold: None })
    }

    /// Tests pass that are called so.
    fn test(&self, _: &ProgramTests, case: &TestCase) -> Result<Tested, String> {
        match case.test.name.as_str() {
            "panics" => panic!("a defect on purpose"),
            "passes" => Ok(Tested::Passed),
            _ => Ok(Tested::Failed {
                summary: "1 row is missing".to_owned(),
                rows: "- 1".to_owned(),
            }),
        }
    }
}

/// Knows one query: that which gives all of a relation.
struct Words;

impl SqlPlanner for Words {
    fn read(&self, query: &str) -> Result<SqlQuery, SqlProblem> {
        let Some(name) = query.trim().strip_prefix("select * from ") else {
            return Err(SqlProblem::wrong("this is no query"));
        };
        let start = query.len() - query.trim_start().len() + "select * from ".len();
        let range = start..start + name.len();
        let relations = vec![SqlName { name: name.to_owned(), range }];
        Ok(SqlQuery { canonical: "select * from r0".to_owned(), relations })
    }

    fn row(&self, _: &str, relations: &[RowSchema]) -> Result<Vec<SqlColumn>, SqlProblem> {
        let columns = relations.iter().flat_map(|row| &row.columns);
        let copied = columns.map(|column| SqlColumn {
            name: column.name.clone(),
            physical: column.ty.semantic.physical(),
            nullable: column.ty.nullable,
            copies: Some((0, column.name.clone())),
        });
        Ok(copied.collect())
    }
}
