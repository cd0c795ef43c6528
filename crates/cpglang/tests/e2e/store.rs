//! Outputs in a store that speaks the protocol of Amazon S3, as people say where they lie.

#[path = "../../../cpg_engine/tests/it/server.rs"]
#[expect(dead_code, reason = "the engine's tests let it fail")]
mod server;

use std::process::Command;

use serde_json::Value;

use crate::readers;
use crate::sandbox::{Run, Sandbox};
use server::{KEY, SECRET, Store};

const OUT: &str = "s3://builds/code/graph";

const PROGRAM: &str = "\
use std.python.definitions.def

view names = from def as d select { d.def_id, d.name, d.path }
view kinds = from def as d select { d.def_id, d.kind, d.path }

export names, kinds
";

const PART: [&str; 6] = ["--source", "code", "--program", "program", "--select", "names,kinds"];

struct Shop {
    sandbox: Sandbox,
    store: Store,
}

impl Shop {
    fn new() -> Self {
        let sandbox = Sandbox::small();
        sandbox.write("program/part.cpg", PROGRAM);
        Self { sandbox, store: Store::start() }
    }

    /// The variables that say how the store is reached.
    fn variables(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ENDPOINT_URL", self.store.url()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ]
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.sandbox.command(args);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command.envs(self.variables());
        command
    }

    fn run(&self, args: &[&str]) -> Run {
        self.command(args).output().expect("the binary starts").into()
    }

    /// Builds the tables of the program alone.
    fn build(&self, out: &str) -> Run {
        self.run(&[&["build"], &PART[..], &["--out", out]].concat())
    }

    fn query(&self, out: &str, sql: &str) -> String {
        self.run(&["query", "--out", out, "--format", "csv", sql]).expect(0).stdout
    }
}

#[test]
fn every_command_takes_a_bucket() {
    let shop = Shop::new();
    let names = "select name, path from names order by name";
    let built = shop.build(OUT).expect(0);
    assert!(built.stdout.contains(&format!("cpglang query --out {OUT}")), "{}", built.stdout);
    shop.build("here").expect(0);
    assert_eq!(shop.query(OUT, names), shop.query("here", names));
    let again = shop.build(OUT).expect(0);
    assert!(again.stdout.contains("Nothing changed"), "{}", again.stdout);

    shop.sandbox.write("code/a.py", "def h():\n    return 2\n");
    let plan = shop.run(&[&["plan"], &PART[..], &["--out", OUT]].concat()).expect(0).stdout;
    assert!(plan.contains("graph/names"), "{plan}");
    shop.build(OUT).expect(0);
    assert_eq!(shop.query(OUT, names), "name,path\nh,a.py\n");
    let run = |args: &[&str]| shop.run(&[args, &["--out", OUT]].concat()).expect(0).stdout;
    let diff = run(&["diff"]);
    assert!(diff.contains("graph/names") && diff.contains("name: h"), "{diff}");
    assert_eq!(run(&["history"]).matches("run-0000000").count(), 2);
    assert!(run(&["artifacts", "run"]).contains("run-00000002"));
    assert_eq!(run(&["clean"]), "Nothing to remove\n");
    let of_program = |command: &str| run(&[&[command], &PART[..4]].concat());
    assert!(of_program("maintain").starts_with("No policy"));
    let selected = ["--select", "names"];
    assert!(run(&[&["audit"], &PART[..4], &selected].concat()).contains("checks that hold: "));
    run(&["rollback", "1"]);
    assert_eq!(shop.query(OUT, names), "name,path\nf,a.py\ng,a.py\n");
    run(&["export", "--format", "csv", "--table", "names", "--to", "exported"]);
    let exported = std::fs::read_dir(shop.sandbox.path("exported")).expect("it is made");
    let files: Vec<_> =
        exported.flatten().map(|entry| std::fs::read_to_string(entry.path())).collect();
    assert!(matches!(files.as_slice(), [Ok(text)] if text.contains("a.py")), "{files:?}");
    let doctor = run(&["doctor", "--source", "code"]);
    assert!(doctor.contains(&format!("`{OUT}` can be written to")), "{doctor}");
    assert!(doctor.contains("run-00000003"), "{doctor}");
    assert!(!shop.sandbox.path("s3:").exists(), "it is no folder");
}

#[test]
fn the_profile_may_name_a_bucket() {
    let shop = Shop::new();
    shop.sandbox.write("cpglang.toml", format!("out = \"{OUT}\"\nprogram = \"program\"\n"));
    shop.run(&["build", "--source", "code", "--select", "names"]).expect(0);
    assert!(shop.store.objects("code/graph/graph/names/_delta_log").is_dir());
}

#[test]
fn places_that_nobody_can_reach_are_told() {
    let shop = Shop::new();
    shop.build("s4://builds/graph").expect(3).says(&["unknown-scheme", "`s4`", "`s3://`"]);
    shop.build("gs://builds/graph").expect(3).says(&["unknown-scheme", "s3://BUCKET/PREFIX"]);
    shop.build("s3://").expect(3).says(&["bad-output"]);
    shop.build("s3://missing/graph").expect(3).says(&["no-bucket", "s3://missing/graph"]);
    let build = [&["build"], &PART[..], &["--out", OUT]].concat();
    let with = |name: &str, value: &str| -> Run {
        shop.command(&build).env(name, value).output().expect("the binary starts").into()
    };
    with("AWS_SECRET_ACCESS_KEY", "wrong").expect(3).says(&["no-credentials", "AWS_ACCESS_KEY_ID"]);
    with("AWS_ALLOW_HTTP", "false").expect(3).says(&["bad-output", "AWS_ALLOW_HTTP=true"]);
    shop.run(&["query", "--out", OUT, "select 1"]).expect(3).says(&["no-build", OUT]);
    shop.run(&["doctor", "--source", "code", "--out", "s3://missing"]).expect(3);
    let nothing = std::fs::read_dir(shop.store.objects("")).expect("it is there").count();
    assert_eq!(nothing, 0, "nothing is written");
}

/// Prints how many rows `deltalake` reads of a table in a store, and DuckDB of what that reads.
const READ: &str = r#"
import json, os, sys
import deltalake, duckdb

options = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
table = deltalake.DeltaTable(sys.argv[1], storage_options=options)
arrow = table.to_pyarrow_table()
count = duckdb.sql("select count(*), max(name) from arrow").fetchall()[0]
print(json.dumps({"version": table.version(), "rows": arrow.num_rows, "duckdb": count}))
"#;

#[test]
fn other_readers_open_tables_of_a_store() {
    let Some(python) = readers::python() else { return };
    let shop = Shop::new();
    shop.build(OUT).expect(0);
    let mut command = Command::new(python);
    command.args(["-c", READ, &format!("{OUT}/graph/names")]).envs(shop.variables());
    let output = command.output().expect("the readers start");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Value = serde_json::from_slice(&output.stdout).expect("an object");
    assert_eq!(read, serde_json::json!({ "version": 0, "rows": 2, "duckdb": [2, "g"] }));
}
