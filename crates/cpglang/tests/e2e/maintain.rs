//! `maintain`: what policies ask for, on a build that is published already.

use std::fs::File;
use std::path::PathBuf;

use serde_json::Value;

use crate::sandbox::{Run, Sandbox};

const OUT: &str = "code/.cpglang";
const TABLE: &str = "code/.cpglang/graph/functions";
const COUNT: &str = "select count(*) as n from functions";

fn program(sandbox: &Sandbox, policies: &str) {
    let text = format!(
        "use std.python.definitions.def\n\nview functions = from def as d select {{ d.def_id, d.kind, d.name, d.path }}\n\
         export functions\n\n{policies}\n"
    );
    sandbox.write("program/policies.cpg", text);
}

/// Several files of definitions.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::small();
    for module in 0..6 {
        let of_module = |number: usize| format!("def f{module}_{number}(): pass\n");
        sandbox.write(&format!("code/m{module}.py"), (0..40).map(of_module).collect::<String>());
    }
    sandbox
}

fn build(sandbox: &Sandbox) {
    sandbox.run(&["build", "--source", "code", "--program", "program"]).expect(0);
}

fn maintain(sandbox: &Sandbox, more: &[&str]) -> Run {
    sandbox.run(&[&["maintain", "--source", "code", "--program", "program"], more].concat())
}

fn told(run: &Run) -> Value {
    let told = run.objects().pop().expect("something is told");
    assert_eq!(told["type"], "maintenance", "{told}");
    told
}

/// The files of the newest version of the table.
fn files(sandbox: &Sandbox) -> Value {
    let sql = "select files, version, status from history.tables where \"table\" = 'functions' order by run desc limit 1";
    sandbox.rows(OUT, sql)[0].clone()
}

/// The files with that ending below the table's folder.
fn count(sandbox: &Sandbox, part: &str) -> usize {
    let is_one = |path: &&PathBuf| path.to_string_lossy().contains(part);
    sandbox.listing(TABLE).keys().filter(is_one).count()
}

#[test]
fn small_files_are_put_together_and_published() {
    let sandbox = sandbox();
    program(&sandbox, "policy write for functions { target_file_size 1KB }");
    build(&sandbox);
    let before = files(&sandbox);
    let many = before["files"].as_u64().expect("a number");
    assert!(many > 3, "{before}");

    program(&sandbox, "policy maintain for functions { optimize when total_files > 3 }");
    let listing = sandbox.listing(OUT);
    let dry = maintain(&sandbox, &["--dry-run"]).expect(0);
    let due = format!("graph/functions: optimize when total_files > 3: due\n  {many} files of ");
    assert!(dry.stdout.contains(&due), "{}", dry.stdout);
    assert!(dry.stdout.ends_with("Nothing is written: `--dry-run`\n"), "{}", dry.stdout);
    assert_eq!(sandbox.listing(OUT), listing);

    let done = maintain(&sandbox, &[]).expect(0);
    assert!(done.stdout.contains(": done: 1 file in version 1\n"), "{}", done.stdout);
    assert!(done.stdout.contains("Published as run-00000002-"), "{}", done.stdout);
    let after = files(&sandbox);
    assert_eq!(after, serde_json::json!({ "files": 1, "version": 1, "status": "reused" }));
    assert_eq!(sandbox.rows(OUT, COUNT)[0]["n"], 242);
    let diff = sandbox.run(&["diff", "--out", OUT, "--table", "functions"]).expect(0).stdout;
    assert!(diff.ends_with("\nNo differences\n"), "{diff}");
    let decisions = sandbox.run(&["artifacts", "maintenance_decision", "--out", OUT]).expect(0);
    assert!(decisions.stdout.contains("\"due\""), "{}", decisions.stdout);

    let listing = sandbox.listing(OUT);
    let again = maintain(&sandbox, &[]).expect(0);
    assert!(again.stdout.contains("Nothing is due: all is as run-00000002-"), "{}", again.stdout);
    assert_eq!(sandbox.listing(OUT), listing);
    // A build finds the table as it should be.
    build(&sandbox);
    assert_eq!(files(&sandbox)["version"], 1);
}

#[test]
fn old_files_go_and_logs_are_summed_up_without_another_build() {
    let sandbox = sandbox();
    program(&sandbox, "");
    for number in 0..4 {
        sandbox.write("code/a.py", format!("def g{number}(): pass\n"));
        build(&sandbox);
    }
    let data = count(&sandbox, ".parquet");
    assert_eq!(count(&sandbox, "_last_checkpoint"), 0);
    std::thread::sleep(std::time::Duration::from_millis(1500));
    program(
        &sandbox,
        "policy maintain for functions { vacuum when versions > 3 retain 1s  checkpoint every 4 }",
    );
    let run = told(&maintain(&sandbox, &["--message-format", "json"]).expect(0));
    assert_eq!(run["published"], false, "{run}");
    assert!(run["run"].as_str().is_some_and(|run| run.starts_with("run-00000004-")), "{run}");
    let operations = run["operations"].as_array().expect("operations");
    let [vacuum, checkpoint] = operations.as_slice() else { panic!("{run}") };
    assert_eq!(vacuum["metrics"]["versions"], 4);
    let removed = vacuum["effect"]["removed"]["files"].as_u64().expect("files are gone");
    assert_eq!(checkpoint["effect"]["summed_up"]["version"], 3);
    assert_eq!(count(&sandbox, "_last_checkpoint"), 1);
    // A checkpoint is a file of that kind, too.
    let checkpoints = count(&sandbox, ".checkpoint");
    assert_eq!(count(&sandbox, ".parquet") - checkpoints, data - removed as usize);
    assert!(removed > 0);
    assert_eq!(sandbox.column(OUT, "select name from functions where path = 'a.py'"), ["g3"]);
    let again = maintain(&sandbox, &["-v"]).expect(0).stdout;
    assert!(again.contains("checkpoint every 4: not due"), "{again}");
    assert!(again.contains("done: 0 old files removed"), "{again}");
}

#[test]
fn tables_that_the_program_means_otherwise_are_left_alone() {
    let sandbox = sandbox();
    program(&sandbox, "policy write for functions { target_file_size 1KB }");
    build(&sandbox);
    let listing = sandbox.listing(OUT);
    let optimize = "policy maintain for functions { optimize when total_files > 1 }";
    program(&sandbox, &format!("policy write for functions {{ partition by kind }}\n{optimize}"));
    let run = maintain(&sandbox, &[]).expect(0).stdout;
    let said = "graph/functions: left alone\n  the program lays its rows out in another way\n";
    assert!(run.contains(said), "{run}");
    program(&sandbox, optimize);
    let text = std::fs::read_to_string(sandbox.path("program/policies.cpg")).expect("it is there");
    sandbox.write(
        "program/policies.cpg",
        text.replace("from def as d", "from def as d where d.kind == \"x\""),
    );
    let run = maintain(&sandbox, &[]).expect(0).stdout;
    assert!(run.contains("graph/functions: left alone\n  `policies.functions` changed"), "{run}");
    program(&sandbox, "");
    let run = maintain(&sandbox, &[]).expect(0).stdout;
    assert_eq!(run, "No policy of the program asks for maintenance\n");
    assert_eq!(sandbox.listing(OUT), listing);
}

#[test]
fn what_keeps_it_from_its_work_is_told() {
    let sandbox = sandbox();
    program(&sandbox, "policy maintain for functions { optimize when total_files > 1 }");
    maintain(&sandbox, &[]).expect(3).says(&["no-build", OUT]);
    assert!(!sandbox.path(OUT).exists());
    maintain(&sandbox, &["--select", "functions"]).expect(2).says(&["unexpected argument"]);
    build(&sandbox);
    let lock = File::open(sandbox.path(&format!("{OUT}/build.lock"))).expect("a build locks");
    lock.try_lock().expect("nobody else holds it");
    maintain(&sandbox, &[]).expect(3).says(&["output-busy"]);
    // Whoever only looks needs no lock.
    maintain(&sandbox, &["--dry-run"]).expect(0);
    drop(lock);
    let commit = r#"{"commitInfo":{"timestamp":0,"operation":"OPTIMIZE"}}"#;
    sandbox.write(&format!("{TABLE}/_delta_log/00000000000000000001.json"), commit);
    maintain(&sandbox, &[]).expect(3).says(&["foreign-table", "graph/functions", "OPTIMIZE"]);
}
