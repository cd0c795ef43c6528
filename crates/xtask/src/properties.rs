//! `cargo xtask properties [--cases N] [--seed S]`: the tests that draw what they try, with more draws than the suite's.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::process::{Outcome, cargo, root, run, say};

/// Runs the tests of every crate that draws at random, 10,000 draws a test unless told otherwise. The seed is that of
/// the clock unless told otherwise, and is printed, so that a failure can be seen again.
pub fn run_all(args: &[String]) -> Outcome {
    let (mut cases, mut seed) = (10_000_u32, clock()?);
    for pair in args.chunks(2) {
        match pair {
            [flag, value] if flag == "--cases" => cases = value.parse()?,
            [flag, value] if flag == "--seed" => seed = value.parse()?,
            _ => return Err("give `--cases N`, `--seed S`, both or nothing".into()),
        }
    }
    let packages: Vec<String> =
        drawing()?.iter().map(|package| format!("package(={package})")).collect();
    say(&format!("{cases} draws a test from seed {seed}"));
    run(cargo()
        .args(["nextest", "run", "--workspace", "--locked", "--no-fail-fast", "-E"])
        .arg(packages.join(" | "))
        .env("PROPTEST_CASES", cases.to_string())
        .env("PROPTEST_RNG_SEED", seed.to_string()))
}

/// The crates with property tests: those that ask for the crate of these.
fn drawing() -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for folder in fs::read_dir(root().join("crates"))? {
        let folder = folder?;
        let manifest = fs::read_to_string(folder.path().join("Cargo.toml"))?;
        if manifest.lines().any(|line| line.starts_with("proptest")) {
            found.push(folder.file_name().to_string_lossy().into_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// A seed that no earlier run had.
pub fn clock() -> Outcome<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}
