//! `check` items: what must hold of a build, and what happens when it does not.

use crate::sandbox::Sandbox;

const OUT: &str = "code/.cpglang";

/// A program with one check, beside sources with the functions `f` and `g`, of which `f` calls `g`.
fn with_check(check: &str) -> Sandbox {
    let sandbox = Sandbox::small();
    let program = format!(
        "use std.graph.cpg_nodes\nuse std.python.calls.{{call, call_by_scope}}\n\
         use std.python.definitions.def\n\nview functions =\n  from def as d\n  where d.kind == \"function\"\n  \
         select {{ d.name, d.kind, d.path, first: if d.name == \"f\" then d.name else null }}\n\n\
         view none = from def as d where d.name == \"h\" select {{ d.name }}\n\n\
         export functions, none\n\ncheck {check}\n"
    );
    sandbox.write("program/checks.cpg", program);
    sandbox
}

fn build(sandbox: &Sandbox) -> crate::sandbox::Run {
    sandbox.run(&["build", "--source", "code", "--program", "program"])
}

#[test]
fn what_holds_is_counted() {
    let checks = [
        "unique cpg_nodes(node_id)",
        "unique functions(name, path)",
        "not_null functions(name, path)",
        "unique functions(first)",
        "references functions(first) -> functions(name)",
        "accepted functions(name) in (\"f\", \"g\", \"h\")",
        "accepted functions(first) in (\"f\")",
        "expect functions: name != \"h\" and first != \"g\"",
        "empty none",
        "coverage call in call_by_scope >= 100%",
        "coverage def in call(local_id) >= 50%",
        "unique def(span)",
    ];
    let sandbox = with_check(&checks.join("\ncheck "));
    let run = build(&sandbox).expect(0);
    // The standard library has one of its own.
    let all = checks.len() + 1;
    let said = format!("Checks that hold: {all} of {all}");
    assert!(run.stdout.contains(&said), "{}", run.stdout);
}

#[test]
fn what_does_not_hold_keeps_the_build_from_being_published() {
    for (check, said) in [
        ("unique functions(kind)", &["1 row or value breaks it", "kind: function rows: 2"][..]),
        ("not_null functions(name, first)", &["1 row or value", "name: g", "path: a.py"]),
        ("references functions(first) -> none(name)", &["1 row or value", "first: f"]),
        ("accepted functions(name) in (\"f\")", &["1 row or value", "name: g"]),
        ("expect functions: first != \"f\"", &["1 row or value", "first: f"]),
        ("empty functions", &["2 rows or values", "name: f", "name: g"]),
        ("coverage def in call(local_id) >= 50.1%", &["1 of 2 are covered, 50.0 %", "def_id: "]),
    ] {
        let sandbox = with_check(check);
        let run = build(&sandbox).expect(4).says(&["error[check-failed]", "a check fails"]);
        run.says(said);
        sandbox.run(&["query", "--out", OUT, "select 1"]).expect(3).says(&["no-build"]);
    }
}

#[test]
fn a_failed_check_leaves_the_build_before_it() {
    let sandbox = with_check("accepted functions(name) in (\"f\", \"g\")");
    build(&sandbox).expect(0);
    sandbox.write("code/b.py", "def h(): pass\n");
    build(&sandbox).expect(4).says(&["name: h"]);
    let names = "select name from functions order by name";
    assert_eq!(sandbox.column(OUT, names), ["f", "g"]);
    sandbox.write("code/b.py", "def g(): pass\n");
    build(&sandbox).expect(0);
    assert_eq!(sandbox.column(OUT, names), ["f", "g", "g"]);
}

#[test]
fn a_warning_is_told_and_kept() {
    let sandbox = with_check("empty functions severity warn");
    let run = build(&sandbox).expect(0);
    for part in
        ["Checks that hold: 1 of 2", "empty checks.functions", "2 rows or values", "name: f"]
    {
        assert!(run.stdout.contains(part), "`{part}` is not in:\n{}", run.stdout);
    }
    let again = build(&sandbox).expect(0);
    assert!(again.stdout.contains("Nothing changed"), "{}", again.stdout);
    assert!(again.stdout.contains("Checks that hold: 1 of 2"), "{}", again.stdout);
}

#[test]
fn a_new_check_rebuilds_nothing_that_is_published() {
    let sandbox = with_check("empty none");
    build(&sandbox).expect(0);
    let before = sandbox.listing(&format!("{OUT}/graph"));
    let program = std::fs::read_to_string(sandbox.path("program/checks.cpg")).expect("it is there");
    sandbox.write(
        "program/checks.cpg",
        format!("{program}check not_null def(is_async, start_line)\n"),
    );
    let run = build(&sandbox).expect(0);
    assert!(run.stdout.contains("Checks that hold: 3 of 3"), "{}", run.stdout);
    assert_eq!(sandbox.listing(&format!("{OUT}/graph")), before);
}
