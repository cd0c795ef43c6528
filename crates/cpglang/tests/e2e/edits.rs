//! Any sequence of edits leaves the tables that a clean build of the same sources makes.
//!
//! `CPG_EDITS` says how many edits, and `CPG_PACKAGE` names a folder of Python to make them in; by default, a few in a
//! package that is made up here, large enough for several segments.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::sandbox::{Sandbox, copy};

const MODULES: usize = 160;

/// The outputs, each with columns that put its rows in an order.
const TABLES: [(&str, &str); 9] = [
    ("cpg_nodes", "node_id"),
    ("cpg_edges", "src, dst, kind"),
    ("cpg_edges_by_src", "src, dst, kind"),
    ("cpg_edges_by_dst", "src, dst, kind"),
    ("cpg_props", "node_id, key, value"),
    ("cpg_props_map", "node_id"),
    ("relation_output", "src, dst, kind, rule"),
    ("relationship_quality", "kind, provider, rule"),
    ("coverage_report", "path"),
];

fn module(number: usize) -> String {
    let (base, helper) = (number * 7 % MODULES, number * 13 % MODULES);
    format!(
        "import json\nfrom pkg.m{base:03} import Thing as Base\nfrom pkg.m{helper:03} import helper as other\n\n\n\
         class Thing(Base):\n    def run(self, value):\n        return self.run(other(value))\n\n\n\
         def helper(value=None):\n    thing = Thing()\n    return json.dumps(thing.run(value=value))\n"
    )
}

fn made_up(sandbox: &Sandbox) {
    sandbox.write("code/pkg/__init__.py", "");
    for number in 0..MODULES {
        sandbox.write(&format!("code/pkg/m{number:03}.py"), module(number));
    }
}

/// Numbers that look random and are the same every time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).expect("it is below a usize")
    }
}

fn python_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("it can be listed") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() && !path.ends_with(".cpglang") {
            files.extend(python_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "py") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// One edit; says which.
fn edit(folder: &Path, number: usize, numbers: &mut Numbers) -> String {
    let files = python_files(folder);
    let file = files[numbers.below(files.len())].clone();
    let text = fs::read(&file).map(|text| String::from_utf8_lossy(&text).into_owned());
    let text = text.expect("it can be read");
    let write = |text: String| fs::write(&file, text).expect("it can be written");
    let what = match number % 6 {
        0 => {
            write(format!("import edited_{number}\n{text}"));
            "a line above all"
        }
        1 => {
            write(format!("{text}\n\ndef edited_{number}():\n    return helper()\n"));
            "a function below all"
        }
        2 => {
            fs::rename(&file, file.with_file_name(format!("renamed_{number}.py")))
                .expect("renamed");
            "another name"
        }
        3 => {
            let lines: Vec<&str> = text.lines().collect();
            write(lines[..lines.len() / 2].join("\n"));
            "its second half gone"
        }
        4 => {
            fs::remove_file(&file).expect("it was there");
            "all of it gone"
        }
        _ => {
            fs::write(file.with_file_name(format!("added_{number}.py")), module(number))
                .expect("added");
            "one beside it"
        }
    };
    format!("{}: {what}", file.display())
}

/// What the newest version of a table says of what its rows follow from.
fn follows(sandbox: &Sandbox, table: &str) -> String {
    let log = fs::read_dir(sandbox.path(table).join("_delta_log")).expect("it is a table");
    let commits = log.map(|entry| entry.expect("it can be listed").path());
    let commits = commits.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let newest = fs::read_to_string(commits.max().expect("it has a commit")).expect("it is text");
    let lines = newest.lines().map(|line| serde_json::from_str(line).expect("a log is JSON"));
    let mut follows = lines.filter_map(|action: serde_json::Value| {
        action["commitInfo"]["cpglang.follows"].as_str().map(str::to_owned)
    });
    follows.next().expect("it is computed as a whole")
}

#[test]
fn lines_that_move_change_no_ids_and_nothing_that_is_computed_across_files() {
    let sandbox = Sandbox::new();
    made_up(&sandbox);
    let build = || {
        sandbox.run(&["build", "--source", "code", "--out", "out", "--quiet"]).expect(0);
        let rows = [
            "select node_id, kind, name, path from cpg_nodes order by node_id",
            "select src, dst, kind, path from cpg_edges order by src, dst, kind",
        ];
        let rows = rows.map(|sql| sandbox.rows("out", sql));
        (rows, follows(&sandbox, "out/graph/cpg_edges_by_dst"))
    };
    let (before, followed) = build();
    let text = module(0).replace("\n\n\n", "\n\n\n# a comment\n");
    sandbox.write("code/pkg/m000.py", format!("# another one\n\n{text}"));
    let (after, follows) = build();
    for (before, after) in before.iter().zip(&after) {
        let other = before.iter().zip(after).find(|(before, after)| before != after);
        assert!(before.len() == after.len() && other.is_none(), "{other:?}");
    }
    assert_eq!(followed, follows);
}

#[test]
fn any_sequence_of_edits_leaves_what_a_clean_build_makes() {
    let sandbox = Sandbox::new();
    let edits = std::env::var("CPG_EDITS").ok().and_then(|edits| edits.parse().ok()).unwrap_or(2);
    match std::env::var_os("CPG_PACKAGE") {
        Some(package) => copy(Path::new(&package), &sandbox.path("code")),
        None => made_up(&sandbox),
    }
    let build = |out: &str| sandbox.run(&["build", "--source", "code", "--out", out, "--quiet"]);
    build("edited").expect(0);
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for number in 0..edits {
        let what = edit(&sandbox.path("code"), number, &mut numbers);
        build("edited").expect(0);
        drop(fs::remove_dir_all(sandbox.path("clean")));
        build("clean").expect(0);
        for (table, order) in TABLES {
            let sql = format!("select * from {table} order by {order}");
            let (edited, clean) = (sandbox.rows("edited", &sql), sandbox.rows("clean", &sql));
            assert!(!clean.is_empty(), "{table}");
            let other = edited.iter().zip(&clean).find(|(edited, clean)| edited != clean);
            assert!(
                edited.len() == clean.len() && other.is_none(),
                "{table} after edit {number} of {what}: {} rows, {} of a clean build, first {other:?}",
                edited.len(),
                clean.len(),
            );
        }
    }
}

/// What became of each table in the newest build, by its name.
fn statuses(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let args = ["build", "--source", "code", "--message-format", "json"];
    let objects = sandbox.run(&args).expect(0).objects();
    let built = objects.iter().find(|object| object["type"] == "build").expect("it is told");
    let tables = built["record"]["tables"].as_array().expect("there are tables").iter();
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    tables.map(|table| (text(&table["table"]), text(&table["status"]))).collect()
}

#[test]
fn a_comment_below_all_else_changes_what_speaks_of_its_file() {
    let sandbox = Sandbox::new();
    made_up(&sandbox);
    sandbox.build("code");
    sandbox.write("code/pkg/m007.py", format!("{}# a comment\n", module(7)));
    let statuses = statuses(&sandbox);
    let changed = statuses.iter().filter(|(_, status)| *status != "reused");
    let changed: Vec<&str> = changed.map(|(table, _)| table.as_str()).collect();
    let expected = [
        "cpg_edges",
        "cpg_nodes",
        "cpg_props",
        "cpg_props_map",
        "relation_output",
        "repo_files",
        "scopes",
        "std.files.file",
        "std.python.scopes.scope",
        "symbols",
    ];
    assert_eq!(changed, expected);
}

#[test]
fn lines_that_move_leave_what_does_not_speak_of_lines() {
    let sandbox = Sandbox::new();
    made_up(&sandbox);
    sandbox.build("code");
    let moved = format!("# a comment\n\n{}", module(7));
    sandbox.write("code/pkg/m007.py", moved);
    let statuses = statuses(&sandbox);
    for table in [
        "std.python.imports.symbol_outside",
        "std.python.imports.defined_name",
        "std.python.classes.class_name",
        "std.python.classes.member",
        "std.python.values.flows.flow",
        "std.python.values.points_to.points_to_values",
        "std.python.calls.value_target",
        "std.python.calls.called_def",
    ] {
        // Some are no table of their own.
        assert!(statuses.get(table).is_none_or(|status| status == "reused"), "{table}");
    }
    assert_eq!(statuses["std.python.values.points_to.points_to_values"], "reused");
    assert_eq!(statuses["cpg_edges"], "updated");
    // Which is by segments: of the other ones nothing is computed.
    let explained = sandbox.run(&["explain", "std.graph.cpg_edges"]).expect(0).stdout;
    assert!(explained.contains("made anew for the files"), "{explained}");
}
