//! Sources and outputs that cannot be what they are said to be. Nothing may panic, and nothing may be lost.

use std::fs;

use crate::sandbox::Sandbox;

#[test]
fn a_source_must_be_a_directory() {
    let sandbox = Sandbox::small();
    sandbox.run(&["build", "--source", "nowhere"]).expect(3).says(&[
        "bad-source",
        "nowhere",
        "help",
        "cpglang explain bad-source",
    ]);
    sandbox.run(&["build", "--source", "code/a.py"]).expect(3).says(&["bad-source", "a.py"]);
    sandbox.run(&["build", "--source", "code/a.py/below"]).expect(3).says(&["bad-source"]);
    assert!(!sandbox.path("nowhere").exists(), "no output is made beside what is not there");
    let run = sandbox.run(&["build", "--source", "nowhere", "--message-format", "json"]).expect(3);
    assert_eq!(run.stderr, "");
    let last = run.objects().pop().expect("the failure is told");
    assert_eq!((&last["type"], &last["code"]), (&"failure".into(), &"bad-source".into()));
}

#[test]
fn an_empty_directory_has_nothing_to_extract() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("empty")).expect("can be made");
    sandbox.run(&["build", "--source", "empty"]).expect(3).says(&["nothing-to-extract"]);
}

#[test]
fn without_python_the_tables_are_empty() {
    let sandbox = Sandbox::new();
    sandbox.write("code/readme.txt", "no code\n");
    sandbox.build("code");
    let out = "code/.cpglang";
    assert_eq!(sandbox.column(out, "select kind from cpg_nodes"), ["FILE"]);
    assert_eq!(sandbox.column(out, "select count(*) from cpg_edges"), ["0"]);
}

#[test]
fn what_cannot_be_parsed_is_named_and_the_rest_built() {
    let sandbox = Sandbox::small();
    sandbox.write("code/broken.py", "def ok():\n    pass\n\ndef broken(:\n");
    sandbox.write("code/binary.py", b"\xff\xfe\x00\x01");
    sandbox.write("code/latin.py", b"# -*- coding: latin-1 -*-\ndef caf\xe9(): pass\n");
    sandbox.write("code/deep.py", format!("x = {}1{}\n", "(".repeat(20_000), ")".repeat(20_000)));
    sandbox.write("code/empty.py", "");
    let report = sandbox.build("code").stdout;
    assert!(report.contains("select * from errors"), "{report}");
    let out = "code/.cpglang";
    let errors = sandbox.column(out, "select distinct path from errors order by path");
    assert!(errors.contains(&"broken.py".to_owned()), "{errors:?}");
    assert!(errors.contains(&"binary.py".to_owned()), "{errors:?}");
    assert!(!errors.contains(&"a.py".to_owned()), "{errors:?}");
    let names = sandbox.column(out, "select name from cpg_nodes where kind = 'FUNCTION'");
    for name in ["f", "g", "ok", "café"] {
        assert!(names.contains(&name.to_owned()), "`{name}` is not in {names:?}");
    }
}

#[test]
fn an_output_must_be_a_directory_that_can_be_made() {
    let sandbox = Sandbox::small();
    sandbox.write("file", "mine");
    let to = |out: &str| sandbox.run(&["build", "--source", "code", "--out", out]);
    to("file").expect(3).says(&["bad-output", "file"]);
    to("file/below").expect(3).says(&["bad-output"]);
    assert_eq!(fs::read(sandbox.path("file")).expect("it is as it was"), b"mine");
    if cfg!(target_os = "linux") {
        // Not even root may make folders there.
        to("/proc/cpglang").expect(3).says(&["bad-output", "/proc/cpglang"]);
    }
}

#[test]
fn a_query_needs_a_build() {
    let sandbox = Sandbox::new();
    sandbox.run(&["query", "select 1"]).expect(3).says(&["no-build", ".cpglang"]);
    sandbox.run(&["query", "-f", "missing.sql"]).expect(2).says(&["missing.sql"]);
}

#[test]
fn a_table_that_something_else_wrote_is_kept() {
    let sandbox = Sandbox::small();
    sandbox.write("out/graph/cpg_nodes/_delta_log/00000000000000000000.json", FOREIGN_LOG);
    let build = || sandbox.run(&["build", "--source", "code", "--out", "out"]);
    let before = sandbox.listing("out/graph");
    build().expect(3).says(&["foreign-table", "graph/cpg_nodes", "CREATE TABLE"]);
    let mut after = sandbox.listing("out/graph");
    after.retain(|path, _| path.starts_with(sandbox.path("out/graph/cpg_nodes")));
    let mut kept = before;
    kept.retain(|path, _| path.starts_with(sandbox.path("out/graph/cpg_nodes")));
    assert_eq!(after, kept);
    fs::remove_dir_all(sandbox.path("out/graph/cpg_nodes")).expect("it is there");
    build().expect(0);
}

/// A table of one column that another program made.
const FOREIGN_LOG: &str = r#"{"commitInfo":{"timestamp":1700000000000,"operation":"CREATE TABLE","engineInfo":"other"}}
{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
{"metaData":{"id":"00000000-0000-4000-8000-000000000000","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],"configuration":{},"createdTime":1700000000000}}
"#;
