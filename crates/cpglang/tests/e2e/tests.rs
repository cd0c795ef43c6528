//! `test`: programs with tests.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

const PROGRAM: &str = r#"use std.python.evidence.cst_defs

normalize thing from cst_defs as d {
  where d.kind != "lambda"
  id thing_id in "thing" of d.path, d.name
  text name = d.name nfc
  keep kind
}

relate same_name from thing as a to thing as b {
  on a.name == b.name
  require a.path < b.path
  confidence 0.1 + 0.2
  feature same_kind = a.kind == b.kind weight 5
  edge "SAME_NAME"
}

view by_name =
  from thing as t
  group by t.name { files: collect(t.path), n: count() }

export same_name

test "evidence becomes things" for thing {
  given cst_defs [ { path: "a.py", name: "f", ... }, { path: "b.py", name: "g", kind: "lambda", ... } ]
  expect [ { name: "f", thing_id: stable_id("thing", "a.py", "f") } ]
}

test "what is between is computed" for same_name {
  given cst_defs [
    { path: "a.py", name: "f", kind: "class", ... }
    { path: "b.py", name: "f", kind: "class", ... }
    { path: "b.py", name: "g", ... }
  ]
  expect [ { kind: "SAME_NAME", score: 5, confidence: 0.4, span: null } ]
}

test "given rows stand for computed ones" for same_name {
  given thing [ { thing_id: 1, name: "f", path: "a", ... }, { thing_id: 2, name: "f", path: "b", ... } ]
  expect [ { src: 1, dst: 2 } ]
}

test "lists" for by_name {
  given thing [ { thing_id: 1, name: "f", path: "a", ... }, { thing_id: 2, name: "f", path: "b", ... } ]
  expect [ { name: "f", files: ["a", "b"], n: 2 } ]
}

test "nothing from nothing" for by_name {
  given thing []
  expect []
}
"#;

const FAILING: &str = r#"
test "which fails" for by_name {
  given thing [
    { thing_id: 1, name: "f", path: "a", ... }
    { thing_id: 2, name: "f", path: "b", ... }
    { thing_id: 3, name: "g", path: "b", ... }
  ]
  expect [ { name: "f", n: 1 }, { name: "h", n: 1 }, { name: "h", n: 1 } ]
}
"#;

fn project(program: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("things.cpg", program);
    sandbox
}

#[test]
fn tests_that_pass_are_named() {
    let sandbox = project(PROGRAM);
    let run = sandbox.run(&["test"]).expect(0);
    for name in ["evidence becomes things", "what is between is computed", "lists"] {
        assert!(run.stdout.contains(&format!("passed  {name}  (things.cpg:")), "{}", run.stdout);
    }
    assert!(run.stdout.ends_with("\n5 tests passed\n"), "{}", run.stdout);
    assert!(!sandbox.path(".cpglang").exists(), "nothing is written");
    let quiet = sandbox.run(&["test", "--quiet", "things.cpg"]).expect(0);
    assert_eq!(quiet.stdout, "");
}

#[test]
fn a_test_that_fails_shows_what_differs() {
    let sandbox = project(&format!("{PROGRAM}{FAILING}"));
    let run = sandbox.run(&["test", "--filter", "which"]).expect(4);
    insta::assert_snapshot!(run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn programs_read_the_rows_that_differ() {
    let sandbox = project(&format!("{PROGRAM}{FAILING}"));
    let run = sandbox.run(&["test", "--message-format", "json"]).expect(4);
    let objects = run.objects();
    let failed: Vec<&Value> = objects.iter().filter(|one| one["status"] == "failed").collect();
    let [failed] = failed.as_slice() else { panic!("{objects:?}") };
    assert_eq!(failed["name"], "which fails");
    assert_eq!(failed["item"], "things.by_name");
    let h = json!({ "name": "h", "n": 1 });
    assert_eq!(failed["missing"], json!([{ "name": "f", "n": 1 }, h, h]));
    assert_eq!(failed["unexpected"], json!([{ "name": "g", "n": 1 }, { "name": "f", "n": 2 }]));
    let last = objects.last().expect("there is a summary");
    assert_eq!(
        (&last["type"], &last["passed"], &last["failed"]),
        (&json!("test_summary"), &json!(5), &json!(1))
    );
}

#[test]
fn a_wrong_program_is_not_tested() {
    let sandbox = project(&PROGRAM.replace("{ src: 1, dst: 2 }", "{ src: 1, dts: 2 }"));
    let run = sandbox.run(&["test"]).expect(1).says(&["unknown-column", "`dst`"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_filter_that_matches_nothing_is_wrong_usage() {
    let sandbox = project(PROGRAM);
    sandbox.run(&["test", "--filter", "list"]).expect(0);
    sandbox.run(&["test", "--filter", "lisst"]).expect(2).says(&["lists"]);
    let run = Sandbox::new().run(&["test"]).expect(0);
    assert_eq!(run.stdout, "no tests\n");
}

#[test]
fn tests_of_selected_items_run() {
    let sandbox = project(PROGRAM);
    let passed = |args: &[&str]| {
        let run = sandbox.run(&[&["test"], args].concat()).expect(0);
        let lines = run.stdout.lines().filter_map(|line| line.strip_prefix("passed  "));
        lines.filter_map(|line| Some(line.split_once("  (")?.0.to_owned())).collect::<Vec<_>>()
    };
    // No output needs it.
    let by_name = ["lists", "nothing from nothing"];
    assert_eq!(passed(&["--select", "by_name"]), by_name);
    assert_eq!(passed(&["--deselect", "kind:relate,kind:normalize"]), by_name);
    let of_things = ["evidence becomes things", "lists", "nothing from nothing"];
    assert_eq!(passed(&["--select", "thing+", "--deselect", "things.same_name"]), of_things);
    assert_eq!(
        passed(&["--select", "+by_name", "--filter", "things"]),
        ["evidence becomes things"]
    );
    assert_eq!(passed(&["--select", "path:things.cpg"]).len(), 5);
    sandbox.run(&["test", "--select", "by_nam"]).expect(2).says(&["unknown-selection", "by_name"]);
    sandbox.run(&["test", "--select", "cst_defs"]).expect(2).says(&["no tests", "X+"]);
}

#[test]
fn a_test_changes_no_fingerprint() {
    let manifest = |program: &str| {
        let sandbox = project(program);
        sandbox.write("a.py", "def f(): pass\n");
        sandbox.build(".");
        let runs = sandbox.listing(".cpglang/runs");
        let record = runs.keys().find(|path| path.to_string_lossy().contains("manifest"));
        let record = record.expect("there is a manifest");
        std::fs::read(record).expect("it can be read")
    };
    let without = PROGRAM.split("test \"").next().expect("there is a first part");
    assert!(manifest(PROGRAM) == manifest(without), "the manifests differ");
}

#[test]
fn evidence_in_files_is_given_or_has_no_rows() {
    let program = r#"evidence data from csv "data.csv"
evidence more from csv "data.csv" {
  a: int
}

view both =
  from data as d
  left join more as m on m.a == d.a
  select { d.a, d.b, c: m.a }

view v = from both as x select { x.a, x.b, x.c }

export v

test "what the file holds has no part" for v {
  given data [ { a: 7, b: "y" } ]
  expect [ { a: 7, b: "y", c: null } ]
}
"#;
    let sandbox = project(program);
    sandbox.write("data.csv", "a,b\n7,x\n");
    let run = sandbox.run(&["test"]).expect(0);
    assert!(run.stdout.ends_with("\n1 test passed\n"), "{}", run.stdout);
}
