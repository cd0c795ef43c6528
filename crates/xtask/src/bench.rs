//! `cargo xtask bench`: every benchmark, then one table of what they measured, beside a reference of the same run.

use std::fs;

use serde_json::Value;

use crate::corpus;
use crate::process::{self, Outcome, cargo, output, say, target_dir};

/// The crates with benchmarks that Criterion runs, and their names.
const BENCHES: [(&str, &str); 4] = [
    ("cpg_syntax", "parse"),
    ("cpg_hir", "check"),
    ("cpg_evidence", "extract"),
    ("cpglang", "build"),
];

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

/// Runs them all, or those whose names are given.
pub fn run(args: &[String]) -> Outcome {
    let source = corpus::django()?;
    let chosen = |bench: &str| args.is_empty() || args.iter().any(|name| name == bench);
    for (package, bench) in BENCHES.into_iter().filter(|(_, bench)| chosen(bench)) {
        let mut command = cargo();
        command.args(["bench", "--package", package, "--bench", bench]);
        process::run(command.env("CPGLANG_BENCH_SOURCE", &source))?;
    }
    let memory = match chosen("extract") {
        true => {
            let mut command = cargo();
            command.args(["bench", "--package", "cpg_evidence", "--bench", "memory"]);
            output(command.env("CPGLANG_BENCH_SOURCE", &source))?
        }
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
