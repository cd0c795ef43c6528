//! `explain`, and the command line itself.

use cpg_base::Code;

use crate::sandbox::Sandbox;

#[test]
fn every_code_has_its_page() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["explain", Code::UnknownColumn.id()]).expect(0);
    assert_eq!(run.stdout, Code::UnknownColumn.page());
    assert_eq!(run.stderr, "");
}

#[test]
fn an_unknown_code_names_the_nearest() {
    let sandbox = Sandbox::new();
    sandbox.run(&["explain", "unknown-colum"]).expect(2).says(&["did you mean `unknown-column`?"]);
    sandbox.run(&["explain", "E0308"]).expect(2).says(&["the codes are not-utf8"]);
}

#[test]
fn wrong_usage_is_code_2() {
    let sandbox = Sandbox::new();
    sandbox.run(&[]).expect(2);
    sandbox.run(&["biuld"]).expect(2).says(&["build"]);
    sandbox.run(&["build", "--threads", "0"]).expect(2);
    sandbox.run(&["build", "--memory", "lots"]).expect(2).says(&["512MiB"]);
    sandbox.run(&["query"]).expect(2);
    sandbox.run(&["query", "select 1", "-f", "x.sql"]).expect(2);
    let version = sandbox.run(&["--version"]).expect(0);
    assert_eq!(version.stdout, format!("cpglang {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn variables_stand_for_flags() {
    let sandbox = Sandbox::new();
    let output = sandbox.command(&["query", "select 1"]).env("CPGLANG_OUT", "elsewhere").output();
    let stderr = String::from_utf8(output.expect("the binary starts").stderr).expect("text");
    assert!(stderr.contains("elsewhere"), "{stderr}");
    let output = sandbox.command(&["build"]).env("CPGLANG_THREADS", "none").output();
    assert_eq!(output.expect("the binary starts").status.code(), Some(2));
}
