//! `cpglang init`, `completions` and `clean`: beginning a project, and tidying up after it.

use std::fs;

use crate::sandbox::Sandbox;

#[test]
fn a_new_project_checks_tests_and_builds() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["init", "fresh"])
        .expect(0)
        .says(&["wrote fresh/cpglang.toml", "wrote .cpglang/"]);
    sandbox.write("fresh/test_a.py", "def test_one(): pass\ndef test_two(): pass\ndef f(): pass\n");
    let run = |args: &[&str]| {
        let mut command = sandbox.command(args);
        command.current_dir(sandbox.path("fresh"));
        let output = command.output().expect("the binary starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("results are UTF-8")
    };
    run(&["check"]);
    assert!(run(&["test"]).contains("1 test passed"));
    run(&["fmt", "--check"]);
    run(&["build"]);
    let rows = run(&["query", "--format", "csv", "select module, tests from tests_by_module"]);
    assert_eq!(rows, "module,tests\ntest_a,2\n");
}

#[test]
fn what_is_there_stays() {
    let sandbox = Sandbox::new();
    sandbox.write("cpglang.toml", "threads = 1\n");
    sandbox.write("mine.cpg", "// mine\n");
    sandbox.write(".gitignore", "target");
    sandbox.run(&["init"]).expect(0).says(&["kept cpglang.toml", "kept the program"]);
    let read = |name: &str| fs::read_to_string(sandbox.path(name)).expect("it is there");
    assert_eq!(read("cpglang.toml"), "threads = 1\n");
    assert_eq!(read(".gitignore"), "target\n.cpglang/\n");
    assert!(!sandbox.path("graph.cpg").exists(), "two programs would be one");
    sandbox.run(&["init"]).expect(0).says(&["kept .gitignore"]);
    assert_eq!(read(".gitignore"), "target\n.cpglang/\n");
}

#[test]
fn shells_complete_commands_and_flags() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = sandbox.run(&["completions", shell]).expect(0).stdout;
        assert!(script.contains("plan-gate") && script.contains("doctor"), "{shell}");
    }
    sandbox.run(&["completions", "tcsh"]).expect(2);
}

#[test]
fn cleaning_removes_what_nothing_published_needs_and_nothing_else() {
    let sandbox = Sandbox::small();
    let out = "code/.cpglang";
    sandbox.run(&["clean", "--out", out]).expect(3).says(&["no-build"]);
    sandbox.run(&["build", "--source", "code", "--cache", "cache"]).expect(0);
    sandbox.write("code/a.py", "def h():\n    return 2\n");
    sandbox.build("code");
    let before = sandbox.listing(out);
    let clean = |args: &[&str]| {
        let args = [&["clean", "--out", out], args].concat();
        sandbox.run(&args).expect(0).stdout
    };
    assert_eq!(clean(&[]), "Nothing to remove\n", "all runs are kept");

    sandbox.write("code/.cpglang/tmp/spilled", "rows");
    sandbox.write("code/.cpglang/graph/cpg_nodes/run-00000009-0123abcd/part.parquet", "rows");
    sandbox.write("code/.cpglang/runs/sources-0123.json", "{}");
    sandbox.write("code/.cpglang/graph/cpg_nodes/mine.txt", "not a build's");
    let would = clean(&["--dry-run"]);
    assert!(would.contains("would be removed") && would.contains("run-00000009"), "{would}");
    assert!(sandbox.path("code/.cpglang/tmp").exists(), "it was only looked");
    let removed = clean(&[]);
    assert!(removed.contains("tmp") && removed.contains("sources-0123.json"), "{removed}");
    assert!(!sandbox.path("code/.cpglang/tmp").exists());
    fs::remove_file(sandbox.path("code/.cpglang/graph/cpg_nodes/mine.txt")).expect("it stayed");
    let files = |listing: std::collections::BTreeMap<_, (u64, _)>| {
        listing.into_iter().map(|(path, (size, _))| (path, size)).collect::<Vec<_>>()
    };
    let only_files = |one: &(std::path::PathBuf, u64)| one.0.is_file();
    let before: Vec<_> = files(before).into_iter().filter(only_files).collect();
    let after: Vec<_> = files(sandbox.listing(out)).into_iter().filter(only_files).collect();
    assert_eq!(after, before);

    sandbox.run(&["clean", "--out", out, "--empty-cache"]).expect(2).says(&["--cache DIR"]);
    let emptied = clean(&["--cache", "cache", "--empty-cache"]);
    assert!(emptied.contains("removed"), "{emptied}");
    let left = fs::read_dir(sandbox.path("cache")).expect("the folder stays");
    assert!(left.flatten().all(|entry| entry.file_name() == ".ignore"));
}

#[test]
#[cfg(unix)]
fn nothing_is_cleaned_while_a_build_runs() {
    let sandbox = Sandbox::small();
    sandbox.build("code");
    let lock = fs::File::options().write(true).open(sandbox.path("code/.cpglang/build.lock"));
    let lock = lock.expect("a build leaves it");
    lock.lock().expect("nobody holds it");
    sandbox.run(&["clean", "--out", "code/.cpglang"]).expect(3).says(&["output-busy"]);
    let run = sandbox.run(&["doctor", "--out", "code/.cpglang"]).expect(3);
    assert!(run.stdout.contains("a build is running there"), "{}", run.stdout);
}
