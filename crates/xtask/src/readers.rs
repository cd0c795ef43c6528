//! `cargo xtask readers`: readers of Delta tables, Parquet files and graphs that share no code with this workspace.

use std::path::PathBuf;
use std::process::Command;

use crate::process::{self, Outcome, say, succeeds, target_dir};

/// What is installed; a change makes a new environment.
const PACKAGES: [&str; 5] =
    ["deltalake==1.6.6", "duckdb==2.0.0", "networkx==3.6.1", "pyarrow==26.0.1", "pydot==4.0.1"];

/// Installs and says where.
pub fn run(_args: &[String]) -> Outcome {
    say(&format!("{}", install()?.display()));
    Ok(())
}

/// The environment's Python, installed now if it is not there yet.
pub fn install() -> Outcome<PathBuf> {
    let venv = target_dir().join("readers");
    let python = venv.join("bin").join("python");
    // Written last, so that an interrupted installation is repeated.
    let stamp = venv.join("installed.txt");
    let wanted = PACKAGES.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if !succeeds(Command::new("python3").arg("--version")) {
        return Err("python3 is not on the path".into());
    }
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    process::run(Command::new(&python).args(install).args(PACKAGES))?;
    std::fs::write(stamp, wanted)?;
    Ok(python)
}
