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

#[test]
fn a_saved_plan_is_what_is_done_or_nothing() {
    let sandbox = project();
    let args = |command, rest: &[&'static str]| {
        let all = [command, "--source", "code", "--program", "program"];
        [&all, rest].concat()
    };
    let save = args("plan", &["--save", "next.json", "--select", "path:named.cpg"]);
    let apply = args("build", &["--plan", "next.json", "--select", "path:named.cpg"]);
    sandbox.run(&save).expect(0);
    // The sources change, then the program.
    sandbox.write("code/a.py", "def f():\n    return 2\n");
    let refused = sandbox.run(&apply).expect(3);
    refused.says(&[
        "plan-outdated",
        "the sources have other files\n  graph/",
        ": it would be computed from something else",
    ]);
    assert!(!sandbox.path(OUT).join("runs").exists(), "nothing is written");
    sandbox.run(&save).expect(0);
    program(&sandbox, "d.name == \"g\"");
    sandbox.run(&apply).expect(3).says(&["the program is another one"]);
    sandbox.run(&save).expect(0);
    sandbox.run(&apply).expect(0);
    // Once it is done it is not to be done again.
    sandbox.run(&apply).expect(3).says(&["and not no build", "nothing is done, and was: new"]);
    // A plan to do nothing does nothing.
    sandbox.run(&save).expect(0);
    let done = sandbox.run(&apply).expect(0);
    assert!(done.stdout.contains("Nothing changed"), "{}", done.stdout);
    let selected = args("build", &["--plan", "next.json", "--select", "named"]);
    sandbox.run(&selected).expect(3).says(&["selected is named, and was path:named.cpg"]);
    for text in ["", "{}", "{\"type\": \"plan\", \"version\": 99}"] {
        sandbox.write("next.json", text);
        sandbox.run(&apply).expect(2).says(&["`next.json` holds no plan: "]);
    }
    std::fs::remove_file(sandbox.path("next.json")).expect("it was written");
    sandbox.run(&apply).expect(2).says(&["`next.json` holds no plan: "]);
}

#[test]
fn a_program_is_compared_with_that_of_a_commit() {
    let sandbox = project();
    sandbox.write(
        "program/more.cpg",
        "use named.named\n\nview more = from named as n select { n.name }\n\nexport more\n",
    );
    let git = |args: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.current_dir(sandbox.path(".")).args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
        ]);
        assert!(command.args(args).output().expect("git runs").status.success(), "{args:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "first"]);
    let against = |commit: &'static str, code| {
        let args = ["plan", "--source", "code", "--program", "program", "--against", commit];
        sandbox.run(&args).expect(code)
    };
    assert!(against("HEAD", 0).stdout.ends_with("It means the same.\n"));
    program(&sandbox, "d.name == \"g\" // and a comment\n");
    sandbox.write(
        "program/more.cpg",
        "use named.named\n\nview others = from named as n select { n.name }\n\nexport others\n",
    );
    let told = against("HEAD", 0).stdout;
    assert!(told.contains("\n3 items differ, which are part of 3 outputs.\n"), "{told}");
    assert!(told.contains("New outputs: `others`.\n\nOutputs that are gone: `more`.\n"), "{told}");
    assert!(told.contains("### `more.more`: gone\n\n- nothing reads it\n"), "{told}");
    assert!(
        told.contains("### `named.named`: changed\n\n- `")
            && told.contains(" is \"g\", was \"f\"\n"),
        "{told}"
    );
    assert!(
        told.contains("- read by `more.others`\n- part of the outputs `named`, `others`\n"),
        "{told}"
    );
    against("nonsense", 2).says(&["git knows no commit `nonsense`"]);
    // A file that is gone since was a part of the program.
    std::fs::remove_file(sandbox.path("program/more.cpg")).expect("it is there");
    assert!(against("HEAD", 0).stdout.contains("`more.more`: gone"));
    sandbox.write("program/named.cpg", "view broken =\n");
    assert!(against("HEAD", 1).stdout.is_empty());
}
