//! Call graphs of the programs in `tests/call_graphs`, edge by edge.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::sandbox::{Sandbox, copy, repository};

type Edges = BTreeSet<(String, String)>;

const FOLDER: &str = "tests/call_graphs";

/// The edges that comments of a module say: `# caller -> callee, …`, where `top` is the module and names count from it,
/// else from the package, else from outside.
fn said(text: &str, module: &str, definitions: &BTreeSet<String>) -> Edges {
    let mut edges = Edges::new();
    for line in text.lines() {
        let Some((caller, callees)) =
            line.strip_prefix("# ").and_then(|line| line.split_once(" -> "))
        else {
            continue;
        };
        let caller = if caller == "top" { module.to_owned() } else { format!("{module}.{caller}") };
        for name in callees.split(", ") {
            let inside = [format!("{module}.{name}"), format!("call_graphs.{name}")];
            let inside = inside.into_iter().find(|name| definitions.contains(name));
            edges.insert((caller.clone(), inside.unwrap_or_else(|| name.to_owned())));
        }
    }
    edges
}

fn modules(folder: &Path, name: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let stem = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        if path.is_dir() {
            modules(&path, &format!("{name}.{stem}"), found);
        } else {
            let module =
                if stem == "__init__" { name.to_owned() } else { format!("{name}.{stem}") };
            found.push((module, fs::read_to_string(path).expect("the file can be read")));
        }
    }
}

#[test]
fn calls_are_found_through_values() {
    let sandbox = Sandbox::new();
    copy(&repository().join(FOLDER), &sandbox.path("code/call_graphs"));
    sandbox.build("code");
    let out = "code/.cpglang";
    let definitions = sandbox.column(
        out,
        "select qualified_name from cpg_nodes where kind in ('FUNCTION', 'METHOD', 'CLASS', 'LAMBDA')",
    );
    let definitions = definitions.into_iter().collect();
    let rows = sandbox.rows(
        out,
        "select s.qualified_name as caller, d.qualified_name as callee from cpg_edges e \
         join cpg_nodes s on e.src = s.node_id join cpg_nodes d on e.dst = d.node_id \
         where e.kind = 'CALL_GRAPH'",
    );
    let text = |row: &serde_json::Value, column: &str| {
        row[column].as_str().expect("a qualified name").to_owned()
    };
    let found: Edges = rows.iter().map(|row| (text(row, "caller"), text(row, "callee"))).collect();

    let mut programs = Vec::new();
    modules(&repository().join(FOLDER), "call_graphs", &mut programs);
    let expected: Edges =
        programs.iter().flat_map(|(module, text)| said(text, module, &definitions)).collect();
    assert!(expected.len() > 100, "the programs say their calls");
    let difference = |left: &Edges, right: &Edges| -> Vec<String> {
        left.difference(right).map(|(caller, callee)| format!("{caller} -> {callee}")).collect()
    };
    assert_eq!(difference(&found, &expected), [""; 0], "found, but not said");
    assert_eq!(difference(&expected, &found), [""; 0], "said, but not found");
}
