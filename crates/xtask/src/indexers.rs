//! `cargo xtask indexers`: programs that write SCIP indexes, which what `scip` reads and what graphs say is compared with.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, Outcome, say, succeeds, target_dir};

/// What is installed; a change makes a new folder.
const PACKAGES: [&str; 2] =
    ["@sourcegraph/scip-python@0.6.6", "@sourcegraph/scip-typescript@0.4.0"];

/// Installs and says where. They need Node.js.
pub fn run(_args: &[String]) -> Outcome {
    say(&format!("{}", install()?.display()));
    Ok(())
}

/// What `scip-python` says of the sources in a folder: a file of that name, written now if it is not there yet.
pub fn index(sources: &Path, name: &str) -> Outcome<PathBuf> {
    let folder = install()?;
    let index = folder.join(format!("{name}.scip"));
    if !index.is_file() {
        let partial = folder.join("partial.scip");
        let mut command = Command::new(folder.join("node_modules/.bin/scip-python"));
        command.args(["index", "--quiet", "--project-name", name, "--project-version", "1"]);
        command.current_dir(sources).arg("--output").arg(&partial);
        // The default is too little for large packages.
        process::run(command.env("NODE_OPTIONS", "--max-old-space-size=6000"))?;
        std::fs::rename(partial, &index)?;
    }
    Ok(index)
}

/// The folder that they are in, installed now if they are not there yet.
fn install() -> Outcome<PathBuf> {
    let folder = target_dir().join("indexers");
    // Written last, so that an interrupted installation is repeated.
    let stamp = folder.join("installed.txt");
    let wanted = PACKAGES.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    if !succeeds(Command::new("npm").arg("--version")) {
        return Err("npm is not on the path".into());
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let install = ["install", "--silent", "--no-fund", "--no-audit", "--prefix"];
    process::run(Command::new("npm").args(install).arg(&folder).args(PACKAGES))?;
    std::fs::write(stamp, wanted)?;
    Ok(folder)
}
