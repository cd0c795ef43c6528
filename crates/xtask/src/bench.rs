//! `cargo xtask bench`: every benchmark, then one table of what they measured, beside a reference of the same run.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::corpus;
use crate::process::{self, Outcome, cargo, output, say, target_dir};

/// The benchmarks that Criterion runs.
const BENCHES: [&str; 4] = ["parse", "check", "extract", "build"];

/// Group, figure, and the figure of the same group that it is divided by.
const FIGURES: [(&str, &str, Option<&str>); 26] = [
    ("parse", "split", None),
    ("parse", "split_and_parse", Some("split")),
    ("parse", "format", Some("split_and_parse")),
    ("check", "stdlib_parse", None),
    ("check", "stdlib_cold", Some("stdlib_parse")),
    ("check", "thousand_parse", None),
    ("check", "thousand_cold", Some("thousand_parse")),
    ("check", "thousand_again", Some("thousand_parse")),
    ("check", "thousand_after_blank_lines", Some("thousand_parse")),
    ("check", "thousand_after_one_view", Some("thousand_parse")),
    ("check", "thousand_after_new_column", Some("thousand_parse")),
    ("extract", "parse", None),
    ("extract", "scan", Some("parse")),
    ("extract", "repo", Some("parse")),
    ("extract", "symtable", Some("parse")),
    ("extract", "ast", Some("parse")),
    ("extract", "flow", Some("parse")),
    ("extract", "imports", Some("parse")),
    ("extract", "repo_and_cst", Some("parse")),
    ("extract", "all", Some("parse")),
    ("extract", "segment", Some("parse")),
    ("build", "datafusion_alone", None),
    ("build", "plan", Some("datafusion_alone")),
    ("build", "clean", Some("datafusion_alone")),
    ("build", "nothing_to_do", Some("datafusion_alone")),
    ("build", "nothing_to_do", Some("clean")),
];

/// That of the language server, which says itself whether promises are kept.
const SESSION: &str = "session";

/// A benchmark with the features that the whole workspace has, so that dependencies are compiled once.
fn command(bench: &str) -> Command {
    let mut command = cargo();
    command.args(["bench", "--workspace", "--locked", "--bench", bench]);
    command
}

/// Runs them all, or those whose names are given.
pub fn run(args: &[String]) -> Outcome {
    let chosen = |bench: &str| args.is_empty() || args.iter().any(|name| name == bench);
    if chosen(SESSION) {
        process::run(&mut command(SESSION))?;
    }
    // The others read real programs.
    if args == [SESSION] {
        return Ok(());
    }
    let source = corpus::django()?;
    for bench in BENCHES.into_iter().filter(|bench| chosen(bench)) {
        process::run(command(bench).env("CPGLANG_BENCH_SOURCE", &source))?;
    }
    let memory = match chosen("extract") {
        true => output(command("memory").env("CPGLANG_BENCH_SOURCE", &source))?,
        false => String::new(),
    };
    say("\nfigure                                median       ratio");
    for (group, figure, reference) in FIGURES.into_iter().filter(|(group, ..)| chosen(group)) {
        let seconds = median(group, figure)?;
        let ratio = match reference {
            Some(reference) => {
                let ratio = seconds / median(group, reference)?;
                format!("{ratio:>9.3} x {group}/{reference}")
            }
            None => String::new(),
        };
        let name = format!("{group}/{figure}");
        say(&format!("{name:33} {:>8.2} ms {ratio}", seconds * 1e3));
    }
    say(memory.trim_end());
    Ok(())
}

/// The median that the newest run measured, in seconds.
fn median(group: &str, figure: &str) -> Outcome<f64> {
    let file = target_dir().join("criterion").join(group).join(figure).join("new/estimates.json");
    let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let estimates: Value = serde_json::from_str(&text)?;
    let nanoseconds = estimates["median"]["point_estimate"].as_f64();
    Ok(nanoseconds.ok_or("a median is a number")? / 1e9)
}
