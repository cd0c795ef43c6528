//! Tables as readers see them that share no code with cpglang: `deltalake` for Python, DuckDB and PyArrow.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::sandbox::Sandbox;

/// Prints, for every table of an output directory, what each reader counts in it.
const COUNTS: &str = r#"
import json, pathlib, sys
import deltalake, duckdb

for log in sorted(pathlib.Path(sys.argv[1]).glob("*/*/_delta_log")):
    table = deltalake.DeltaTable(log.parent)
    arrow = table.to_pyarrow_table()
    files = table.file_uris()
    parquet = 0
    if files:
        parquet = duckdb.sql(f"select count(*) from read_parquet({files!r})").fetchall()[0][0]
    over_arrow = duckdb.sql("select count(*) from arrow").fetchall()[0][0]
    columns = {field.name: str(field.type) for field in arrow.schema}
    print(json.dumps({
        "table": f"{log.parent.parent.name}.{log.parent.name}",
        "deltalake": arrow.num_rows, "duckdb_parquet": parquet, "duckdb_arrow": over_arrow,
        "columns": list(columns),
    }))
"#;

/// The Python with the readers, which `cargo xtask readers` installs below the target directory.
pub fn python() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?.join("readers/bin/python");
    python.is_file().then_some(python)
}

#[test]
fn other_readers_see_the_same_rows() {
    let Some(python) = python() else {
        let required = std::env::var("CPGLANG_TEST_REQUIRE").unwrap_or_default();
        assert!(!required.contains("readers"), "`cargo xtask readers` was not run");
        return;
    };
    let sandbox = Sandbox::bookshop();
    sandbox.build("shop");
    let out = "shop/.cpglang";
    let output = Command::new(python).args(["-c", COUNTS]).arg(sandbox.path(out)).output();
    let output = output.expect("the readers start");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");

    let text = String::from_utf8(output.stdout).expect("JSON is text");
    let tables: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect();
    let names: Vec<_> = tables.iter().filter_map(|table| table["table"].as_str()).collect();
    for name in ["graph.cpg_nodes", "graph.cpg_edges", "graph.errors", "extract.cst_defs"] {
        assert!(names.contains(&name), "`{name}` is not in {names:?}");
    }
    for table in &tables {
        let name = table["table"].as_str().expect("a name");
        for reader in ["duckdb_parquet", "duckdb_arrow"] {
            assert_eq!(table["deltalake"], table[reader], "{name} by {reader}");
        }
        // What is staged between evidence and outputs is not for queries.
        if name.starts_with("stage.") {
            continue;
        }
        let ours = sandbox.rows(out, &format!("select count(*) as n from {name}"));
        assert_eq!(table["deltalake"], ours[0]["n"], "{name}");
        let described = sandbox.column(out, &format!("describe {name}"));
        assert_eq!(table["columns"], Value::from(described), "{name}");
    }
}

/// Prints, for each node, its properties as `deltalake` reads them from the table of maps and from the table of rows.
const MAPS: &str = r#"
import json, pathlib, sys
import deltalake

graph = pathlib.Path(sys.argv[1])
rows = lambda name: deltalake.DeltaTable(graph / name).to_pyarrow_table().to_pylist()
single = {}
for row in rows("cpg_props"):
    single.setdefault(row["node_id"], {})[row["key"]] = row["value"]
maps = {row["node_id"]: dict(row["props"]) for row in rows("cpg_props_map")}
assert all(list(dict(row["props"])) == sorted(dict(row["props"])) for row in rows("cpg_props_map"))
print(json.dumps([len(maps), maps == single]))
"#;

#[test]
fn other_readers_see_maps() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::bookshop();
    sandbox.build("shop");
    let graph = sandbox.path("shop/.cpglang/graph");
    let output = Command::new(python).args(["-c", MAPS]).arg(graph).output();
    let output = output.expect("the readers start");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let found: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    assert_eq!(found[1], true, "{found}");
    assert!(found[0].as_u64().is_some_and(|nodes| nodes > 100), "{found}");
}

/// Prints what `deltalake` says changed in a table since each of its versions.
const CHANGES: &str = r#"
import json, sys
import deltalake, pyarrow

path = sys.argv[1]
newest = deltalake.DeltaTable(path).version()
for since in range(newest + 1):
    table = deltalake.DeltaTable(path)
    changes = pyarrow.table(table.load_cdf(starting_version=since).read_all())
    for row in changes.to_pylist():
        print(json.dumps([since, row["_change_type"], row["_commit_version"], row["name"]]))
"#;

#[test]
fn other_readers_can_follow_changes() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::small();
    sandbox.write(
        "program/names.cpg",
        "use std.python.definitions.def\n\nview names = from def as d select { d.name }\n\n\
         view quiet = from def as d select { d.name }\n\npolicy write for quiet { change_feed off }\n\n\
         export names, quiet\n",
    );
    let build = ["build", "--source", "code", "--program", "program", "--select", "path:names.cpg"];
    let changes = |table: &str| {
        let table = sandbox.path("code/.cpglang/graph").join(table);
        Command::new(&python).args(["-c", CHANGES]).arg(table).output().expect("it starts")
    };
    sandbox.run(&build).expect(0);
    sandbox.write("code/a.py", "def g():\n    return 1\n\ndef h(): pass\n");
    sandbox.run(&build).expect(0);
    // Nothing changes, and nothing is told.
    sandbox.run(&build).expect(0);
    let output = changes("names");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let text = String::from_utf8(output.stdout).expect("JSON is text");
    let mut rows: Vec<&str> = text.lines().collect();
    rows.sort_unstable();
    let second = |since| {
        let told = [("delete", "f"), ("delete", "g"), ("insert", "g"), ("insert", "h")];
        told.map(|(what, name)| format!("[{since}, \"{what}\", 1, \"{name}\"]"))
    };
    let first = ["f", "g"].map(|name| format!("[0, \"insert\", 0, \"{name}\"]"));
    let mut expected: Vec<String> = [second(0), second(1)].concat();
    expected.extend(first);
    expected.sort_unstable();
    assert_eq!(rows, expected);
    assert!(!changes("quiet").status.success(), "it has no change feed");
    // It can be turned on later.
    let program = sandbox.path("program/names.cpg");
    let text = std::fs::read_to_string(&program).expect("it is there");
    sandbox.write("program/names.cpg", text.replace("change_feed off", "change_feed on"));
    sandbox.write("code/a.py", "def i(): pass\n");
    sandbox.run(&build).expect(0);
    let log = sandbox.path("code/.cpglang/graph/quiet/_delta_log/00000000000000000002.json");
    let log = std::fs::read_to_string(log).expect("it was committed");
    assert!(log.contains("\"minWriterVersion\":4"), "{log}");
    assert!(log.contains("\"delta.enableChangeDataFeed\":\"true\""), "{log}");
}
