//! `export`: what other programs read of what it wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::readers::python;
use crate::sandbox::Sandbox;

const OUT: &str = "shop/.cpglang";

fn shop() -> Sandbox {
    let sandbox = Sandbox::bookshop();
    sandbox.build("shop");
    sandbox
}

fn export(sandbox: &Sandbox, args: &[&str]) -> String {
    let run = sandbox.run(&[&["export", "--out", OUT], args].concat()).expect(0);
    run.stdout
}

fn count(sandbox: &Sandbox, sql: &str) -> usize {
    sandbox.column(OUT, sql)[0].parse().expect("a number")
}

/// What a script of the readers' Python prints of a file, as JSON.
fn read(sandbox: &Sandbox, script: &str, path: &str) -> Option<Value> {
    let Some(python) = python() else {
        let required = std::env::var("CPGLANG_TEST_REQUIRE").unwrap_or_default();
        assert!(!required.contains("readers"), "`cargo xtask readers` was not run");
        return None;
    };
    let output = Command::new(python).args(["-c", script]).arg(sandbox.path(path)).output();
    let output = output.expect("the reader starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

const GRAPHML: &str = r#"
import json, sys, networkx
graph = networkx.read_graphml(sys.argv[1], force_multigraph=True)
calls = [(graph.nodes[s]["qualified_name"], graph.nodes[d]["qualified_name"])
         for s, d, e in graph.edges(data=True) if e["kind"] == "CALL_GRAPH"]
named = {n["qualified_name"]: n for _, n in graph.nodes(data=True) if n["kind"] == "METHOD"}
print(json.dumps({"nodes": len(graph), "edges": graph.number_of_edges(), "calls": len(calls),
  "called": ["bookshop.catalogue.search.matches", "bookshop.text.words"] in [list(c) for c in calls],
  "is_async": [named["bookshop." + name]["is_async"] for name in ("payments.CardGateway.charge", "orders.cart.Cart.add")],
  "start_line": type(named["bookshop.orders.cart.Cart.add"]["start_line"]).__name__}))
"#;

#[test]
fn networkx_reads_the_graph() {
    let sandbox = shop();
    export(&sandbox, &["--format", "graphml", "--to", "graph.graphml"]);
    // The same on standard output, and again.
    let text = export(&sandbox, &["--format", "graphml"]);
    assert_eq!(text, fs::read_to_string(sandbox.path("graph.graphml")).expect("a file"));
    assert!(!sandbox.path("graph.graphml.partial").exists());
    let Some(read) = read(&sandbox, GRAPHML, "graph.graphml") else { return };
    assert_eq!(read["nodes"], count(&sandbox, "select count(*) from cpg_nodes"));
    assert_eq!(read["edges"], count(&sandbox, "select count(*) from cpg_edges"));
    let calls = "select count(*) from cpg_edges where kind = 'CALL_GRAPH'";
    assert_eq!(read["calls"], count(&sandbox, calls));
    assert_eq!(read["called"], true);
    assert_eq!(read["is_async"], Value::from([true, false]));
    assert_eq!(read["start_line"], "int");
}

const DOT: &str = r#"
import json, sys, networkx
graph = networkx.nx_pydot.read_dot(sys.argv[1]) if hasattr(networkx, "nx_pydot") else None
labels = {n: d["label"].strip('"') for n, d in graph.nodes(data=True) if "label" in d}
print(json.dumps({"edges": sorted([labels[s], labels[d]] for s, d in graph.edges())}))
"#;

#[test]
fn graphviz_draws_what_lies_around_a_function() {
    let sandbox = shop();
    let around = ["--edge-kind", "CALL_GRAPH", "--around", "bookshop.text.words"];
    export(&sandbox, &[&["--format", "dot", "--to", "words.dot"], &around[..]].concat());
    let expected = [
        ["bookshop.catalogue.search.matches", "bookshop.text.words"],
        ["bookshop.catalogue.search.matches.test", "bookshop.text.words"],
    ];
    let text = export(&sandbox, &[&["--format", "mermaid"], &around[..]].concat());
    assert!(text.starts_with("flowchart LR\n"), "{text}");
    for name in expected.iter().flatten() {
        assert!(text.contains(&format!("[\"{name}\"]")), "{text}");
    }
    let picture = export(&sandbox, &[&["--format", "svg"], &around[..]].concat());
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "{picture}");
    for name in expected.iter().flatten() {
        assert!(picture.contains(&format!(">{name}</text>")), "{picture}");
    }
    let all = sandbox.run(&["export", "--out", OUT, "--format", "svg"]);
    all.expect(2).says(&["bad-export", "--around"]);
    let Some(read) = read(&sandbox, DOT, "words.dot") else { return };
    let edges = read["edges"].as_array().expect("a list");
    for edge in expected {
        assert!(edges.contains(&Value::from(edge.to_vec())), "{edges:?}");
    }
}

/// A file by the rules of Neo4j's import: fields with their quotes, which only the first character may open.
fn neo4j(text: &str) -> Vec<Vec<(String, bool)>> {
    let mut rows = vec![vec![(String::new(), false)]];
    let mut characters = text.chars().peekable();
    let mut quoted = false;
    while let Some(character) = characters.next() {
        let row = rows.last_mut().expect("there is a row");
        let field = row.last_mut().expect("there is a field");
        match character {
            '"' if quoted => match characters.next_if_eq(&'"') {
                Some(_) => field.0.push('"'),
                None => quoted = false,
            },
            character if quoted => field.0.push(character),
            '"' => {
                assert!(field.0.is_empty() && !field.1, "a quote within a field: {row:?}");
                (quoted, field.1) = (true, true);
            }
            ',' => row.push((String::new(), false)),
            '\n' => rows.push(vec![(String::new(), false)]),
            character => {
                assert!(!field.1, "text behind a quoted field: {row:?}");
                field.0.push(character);
            }
        }
    }
    assert!(!quoted, "the last quote is open");
    assert_eq!(rows.pop(), Some(vec![(String::new(), false)]), "the last line ends");
    rows
}

/// What each column of a header is, and whether the values fit.
fn check_neo4j(rows: &[Vec<(String, bool)>], special: &[&str]) -> Vec<String> {
    let header: Vec<String> = rows[0].iter().map(|(name, _)| name.clone()).collect();
    let names: BTreeSet<&String> = header.iter().collect();
    assert_eq!(names.len(), header.len(), "a column stands twice: {header:?}");
    for row in &rows[1..] {
        assert_eq!(row.len(), header.len(), "{row:?}");
        for ((value, quoted), column) in row.iter().zip(&header) {
            if special.contains(&column.as_str()) {
                assert!(!value.is_empty(), "{column} is empty: {row:?}");
                continue;
            }
            let (_, ty) = column.split_once(':').expect("every property has a type");
            if value.is_empty() && !quoted {
                continue;
            }
            match ty {
                "long" => assert!(value.parse::<i64>().is_ok(), "{column}: {value}"),
                "double" => assert!(value.parse::<f64>().is_ok(), "{column}: {value}"),
                "boolean" => assert!(["true", "false"].contains(&value.as_str()), "{value}"),
                "string" | "string[]" => assert!(quoted, "{column}: {value}"),
                other => panic!("no type of Neo4j: {other}"),
            }
        }
    }
    header
}

#[test]
fn neo4j_takes_nodes_and_relationships() {
    let sandbox = shop();
    let run = sandbox.run(&["export", "--out", OUT, "--format", "neo4j-csv", "--to", "neo4j"]);
    run.expect(0).says(&["neo4j-admin database import", "--multiline-fields=true"]);
    let file = |name: &str| fs::read_to_string(sandbox.path(name)).expect("a file");
    let nodes = neo4j(&file("neo4j/nodes.csv"));
    let header = check_neo4j(&nodes, &["node_id:ID", ":LABEL"]);
    for column in ["node_id:ID", ":LABEL", "name:string", "start_line:long", "is_async:boolean"] {
        assert!(header.contains(&column.to_owned()), "{column} in {header:?}");
    }
    let ids: BTreeSet<&str> = nodes[1..].iter().map(|row| row[0].0.as_str()).collect();
    assert_eq!(ids.len(), nodes.len() - 1, "ids are unique");
    assert_eq!(ids.len(), count(&sandbox, "select count(*) from cpg_nodes"));

    let edges = neo4j(&file("neo4j/edges.csv"));
    let header = check_neo4j(&edges, &[":START_ID", ":END_ID", ":TYPE"]);
    assert_eq!(header[..3], [":START_ID", ":END_ID", ":TYPE"]);
    assert!(header.contains(&"providers:string[]".to_owned()), "{header:?}");
    assert_eq!(edges.len() - 1, count(&sandbox, "select count(*) from cpg_edges"));
    for row in &edges[1..] {
        assert!(ids.contains(row[0].0.as_str()) && ids.contains(row[1].0.as_str()), "{row:?}");
    }
}

const PARQUET: &str = r#"
import json, pathlib, sys, pyarrow.parquet, pyarrow.csv
found = {}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    table = pyarrow.parquet.read_table(path) if path.suffix == ".parquet" else pyarrow.csv.read_csv(
        path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))
    found[path.name] = [table.num_rows, table.column_names]
print(json.dumps(found))
"#;

#[test]
fn tables_are_files_of_their_rows() {
    let sandbox = shop();
    export(&sandbox, &["--format", "parquet", "--to", "files"]);
    export(&sandbox, &["--format", "csv", "--to", "files"]);
    export(&sandbox, &["--format", "csv", "--table", "exported_defs", "--to", "files"]);
    let names: BTreeSet<String> = fs::read_dir(sandbox.path("files"))
        .expect("a folder")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    let Some(read) = read(&sandbox, PARQUET, "files") else { return };
    let read: BTreeMap<String, (usize, Vec<String>)> =
        serde_json::from_value(read).expect("as the script prints it");
    assert_eq!(read.keys().cloned().collect::<BTreeSet<_>>(), names);
    assert_eq!(names.len(), 7, "{names:?}");
    for (name, (rows, columns)) in read {
        let table = name.split('.').next().expect("a name");
        assert_eq!(rows, count(&sandbox, &format!("select count(*) from {table}")), "{name}");
        assert_eq!(columns, sandbox.column(OUT, &format!("describe {table}")), "{name}");
    }
}

#[test]
fn what_cannot_be_exported_is_told() {
    let sandbox = Sandbox::small();
    sandbox.build("code");
    let run = |args: &[&str]| sandbox.run(&[&["export", "--out", "code/.cpglang"], args].concat());
    run(&["--format", "neo4j-csv"]).expect(2).says(&["bad-export", "--to"]);
    run(&["--format", "dot", "--edge-kind", "CALL_GRAP"])
        .expect(2)
        .says(&["bad-export", "`CALL_GRAPH`"]);
    run(&["--format", "dot", "--node-kind", "X"]).expect(2).says(&["bad-export", "FUNCTION"]);
    run(&["--format", "dot", "--around", "a.h"]).expect(2).says(&["bad-export", "a.h"]);
    run(&["--format", "dot", "--table", "errors"]).expect(2).says(&["bad-export", "csv"]);
    run(&["--format", "csv", "--to", "x", "--table", "error"])
        .expect(2)
        .says(&["bad-export", "`errors`"]);
    run(&["--format", "xml"]).expect(2).says(&["graphml"]);
    run(&["--format", "dot", "--depth", "2"]).expect(2).says(&["--around"]);
    sandbox.write("file", "");
    run(&["--format", "csv", "--to", "file"]).expect(3).says(&["storage", "file"]);
    run(&["--format", "dot", "--to", "code"]).expect(3).says(&["storage", "code"]);
    let nowhere = sandbox.run(&["export", "--out", "nowhere", "--format", "dot"]);
    nowhere.expect(3).says(&["no-build"]);
    assert!(!sandbox.path("x").exists());
}

#[test]
fn a_part_is_chosen_by_kinds() {
    let sandbox = shop();
    export(&sandbox, &["--format", "csv", "--edge-kind", "INHERITS", "--to", "files"]);
    let text = fs::read_to_string(sandbox.path("files/cpg_edges.csv")).expect("a file");
    let inherits = count(&sandbox, "select count(*) from cpg_edges where kind = 'INHERITS'");
    assert_eq!(text.lines().count(), inherits + 1);
    let classes = ["--edge-kind", "INHERITS", "--node-kind", "CLASS"];
    export(&sandbox, &[&["--format", "csv", "--to", "classes"], &classes[..]].concat());
    let text = fs::read_to_string(sandbox.path("classes/cpg_nodes.csv")).expect("a file");
    assert_eq!(
        text.lines().count() - 1,
        count(
            &sandbox,
            "select count(distinct n.node_id) from cpg_nodes n join cpg_edges e \
             on n.node_id = e.src or n.node_id = e.dst where n.kind = 'CLASS' and e.kind = 'INHERITS'"
        )
    );
    let within = "select count(*) from cpg_edges e join cpg_nodes d on e.dst = d.node_id \
                  where e.kind = 'INHERITS' and d.kind = 'CLASS'";
    let text = fs::read_to_string(sandbox.path("classes/cpg_edges.csv")).expect("a file");
    assert_eq!(text.lines().count() - 1, count(&sandbox, within));
}
