//! Building a part of a program, and computing a part anew.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sandbox::{Run, Sandbox};

const OUT: &str = "code/.cpglang";

/// Two outputs that share a kept relation, and one beside them.
const PROGRAM: &str = "\
use std.python.definitions.def

@tag(shared)
view named = from def as d select { d.def_id, d.name, d.path }

view short = from named as n where n.name != \"g\" select { n.def_id, n.name, n.path }
@tag(chosen)
view long = from named as n where n.name != \"f\" select { n.def_id, n.name, n.path }
view kinds = from def as d select { d.def_id, d.kind, d.path }

export short, long, kinds

check unique short(def_id)
check unique kinds(def_id)
";

fn project() -> Sandbox {
    let sandbox = Sandbox::small();
    sandbox.write("program/part.cpg", PROGRAM);
    sandbox
}

fn run(sandbox: &Sandbox, command: &str, args: &[&str]) -> Run {
    let all = [&[command, "--source", "code", "--program", "program"], args].concat();
    sandbox.run(&all)
}

fn build(sandbox: &Sandbox, args: &[&str]) -> Value {
    let args = [&["--message-format", "json"], args].concat();
    let run = run(sandbox, "build", &args).expect(0);
    run.objects().pop().expect("a build tells what it did")["record"].clone()
}

/// The outputs of a record by what became of them.
fn statuses(record: &Value) -> BTreeMap<String, String> {
    let tables = record["tables"].as_array().cloned().unwrap_or_default();
    let text = |table: &Value, key: &str| table[key].as_str().unwrap_or_default().to_owned();
    let outputs = tables.iter().filter(|table| table["area"] == "graph");
    outputs.map(|table| (text(table, "table"), text(table, "status"))).collect()
}

fn versions(record: &Value) -> BTreeMap<String, u64> {
    let tables = record["tables"].as_array().cloned().unwrap_or_default();
    let version = |table: &Value| {
        let name = format!("{}/{}", table["area"], table["table"]);
        (name, table["version"].as_u64().unwrap_or_default())
    };
    tables.iter().map(version).collect()
}

fn content(sandbox: &Sandbox) -> Vec<Vec<Value>> {
    let tables = ["short", "long", "kinds"];
    let all = |table: &str| sandbox.rows(OUT, &format!("select * from {table} order by def_id"));
    tables.map(all).to_vec()
}

#[test]
fn a_build_of_a_part_leaves_the_rest_and_a_later_one_makes_up_for_it() {
    let sandbox = project();
    // Of nothing, only what is selected and what it needs.
    let first = build(&sandbox, &["--select", "short"]);
    assert_eq!(statuses(&first), BTreeMap::from([("short".to_owned(), "written".to_owned())]));
    assert_eq!(first["selected"], "short");
    assert_eq!(first["checks"].as_array().map(Vec::len), Some(1), "{}", first["checks"]);
    let whole = build(&sandbox, &[]);
    assert_eq!(whole["selected"], Value::Null);
    assert_eq!(whole["checks"].as_array().map(Vec::len), Some(3), "the library has one, too");
    assert_eq!(statuses(&whole)["short"], "reused");
    let before = content(&sandbox);

    sandbox.write("code/a.py", "def f():\n    return 2\n\n\ndef other():\n    return f()\n");
    let folders = ["long", "kinds"].map(|table| format!("{OUT}/graph/{table}"));
    let listings = || folders.each_ref().map(|folder| sandbox.listing(folder));
    let left = listings();
    let part = build(&sandbox, &["--select", "short"]);
    let expected = [("kinds", "left"), ("long", "left"), ("short", "updated")];
    let told = statuses(&part);
    for (table, status) in expected {
        let is = &told[table];
        assert!(is == status || (table == "short" && is == "written"), "{table}: {is}");
    }
    assert_eq!(listings(), left, "what is not selected is not touched");
    let now = content(&sandbox);
    assert_ne!(now[0], before[0]);
    assert_eq!(now[1..], before[1..], "it stays published as it was");
    // The same again is nothing.
    let again = build(&sandbox, &["--select", "short"]);
    assert_eq!(again["run"], part["run"]);

    build(&sandbox, &[]);
    let made_up = content(&sandbox);
    std::fs::remove_dir_all(sandbox.path(OUT)).expect("it was built");
    build(&sandbox, &[]);
    assert_eq!(content(&sandbox), made_up, "as a first build makes them");
}

#[test]
fn a_selection_is_a_name_a_tag_a_kind_or_a_path_with_its_kin() {
    let sandbox = project();
    let planned = |args: &[&str]| {
        let args = [&["--message-format", "json"], args].concat();
        let plan = run(&sandbox, "plan", &args).expect(0).objects().pop().expect("a plan");
        let tables = plan["tables"].as_array().cloned().unwrap_or_default();
        let names =
            tables.iter().filter_map(|table| table["table"].as_str()?.strip_prefix("graph/"));
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(planned(&[]).len() > 3, "the library has outputs, too");
    assert_eq!(planned(&["--select", "part.long"]), ["long"]);
    assert_eq!(planned(&["--select", "long,kinds"]), ["kinds", "long"]);
    assert_eq!(planned(&["--select", "long", "--select", "kinds"]), ["kinds", "long"]);
    assert_eq!(planned(&["--select", "named+"]), ["long", "short"]);
    assert_eq!(planned(&["--select", "named+", "--deselect", "tag:chosen"]), ["short"]);
    assert_eq!(planned(&["--select", "tag:shared+"]), ["long", "short"]);
    assert_eq!(planned(&["--select", "path:part.cpg"]), ["kinds", "long", "short"]);
    let views = ["--select", "kind:view", "--deselect", "named+,path:std/"];
    assert_eq!(planned(&views), ["kinds"]);
    assert_eq!(planned(&["--select", "+short", "--deselect", "short"]), [""; 0]);
    assert_eq!(planned(&["--deselect", "long"]).len() + 1, planned(&[]).len());
    assert!(!sandbox.path(OUT).exists(), "nothing is written");
}

#[test]
fn what_nothing_fits_is_refused_with_the_nearest() {
    let sandbox = project();
    let refused = |args: &[&str], says: &[&str]| {
        run(&sandbox, "build", args).expect(2).says(says);
        assert!(!sandbox.path(OUT).join("extract").exists(), "nothing is written");
    };
    let code = "error[unknown-selection]";
    refused(&["--select", "shrot"], &[code, "did you mean `short`?"]);
    refused(&["--select", "tag:chosn"], &[code, "did you mean `chosen`?"]);
    refused(&["--select", "kind:veiw"], &[code, "did you mean `view`?"]);
    refused(&["--deselect", "path:prat.cpg"], &[code, "did you mean `part.cpg`?"]);
    refused(&["--select", "tga:x"], &["there are `kind:`, `tag:` and `path:`"]);
    refused(&["--select", "short", "--deselect", "short"], &["error[nothing-selected]"]);
}

#[test]
fn a_full_refresh_computes_everything_anew_and_gives_equal_rows() {
    let sandbox = project();
    let whole = build(&sandbox, &["--cache", "cache"]);
    let before = content(&sandbox);
    let anew = build(&sandbox, &["--full-refresh", "--cache", "cache"]);
    assert_ne!(anew["run"], whole["run"]);
    let tables = anew["tables"].as_array().cloned().unwrap_or_default();
    assert!(
        !tables.is_empty() && tables.iter().all(|table| table["status"] == "written"),
        "{tables:?}"
    );
    for (table, version) in versions(&whole) {
        assert_eq!(versions(&anew)[&table], version + 1, "{table}");
    }
    assert_eq!(content(&sandbox), before);
    // Nothing is left to do, and a part alone can be computed anew.
    assert_eq!(build(&sandbox, &[])["run"], anew["run"]);
    let part = build(&sandbox, &["--full-refresh", "--select", "long"]);
    let told = statuses(&part);
    assert_eq!((told["long"].as_str(), told["kinds"].as_str()), ("written", "left"));
    assert_eq!(content(&sandbox), before);
    let args = ["--full-refresh", "--cache", "cache", "-v"];
    let run = run(&sandbox, "build", &args).expect(0);
    assert!(!run.stderr.contains("the cache has its rows"), "{}", run.stderr);
}
