//! `python.bytecode` with the interpreter at hand, and without one. For equality with `dis` see `oracle`.

use std::path::PathBuf;
use std::process::Command;

use cpg_evidence::{ExtractOptions, Scan, ScanOptions, Source};

use crate::support::{Sources, Tables, needs_of};

fn scan(sources: &Sources, python: &str) -> Scan {
    let extract =
        ExtractOptions { python: Some(PathBuf::from(python)), ..ExtractOptions::default() };
    let options = ScanOptions { extract, ..ScanOptions::default() };
    cpg_evidence::scan(&[Source::new(sources.path())], &options).expect("a directory")
}

/// None where there is no interpreter.
fn tables(files: &[(&str, &str)]) -> Option<Tables> {
    Command::new("python3").arg("--version").output().ok()?;
    let sources = Sources::new(files);
    let needs = needs_of(&["python.bytecode", "errors"]);
    Some(Tables::with(&scan(&sources, "python3"), &needs))
}

#[test]
fn units_are_nested() {
    let text = "class C:\n    def f(self, a, /, b, *, c):\n        return lambda: a\n";
    let Some(tables) = tables(&[("m.py", text)]) else { return };
    assert_eq!(
        tables.select(
            "code_units",
            "unit parent qualified_name start_line argument_count keyword_only_count"
        ),
        ["0 - <module> 1 0 0", "1 0 C 1 0 0", "2 1 C.f 2 3 1", "3 2 C.f.<locals>.<lambda> 3 0 0",]
    );
    assert_eq!(tables.select("extract_errors", "kind"), [""; 0]);
}

#[test]
fn places_count_raw_bytes() {
    let text = "\u{feff}x = 'é' + y\r\nz = f(x)\r\n";
    let Some(tables) = tables(&[("m.py", text)]) else { return };
    let spans = tables.select("instructions", "op start end start_line");
    let call = text.find("f(x)").expect("it is there");
    let expected = format!("{} {} 2", call, call + 4);
    assert!(
        spans.iter().any(|row| row.starts_with("CALL ") && row.ends_with(&expected)),
        "{spans:?}"
    );
    let load = text.find('y').expect("it is there");
    let expected = format!("LOAD_NAME {load} {} 1", load + 1);
    assert!(spans.contains(&expected), "{spans:?}");
}

#[test]
fn blocks_end_where_control_may_leave() {
    let text =
        "def f(a):\n    try:\n        return g(a) if a else 1\n    except E:\n        return 2\n";
    let Some(tables) = tables(&[("m.py", text)]) else { return };
    let edges = tables.select("bc_cfg_edges", "unit from_block to_block kind");
    let has = |kind: &str| edges.iter().any(|edge| edge.starts_with("1 ") && edge.ends_with(kind));
    assert!(has("next") && has("jump") && has("raise"), "{edges:?}");
    let handlers = tables.select("bc_blocks", "unit is_handler");
    assert!(handlers.contains(&"1 true".to_owned()), "{handlers:?}");
    let blocks = tables.select("bc_blocks", "start_offset last_offset");
    assert!(blocks.len() > 6, "{blocks:?}");
}

#[test]
fn what_does_not_compile_costs_itself_only() {
    let deep = format!("x = {}1{}\n", "(".repeat(500), ")".repeat(500));
    let files = [
        ("a.py", "x = = 1\n"),
        ("b.py", "return 1\n"),
        ("c.py", deep.as_str()),
        ("d.py", "x = 1\0\n"),
        ("e.py", "y = 2\n"),
    ];
    let Some(tables) = tables(&files) else { return };
    let errors = tables.select("extract_errors", "path extractor kind");
    let of = |path: &str| format!("{path} python.bytecode syntax");
    assert_eq!(errors, [of("a.py"), of("b.py"), of("c.py"), of("d.py")]);
    assert_eq!(tables.select("extract_errors", "path line")[..2], ["a.py 1", "b.py 1"]);
    assert_eq!(tables.select("code_units", "path"), ["e.py"]);
}

#[test]
fn without_an_interpreter_there_is_a_note_and_the_rest() {
    let sources = Sources::new(&[("a.py", "x = 1\n"), ("b.py", "y = 1\n")]);
    let scan = scan(&sources, "/nowhere/python");
    let tables = Tables::with(&scan, &needs_of(&["python.bytecode", "python.cst", "errors"]));
    assert_eq!(tables.select("code_units", "path"), [""; 0]);
    assert_eq!(tables.select("cst_refs", "name"), ["x", "y"]);
    assert_eq!(
        tables.select("extract_errors", "path extractor kind"),
        [" python.bytecode subprocess"]
    );
    assert_eq!(tables.summary.errors, 1);
}

/// How interpreters hang and flood is tried with short limits, beside the code that asks them.
#[cfg(unix)]
#[test]
fn an_interpreter_that_is_none_costs_its_own_tables_only() {
    use std::os::unix::fs::PermissionsExt;
    let greeting = "echo '[\"CPython\",\"3.11.0\"]'";
    for (does, told) in [
        ("while read line; do echo rubbish; done", "what is no answer"),
        ("while read line; do echo '{\"units\": 1}'; done", "what is no answer"),
        ("read line; echo why >&2; kill -9 $$", "why"),
        ("printf '\\377\\000\\n'; exit 3", "the interpreter "),
    ] {
        let sources = Sources::new(&[("a.py", "x = 1\n"), ("b.py", "y = 1\n")]);
        let tools = tempfile::tempdir().expect("a temporary directory");
        let python = tools.path().join("python");
        std::fs::write(&python, format!("#!/bin/sh\n{greeting}\n{does}\n")).expect("a file");
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).expect("ours");
        let scan = scan(&sources, python.to_str().expect("UTF-8"));
        let tables = Tables::with(&scan, &needs_of(&["python.bytecode", "python.cst", "errors"]));
        assert_eq!(tables.select("code_units", "path"), [""; 0], "{does}");
        assert_eq!(tables.select("cst_refs", "name"), ["x", "y"], "{does}");
        assert_eq!(
            tables.select("extract_errors", "path extractor kind"),
            ["a.py python.bytecode subprocess", "b.py python.bytecode subprocess"],
            "{does}"
        );
        let messages = tables.select("extract_errors", "message").join("\n");
        assert!(messages.contains(told), "{does}: {messages}");
    }
}

#[test]
fn which_interpreter_it_is_decides_what_is_found() {
    let sources = Sources::new(&[("a.py", "x = 1\n")]);
    if Command::new("python3").arg("--version").output().is_err() {
        return;
    }
    let (with, without) = (scan(&sources, "python3"), scan(&sources, "/nowhere/python"));
    assert_ne!(with.fingerprint("python.bytecode"), without.fingerprint("python.bytecode"));
    assert_eq!(with.fingerprint("python.cst"), without.fingerprint("python.cst"));
}
