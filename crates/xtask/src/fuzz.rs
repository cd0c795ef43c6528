//! `cargo xtask fuzz TARGET [--seconds N]`: coverage-guided fuzzing, on the toolchain that builds everything else.

use std::fs;
use std::path::PathBuf;

use crate::process::{Outcome, cargo, output, root, run, say};

const TARGETS: [&str; 4] = ["split", "parse", "format", "check"];

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
    let (target, seconds) = match args {
        [target] => (target, "60"),
        [target, flag, seconds] if flag == "--seconds" => (target, seconds.as_str()),
        _ => return Err(format!("give a target ({}) and --seconds N", TARGETS.join(", ")).into()),
    };
    if !TARGETS.contains(&target.as_str()) {
        return Err(
            format!("there is no target `{target}`; they are {}", TARGETS.join(", ")).into()
        );
    }
    let seconds: u32 = seconds.parse()?;
    let folder = root().join("tests/fuzz");
    let binary = build(target)?;
    let corpus = folder.join("corpus").join(target);
    let artifacts = folder.join("artifacts").join(target);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    say(&format!("fuzzing {target} for {seconds} s"));
    let mut command = std::process::Command::new(binary);
    command
        .arg(&corpus)
        .args([folder.join("seeds"), root().join("stdlib/python"), root().join("tests/corpus")])
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!("-max_total_time={seconds}"))
        .args(["-max_len=1024", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    run(&mut command)
}

/// The target's binary, with the fuzzer's instructions in it.
fn build(target: &str) -> Outcome<PathBuf> {
    let manifest = root().join("tests/fuzz/Cargo.toml");
    let host = output(std::process::Command::new("rustc").args(["-vV"]))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let mut command = cargo();
    // With a target of its own, build scripts and macros are compiled without the instructions.
    command
        .args(["build", "--release", "--target", host, "--bin", target, "--manifest-path"])
        .arg(&manifest)
        .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}"))
        .env_remove("CARGO_TARGET_DIR");
    run(&mut command)?;
    Ok(root().join("tests/fuzz/target").join(host).join("release").join(target))
}
