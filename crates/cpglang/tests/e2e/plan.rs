//! `cpglang plan`: what a build would do, and that it does that.

use serde_json::Value;

use crate::sandbox::Sandbox;

const OUT: &str = "code/.cpglang";

fn project() -> Sandbox {
    let sandbox = Sandbox::small();
    program(&sandbox, "d.name == \"f\"");
    sandbox
}

fn program(sandbox: &Sandbox, condition: &str) {
    let text = format!(
        "use std.python.definitions.def\n\nview named = from def as d where {condition} \
         select {{ d.def_id, d.name, d.path }}\n\nexport named\n"
    );
    sandbox.write("program/named.cpg", text);
}

fn run(sandbox: &Sandbox, command: &str) -> String {
    let args = [command, "--source", "code", "--program", "program"];
    sandbox.run(&args).expect(0).stdout
}

/// The tables that would be written, with what would be done.
fn planned(sandbox: &Sandbox) -> Vec<(String, String)> {
    let args = ["plan", "--source", "code", "--program", "program", "--message-format", "json"];
    let text = sandbox.run(&args).expect(0).stdout;
    let plan: Value = serde_json::from_str(&text).expect("one object");
    let tables = plan["tables"].as_array().cloned().unwrap_or_default();
    let text = |table: &Value, key: &str| table[key].as_str().unwrap_or_default().to_owned();
    let all = tables.iter().map(|table| (text(table, "table"), text(table, "action")));
    all.filter(|(_, action)| action != "reuse").collect()
}

#[test]
fn a_plan_writes_nothing_and_says_what_a_build_does() {
    let sandbox = project();
    assert!(run(&sandbox, "plan").contains("A first build, of "));
    assert!(!sandbox.path(OUT).exists(), "nothing is written");
    run(&sandbox, "build");
    assert!(run(&sandbox, "plan").contains("Nothing to do: all is as run-00000001-"));

    sandbox.write("code/a.py", "def f():\n    return 2\n");
    sandbox.write("code/new.py", "def f():\n    return 3\n");
    let told = run(&sandbox, "plan");
    assert!(told.contains("2 files differ\n  new     new.py\n  changed a.py\n"), "{told}");
    assert!(told.contains("graph/named: the rows of files that change, 1 rows now\n"), "{told}");
    let tables = planned(&sandbox);
    run(&sandbox, "build");
    assert!(run(&sandbox, "plan").contains("Nothing to do"));
    let written = "select area || '/' || \"table\" as t from history.tables where status <> 'reused' \
                   and run like 'run-00000002%' order by t";
    let names: Vec<String> = tables.into_iter().map(|(name, _)| name).collect();
    let written = sandbox.column(OUT, written);
    assert!(written.iter().all(|table| names.contains(table)), "{written:?} in {names:?}");
}

#[test]
fn a_plan_says_what_of_the_program_changed() {
    let sandbox = project();
    run(&sandbox, "build");
    program(&sandbox, "d.name == \"g\"");
    let told = run(&sandbox, "plan");
    assert!(told.contains("`named.named` changed: "), "{told}");
    assert!(told.contains(" is \"g\", was \"f\""), "{told}");
    assert_eq!(planned(&sandbox).len(), 1, "nothing else is written: {told}");
    // A comment changes nothing.
    program(&sandbox, "d.name == \"f\" // a comment\n");
    assert!(run(&sandbox, "plan").contains("Nothing to do"));
    // What the program has no more stays, and is told.
    std::fs::remove_dir_all(sandbox.path("code/.cpglang/graph/named")).expect("it was built");
    let told = run(&sandbox, "plan");
    assert!(told.contains("graph/named: new\n  it is not there\n"), "{told}");
}
