//! How far a reader of changes has come: a file that names a run.

use std::io;
use std::path::Path;

use cpg_base::{System, write_whole};
use cpg_engine::Before;

use crate::failure::Failure;

/// Where the reader is.
pub(super) fn read(system: &dyn System, file: &Path) -> Result<Before, Failure> {
    let unusable = |reason: String| {
        Failure::usage(
            format!("the cursor `{}`: {reason}", file.display()),
            "give a file that `diff --cursor` wrote, or one that is not there yet",
        )
    };
    match system.read(file) {
        Ok(bytes) => match String::from_utf8(bytes).map(|text| text.trim().to_owned()) {
            Ok(run) if run.starts_with("run-") && !run.contains(char::is_whitespace) => {
                Ok(Before::Run(run))
            }
            _ => Err(unusable("it names no run".to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Before::Nothing),
        Err(error) => Err(unusable(error.to_string())),
    }
}

/// Moves the reader on.
pub(super) fn write(file: &Path, run: &str) -> Result<(), Failure> {
    write_whole(file, format!("{run}\n").as_bytes()).map_err(Failure::output)
}
