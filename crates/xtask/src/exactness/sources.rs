//! The interpreter's own library as a folder of sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, output};

/// What is not the library's own.
const LEFT_OUT: [&str; 2] = ["__pycache__", "site-packages"];

/// Copies its Python files below `to`, without what is installed besides: that is not the same everywhere.
pub(super) fn library(to: &Path) -> Outcome<PathBuf> {
    let script = "import sysconfig; print(sysconfig.get_paths()['stdlib'])";
    let from = output(Command::new("python3").args(["-I", "-S", "-c", script]))?;
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    copy(Path::new(from.trim()), to)?;
    Ok(to.to_owned())
}

fn copy(from: &Path, to: &Path) -> Outcome {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        if entry.file_type()?.is_dir() {
            if !LEFT_OUT.iter().any(|left_out| name == *left_out) {
                copy(&path, &to.join(name))?;
            }
        } else if path.extension().is_some_and(|extension| extension == "py") {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
