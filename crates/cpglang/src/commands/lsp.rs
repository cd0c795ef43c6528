//! `cpglang lsp`.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cpg_base::{OsSystem, SourceId, System, write_whole};
use cpg_engine::{Location, PublishedColumns};
use cpg_hir::{FoundSchemas, Planner, ProgramTests, Source, TestCase};
use cpg_ir::catalog::{ExtractorCatalog, FunctionCatalog};
use cpg_ir::file::FileSource;
use cpg_ir::manifest::ProgramManifest;
use cpg_plan::{Granularity, ProgramPlans, Sql};
use cpg_server::{Ended, Host, PlanFacts, RelationFacts, Tested};

use super::test;
use crate::args::{LspArgs, OUT};
use crate::failure::Failure;
use crate::foresight::{Foreseen, Look, foresee};
use crate::load;
use crate::profile;
use crate::size::counted;

/// Serves an editor over standard input and output, until it ends the server.
pub(crate) fn lsp(args: &LspArgs) -> Result<(), Failure> {
    let functions = cpg_hir::builtin_functions()
        .map_err(|error| Failure::Defect(format!("the catalogue of functions: {error}")))?;
    let out = args.out.clone().map(Location::parse).transpose()?;
    let host = EditorHost { functions, library: load::library(), out };
    let wrong = |what: String| {
        Failure::usage(what, "`cpglang lsp` is started by editors; see docs/editors.md")
    };
    match cpg_server::serve_stdio(Arc::new(host)) {
        Ok(Ended::InOrder) => Ok(()),
        Ok(Ended::Abruptly) => {
            Err(wrong("the editor ended the server without shutting it down".to_owned()))
        }
        // Nobody reads any more.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::Closed),
        Err(error) => Err(wrong(format!("the editor sends what is no message: {error}"))),
    }
}

/// What the command line gives the server.
struct EditorHost {
    functions: FunctionCatalog,
    library: Vec<Source>,
    /// Where builds are, relative to each folder, where it is not the usual place.
    out: Option<Location>,
}

impl EditorHost {
    /// Where the build of the program in a folder is.
    fn out(&self, root: &Path) -> Location {
        match &self.out {
            None => Location::Folder(root.join(OUT)),
            Some(Location::Folder(folder)) => Location::Folder(root.join(folder)),
            Some(bucket) => bucket.clone(),
        }
    }
}

impl Host for EditorHost {
    fn system(&self) -> &dyn System {
        &OsSystem
    }

    fn library(&self) -> Vec<Source> {
        self.library.clone()
    }

    fn library_file(&self, source: &SourceId) -> Option<PathBuf> {
        let file = self.library.iter().find(|file| file.id == *source)?;
        // By version, so that no editor shows the library of another one.
        let folder = cache(&OsSystem)?.join("cpglang").join(env!("CARGO_PKG_VERSION"));
        let path = folder.join(source.as_str());
        if OsSystem.read(&path).ok().as_deref() != Some(file.text.as_bytes()) {
            std::fs::create_dir_all(path.parent()?).ok()?;
            write_whole(&path, file.text.as_bytes()).ok()?;
        }
        Some(path)
    }

    fn extractors(&self, root: Option<&Path>) -> ExtractorCatalog {
        // What is wrong with the profile is told by the commands that use it.
        let folder = root.unwrap_or(Path::new(""));
        cpg_evidence::catalog_with(&profile::external(&OsSystem, folder))
    }

    fn functions(&self) -> FunctionCatalog {
        self.functions.clone()
    }

    fn sql(&self) -> Planner {
        Some(Arc::new(Sql))
    }

    fn project_files(&self, root: &Path) -> io::Result<Vec<(String, PathBuf)>> {
        load::project_files_in(&OsSystem, root)
    }

    fn module(&self, root: &Path, path: &Path) -> Option<String> {
        load::project_module(root, path)
    }

    fn file_schemas(
        &self,
        root: &Path,
        named: BTreeSet<FileSource>,
    ) -> Result<FoundSchemas, String> {
        cpg_engine::describe_files(root, named).map_err(|error| error.to_string())
    }

    fn beside(&self, root: &Path) -> Vec<PathBuf> {
        let runs = self.out(root).folder().map(|out| out.join(cpg_engine::RUNS));
        [root.join(profile::FILE)].into_iter().chain(runs).collect()
    }

    fn plan(&self, root: Option<&Path>, manifest: ProgramManifest) -> Result<PlanFacts, String> {
        // Without a folder there is no build: an empty path is nowhere.
        let nowhere = || Location::Folder(PathBuf::new());
        let out = root.map_or_else(nowhere, |root| self.out(root));
        let Foreseen { plans, foresight, findings, failed } =
            foresee(&manifest, &out, Look::WithPlans);
        let mut relations = BTreeMap::new();
        for relation in plans.iter().flat_map(ProgramPlans::relations) {
            let mut notes = vec![
                ("Granularity".to_owned(), granularity(relation.granularity()).to_owned()),
                ("Fingerprint".to_owned(), format!("`{}`", relation.deps().plan_fingerprint)),
            ];
            let kept = plans.as_ref().and_then(|plans| plans.materialisation(relation.id()));
            if let Some(kept) = kept {
                notes.push(("Rows".to_owned(), kept.to_string()));
            }
            if let Some(build) = &foresight.published
                && let Some(columns) = build.tables.get(relation.id())
            {
                notes.push(("Newest build".to_owned(), built(&build.run, columns)));
            }
            let plan = relation.plan().display_indent().to_string();
            let granularity = match relation.granularity() {
                Granularity::FileLocal => "per file",
                Granularity::KeyLocal => "per key",
                Granularity::Global => "of all",
            };
            let facts = RelationFacts { granularity: granularity.to_owned(), notes, plan };
            relations.insert(relation.id().clone(), facts);
        }
        let untold = failed.map(|error| error.to_string());
        Ok(PlanFacts { relations, findings, untold })
    }

    fn test(&self, program: &ProgramTests, case: &TestCase) -> Result<Tested, String> {
        let told = |failure: Failure| failure.message().unwrap_or_default();
        let outcome = test::runner().and_then(|runner| test::run(&runner, program, case));
        let outcome = outcome.map_err(told)?;
        if outcome.passed() {
            return Ok(Tested::Passed);
        }
        let (summary, rows) = test::difference(&outcome).map_err(told)?;
        Ok(Tested::Failed { summary, rows })
    }
}

/// What the newest build has of a relation, and what of it is not as the program says now.
fn built(run: &str, columns: &PublishedColumns) -> String {
    let PublishedColumns { table, rows, divergence, .. } = columns;
    let differs = divergence.as_ref().map(|found| format!("; its columns would change: {found}"));
    let rows = counted(*rows, "row");
    format!("{rows} in `{table}` of {run}{}", differs.unwrap_or_default())
}

fn granularity(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::FileLocal => "each file's rows follow from its rows of the inputs",
        Granularity::KeyLocal => "rows follow from input rows that agree with them in keys",
        Granularity::Global => "rows may follow from all input rows",
    }
}

/// Where programs of this user keep what can be made anew.
fn cache(system: &dyn System) -> Option<PathBuf> {
    let named = ["XDG_CACHE_HOME", "LOCALAPPDATA"].into_iter().find_map(|name| system.env(name));
    let named = named.filter(|path| !path.is_empty()).map(PathBuf::from);
    named.or_else(|| Some(Path::new(&system.env("HOME")?).join(".cache")))
}
