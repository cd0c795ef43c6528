//! `audit`: the program's checks on a build that is published already.

use std::fs::{self, File};
use std::path::PathBuf;

use serde_json::Value;

use crate::sandbox::{Run, Sandbox};

const OUT: &str = "code/.cpglang";

/// A program with some checks, beside sources with the functions `f` and `g`.
fn program(sandbox: &Sandbox, kind: &str, checks: &[&str]) {
    let calls = checks.iter().any(|check| check.contains("call("));
    let calls = if calls { "use std.python.calls.call\n" } else { "" };
    let checks: Vec<String> = checks.iter().map(|check| format!("check {check}\n")).collect();
    let text = format!(
        "{calls}use std.python.definitions.def\n\n\
         view functions = from def as d where d.kind == \"{kind}\" select {{ d.name, d.kind, d.path }}\n\n\
         view none = from def as d where d.name == \"h\" select {{ d.name }}\n\n\
         export functions, none\n\n{}",
        checks.concat()
    );
    sandbox.write("program/checks.cpg", text);
}

fn built(checks: &[&str]) -> Sandbox {
    let sandbox = Sandbox::small();
    program(&sandbox, "function", checks);
    sandbox.run(&["build", "--source", "code", "--program", "program"]).expect(0);
    sandbox
}

fn audit(sandbox: &Sandbox, more: &[&str]) -> Run {
    sandbox.run(&[&["audit", "--source", "code", "--program", "program"], more].concat())
}

/// The one object of a run that found something out.
fn object(run: &Run) -> Value {
    run.objects().into_iter().find(|one| one["type"] == "audit").expect("the audit is told")
}

#[test]
fn what_holds_is_said_and_nothing_is_written() {
    let sandbox = built(&["expect functions: name != \"h\"", "empty none"]);
    let before = sandbox.listing(OUT);
    // No lock is needed: a build may run.
    let lock = File::open(sandbox.path(&format!("{OUT}/build.lock"))).expect("a build locks");
    lock.try_lock().expect("nobody else holds it");
    let run = audit(&sandbox, &[]).expect(0);
    assert_eq!(run.stderr, "");
    for said in ["holds   `empty checks.none`\n", "holds   `expect checks.functions`\n"] {
        assert!(run.stdout.contains(said), "{}", run.stdout);
    }
    // Those of the standard library, and the ids that builds look at, are among them.
    assert!(run.stdout.contains("references std.graph.cpg_edges(dst, src)"), "{}", run.stdout);
    assert!(run.stdout.contains("`unique std.graph.cpg_nodes(node_id)`"), "{}", run.stdout);
    let told = object(&audit(&sandbox, &["--message-format", "json"]).expect(0));
    let checks = told["checks"].as_array().expect("checks");
    assert!(checks.iter().all(|check| check["passed"] == true), "{told}");
    let all = format!("checks that hold: {0} of {0}\n", checks.len());
    assert!(run.stdout.ends_with(&all), "{}", run.stdout);
    assert_eq!(sandbox.listing(OUT), before);
}

#[test]
fn a_check_that_is_newer_than_the_build_is_looked_at() {
    let sandbox = built(&[]);
    program(&sandbox, "function", &["unique functions(kind)", "empty none"]);
    let run = audit(&sandbox, &[]).expect(4);
    let said = "FAILS   `unique checks.functions(kind)`: 1 row or value breaks it\n          \
                kind: function rows: 2\n";
    assert!(run.stdout.contains(said), "{}", run.stdout);
    let run = audit(&sandbox, &["--message-format", "json"]).expect(4);
    let told = object(&run);
    let broken: Vec<&Value> = told["checks"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|check| check["passed"] == false)
        .collect();
    assert_eq!(broken.len(), 1, "{told}");
    assert_eq!(broken[0]["examples"], serde_json::json!(["kind: function rows: 2"]));
    assert_eq!(run.stderr, "");

    program(&sandbox, "function", &["unique functions(kind) severity warn"]);
    let run = audit(&sandbox, &[]).expect(0);
    assert!(run.stdout.contains("warns   `unique checks.functions(kind)`"), "{}", run.stdout);
    // What is not selected is not looked at.
    program(&sandbox, "function", &["unique functions(kind)"]);
    let run = audit(&sandbox, &["--select", "none"]).expect(0);
    assert!(!run.stdout.contains("functions"), "{}", run.stdout);
}

#[test]
fn what_the_build_does_not_have_is_not_looked_at() {
    let sandbox = built(&[]);
    let checks = ["expect functions: name != \"h\"", "empty none", "unique call(callee_text)"];
    program(&sandbox, "class", &checks);
    let run = audit(&sandbox, &[]).expect(3).says(&["error[not-audited]", "3 checks read", "run-"]);
    for said in [
        "unseen  `expect checks.functions`\n          `checks.functions`: `checks.functions` changed",
        "`std.python.calls.call`: its columns change; new: `callee_text`",
        "holds   `empty checks.none`",
    ] {
        assert!(run.stdout.contains(said), "`{said}` is not in:\n{}", run.stdout);
    }
    let run = audit(&sandbox, &["--message-format", "json"]).expect(3);
    assert_eq!(object(&run)["unaudited"].as_array().map(Vec::len), Some(3));
    let last = run.objects().pop().expect("the failure is told");
    assert_eq!((&last["type"], &last["code"]), (&"failure".into(), &"not-audited".into()));
    // A build of a part leaves the rest as it is: of that, nothing is said.
    let part = ["--source", "code", "--program", "program", "--select", "functions"];
    sandbox.run(&[&["build"], &part[..]].concat()).expect(0);
    let run = audit(&sandbox, &[]).expect(3);
    assert!(run.stdout.contains("`checks.none`: run-00000002-"), "{}", run.stdout);
    assert!(run.stdout.contains("holds   `expect checks.functions`"), "{}", run.stdout);
}

#[test]
fn ids_that_rows_share_are_found() {
    let sandbox = built(&[]);
    let table = sandbox.path(&format!("{OUT}/graph/cpg_nodes"));
    let log = table.join("_delta_log/00000000000000000000.json");
    let text = fs::read_to_string(&log).expect("commits are text");
    let add = text.lines().find(|line| line.starts_with("{\"add\"")).expect("it has files");
    let parsed: Value = serde_json::from_str(add).expect("actions are JSON");
    let file = parsed["add"]["path"].as_str().expect("files have paths");
    let copied = file.replace(".parquet", "-again.parquet");
    fs::copy(table.join(file), table.join(&copied)).expect("it can be copied");
    fs::write(&log, format!("{text}\n{}\n", add.replace(file, &copied))).expect("can be written");
    let run = audit(&sandbox, &[]).expect(4);
    let said = "FAILS   `unique std.graph.cpg_nodes(node_id)`: ";
    assert!(run.stdout.contains(said) && run.stdout.contains("node_id: "), "{}", run.stdout);
}

#[test]
fn what_cannot_be_looked_at_is_told() {
    let sandbox = Sandbox::small();
    program(&sandbox, "function", &["empty none"]);
    audit(&sandbox, &[]).expect(3).says(&["no-build", OUT]);
    assert!(!sandbox.path(OUT).exists());
    audit(&sandbox, &["--select", "nothing"]).expect(2).says(&["unknown-selection", "nothing"]);
    audit(&sandbox, &["more"]).expect(2).says(&["unexpected argument", "more"]);
    let sandbox = built(&["empty functions severity warn"]);
    let is_data = |path: &PathBuf| path.extension().is_some_and(|one| one == "parquet");
    let files = sandbox.listing(&format!("{OUT}/graph/functions")).into_keys().filter(is_data);
    for file in files {
        fs::remove_file(file).expect("it is there");
    }
    audit(&sandbox, &[]).expect(3).says(&["build-gone", "graph/functions"]);
    sandbox.write("program/checks.cpg", "check empty nothing\n");
    audit(&sandbox, &[]).expect(1).says(&["unknown-name"]);
}
