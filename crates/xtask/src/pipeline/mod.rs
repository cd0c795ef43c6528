//! `cargo xtask pipeline [--items N]`: what checking and building a pipeline of many items costs.
//!
//! Other tools' projects of the same shape are told of in years: so that figures can be put beside theirs, this counts the
//! CPU seconds of whole commands, as one would run them.

mod project;

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::process::{Outcome, cargo, run as run_command, say, target_dir};

/// How many items there are unless told otherwise.
const ITEMS: usize = 1_000;

/// Writes the project, and runs each command on it.
pub fn run(args: &[String]) -> Outcome {
    let items = match args {
        [] => ITEMS,
        [flag, items] if flag == "--items" => items.parse()?,
        _ => return Err("give `--items N` or nothing".into()),
    };
    run_command(cargo().args(["build", "--release", "--locked"]))?;
    let folder = target_dir().join("pipeline");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    project::write(&folder, items)?;
    say("command                   CPU s   seconds");
    for (name, command) in
        [("check", "check"), ("build, from nothing", "build"), ("build, nothing new", "build")]
    {
        let (before, started) = (cpu_seconds()?, Instant::now());
        let status = Command::new(target_dir().join("release/cpglang"))
            .arg(command)
            .current_dir(&folder)
            .stdout(Stdio::null())
            .status()?;
        if !status.success() {
            return Err(format!("{name}: {status}").into());
        }
        let (cpu, seconds) = (cpu_seconds()? - before, started.elapsed().as_secs_f64());
        say(&format!("{name:22} {cpu:>8.2} {seconds:>9.2}"));
    }
    Ok(())
}

/// How long the processors worked for the commands that ended, in seconds: `cutime` and `cstime` of proc(5).
fn cpu_seconds() -> Outcome<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let behind = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = behind.split(' ').skip(13).take(2).map(str::parse::<f64>);
    // A hundred in a second, wherever Linux runs.
    Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
}
