//! Commands of the profile: their rows, and that what they do wrong costs their own table only.
#![cfg(unix)]

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{
    ArrayRef, Float32Array, Int32Array, LargeStringArray, RecordBatch, StringArray,
};
use arrow::ipc::writer::StreamWriter;
use cpg_evidence::{
    ExternalCommand, ExternalCommands, ExternalFormat, ExtractOptions, ExtractorMap, Scan,
    ScanOptions, Source,
};
use cpg_ir::types::Column;

use crate::support::{Sources, Tables, all_needs};

fn command(script: &str) -> ExternalCommand {
    let words = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    let column = |(name, ty): (&str, &str)| Column {
        name: name.to_owned(),
        ty: ty.parse().expect("a type"),
    };
    let columns = [("at", "Offset<byte>"), ("word", "string"), ("weight", "float?")];
    ExternalCommand::new(words, columns.map(column).to_vec())
}

fn scan(sources: &Sources, command: &ExternalCommand) -> (Scan, ExternalCommands) {
    let mut external = ExternalCommands::default();
    external.add("words", command.clone()).expect("a name of its own");
    let extract = ExtractOptions { external: external.clone(), ..ExtractOptions::default() };
    let options = ScanOptions { extract, ..ScanOptions::default() };
    let scan = cpg_evidence::scan(&[Source::new(sources.path())], &options).expect("a directory");
    (scan, external)
}

/// The rows of the command's table, of a file list beside it, and what went wrong.
fn found(command: &ExternalCommand) -> Tables {
    let sources = Sources::new(&[("a.txt", "one two"), ("b.txt", "three")]);
    let (scan, external) = scan(&sources, command);
    let mut needs = all_needs();
    needs.retain(|key, _| key == "errors" || key == "repo");
    let columns = ["file_id", "path", "at", "word", "weight"].map(str::to_owned).to_vec();
    needs.insert("external.words".to_owned(), [("words".to_owned(), columns)].into());
    let map = ExtractorMap::with(&needs, &external).expect("known needs");
    let mut batches = Vec::new();
    let summary = cpg_evidence::extract(&scan, &map, 0..scan.segments(), 2, |_, batch| {
        batches.push(batch);
        ControlFlow::Continue(())
    });
    Tables::new(batches, summary.expect("extraction only fails when stopped"))
}

fn errors(tables: &Tables) -> String {
    // Whatever a command does, the other extractors' rows are there.
    assert_eq!(tables.select("repo_files", "path"), ["a.txt", "b.txt"]);
    tables.select("extract_errors", "path extractor kind message").join("\n")
}

#[test]
fn rows_are_those_that_it_prints_by_path() {
    let printed = r#"cat <<'END'
{"path": "b.txt", "at": 0, "word": "three", "weight": 1}
{"path": "a.txt", "at": 4, "word": "two", "weight": null}

{"path": "a.txt", "at": 0, "word": "one"}
END
test "$(cat a.txt)" = "one two" && test -z "$CARGO_MANIFEST_DIR""#;
    let tables = found(&command(printed));
    assert_eq!(errors(&tables), "");
    assert_eq!(
        tables.select("words", "path at word"),
        ["a.txt 4 two", "a.txt 0 one", "b.txt 0 three"]
    );
    let id = cpg_ir::stable_id::file_id("b.txt").to_string();
    assert_eq!(tables.select("words", "file_id")[2], id);
}

#[test]
fn what_is_no_row_is_told_and_left_out() {
    let printed = r#"cat <<'END'
{"path": "a.txt", "at": 8, "word": "outside"}
{"path": "a.txt", "at": "0", "word": "text"}
{"path": "a.txt", "at": 0}
{"path": "../a.txt", "at": 0, "word": "else"}
{"path": "a.txt", "at": 0, "word": "x", "more": 1}
{"at": 0, "word": "x"}
rubbish
{"path": "a.txt", "at": 0, "word": "good"}
END"#;
    let tables = found(&command(printed));
    assert_eq!(tables.select("words", "path word"), ["a.txt good"]);
    let errors = errors(&tables);
    for told in [
        "cpglang.toml external.words broken line 1: `at` is 8, and the file has 7 bytes",
        "line 2: `at` is `Offset<byte>`, not \"0\"",
        "line 3: `word` is `string`, not null",
        "line 4: `../a.txt` is no file of the sources",
        "line 5: `more` is no column of its table",
        "line 6: it has no `path`",
        "line 7: it is no JSON object",
    ] {
        assert!(errors.contains(told), "{told}\n{errors}");
    }
}

/// Runs a command that does wrong; it must be over soon.
fn failing(command: &ExternalCommand) -> String {
    let started = Instant::now();
    let tables = found(command);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert_eq!(tables.select("words", "path"), [""; 0]);
    errors(&tables)
}

#[test]
fn crashes_hangs_floods_and_rubbish_cost_its_own_table() {
    let row = r#"echo '{"path": "a.txt", "at": 0, "word": "w"}'"#;
    let told = failing(&command(&format!("{row}; echo why >&2; exit 3")));
    assert!(told.contains("it ended with code 3; it said: why"), "{told}");
    let told = failing(&command(&format!("{row}; kill -9 $$")));
    assert!(told.contains("it ended with a signal"), "{told}");

    let mut hangs = command(&format!("{row}; sleep 1000 & sleep 1000"));
    hangs.seconds = 1;
    assert!(failing(&hangs).contains("it ran longer than 1 s"));

    let mut floods = command("yes '{}'");
    floods.output_bytes = 100_000;
    let told = failing(&floods);
    assert!(
        told.contains("more than 20 lines") || told.contains("more than 100000 bytes"),
        "{told}"
    );
    let mut wide = command("yes x | tr -d '\\n'");
    wide.output_bytes = 10_000_000;
    assert!(failing(&wide).contains("line 1 has more than 1048576 bytes"));
    // Whoever says much on the side is no danger either.
    let told = failing(&command("yes whatever | head -c 10000000 >&2; exit 1"));
    assert!(told.contains("code 1; it said: ") && told.len() < 4000, "{}", told.len());

    let mut large = command("x=$(head -c 400000000 /dev/zero | tr '\\0' x); echo ${#x}");
    large.memory_bytes = 100 << 20;
    assert!(failing(&large).contains("it ended with"));

    let told = failing(&command("head -c 100000 /dev/urandom"));
    assert!(told.contains("broken"), "{told}");
    let mut absent = command("");
    absent.command = vec!["no-such-program".to_owned()];
    assert!(failing(&absent).contains("it ended with code 127"));
}

/// A command that prints a file of bytes as Arrow.
fn arrow(bytes: &[u8]) -> (Tables, String) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("stream");
    std::fs::write(&file, bytes).expect("a file");
    let mut command = command(&format!("cat {}", file.display()));
    command.format = ExternalFormat::Arrow;
    let tables = found(&command);
    let errors = errors(&tables);
    (tables, errors)
}

#[test]
fn streams_of_arrow_batches_are_rows_too() {
    let batch = RecordBatch::try_from_iter([
        ("path", Arc::new(StringArray::from(vec!["b.txt", "a.txt", "no.txt"])) as ArrayRef),
        ("at", Arc::new(Int32Array::from(vec![1, 2, 3]))),
        ("word", Arc::new(LargeStringArray::from(vec!["b", "a", "c"]))),
        ("weight", Arc::new(Float32Array::from(vec![Some(0.5), None, None]))),
    ]);
    let batch = batch.expect("columns of one length");
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).expect("memory");
    writer.write(&batch).expect("memory");
    let bytes = writer.into_inner().expect("memory");

    let (tables, errors) = arrow(&bytes);
    assert_eq!(tables.select("words", "path at word weight"), ["a.txt 2 a -", "b.txt 1 b 0.5"]);
    assert!(errors.contains("line 3: `no.txt` is no file of the sources"), "{errors}");
    // Cut off, or with any byte changed: rows or an error, and never an end of the run.
    for length in (1..bytes.len()).step_by(bytes.len() / 12) {
        let (tables, errors) = arrow(&bytes[..length]);
        assert_eq!(tables.select("words", "path"), [""; 0]);
        assert!(errors.contains("external.words broken"), "{errors}");
        let mut flipped = bytes.clone();
        flipped[length] ^= 0xff;
        arrow(&flipped);
    }
}

#[test]
fn it_runs_again_when_the_sources_or_what_is_said_of_it_changes() {
    let sources = Sources::new(&[("a.txt", "x")]);
    let fingerprint =
        |command: &ExternalCommand| scan(&sources, command).0.fingerprint("external.words");
    let first = command("true");
    let before = fingerprint(&first);
    assert!(before.is_some());
    assert_eq!(fingerprint(&first), before);
    let mut again = first.clone();
    again.version = "2".to_owned();
    assert_ne!(fingerprint(&again), before);
    assert_ne!(fingerprint(&command("false")), before);
    sources.write("a.txt", b"y");
    assert_ne!(fingerprint(&first), before);
}

#[test]
fn names_are_its_own() {
    let mut external = ExternalCommands::default();
    for (name, told) in [
        ("repo_files", "the extractor `repo` has a table `repo_files`"),
        ("Words", "small letters"),
        ("", "small letters"),
    ] {
        let refused = external.add(name, command("true")).expect_err(name);
        assert!(refused.contains(told), "{refused}");
    }
    let mut twice = command("true");
    twice.columns.push(Column { name: "path".to_owned(), ty: "string".parse().expect("a type") });
    assert!(external.add("words", twice).expect_err("it is there").contains("`path`"));
    assert_eq!(external.iter().count(), 0);
}
