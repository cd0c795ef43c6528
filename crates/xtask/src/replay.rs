//! `cargo xtask replay [--minutes N] [--seed S]`: types anything at the language server, for much longer than the suite.

use crate::process::{Outcome, cargo, run as run_command, say};
use crate::properties::clock;

/// The test that types.
const TEST: &str = "test(=replay::whoever_types_anything_is_told_the_truth)";

/// Types for an hour unless told otherwise. The seed is that of the clock unless told otherwise, and is printed, so that a
/// failure can be seen again; how much was typed, and how much memory that took, is printed at the end.
pub fn run(args: &[String]) -> Outcome {
    let (mut minutes, mut seed) = (60_u64, clock()?);
    for pair in args.chunks(2) {
        match pair {
            [flag, value] if flag == "--minutes" => minutes = value.parse()?,
            [flag, value] if flag == "--seed" => seed = value.parse()?,
            _ => return Err("give `--minutes N`, `--seed S`, both or nothing".into()),
        }
    }
    say(&format!("{minutes} minutes from seed {seed}"));
    run_command(
        cargo()
            .args(["nextest", "run", "--workspace", "--locked", "--no-capture", "-E", TEST])
            .env("CPGLANG_REPLAY_MINUTES", minutes.to_string())
            .env("CPGLANG_REPLAY_SEED", seed.to_string()),
    )
}
