//! What an edit makes the database do again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use cpg_base::SourceId;
use cpg_hir::semantics::{file_diagnostics, program_diagnostics};
use cpg_hir::{RootDatabase, Source, builtin_functions, check, compile};

use crate::render::{Result, render, source};

const EVIDENCE: &str = "\
evidence cst_defs from extractor python.cst {
  file_id: FileId
  path: Path
  name: string
  start: Offset<byte>
  end: Offset<byte>
}
";

const MAIN: &str = "\
use evidence.cst_defs

/// A definition.
normalize def from cst_defs as d {
  id def_id in \"py_def\"
  span d.start .. d.end
  keep name
}

view names = from def as d select { d.name }

view short = from names as n where char_length(n.name) < 3 select { n.name }

export short
";

const OTHER: &str = "\
use evidence.cst_defs

view paths = from cst_defs as d select { d.path } distinct
";

/// A database that counts the queries it executes.
struct Counted {
    db: RootDatabase,
    executed: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Counted {
    fn new(sources: &[Source]) -> Result<Self> {
        let executed = Arc::new(Mutex::new(BTreeMap::new()));
        let counts = Arc::clone(&executed);
        let callback = move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind {
                let key = format!("{database_key:?}");
                let query = key.split('(').next().unwrap_or_default().to_owned();
                if let Ok(mut counts) = counts.lock() {
                    *counts.entry(query).or_insert(0) += 1;
                }
            }
        };
        let mut db = RootDatabase::with_events(
            cpg_evidence::catalog(),
            builtin_functions()?,
            Some(Box::new(callback)),
        );
        db.set_sources(sources.to_vec());
        Ok(Self { db, executed })
    }

    /// Compiles, and says which queries that executed and how often; but for those that put together what is told of
    /// the edited file and of the program, which every edit may run once.
    fn compile(&self) -> Result<String> {
        self.executed.lock().map_err(|error| error.to_string())?.clear();
        compile(&self.db).map_err(|diagnostics| render(&diagnostics, &[]))?;
        let executed = self.executed.lock().map_err(|error| error.to_string())?;
        let after_editing = *executed.get("split_file").unwrap_or(&0) == 1;
        let gathers = |query: &str| matches!(query, "file_diagnostics" | "program_diagnostics");
        for (query, times) in executed.iter().filter(|(query, _)| gathers(query)) {
            assert!(!after_editing || *times == 1, "{query} runs {times} times");
        }
        let told: Vec<String> = executed
            .iter()
            .filter(|(query, _)| !gathers(query))
            .map(|(query, times)| format!("{query} {times}"))
            .collect();
        Ok(told.join(", "))
    }

    fn edit(&mut self, source: &str, from: &str, to: &str) -> Result {
        let file = self.db.file(&SourceId::new(source)).ok_or("no such file")?;
        let text = file.text(&self.db).replacen(from, to, 1);
        assert_ne!(&text, file.text(&self.db), "the edit changes something");
        self.db.set_text(file, text);
        Ok(())
    }
}

fn program() -> Result<Counted> {
    let sources = [source("evidence", EVIDENCE), source("main", MAIN), source("other", OTHER)];
    let counted = Counted::new(&sources)?;
    counted.compile()?;
    assert_eq!(counted.compile()?, "", "nothing changed");
    Ok(counted)
}

#[test]
fn the_same_text_changes_nothing() -> Result {
    let mut program = program()?;
    program.db.set_sources(vec![
        source("evidence", EVIDENCE),
        source("other", OTHER),
        source("main", MAIN),
    ]);
    assert_eq!(program.compile()?, "");
    Ok(())
}

#[test]
fn a_blank_line_before_runs_no_query_of_an_item() -> Result {
    let mut program = program()?;
    program.edit("main.cpg", "\n/// A definition.", "\n\n\n/// A definition.")?;
    assert_eq!(program.compile()?, "items 1, split_file 1");
    program.edit("main.cpg", "use evidence", "\n\nuse evidence")?;
    assert_eq!(program.compile()?, "items 1, split_file 1");
    Ok(())
}

#[test]
fn a_comment_is_parsed_and_no_more() -> Result {
    let mut program = program()?;
    program.edit("main.cpg", "select { d.name }\n", "select { d.name } // all of them\n")?;
    assert_eq!(program.compile()?, "items 1, parse 1, split_file 1");
    program.edit("main.cpg", "all of them", "some of them")?;
    assert_eq!(program.compile()?, "items 1, parse 1, split_file 1");
    Ok(())
}

#[test]
fn an_edit_that_keeps_the_row_checks_one_item() -> Result {
    let mut program = program()?;
    program.edit(
        "main.cpg",
        "as d select { d.name }",
        "as d where d.name != \"x\" select { d.name }",
    )?;
    let own = "check_item 1, check_keys 1, dependencies 1, deprecated 1, deprecated_uses 1, documentation 1";
    let file = "items 1, parse 1, signature 1, split_file 1, unused_imports 1";
    assert_eq!(program.compile()?, format!("{own}, {file}"));
    Ok(())
}

#[test]
fn a_changed_row_checks_its_readers() -> Result {
    let mut program = program()?;
    program.edit("main.cpg", "select { d.name }\n", "select { d.name, d.path }\n")?;
    // `names`, and `short` that reads it. What others see of `short` is as before, so that nobody asks again.
    let own = "check_item 2, check_keys 1, dependencies 1, deprecated 1, deprecated_uses 1, documentation 1";
    let file = "items 1, parse 1, signature 1, split_file 1, unused_imports 1";
    assert_eq!(program.compile()?, format!("{own}, {file}"));
    Ok(())
}

#[test]
fn a_changed_function_checks_its_callers() -> Result {
    let shown = "fn is_shown(name: string) -> bool = name != \"x\"\n\nview names";
    let main = MAIN
        .replace("view names", shown)
        .replace("as d select { d.name }", "as d where is_shown(d.name) select { d.name }");
    let mut program = Counted::new(&[source("evidence", EVIDENCE), source("main", &main)])?;
    program.compile()?;
    program.edit("main.cpg", "!= \"x\"", "!= \"y\"")?;
    // The function, and `names` that calls it; of `names`, `short` sees what it saw before.
    let own = "check_item 2, check_keys 1, dependencies 1, deprecated 1, deprecated_uses 1";
    let file = "items 1, parse 1, signature 2, split_file 1, unused_imports 1";
    assert_eq!(program.compile()?, format!("{own}, {file}"));
    Ok(())
}

#[test]
fn a_check_is_checked_alone() -> Result {
    let main = format!("{MAIN}check unique def(def_id)\n");
    let mut program = Counted::new(&[source("evidence", EVIDENCE), source("main", &main)])?;
    program.compile()?;
    program.edit("main.cpg", "unique def", "not_null def")?;
    let own = "check_item 1, check_keys 1, dependencies 1, deprecated 1, deprecated_uses 1";
    let file = "items 1, parse 1, signature 1, split_file 1, unused_imports 1";
    assert_eq!(program.compile()?, format!("{own}, {file}"));
    Ok(())
}

#[test]
fn an_edit_of_another_file_checks_nothing_here() -> Result {
    let mut program = program()?;
    program.edit("other.cpg", "select { d.path }", "where d.name != \"\" select { d.path }")?;
    let own = "check_item 1, check_keys 1, dependencies 1, deprecated 1, deprecated_uses 1, documentation 1";
    let file = "items 1, parse 1, signature 1, split_file 1, unused_imports 1";
    assert_eq!(program.compile()?, format!("{own}, {file}"));
    Ok(())
}

#[test]
fn an_added_item_checks_only_itself() -> Result {
    let mut program = program()?;
    program.edit(
        "other.cpg",
        "view paths",
        "view more = from cst_defs as d select { d.name }\nview paths",
    )?;
    let executed = program.compile()?;
    assert!(executed.contains("check_item 1,"), "{executed}");
    assert!(executed.contains("parse 1,"), "{executed}");
    Ok(())
}

#[test]
fn diagnostics_move_with_their_item() -> Result {
    let broken = MAIN.replace("select { n.name }", "select { n.nmae }");
    let sources = [source("evidence", EVIDENCE), source("main", &broken)];
    let mut program = Counted::new(&sources)?;
    let before = check(&program.db);
    program.edit("main.cpg", "use evidence", "// one\n// two\nuse evidence")?;
    program.executed.lock().map_err(|error| error.to_string())?.clear();
    let after = check(&program.db);
    let start = |diagnostics: &[cpg_base::Diagnostic]| {
        diagnostics
            .iter()
            .flat_map(|d| &d.labels)
            .map(|label| label.range.start())
            .collect::<Vec<_>>()
    };
    let moved: Vec<u32> = start(&before).into_iter().map(|at| at + 14).collect();
    assert_eq!(start(&after), moved);
    let executed = program.executed.lock().map_err(|error| error.to_string())?;
    assert_eq!(executed.get("check_item"), None, "{executed:?}");
    Ok(())
}

#[test]
fn an_edited_program_is_as_a_fresh_one() -> Result {
    let mut program = program()?;
    program.edit("main.cpg", "view names = from def", "view names = from short")?;
    assert!(compile(&program.db).is_err(), "names and short need each other");
    program.edit("main.cpg", "view names = from short", "view names = from def")?;
    program.edit("main.cpg", "< 3", "< 4")?;
    let fresh = Counted::new(&[
        source("evidence", EVIDENCE),
        source("main", &MAIN.replace("< 3", "< 4")),
        source("other", OTHER),
    ])?;
    let manifest = |db: &RootDatabase| {
        compile(db).map(|outcome| outcome.manifest.fingerprint()).map_err(|d| render(&d, &[]))
    };
    assert_eq!(manifest(&program.db)?, manifest(&fresh.db)?);
    Ok(())
}

/// A program of modules that each read the one before, with a union over all and a policy for what reads it.
fn wide(modules: usize, entities: usize) -> Vec<Source> {
    let mut sources = vec![
        source("evidence", EVIDENCE),
        source(
            "all",
            "schema Node { id: Id, kind: string }\n\
             union nodes: Node of nodes in m by kind\n\
             view kinds = from nodes as n group by n.kind { rows: count() }\n\
             view frequent = from kinds as k where k.rows > 9\n\
             policy cache for kinds { keep table }\n\
             export frequent\n",
        ),
    ];
    for module in 0..modules {
        let mut text = "use evidence.cst_defs\n".to_owned();
        if module > 0 {
            text.push_str(&format!("use m.m{}.names as before\n", module - 1));
        }
        for n in 0..entities {
            text.push_str(&format!(
                "normalize e{n} from cst_defs as d {{\n  id e{n}_id in \"m{module}_{n}\"\n  span d.start .. d.end\n  \
                 keep name\n  node \"E{n}\"\n}}\n"
            ));
        }
        let read = if module > 0 { "before" } else { "e0" };
        text.push_str(&format!("view names = from {read} as r select {{ r.name }}\n"));
        sources.push(source(&format!("m.m{module}"), &text));
    }
    sources
}

#[test]
fn what_an_edit_makes_one_file_look_at_grows_with_files_and_not_with_items() -> Result {
    let (modules, entities) = (20, 40);
    let looked = Arc::new(Mutex::new(BTreeMap::<String, usize>::new()));
    let counts = Arc::clone(&looked);
    let callback = move |event: salsa::Event| {
        if let salsa::EventKind::DidValidateMemoizedValue { database_key } = event.kind
            && let Ok(mut counts) = counts.lock()
        {
            let key = format!("{database_key:?}");
            let query = key.split('(').next().unwrap_or_default().to_owned();
            *counts.entry(query).or_insert(0) += 1;
        }
    };
    let mut db = RootDatabase::with_events(
        cpg_evidence::catalog(),
        builtin_functions()?,
        Some(Box::new(callback)),
    );
    db.load(wide(modules, entities));
    assert_eq!(render(&check(&db), &[]), "");
    let file = db.file(&SourceId::new("m/m10.cpg")).ok_or("no such file")?;
    let text = file.text(&db).clone();
    // The first edit of a file makes it the one that is edited.
    db.edit(file, text.replacen("keep name", "keep  name", 1));
    check(&db);
    db.edit(file, text.replacen("keep name", "keep   name", 1));
    looked.lock().map_err(|error| error.to_string())?.clear();
    file_diagnostics(&db, file);
    program_diagnostics(&db);
    let looked = looked.lock().map_err(|error| error.to_string())?;
    // The items of the file and of the one that reads it, and what the policy is for; not those of all modules.
    let most = 3 * entities;
    for query in ["check_item", "signature", "dependencies"] {
        let times = looked.get(query).copied().unwrap_or_default();
        assert!(times > 0 && times <= most, "{query} is looked at {times} times: {looked:?}");
    }
    Ok(())
}
