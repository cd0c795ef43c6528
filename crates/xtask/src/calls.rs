//! `cargo xtask calls FOLDER`: call graphs against those that small programs are known to have.
//!
//! `FOLDER/CATEGORY/CASE/` holds the files of a program and `callgraph.json`, which is `{caller: [callee, …]}` as PyCG's
//! micro-benchmark has it. Every program is built by the binary, and the edges of kind `CALL_GRAPH` are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::graph::Binary;
use crate::process::{Outcome, say, target_dir};

const USAGE: &str = "usage: cargo xtask calls FOLDER [BINARY]\n\
    FOLDER has the programs as CATEGORY/CASE/*.py, each with its callgraph.json;\n\
    BINARY is cpglang, by default built for release";

const EDGES: &str = "select s.qualified_name as caller, d.qualified_name as callee \
    from cpg_edges e join cpg_nodes s on e.src = s.node_id join cpg_nodes d on e.dst = d.node_id \
    where e.kind = 'CALL_GRAPH'";

type Edges = BTreeSet<(String, String)>;

/// A program, and what was found in it.
struct Case {
    folder: PathBuf,
    category: String,
    name: String,
    known: Edges,
    found: Edges,
}

/// How many edges are right, wrong and missing, and how many programs have none that is wrong or missing.
#[derive(Default)]
struct Counts {
    cases: usize,
    exact: usize,
    right: usize,
    wrong: usize,
    missing: usize,
}

/// Compares, and prints what differs and the counts of each category.
pub fn run(args: &[String]) -> Outcome {
    let Some(folder) = args.first().map(Path::new) else {
        return Err(USAGE.into());
    };
    if !folder.is_dir() {
        say(&format!("skipped: there is no folder {}", folder.display()));
        return Ok(());
    }
    let mut cases = cases(folder)?;
    if cases.is_empty() {
        return Err(format!("no CATEGORY/CASE/callgraph.json below {}", folder.display()).into());
    }
    let binary = Binary::at(args.get(1))?;
    find_all(&mut cases, &binary)?;
    report(&cases);
    Ok(())
}

fn cases(folder: &Path) -> Outcome<Vec<Case>> {
    let mut cases = Vec::new();
    for category in folders(folder)? {
        for case in folders(&category)? {
            let graph = case.join("callgraph.json");
            if !graph.is_file() {
                continue;
            }
            let known: BTreeMap<String, Vec<String>> =
                serde_json::from_str(&fs::read_to_string(graph)?)?;
            let edge = |(caller, callees): (String, Vec<String>)| {
                callees.into_iter().map(move |callee| (caller.clone(), callee))
            };
            cases.push(Case {
                category: name_of(&category),
                name: name_of(&case),
                folder: case,
                known: known.into_iter().flat_map(edge).collect(),
                found: Edges::new(),
            });
        }
    }
    Ok(cases)
}

/// The folders in a folder, by name.
fn folders(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Builds every program, as many at a time as there are processors.
fn find_all(cases: &mut [Case], binary: &Binary) -> Outcome {
    let scratch = target_dir().join("calls");
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Result<Edges, String>)>> = Mutex::default();
    let shared: &[Case] = cases;
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = shared.get(index) else { break };
                    let out = scratch.join(&case.category).join(&case.name);
                    let found =
                        edges(binary, &case.folder, &out).map_err(|error| error.to_string());
                    if let Ok(mut results) = results.lock() {
                        results.push((index, found));
                    }
                }
            });
        }
    });
    for (index, found) in results.into_inner()? {
        let case = &mut cases[index];
        case.found = found.map_err(|error| format!("{}: {error}", case.folder.display()))?;
    }
    Ok(())
}

/// The call graph of a program.
fn edges(binary: &Binary, source: &Path, out: &Path) -> Outcome<Edges> {
    let graph = binary.build(source, out, &["--threads", "1"])?;
    let mut edges = Edges::new();
    for row in graph.rows(EDGES)? {
        let name = |column: &str| row[column].as_str().map(written).ok_or("a node without a name");
        edges.insert((name("caller")?, name("callee")?));
    }
    Ok(edges)
}

/// A name as the programs' call graphs write it.
fn written(name: &str) -> String {
    let types = [("str.", "PyStr"), ("dict.", "PyDict"), ("list.", "PyList")];
    match name.strip_prefix("builtins.") {
        None => name.to_owned(),
        Some(name) => {
            let method =
                types.iter().find_map(|(ours, theirs)| Some((name.strip_prefix(ours)?, theirs)));
            match method {
                Some((method, theirs)) => format!("<**{theirs}**>.{method}"),
                None => format!("<builtin>.{name}"),
            }
        }
    }
}

fn report(cases: &[Case]) {
    let mut categories: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut total = Counts::default();
    for case in cases {
        for (sign, of, other) in [("+", &case.found, &case.known), ("-", &case.known, &case.found)]
        {
            for (caller, callee) in of.difference(other) {
                say(&format!("{sign} {}/{}: {caller} -> {callee}", case.category, case.name));
            }
        }
        categories.entry(&case.category).or_default().add(case);
        total.add(case);
    }
    say(&format!(
        "\n{:14}{:>6}{:>7}{:>7}{:>7}{:>9}{:>11}{:>8}",
        "category", "cases", "exact", "right", "wrong", "missing", "precision", "recall"
    ));
    for (category, counts) in categories.iter().chain(std::iter::once((&"all", &total))) {
        say(&format!("{category:14}{counts}"));
    }
}

impl Counts {
    fn add(&mut self, case: &Case) {
        let right = case.known.intersection(&case.found).count();
        self.cases += 1;
        self.exact += usize::from(case.known == case.found);
        self.right += right;
        self.wrong += case.found.len() - right;
        self.missing += case.known.len() - right;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cases, exact, right, wrong, missing } = self;
        let share = |others: &usize| match right + others {
            0 => "-".to_owned(),
            all => format!("{:.1}", 100.0 * *right as f64 / all as f64),
        };
        write!(
            f,
            "{cases:>6}{exact:>7}{right:>7}{wrong:>7}{missing:>9}{:>11}{:>8}",
            share(wrong),
            share(missing)
        )
    }
}
