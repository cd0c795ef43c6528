//! One build after another.

use std::fs;

use crate::sandbox::Sandbox;

const OUT: &str = "code/.cpglang";
const FUNCTIONS: &str =
    "select name from cpg_nodes where kind in ('FUNCTION', 'CLASS', 'METHOD') order by name";

#[test]
fn nothing_changed_writes_nothing() {
    let sandbox = Sandbox::small();
    sandbox.build("code");
    let before = sandbox.listing(OUT);
    let report = sandbox.build("code").stdout;
    assert!(report.contains("Nothing changed"), "{report}");
    assert!(report.contains("reused") && !report.contains(" s\n"), "{report}");
    assert_eq!(sandbox.listing(OUT), before);
}

#[test]
fn an_edit_shows_in_the_next_build() {
    let sandbox = Sandbox::small();
    sandbox.build("code");
    assert_eq!(sandbox.column(OUT, FUNCTIONS), ["f", "g"]);
    sandbox.write("code/b.py", "from a import f\n\n\nclass C:\n    def m(self):\n        f()\n");
    sandbox.build("code");
    assert_eq!(sandbox.column(OUT, FUNCTIONS), ["C", "f", "g", "m"]);
    fs::remove_file(sandbox.path("code/a.py")).expect("it was there");
    sandbox.build("code");
    assert_eq!(sandbox.column(OUT, FUNCTIONS), ["C", "m"]);
}

#[test]
fn the_program_decides_what_is_built() {
    let sandbox = Sandbox::small();
    let program = "use std.python.definitions.def\n\n/// By name.\nview by_name =\n  from def as d\n  \
                   group by d.name { places: count() }\n\nexport by_name\n";
    sandbox.write("code/names.cpg", program);
    sandbox.build("code");
    assert_eq!(sandbox.column(OUT, "select name from by_name order by name"), ["f", "g"]);

    // Comments and layout mean nothing.
    let table = format!("{OUT}/graph/by_name");
    let before = sandbox.listing(&table);
    sandbox.write("code/names.cpg", program.replace("/// By name.\n", "// Other words.\n\n"));
    sandbox.build("code");
    assert_eq!(sandbox.listing(&table), before);

    // What the sources hold as `.cpg` is not the program when another one is given.
    sandbox.write("other.cpg", program.replace("by_name", "names"));
    sandbox.run(&["build", "--source", "code", "--program", "other.cpg"]).expect(0);
    assert_eq!(sandbox.column(OUT, "select name from names order by name"), ["f", "g"]);
    sandbox.run(&["query", "--out", OUT, "select * from by_name"]).expect(1).says(&["bad-query"]);
}

#[test]
fn threads_and_places_change_no_row() {
    let sandbox = Sandbox::bookshop();
    sandbox.run(&["build", "--source", "shop", "--out", "one", "--threads", "1"]).expect(0);
    sandbox.run(&["build", "--source", "shop", "--out", "two", "--threads", "4"]).expect(0);
    for (table, order) in [
        ("cpg_nodes", "node_id"),
        ("cpg_edges", "src, dst, kind"),
        ("relation_output", "src, dst, kind, rule"),
    ] {
        let sql = format!("select * from {table} order by {order}");
        let rows = sandbox.rows("one", &sql);
        assert!(!rows.is_empty());
        assert_eq!(rows, sandbox.rows("two", &sql), "{table}");
    }
}

#[test]
fn the_stream_tells_the_build() {
    let sandbox = Sandbox::small();
    let run = sandbox.run(&["build", "--source", "code", "--message-format", "json"]).expect(0);
    assert_eq!(run.stderr, "");
    let objects = run.objects();
    assert!(objects.iter().all(|object| object["version"] == 1 && object["type"].is_string()));
    assert!(objects.iter().any(|object| object["event"] == "published"));
    let last = objects.last().expect("there is a record");
    assert_eq!(last["type"], "build");
    let tables = last["record"]["tables"].as_array().expect("the record lists tables");
    let committed = objects
        .iter()
        .find(|object| object["table"] == "graph/cpg_nodes" && object["event"] == "committed");
    assert_eq!(committed.expect("it was committed")["table_version"], 0);
    let nodes = tables.iter().find(|table| table["table"] == "cpg_nodes").expect("an output");
    assert_eq!(nodes["status"], "written");

    let quiet = sandbox.run(&["build", "--source", "code", "--quiet"]).expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn several_sources_are_one_graph() {
    let sandbox = Sandbox::small();
    sandbox.write("more/b.py", "import a\n\n\ndef h():\n    a.f()\n");
    sandbox.run(&["build", "--source", "code", "--source", "more"]).expect(0);
    let sql = "select s.qualified_name || ' ' || d.qualified_name from cpg_edges e \
               join cpg_nodes s on e.src = s.node_id join cpg_nodes d on e.dst = d.node_id \
               where e.kind = 'CALL_GRAPH' order by 1";
    assert_eq!(sandbox.column(OUT, sql), ["a.f a.g", "b.h a.f"]);
}

#[test]
fn a_budget_without_room_for_one_sort_is_refused_before_work() {
    let sandbox = Sandbox::small();
    let build = |more: &[&str]| {
        let args = ["build", "--source", "code", "--memory", "8MiB", "--threads", "2"];
        sandbox.run(&[&args[..], more].concat())
    };
    build(&[]).expect(3).says(&[
        "error[too-little-memory]: `std.",
        "sorts, for which it needs more than the 10 MiB that a sort sets aside",
        "is given 8 MiB",
        "say `--memory 80MiB` or more",
    ]);
    let tables = sandbox.path("code/.cpglang/extract");
    assert!(!tables.exists(), "nothing was read or written");
    // Where no task sorts, it may be enough.
    sandbox.write(
        "program/names.cpg",
        "use std.python.definitions.def\nview names = from def as d select { d.name }\nexport names\n",
    );
    build(&["--program", "program", "--select", "names"]).expect(0);
    assert_eq!(sandbox.column("code/.cpglang", "select name from names order by name"), ["f", "g"]);
}
