//! A program of many items beside the standard library, and who serves it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use cpg_base::{MemorySystem, OsSystem, SourceId, System};
use cpg_hir::{
    FoundSchemas, Planner, ProgramTests, Source, TestCase, builtin_functions, module_path,
};
use cpg_ir::catalog::{ExtractorCatalog, FunctionCatalog};
use cpg_ir::file::FileSource;
use cpg_ir::manifest::ProgramManifest;
use cpg_server::{Host, PlanFacts, Tested};

/// How many items a module has, besides a `use` or two, a view for its output and the `export`.
const PER_MODULE: usize = 100;

/// The modules of a program of so many items, with their texts. Each reads the one before it.
pub fn modules(items: usize) -> Vec<(String, String)> {
    (0..items / PER_MODULE).map(|number| (format!("m{number}"), module(number))).collect()
}

fn module(number: usize) -> String {
    let mut text = "use std.python.evidence.cst_defs\n".to_owned();
    if number > 0 {
        let _ = writeln!(text, "use m{}.v1 as before", number - 1);
    }
    for n in 0..PER_MODULE / 4 {
        let reads = if n == 2 && number > 0 { "before".to_owned() } else { format!("v{n}") };
        let _ = write!(
            text,
            "
/// An entity.
normalize e{n} from cst_defs as d {{
  where d.kind == \"k{n}\"
  id e{n}_id in \"m{number}_e{n}\"
  span d.start .. d.end
  text name = d.name nfc
  keep kind
  node \"E{n}\" {{ name, kind }}
}}

relate r{n} from e{n} as a to e{n} as b {{
  on a.kind == b.kind and a.name != b.name
  feature same = a.kind == b.kind weight 2
  rank per a.e{n}_id by score desc, b.span.start asc keep 1
  edge \"R{n}\" {{ size: a.span.end - a.span.start }}
}}

view v{n} =
  from r{n} as r
  join e{n} as e on r.src == e.e{n}_id
  where r.confidence > 0.5
  group by e.path {{ rows: count(), largest: max(r.size) }}

view w{n} = from {reads} as v where v.rows > {n}
"
        );
    }
    let _ =
        write!(text, "\nview out{number} = from w2 as w where w.rows > 1\n\nexport out{number}\n");
    text
}

/// Serves files in memory, with the standard library and extractors as they are.
pub struct BenchHost {
    pub system: MemorySystem,
    pub modules: Vec<String>,
}

impl Host for BenchHost {
    fn system(&self) -> &dyn System {
        &self.system
    }

    fn library(&self) -> Vec<Source> {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../stdlib"));
        let files = OsSystem.files_below(root, "cpg").expect("the standard library is there");
        let file = |path: PathBuf| {
            let name = path.strip_prefix(root).expect("it is below").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("it can be read");
            let id = SourceId::new(&format!("std/{name}"));
            Source { id, module: module_path("std", &name), text, library: true }
        };
        files.into_iter().map(file).collect()
    }

    fn library_file(&self, _: &SourceId) -> Option<PathBuf> {
        None
    }

    fn extractors(&self, _: Option<&Path>) -> ExtractorCatalog {
        cpg_evidence::catalog()
    }

    fn functions(&self) -> FunctionCatalog {
        builtin_functions().expect("the catalogue of functions is well-formed")
    }

    fn sql(&self) -> Planner {
        None
    }

    fn project_files(&self, root: &Path) -> io::Result<Vec<(String, PathBuf)>> {
        let file = |module: &String| (module.clone(), root.join(format!("{module}.cpg")));
        Ok(self.modules.iter().map(file).collect())
    }

    fn module(&self, root: &Path, path: &Path) -> Option<String> {
        let name = path.strip_prefix(root).ok()?.to_str()?;
        name.strip_suffix(".cpg").map(str::to_owned)
    }

    fn file_schemas(&self, _: &Path, _: BTreeSet<FileSource>) -> Result<FoundSchemas, String> {
        Ok(FoundSchemas::new())
    }

    fn beside(&self, _: &Path) -> Vec<PathBuf> {
        Vec::new()
    }

    fn plan(&self, _: Option<&Path>, _: ProgramManifest) -> Result<PlanFacts, String> {
        Ok(PlanFacts::default())
    }

    fn test(&self, _: &ProgramTests, _: &TestCase) -> Result<Tested, String> {
        Ok(Tested::Passed)
    }
}
