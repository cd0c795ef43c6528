//! `cpglang extract` and `cpglang schema`.

use serde_json::Value;

use crate::sandbox::Sandbox;

fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

#[test]
fn evidence_is_printed_without_a_build() {
    let sandbox = Sandbox::small();
    let args = ["extract", "--source", "code", "--extractor", "python.cst", "--table", "cst_defs"];
    let run = sandbox.run(&[&args[..], &["--format", "ndjson"]].concat()).expect(0);
    let names: Vec<_> = objects(&run.stdout).iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["f", "g"]);
    assert_eq!(run.stderr, "");
    assert!(!sandbox.path("code/.cpglang").exists());

    let run = sandbox.run(&args).expect(0);
    assert!(run.stdout.contains("| qualified_name |"), "{}", run.stdout);
    assert!(run.stdout.ends_with("2 rows\n"), "{}", run.stdout);
}

#[test]
fn a_folder_gets_a_file_for_each_table() {
    let sandbox = Sandbox::small();
    sandbox.write("code/b.py", "def f(:\n");
    let to = ["--format", "csv", "--to", "out/evidence"];
    let args = ["extract", "--source", "code", "--extractor", "repo", "--extractor", "errors"];
    sandbox.run(&[&args[..], &to].concat()).expect(0);
    let read = |name: &str| std::fs::read_to_string(sandbox.path(name)).expect("it is written");
    let files = read("out/evidence/repo_files.csv");
    assert_eq!(files.lines().count(), 3, "{files}");
    assert!(files.starts_with("file_id,path,size,"), "{files}");
    assert!(read("out/evidence/file_line_index.csv").lines().count() > 5);
    // What has no rows has its columns.
    assert!(read("out/evidence/extract_errors.csv").starts_with("file_id,path,extractor,"));
}

#[test]
fn what_was_wrong_on_the_way_is_counted() {
    let sandbox = Sandbox::small();
    sandbox.write("code/b.py", "def f(:\n");
    let args = ["extract", "--source", "code", "--extractor", "python.ast", "--table", "ast_nodes"];
    let run = sandbox.run(&[&args[..], &["--format", "csv"]].concat()).expect(0);
    assert!(run.stderr.contains("on the way; `--extractor errors`"), "{}", run.stderr);
}

#[test]
fn wrong_names_and_too_many_tables_are_told() {
    let sandbox = Sandbox::small();
    let told = |args: &[&str]| {
        let run = sandbox.run(&[&["extract", "--source", "code"], args].concat()).expect(2);
        assert_eq!(run.stdout, "");
        run.stderr
    };
    let text = told(&["--extractor", "python.cts"]);
    assert!(text.contains("there is no extractor `python.cts`"), "{text}");
    assert!(text.contains("did you mean `python.cst`?"), "{text}");
    let text = told(&["--extractor", "repo", "--table", "repo_file"]);
    assert!(text.contains("did you mean `repo_files`?"), "{text}");
    let text = told(&["--extractor", "repo", "--format", "json"]);
    assert!(text.contains("choose one with `--table`"), "{text}");
    assert!(text.contains("file_line_index, repo_files"), "{text}");
}

#[test]
fn patterns_choose_files() {
    let sandbox = Sandbox::small();
    sandbox.write("code/notes.md", "# hi\n");
    sandbox.write("code/gen/x.py", "x = 1\n");
    let args = ["extract", "--source", "code", "--extractor", "repo", "--table", "repo_files"];
    let chosen = ["--format", "ndjson", "--include", "*.py", "--exclude", "gen"];
    let run = sandbox.run(&[&args[..], &chosen].concat()).expect(0);
    let paths: Vec<_> = objects(&run.stdout).iter().map(|row| row["path"].clone()).collect();
    assert_eq!(paths, ["a.py"]);
    let refused = sandbox.run(&[&args[..], &["--include", "!x"]].concat()).expect(2);
    assert!(refused.stderr.contains("turns a pattern round"), "{}", refused.stderr);
}

#[test]
fn contracts_are_programs_and_rows_have_docs() {
    let sandbox = Sandbox::new();
    let mut exports = String::new();
    let run = sandbox.run(&["schema"]).expect(0);
    for line in run.stdout.lines() {
        if let Some(rest) = line.strip_prefix("evidence ") {
            let table = rest.split(' ').next().expect("a name");
            exports.push_str(&format!(
                "\nview a_{table} =\n  from {table} as t\n  select {{ path: t.path }}\n\nexport a_{table}\n"
            ));
        }
    }
    assert!(exports.contains("export a_scip_occurrences"), "{exports}");
    // A program of the contracts alone: what is printed is laid out and accepted as it is.
    let contracts: Vec<&str> = run.stdout.lines().filter(|line| !line.starts_with("//!")).collect();
    sandbox.write("all.cpg", format!("{}\n{exports}", contracts.join("\n").trim_start()));
    sandbox.run(&["check", "all.cpg"]).expect(0);

    let run = sandbox.run(&["schema", "--extractor", "repo"]).expect(0);
    sandbox.write("repo.cpg", &run.stdout);
    sandbox.run(&["fmt", "--check", "repo.cpg"]).expect(0);
    let run =
        sandbox.run(&["schema", "--extractor", "tree_sitter", "--format", "ndjson"]).expect(0);
    let rows = objects(&run.stdout);
    let row = rows.iter().find(|row| row["table"] == "tags" && row["column"] == "name_start");
    let row = row.expect("a column of a table");
    assert_eq!(
        (&row["type"], &row["nullable"]),
        (&Value::from("Offset<byte>"), &Value::from(false))
    );
    assert!(rows.iter().any(|row| row["doc"] != ""), "{rows:?}");
}

#[test]
fn other_languages_are_graphs_too() {
    let sandbox = Sandbox::new();
    sandbox.write("code/a.go", "package a\n\nfunc f() {}\n\nfunc g() { f() }\n");
    sandbox.write(
        "code/tags.cpg",
        "view go_call =\n  from tags as t\n  where not t.is_definition and t.kind == \"call\"\n  \
         select { path: t.path, name: t.name, line: t.line }\n\nexport go_call\n",
    );
    let code = std::fs::read_to_string(sandbox.path("code/tags.cpg")).expect("it is written");
    sandbox.write("code/tags.cpg", format!("use std.tree_sitter.evidence.tags\n\n{code}"));
    sandbox.build("code");
    let calls = sandbox.rows("code/.cpglang", "select path, name, line from go_call");
    assert_eq!(calls, [serde_json::json!({"path": "a.go", "name": "f", "line": 5})]);
}

#[test]
fn a_module_that_comes_is_found_by_the_imports_that_were_there() {
    let sandbox = Sandbox::new();
    sandbox.write("code/a.py", "import b, os\n");
    sandbox.write(
        "code/imports.cpg",
        "use std.python.import_evidence.imported_modules\n\nview found =\n  from imported_modules as i\n  \
         select { imported: i.imported, origin: i.origin, at: i.source_path }\n\nexport found\n",
    );
    sandbox.build("code");
    let found = || {
        let rows = sandbox
            .rows("code/.cpglang", "select imported, origin, at from found order by imported");
        serde_json::Value::from(rows).to_string()
    };
    let os = r#"{"at":null,"imported":"os","origin":"standard_library"}"#;
    assert_eq!(found(), format!(r#"[{{"at":null,"imported":"b","origin":null}},{os}]"#));
    sandbox.write("code/b.py", "");
    sandbox.build("code");
    assert_eq!(found(), format!(r#"[{{"at":"b.py","imported":"b","origin":"source"}},{os}]"#));
}

#[test]
fn evidence_is_kept_for_other_checkouts() {
    let sandbox = Sandbox::new();
    let program = "use std.python.definitions.def\n\nview found = from def as d select { name: d.name }\n\nexport found\n";
    let build = |source: &str| {
        sandbox.write(&format!("{source}/a.py"), "def f():\n    pass\n");
        sandbox.write(&format!("{source}/found.cpg"), program);
        let args = ["build", "--source", source, "--cache", "kept", "--cache-size", "1MiB", "-v"];
        let run = sandbox.run(&args).expect(0);
        let rows = sandbox.rows(&format!("{source}/.cpglang"), "select name from found");
        assert_eq!(rows, [serde_json::json!({"name": "f"})]);
        run.stderr
    };
    assert!(!build("one").contains("the cache has its rows"));
    let told = build("two");
    assert!(told.contains("the cache has its rows"), "{told}");
}

/// A command of the profile, which prints the first word of each text file.
#[cfg(unix)]
const PROFILE: &str = r#"
[external.first_words]
command = ["/bin/sh", "-c", "for f in *.txt; do read w < $f; echo \"{\\\"path\\\": \\\"$f\\\", \\\"word\\\": \\\"$w\\\"}\"; done"]
columns = { word = "string" }
"#;

#[test]
#[cfg(unix)]
fn commands_of_the_profile_are_extractors() {
    let sandbox = Sandbox::new();
    sandbox.write("code/a.txt", "one\n");
    sandbox.write("code/b.txt", "two\n");
    let program = "evidence first_words from extractor external.first_words {\n  path: Path\n  \
                   word: string\n}\n\nview words =\n  from first_words as w\n  select { path: w.path, word: \
                   w.word }\n\nexport words\n";
    sandbox.write("code/words.cpg", program);

    // A program alone allows nothing.
    let refused = sandbox.run(&["build", "--source", "code"]).expect(1);
    assert!(
        refused.stderr.contains("there is no extractor `external.first_words`"),
        "{}",
        refused.stderr
    );

    sandbox.write("cpglang.toml", PROFILE);
    sandbox.build("code");
    let words =
        |sandbox: &Sandbox| sandbox.column("code/.cpglang", "select word from words order by path");
    assert_eq!(words(&sandbox), ["one", "two"]);
    sandbox.write("code/b.txt", "three\n");
    sandbox.build("code");
    assert_eq!(words(&sandbox), ["one", "three"]);

    let args = ["extract", "--source", "code", "--extractor", "external.first_words"];
    let run = sandbox.run(&[&args[..], &["--format", "ndjson"]].concat()).expect(0);
    assert_eq!(objects(&run.stdout).len(), 2);
    let run = sandbox.run(&["schema", "--extractor", "external.first_words"]).expect(0);
    assert!(run.stdout.contains("  word: string\n"), "{}", run.stdout);

    sandbox.write("cpglang.toml", PROFILE.replace("command", "comand"));
    let refused = sandbox.run(&["build", "--source", "code"]).expect(2);
    assert!(refused.stderr.contains("did you mean `command`?"), "{}", refused.stderr);
}
