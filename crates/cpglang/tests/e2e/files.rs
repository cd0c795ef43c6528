//! Evidence in files, from checking to rows.

use std::fs;

use crate::sandbox::{Sandbox, copy};

const OUT: &str = "code/.cpglang";

/// Sources with a program of their own and some data.
fn with_program(program: &str) -> Sandbox {
    let sandbox = Sandbox::small();
    sandbox.write("code/data/calls/one.csv", "caller,line,note\nf,1,\ng,,\"two\nlines\"\n");
    sandbox.write("code/data/calls/two.csv", "caller,line,note\nh,7,x\n");
    sandbox.write("code/data/notes.ndjson", "{\"name\":\"f\",\"text\":\"a\"}\n{\"name\":\"g\"}\n");
    sandbox.write("code/files.cpg", program);
    sandbox
}

const TEXTS: &str = "\
evidence calls from csv \"data/calls/*.csv\" { caller: string, line: Line<1>? }
evidence notes from ndjson \"data/notes.ndjson\"

view callers =
  from calls as c
  left join notes as n on c.caller == n.name
  select { c.caller, c.line, n.text }

export callers
";

#[test]
fn texts_are_read_as_their_contract_says() {
    let sandbox = with_program(TEXTS);
    sandbox.build("code");
    let rows = "select caller || ' ' || coalesce(line, 0) || ' ' || coalesce(text, '-') from callers order by 1";
    assert_eq!(sandbox.column(OUT, rows), ["f 1 a", "g 0 -", "h 7 -"]);

    // Nothing changes, nothing is written.
    let before = sandbox.listing(OUT);
    sandbox.build("code");
    assert_eq!(sandbox.listing(OUT), before);

    // Other rows in a file are other rows in the table; where they stand does not matter.
    sandbox.write("code/data/calls/two.csv", "caller,line,note\nh,8,x\n");
    sandbox.build("code");
    assert_eq!(sandbox.column(OUT, rows), ["f 1 a", "g 0 -", "h 8 -"]);
    let before = sandbox.listing("code/.cpglang/graph/callers");
    let moved = sandbox.path("code/data/calls");
    fs::rename(moved.join("two.csv"), moved.join("three.csv")).expect("a file can be renamed");
    sandbox.build("code");
    assert_eq!(sandbox.listing("code/.cpglang/graph/callers"), before);
}

#[test]
fn tables_of_a_build_are_evidence_for_another() {
    let sandbox = Sandbox::small();
    sandbox.build("code");
    let nodes = sandbox.path("code/.cpglang/graph/cpg_nodes");
    sandbox.write("other/a.py", "");
    fs::create_dir_all(sandbox.path("other/data")).expect("a folder can be made");
    copy(&nodes, &sandbox.path("other/data/nodes"));
    sandbox.write(
        "other/files.cpg",
        "evidence nodes from delta \"data/nodes\" { node_id: Id, kind: string }\n\
         evidence stored from parquet \"data/nodes/run-*/*.parquet\"\n\
         view kinds = from nodes as n group by n.kind { rows: count() }\n\
         view ids = from stored as s where s.kind is not null select { s.node_id, s.kind }\n\
         export kinds, ids\n",
    );
    sandbox.build("other");
    let out = "other/.cpglang";
    let nodes = sandbox.column(OUT, "select count(*) from cpg_nodes");
    assert_ne!(nodes, ["0"]);
    assert_eq!(sandbox.column(out, "select sum(rows) from kinds"), nodes);
    assert_eq!(sandbox.column(out, "select count(*) from ids"), nodes);
}

#[test]
fn what_is_wrong_with_files_is_told_before_anything_runs() {
    for (evidence, code) in [
        ("evidence x from parquet \"data/gone.parquet\"", "missing-file"),
        ("evidence x from parquet \"data/notes.ndjson\"", "unreadable-file"),
        ("evidence x from delta \"data\"", "unreadable-file"),
        ("evidence x from csv \"/etc/passwd\"", "bad-location"),
        ("evidence x from ndjson \"data/notes.ndjson\" { name: int }", "contract-mismatch"),
        ("evidence x from csv \"data/calls\" { callr: string? }", "unknown-column"),
    ] {
        let sandbox = with_program(&format!("{evidence}\n"));
        let run = sandbox.run(&["check", "code/files.cpg"]).expect(1);
        assert!(run.stderr.contains(code), "{evidence}: {}", run.stderr);
        assert!(!sandbox.path(OUT).exists());
    }
}

#[test]
fn a_file_that_breaks_its_contract_breaks_the_build() {
    let says = |rows: &str, said: &str| {
        let program = "evidence calls from csv \"data/calls/one.csv\" { caller: string, line: int }\n\
                       view all_of = from calls as c select { c.caller, c.line }\nexport all_of\n";
        let sandbox = with_program(program);
        sandbox.write("code/data/calls/one.csv", rows);
        let run = sandbox.run(&["build", "--source", "code"]).expect(3);
        run.says(&["broken-evidence", "files.calls", said]);
    };
    says("caller,line\nf,\n", "`line` is null");
    says("caller,line\nf,x\n", "x");
}
