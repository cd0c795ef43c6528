//! What differs between builds, and going back to an earlier one.

use std::fs;

use serde_json::Value;

use crate::sandbox::Sandbox;

const OUT: &str = "code/.cpglang";

/// What the tests ask about, and nothing else.
const BUILD: [&str; 7] =
    ["build", "--source", "code", "--program", "program", "--select", "path:named.cpg"];

const PROGRAM: &str = "use std.python.definitions.def\n\n\
    view named = from def as d select { d.def_id, d.name, d.path, d.start_line }\n\n\
    view names = from def as d select { d.name }\n\n\
    check unique named(def_id)\n\nexport named, names\n";

fn project() -> Sandbox {
    let sandbox = Sandbox::small();
    sandbox.write("program/named.cpg", PROGRAM);
    sandbox.write("code/b.py", "class C:\n    pass\n");
    build(&sandbox);
    sandbox
}

fn build(sandbox: &Sandbox) {
    sandbox.run(&BUILD).expect(0);
}

fn diff(sandbox: &Sandbox, args: &[&str]) -> String {
    sandbox.run(&[&["diff", "--out", OUT], args].concat()).expect(0).stdout
}

/// A line for each row that differs: what became of it, its name before and after.
fn rows(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    let told = diff(sandbox, &[&["--format", "ndjson", "--table", "named"], args].concat());
    let line = |line: &str| {
        let row: Value = serde_json::from_str(line).expect("an object");
        let side = |side: &str| match &row[side] {
            Value::Null => "-".to_owned(),
            values => {
                format!("{}:{}", values["name"].as_str().unwrap_or("?"), values["start_line"])
            }
        };
        format!("{} {} {}", row["change"].as_str().unwrap_or("?"), side("before"), side("after"))
    };
    let mut rows: Vec<String> = told.lines().map(line).collect();
    rows.sort();
    rows
}

#[test]
fn differences_are_rows_that_came_went_or_changed() {
    let sandbox = project();
    // `g` moves, `h` comes, `C` goes.
    sandbox.write(
        "code/a.py",
        "def f():\n    return g()\n\n\n\ndef g():\n    return 1\n\ndef h(): pass\n",
    );
    fs::remove_file(sandbox.path("code/b.py")).expect("it is there");
    build(&sandbox);
    let expected = ["added - h:9", "changed g:5 g:6", "removed C:1 -"];
    assert_eq!(rows(&sandbox, &[]), expected);
    assert_eq!(rows(&sandbox, &["1"]), expected);
    assert_eq!(rows(&sandbox, &["1", "2"]), expected);
    let turned = ["added - C:1", "changed g:6 g:5", "removed h:9 -"];
    assert_eq!(rows(&sandbox, &["2", "1"]), turned);
    assert_eq!(rows(&sandbox, &["1", "1"]), [""; 0]);

    let told = diff(&sandbox, &[]);
    assert!(told.contains("graph/named: 1 added, 1 removed, 1 changed\n"), "{told}");
    assert!(told.contains("  ~ name: g, path: a.py, start_line: 5 -> 6\n"), "{told}");
    // Without a key, rows are their values.
    assert!(told.contains("graph/names: 1 added, 1 removed\n  - name: C\n  + name: h\n"), "{told}");
    let limited = diff(&sandbox, &["--limit", "1", "--table", "named"]);
    assert!(limited.contains("  and 2 more; `--limit N` shows more\n"), "{limited}");
    let whole: Value = serde_json::from_str(&diff(&sandbox, &["--format", "json"])).expect("JSON");
    let tables = whole["tables"].as_array().expect("a list");
    assert_eq!(
        tables.iter().map(|one| &one["table"]).collect::<Vec<_>>(),
        ["graph/named", "graph/names"]
    );
    assert_eq!(tables[0]["rows"].as_array().map(Vec::len), Some(3));
}

#[test]
fn other_columns_are_told() {
    let sandbox = project();
    let program = PROGRAM
        .replace("d.start_line }", "upper: upper(d.name) }")
        .replace("export named, names", "export named");
    sandbox.write("program/named.cpg", program);
    build(&sandbox);
    let told = diff(&sandbox, &[]);
    let expected = "graph/named: the same rows in other columns\n  new columns: upper\n  \
                    columns that are gone: start_line\n";
    assert!(told.contains(expected), "{told}");
    // What is not selected stays as it was.
    assert!(told.ends_with("\n1 other output with the same rows\n"), "{told}");
}

#[test]
fn a_cursor_shows_each_change_once() {
    let sandbox = project();
    let next = |sandbox: &Sandbox| rows(sandbox, &["--cursor", "reader/cursor"]);
    fs::create_dir(sandbox.path("reader")).expect("a folder can be made");
    assert_eq!(next(&sandbox), ["added - C:1", "added - f:1", "added - g:5"]);
    assert_eq!(next(&sandbox), [""; 0]);
    sandbox.write("code/b.py", "class D:\n    pass\n");
    build(&sandbox);
    sandbox.write("code/c.py", "class E:\n    pass\n");
    build(&sandbox);
    // Two builds at once, and what was in between is no matter.
    assert_eq!(next(&sandbox), ["added - D:1", "added - E:1", "removed C:1 -"]);
    assert_eq!(next(&sandbox), [""; 0]);
    sandbox.write("reader/cursor", "nonsense");
    let args = ["diff", "--out", OUT, "--cursor", "reader/cursor"];
    sandbox.run(&args).expect(2).says(&["`reader/cursor`: it names no run"]);
}

#[test]
fn going_back_puts_tables_back_for_every_reader() {
    let sandbox = project();
    let names = |sandbox: &Sandbox| sandbox.column(OUT, "select name from named order by name");
    let before = names(&sandbox);
    sandbox.write("code/a.py", "def other(): pass\n");
    build(&sandbox);
    assert_ne!(names(&sandbox), before);
    let told = sandbox.run(&["rollback", "--out", OUT, "1"]).expect(0).stdout;
    assert!(told.starts_with("Back to run-00000001-"), "{told}");
    assert_eq!(names(&sandbox), before);
    assert_eq!(rows(&sandbox, &["1", "3"]), [""; 0]);
    // What readers see that know nothing of runs: the newest version of the table.
    let log = sandbox.path("code/.cpglang/graph/named/_delta_log/00000000000000000002.json");
    let log = fs::read_to_string(log).expect("a version was committed");
    assert!(
        log.contains("RESTORE") && log.contains("\"add\"") && log.contains("\"remove\""),
        "{log}"
    );
    // A build makes what the sources are, and one of the earlier sources has nothing to do.
    sandbox.write("code/a.py", "def f():\n    return g()\n\n\ndef g():\n    return 1\n");
    let run = sandbox.run(&BUILD).expect(0);
    assert!(run.stdout.contains("Nothing changed"), "{}", run.stdout);
    sandbox.write("code/a.py", "def other(): pass\n");
    build(&sandbox);
    assert_eq!(rows(&sandbox, &["2", "4"]), [""; 0]);
}

#[test]
fn what_is_gone_is_named() {
    let sandbox = project();
    sandbox.write("code/a.py", "def other(): pass\n");
    build(&sandbox);
    sandbox
        .run(&["rollback", "--out", OUT, "7"])
        .expect(2)
        .says(&["unknown-run", "there is no run `7`"]);
    sandbox.run(&["history", "--out", OUT, "run-9"]).expect(2).says(&["there is no run `run-9`"]);
    sandbox
        .run(&["diff", "--out", OUT, "--table", "name"])
        .expect(2)
        .says(&["neither build has an output `name`", "did you mean `named`?"]);
    sandbox.run(&["diff", "--out", "nowhere"]).expect(3).says(&["no-build"]);
    // A file of the first build is lost.
    let table = sandbox.path("code/.cpglang/graph/named");
    let folders = fs::read_dir(&table).expect("it was built").flatten();
    let first =
        folders.map(|one| one.path()).find(|path| path.to_string_lossy().contains("run-00000001"));
    fs::remove_dir_all(first.expect("the first run wrote it")).expect("it can be removed");
    let listing = sandbox.listing(OUT);
    for command in [&["rollback", "--out", OUT, "1"][..], &["diff", "--out", OUT, "1"]] {
        sandbox.run(command).expect(3).says(&["build-gone", "`graph/named` of run-00000001-"]);
    }
    let unlocked = |listing: &std::collections::BTreeMap<std::path::PathBuf, _>| listing.len();
    assert_eq!(unlocked(&sandbox.listing(OUT)), unlocked(&listing), "nothing is written");
}
