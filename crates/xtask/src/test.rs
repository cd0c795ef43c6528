//! `cargo xtask test`: every test of the workspace, by nextest where it is installed.

use std::process::Command;

use crate::process::{self, Outcome, cargo, say, succeeds};
use crate::readers;

/// Runs the tests; the runner's closing line is the last one printed.
pub fn run(args: &[String]) -> Outcome {
    // The tests say so and go on where the readers are missing, unless they are demanded.
    if let Err(error) = readers::install() {
        say(&format!("no independent readers: {error}"));
    }
    let mut command = runner();
    process::run(command.args(args))
}

fn runner() -> Command {
    let mut command = cargo();
    if succeeds(cargo().args(["nextest", "--version"])) {
        command.args(["nextest", "run", "--workspace"]);
    } else {
        command.args(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    }
    command
}
