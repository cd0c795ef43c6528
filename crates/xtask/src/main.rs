//! The habits of this repository as commands: `cargo xtask COMMAND`.

mod agreement;
mod bench;
mod book;
mod calls;
mod corpus;
mod editors;
mod exactness;
mod fuzz;
mod graph;
mod guards;
mod indexers;
mod pipeline;
mod process;
mod properties;
mod readers;
mod replay;
mod test;

use std::process::ExitCode;

use process::{Outcome, say};

/// Command, what it does, and how.
type Command = (&'static str, &'static str, fn(&[String]) -> Outcome);

const COMMANDS: &[Command] = &[
    ("test", "run every test of the workspace; further arguments go to the runner", test::run),
    ("guards", "check which crate may depend on what, and other rules over the code", guards::run),
    ("readers", "install independent Delta readers that the tests compare with", readers::run),
    (
        "indexers",
        "install programs that write SCIP indexes, for the tests that read such",
        indexers::run,
    ),
    ("book", "write the lists of pages in docs/", book::run),
    (
        "calls",
        "compare call graphs with those that programs in a folder are known to have",
        calls::run,
    ),
    (
        "agreement",
        "compare graphs of real packages with CPython and with an index of a type checker",
        agreement::run,
    ),
    (
        "exactness",
        "compare the evidence of real packages with CPython, row by row, and write docs/exactness.md",
        exactness::run,
    ),
    (
        "bench",
        "run every benchmark and print ratios; `session` is the language server's",
        bench::run,
    ),
    (
        "editors",
        "test what is in editors/ with the programs that are there; `generate` writes",
        editors::run,
    ),
    (
        "fuzz",
        "fuzz what reads bytes of others, such as programs; `--seconds N` says how long",
        fuzz::run_target,
    ),
    (
        "properties",
        "run the tests that draw at random, from another seed; `--cases N` says how many draws",
        properties::run_all,
    ),
    (
        "replay",
        "type anything at the language server for an hour; `--minutes N`, `--seed N`",
        replay::run,
    ),
    (
        "pipeline",
        "count what checking and building a pipeline of a thousand items costs; `--items N`",
        pipeline::run,
    ),
    ("corpus", "download real Python packages to try things on, into .corpus/", corpus::run),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let command = args.first().and_then(|name| COMMANDS.iter().find(|(n, ..)| n == name));
    let Some((name, _, run)) = command else {
        say("usage: cargo xtask COMMAND\n");
        for (name, what, _) in COMMANDS {
            say(&format!("  {name:10} {what}"));
        }
        return ExitCode::from(2);
    };
    match run(&args[1..]) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("cargo xtask {name}: {error}"));
            ExitCode::FAILURE
        }
    }
}
