//! `policy` items: how tables lie on disk, what is done about them, and what others read.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::readers::python;
use crate::sandbox::{Run, Sandbox};

const OUT: &str = "code/.cpglang";
const TABLE: &str = "code/.cpglang/graph/functions";

/// Sources with functions and classes of several files.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::small();
    for module in 0..6 {
        let mut text = String::new();
        for number in 0..40 {
            text.push_str(&format!("def f{number}(): pass\nclass C{number}: pass\n"));
        }
        sandbox.write(&format!("code/m{module}.py"), text);
    }
    sandbox
}

fn program(sandbox: &Sandbox, columns: &str, policies: &str) {
    let text = format!(
        "use std.python.definitions.def\n\n@tag(laid_out)\nview functions =\n  from def as d\n  \
         select {{ {columns} }}\n\nexport functions\n\n{policies}\n"
    );
    sandbox.write("program/policies.cpg", text);
}

fn build(sandbox: &Sandbox) -> Run {
    sandbox.run(&["build", "--source", "code", "--program", "program"])
}

/// The actions of every commit of the table, oldest first.
fn log(sandbox: &Sandbox) -> Vec<Vec<Value>> {
    let folder = sandbox.path(TABLE).join("_delta_log");
    let mut commits: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the table has a log")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    commits.sort();
    commits
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).expect("commits are text");
            text.lines().map(|line| serde_json::from_str(line).expect("an action")).collect()
        })
        .collect()
}

fn of<'a>(commit: &'a [Value], action: &str) -> Vec<&'a Value> {
    commit.iter().filter_map(|line| line.get(action)).collect()
}

/// The newest record after another build.
fn record(sandbox: &Sandbox) -> Value {
    build(sandbox).expect(0);
    let runs = fs::read_dir(sandbox.path(OUT).join("runs")).expect("a build has a record");
    let names = runs.map(|entry| entry.expect("it can be listed").path());
    let is_record = |path: &PathBuf| path.to_string_lossy().contains("/run-");
    let newest = names.filter(is_record).max().expect("there is a record");
    let text = fs::read_to_string(newest).expect("records are text");
    let document: Value = serde_json::from_str(&text).expect("records are JSON");
    document["payload"].clone()
}

/// What a build left of a kind.
fn document(sandbox: &Sandbox, kind: &str) -> Value {
    let run = sandbox.run(&["artifacts", kind, "--out", OUT]).expect(0);
    serde_json::from_str(&run.stdout).expect("documents are JSON")
}

const COLUMNS: &str = "d.def_id, d.kind, d.name, d.path, d.span";

#[test]
fn write_policies_shape_the_files_and_the_log() {
    let sandbox = sandbox();
    program(
        &sandbox,
        COLUMNS,
        "policy write for functions {\n  partition by kind\n  sort by path desc, span.start\n  \
         target_file_size 64MiB\n  stats on def_id, path\n}\n\npolicy maintain for functions { checkpoint every 3 }",
    );
    build(&sandbox).expect(0);
    let log = log(&sandbox);
    let metadata = of(&log[0], "metaData");
    assert_eq!(metadata[0]["partitionColumns"], serde_json::json!(["kind"]));
    let configuration = &metadata[0]["configuration"];
    assert_eq!(configuration["delta.dataSkippingStatsColumns"], "def_id,path");
    assert_eq!(configuration["delta.checkpointInterval"], "3");
    let mut kinds: Vec<String> = Vec::new();
    for add in of(&log[0], "add") {
        kinds.push(add["partitionValues"]["kind"].as_str().expect("a kind").to_owned());
        let stats: Value =
            serde_json::from_str(add["stats"].as_str().expect("stats")).expect("JSON");
        let with: Vec<_> = stats["minValues"].as_object().expect("an object").keys().collect();
        assert_eq!(with, ["def_id", "path"], "{add}");
    }
    kinds.sort();
    assert_eq!(kinds, ["class", "function"]);
    let kinds = sandbox.column(OUT, "select distinct kind from functions order by kind");
    assert_eq!(kinds, ["class", "function"]);

    let Some(python) = python() else { return };
    let script = r#"
import json, sys
import deltalake, duckdb, pyarrow.parquet as parquet
table = deltalake.DeltaTable(sys.argv[1])
rows = table.to_pyarrow_table(partitions=[("kind", "=", "class")]).num_rows
sorted_files = []
for uri in table.file_uris():
    read = parquet.ParquetFile(uri.removeprefix("file://")).read()
    keys = [(row["path"], row["span"]["start"]) for row in read.to_pylist()]
    wanted = sorted(sorted(keys, key=lambda key: key[1]), key=lambda key: key[0], reverse=True)
    sorted_files.append(keys == wanted)
arrow = table.to_pyarrow_table()
print(json.dumps({
    "partitions": table.metadata().partition_columns, "classes": rows, "sorted": sorted_files,
    "rows": arrow.num_rows,
    "duckdb": duckdb.sql("select count(*) from arrow where kind = 'class'").fetchall()[0][0],
}))
"#;
    let output = Command::new(python).args(["-c", script]).arg(sandbox.path(TABLE)).output();
    let output = output.expect("the readers start");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let count = |sql: &str| sandbox.rows(OUT, sql)[0]["n"].clone();
    let classes = count("select count(*) as n from functions where kind = 'class'");
    assert_eq!(said["partitions"], serde_json::json!(["kind"]));
    assert_eq!(said["classes"], classes);
    assert_eq!(said["duckdb"], classes);
    assert_eq!(said["rows"], count("select count(*) as n from functions"));
    assert_eq!(said["sorted"], serde_json::json!([true, true]));
}

#[test]
fn what_shapes_contents_writes_them_again_and_what_only_serves_speed_does_not() {
    let sandbox = sandbox();
    let written = || {
        let record = record(&sandbox);
        let tables = record["tables"].as_array().expect("tables").clone();
        tables.into_iter().find(|table| table["table"] == "functions").expect("it is there")
            ["status"]
            .clone()
    };
    program(&sandbox, COLUMNS, "");
    assert_eq!(written(), "written");
    program(
        &sandbox,
        COLUMNS,
        "policy write for functions { target_file_size 1MiB  stats on name }",
    );
    assert_eq!(written(), "reused");
    program(&sandbox, COLUMNS, "policy write for functions { partition by kind }");
    assert_eq!(written(), "written");
    // Where it is said does not matter.
    program(&sandbox, COLUMNS, "policy write for tag:laid_out { partition by kind }");
    assert_eq!(written(), "reused");
}

#[test]
fn files_are_put_together_when_it_is_due_and_only_then() {
    let sandbox = sandbox();
    let small = "policy write for functions { target_file_size 1KB }";
    let maintain = "policy maintain for * { optimize when total_files > 3 }";
    program(&sandbox, COLUMNS, &format!("{small}\n{maintain}"));
    record(&sandbox);
    let decisions = || {
        let all = document(&sandbox, "maintenance_decision");
        let all = all.as_array().cloned().unwrap_or_default();
        let of = |one: &&Value| one["table"] == "graph/functions";
        all.iter().filter(of).map(|one| one["decision"].clone()).collect::<Vec<_>>()
    };
    let commits = log(&sandbox).len();
    let many = of(&log(&sandbox)[0], "add").len();
    assert!(many > 3, "{many} files");
    assert_eq!(decisions(), ["needless"], "files are as small as they should be");

    // Larger files are wanted: nothing is computed again, and the files are put together.
    program(&sandbox, COLUMNS, maintain);
    record(&sandbox);
    assert_eq!(decisions(), ["due"]);
    let log_after = log(&sandbox);
    assert_eq!(log_after.len(), commits + 1);
    let newest = log_after.last().expect("there are commits");
    assert_eq!(of(newest, "add").len(), 1);
    assert_eq!(of(newest, "remove").len(), many);
    assert!(of(newest, "add").iter().all(|add| add["dataChange"] == false));
    assert_eq!(sandbox.rows(OUT, "select count(*) as n from functions")[0]["n"], 482);

    // Nothing is due any more, and nothing is written.
    let listing = sandbox.listing(TABLE);
    build(&sandbox).expect(0);
    assert_eq!(sandbox.listing(TABLE), listing);
}

#[test]
fn old_files_are_removed_but_never_those_of_the_published_build() {
    let sandbox = sandbox();
    let data_files = || {
        let listing = sandbox.listing(TABLE);
        let is_data = |path: &&PathBuf| path.extension().is_some_and(|one| one == "parquet");
        let in_log = |path: &&PathBuf| path.to_string_lossy().contains("_delta_log");
        listing.keys().filter(is_data).filter(|path| !in_log(path)).count()
    };
    let policy = |retain: &str| {
        let policy =
            format!("policy maintain for functions {{ vacuum when versions > 1 retain {retain} }}");
        program(&sandbox, COLUMNS, &policy);
    };
    policy("7d");
    for number in 0..3 {
        sandbox.write("code/a.py", format!("def g{number}(): pass\n"));
        build(&sandbox).expect(0);
    }
    assert_eq!(data_files(), 3, "seven days have not passed");
    policy("1s");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    sandbox.write("code/a.py", "def last(): pass\n");
    build(&sandbox).expect(0);
    assert!(data_files() <= 2, "{} files are left", data_files());
    assert_eq!(sandbox.column(OUT, "select name from functions where path = 'a.py'"), ["last"]);
}

#[test]
fn columns_change_as_the_schema_policy_says() {
    let fewer = "d.def_id, d.kind, name: d.start_line";
    let sandbox = sandbox();
    program(&sandbox, COLUMNS, "policy schema for functions { mode strict }");
    build(&sandbox).expect(0);
    let before = sandbox.listing(TABLE);
    program(&sandbox, fewer, "policy schema for functions { mode strict }");
    build(&sandbox).expect(1).says(&["schema-diverged", "`path: Path` is gone", "`name` was"]);
    assert_eq!(sandbox.listing(TABLE), before);
    // Who checks is told before anything is built, where there is a build to compare with.
    let check = |out: &str| sandbox.run(&["check", "program", "--out", out]);
    let said = ["schema-diverged", "`path: Path` is gone", "view functions", "mode strict"];
    check(OUT).expect(1).says(&said);
    check("elsewhere").expect(0);

    program(&sandbox, fewer, "policy schema for functions { mode warn }");
    check(OUT).expect(0).says(&["warning[schema-diverged]", "`path: Path` is gone"]);
    record(&sandbox);
    let divergence = &document(&sandbox, "schema_divergence")[0];
    assert_eq!(divergence["table"], "graph/functions");
    assert_eq!(divergence["removed"].as_array().map(Vec::len), Some(2));
    program(&sandbox, COLUMNS, "policy schema for functions { mode evolve }");
    record(&sandbox);
    assert_eq!(document(&sandbox, "schema_divergence"), serde_json::json!([]));
    let columns = sandbox.column(OUT, "describe functions");
    assert_eq!(columns, ["def_id", "kind", "name", "path", "span"]);
}

#[test]
fn what_only_plans_tell_is_told_by_a_check() {
    let sandbox = sandbox();
    let scanned = |of: &str, mode: &str| {
        let inner = "view inner = from def as d where d.kind == \"class\" select { d.def_id }\n";
        let outer = "view outer = from inner as i select { i.def_id }\nexport outer\n";
        let policies = format!("policy scan for {of} {{ pruning on }}\n{mode}");
        program(&sandbox, COLUMNS, &format!("{inner}{outer}{policies}"));
        sandbox.run(&["check", "program", "--out", OUT])
    };
    let refused = "error[unfit-policy]: SCAN_POLICY_WITHOUT_SCAN: no files of `policies.inner`";
    scanned("inner", "").expect(1).says(&[refused, "policy scan for inner", "mode warn"]);
    build(&sandbox).expect(3).says(&["unfit-policy", "SCAN_POLICY_WITHOUT_SCAN"]);
    let warned = "warning[unfit-policy]: SCAN_POLICY_WITHOUT_SCAN";
    scanned("inner", "policy validate { mode warn }").expect(0).says(&[warned]);
    scanned("inner", "policy validate { mode off }").expect(0).says(&["no errors"]);
    // How many rows there are only a build tells.
    scanned("outer", "").expect(0).says(&["no errors"]);
    build(&sandbox).expect(0);
    let small = "warning[unfit-policy]: SMALL_INPUT_SCAN_POLICY: `pruning on` for `policies.outer`";
    scanned("outer", "").expect(0).says(&[small]);
}

#[test]
fn scans_and_kept_rows_change_no_row() {
    let sandbox = sandbox();
    let rows = || sandbox.rows(OUT, "select * from functions order by def_id");
    program(&sandbox, COLUMNS, "");
    build(&sandbox).expect(0);
    let before = rows();
    program(
        &sandbox,
        COLUMNS,
        "policy scan for * { pruning off  pushdown off }\npolicy cache for def { keep table }",
    );
    build(&sandbox).expect(0);
    assert_eq!(rows(), before);
    assert!(sandbox.path("code/.cpglang/stage/std.python.definitions.def").is_dir());
}

#[test]
fn what_is_left_open_is_decided_and_every_decision_says_why() {
    let sandbox = sandbox();
    program(&sandbox, COLUMNS, "policy write for functions { target_file_size 8MiB }");
    let first =
        sandbox.run(&["explain", "functions", "--decisions", "--program", "program"]).expect(0);
    assert!(first.stdout.contains("decided by a first build"), "{}", first.stdout);
    build(&sandbox).expect(0);
    let args = ["explain", "functions", "--decisions", "--program", "program", "--out", OUT];
    let then = sandbox.run(&args).expect(0).stdout;
    assert!(then.contains("decided by run-00000001-"), "{then}");
    assert!(then.contains("files     of 8.0 MiB at most (declared: a policy for it)"), "{then}");
    assert!(then.contains("statistics on def_id, path"), "{then}");

    // What was decided is what the log has.
    let writes = document(&sandbox, "write_policy_decision");
    let functions = |all: &Value| {
        let is_it = |one: &&Value| {
            one["table"]["relation"].as_str().is_some_and(|id| id.ends_with(".functions"))
        };
        all.as_array().into_iter().flatten().find(is_it).cloned().expect("it is decided")
    };
    let stats = functions(&writes)["stats"].clone();
    assert_eq!(stats["origin"], "derived");
    let log = log(&sandbox);
    let metadata = of(&log[0], "metaData")[0].clone();
    let columns: Vec<&str> =
        stats["value"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let configured = &metadata["configuration"]["delta.dataSkippingStatsColumns"];
    assert_eq!(configured, &columns.join(","));

    // What is left off is off, says so, and changes no row.
    let rows = sandbox.rows(OUT, "select * from functions order by def_id");
    let mut command = sandbox.command(&[
        "build",
        "--source",
        "code",
        "--program",
        "program",
        "--without",
        "derived_statistics,filter_pushdown",
    ]);
    std::fs::remove_dir_all(sandbox.path(OUT)).expect("it was built");
    assert!(command.output().expect("it runs").status.success());
    assert_eq!(sandbox.rows(OUT, "select * from functions order by def_id"), rows);
    let writes = document(&sandbox, "write_policy_decision");
    assert_eq!(functions(&writes)["stats"]["origin"], "runtime");
    let because = functions(&writes)["stats"]["because"].clone();
    assert_eq!(because, "the profile leaves `derived_statistics` off");
    let capabilities = document(&sandbox, "capabilities");
    assert_eq!(capabilities["features"]["filter_pushdown"]["available"], false);
}

#[test]
fn a_plan_that_does_more_is_refused_where_that_is_asked_for() {
    let sandbox = sandbox();
    let gated = |level: &str| {
        let args = ["build", "--source", "code", "--program", "program", "--plan-gate", level];
        sandbox.run(&args)
    };
    program(&sandbox, "d.def_id", "");
    gated("full").expect(0);
    program(&sandbox, COLUMNS, "");
    let refused = gated("structure").expect(4);
    assert!(refused.stderr.contains("plan-regressed"), "{}", refused.stderr);
    assert!(refused.stderr.contains("columns of `std.python."), "{}", refused.stderr);
    assert_eq!(sandbox.column(OUT, "describe functions"), ["def_id"], "nothing was written");
    build(&sandbox).expect(0);
    // These are the plans to compare with now, and less is no regression.
    gated("physical").expect(0);
    program(&sandbox, "d.def_id", "");
    gated("full").expect(0);
}
