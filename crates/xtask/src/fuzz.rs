//! `cargo xtask fuzz TARGET [--seconds N]`: coverage-guided fuzzing, on the toolchain that builds everything else.

use std::fs;
use std::path::PathBuf;

use crate::process::{Outcome, cargo, output, root, run, say};

/// What is fuzzed.
struct Target {
    name: &'static str,
    /// Where there are bytes to begin with, in the repository.
    seeds: &'static [&'static str],
    /// The longest bytes that are tried.
    length: u32,
    /// Whether it is about evidence, which takes more to compile.
    is_evidence: bool,
}

const PROGRAMS: [&str; 3] = ["tests/fuzz/seeds/cpg", "stdlib/python", "tests/corpus"];

const TARGETS: [Target; 8] = [
    Target::of_programs("split"),
    Target::of_programs("parse"),
    Target::of_programs("format"),
    Target::of_programs("check"),
    Target::of_evidence("python", &["tests/fuzz/seeds/python", "tests/call_graphs"]),
    Target::of_evidence("tree_sitter", &["tests/fuzz/seeds/tree_sitter"]),
    Target::of_evidence("scip", &["tests/fuzz/seeds/scip"]),
    Target::of_evidence("external", &["tests/fuzz/seeds/external"]),
];

impl Target {
    const fn of_programs(name: &'static str) -> Self {
        Self { name, seeds: &PROGRAMS, length: 1024, is_evidence: false }
    }

    const fn of_evidence(name: &'static str, seeds: &'static [&'static str]) -> Self {
        Self { name, seeds, length: 2048, is_evidence: true }
    }
}

/// What makes the compiler tell the fuzzer where a run went.
const COVERAGE: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
];

/// Fuzzes a target, a minute unless told otherwise. What it finds is kept in `tests/fuzz/artifacts`, what it learns in
/// `tests/fuzz/corpus`; both are this machine's own.
pub fn run_target(args: &[String]) -> Outcome {
    let names = TARGETS.map(|target| target.name).join(", ");
    let (name, seconds) = match args {
        [name] => (name, "60"),
        [name, flag, seconds] if flag == "--seconds" => (name, seconds.as_str()),
        _ => return Err(format!("give a target ({names}) and --seconds N").into()),
    };
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        return Err(format!("there is no target `{name}`; they are {names}").into());
    };
    let seconds: u32 = seconds.parse()?;
    let folder = root().join("tests/fuzz");
    let binary = build(target)?;
    let corpus = folder.join("corpus").join(name);
    let artifacts = folder.join("artifacts").join(name);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    say(&format!("fuzzing {name} for {seconds} s"));
    let mut command = std::process::Command::new(binary);
    command
        .arg(&corpus)
        .args(target.seeds.iter().map(|seeds| root().join(seeds)))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={}", target.length))
        .args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    run(&mut command)
}

/// The target's binary, with the fuzzer's instructions in it.
fn build(target: &Target) -> Outcome<PathBuf> {
    let manifest = root().join("tests/fuzz/Cargo.toml");
    let host = output(std::process::Command::new("rustc").args(["-vV"]))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let mut command = cargo();
    // With a target of its own, build scripts and macros are compiled without the instructions.
    command
        .args(["build", "--release", "--target", host, "--bin", target.name, "--manifest-path"])
        .arg(&manifest)
        .args(if target.is_evidence { &["--features", "evidence"][..] } else { &[] })
        .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}"))
        .env_remove("CARGO_TARGET_DIR");
    run(&mut command)?;
    Ok(root().join("tests/fuzz/target").join(host).join("release").join(target.name))
}
