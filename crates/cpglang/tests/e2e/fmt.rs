//! `fmt`: one layout for every program.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use crate::sandbox::{Run, Sandbox};

const LOOSE: &str = "export a // kept\nview a=from b as x\n    select{x.n}\n";
const NEAT: &str = "export a // kept\nview a = from b as x select { x.n }\n";

fn text(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.path(path)).expect("it is there")
}

#[test]
fn files_are_laid_out_and_then_stay() {
    let sandbox = Sandbox::new();
    sandbox.write("a.cpg", LOOSE);
    sandbox.write("cpg/b.cpg", NEAT);
    sandbox.run(&["fmt", "--check"]).expect(1).says(&["a.cpg", "1 of 2 files not laid out"]);
    assert_eq!(text(&sandbox, "a.cpg"), LOOSE);
    sandbox.run(&["fmt"]).expect(0).says(&["a.cpg", "1 of 2 files changed"]);
    assert_eq!(text(&sandbox, "a.cpg"), NEAT);
    let before = sandbox.listing(".");
    sandbox.run(&["fmt"]).expect(0).says(&["0 of 2 files changed"]);
    sandbox.run(&["fmt", "--check"]).expect(0);
    assert_eq!(sandbox.listing("."), before, "nothing is written without need");
}

#[test]
fn what_is_broken_is_left_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("a.cpg", format!("view =  = 1\n{LOOSE}"));
    sandbox.write("b.cpg", b"// caf\xe9\nview a=from b\n");
    let run = sandbox.run(&["fmt"]).expect(1).says(&["a.cpg: 1 part left", "b.cpg: not UTF-8"]);
    assert_eq!(run.stdout, "");
    assert_eq!(text(&sandbox, "a.cpg"), format!("view =  = 1\n{NEAT}"));
    assert_eq!(
        fs::read(sandbox.path("b.cpg")).expect("it is there"),
        b"// caf\xe9\nview a=from b\n"
    );
    sandbox.run(&["fmt", "missing.cpg"]).expect(2).says(&["missing.cpg"]);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let sandbox = Sandbox::new();
    let format = |args: &[&str]| {
        let mut command = sandbox.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.write_all(LOOSE.as_bytes()).expect("it reads");
        drop(stdin);
        Run::from(child.wait_with_output().expect("it ends"))
    };
    assert_eq!(format(&["fmt", "-"]).expect(0).stdout, NEAT);
    assert_eq!(format(&["fmt", "-", "--check"]).expect(1).stdout, "");
}
