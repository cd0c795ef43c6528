//! `cpglang init [DIR]`: a project to start from.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use cpg_base::{System, write_whole};

use crate::args::InitArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::load::shown;
use crate::profile;

/// The program.
const PROGRAM: &str = "graph.cpg";

/// What git is not to look at.
const IGNORED: &str = ".cpglang/";

/// Makes what is missing. Nothing that is there is changed, but for a line that a `.gitignore` lacks.
pub(crate) fn init(system: &dyn System, args: &InitArgs, console: &Console) -> Result<(), Failure> {
    let folder = args.folder.as_path();
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let files = [
        (profile::FILE, include_str!("init/cpglang.toml")),
        (PROGRAM, include_str!("init/graph.cpg")),
    ];
    let has_program =
        !system.files_in(folder, "cpg").map_err(|error| unwritable(folder, &error))?.is_empty();
    for (name, text) in files {
        let path = folder.join(name);
        if name == PROGRAM && has_program {
            console.say("kept the program that is there");
            continue;
        }
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).map_err(|error| unwritable(&path, &error))?;
                console.say(&format!("wrote {}", shown(&path)));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                console.say(&format!("kept {}", shown(&path)));
            }
            Err(error) => return Err(unwritable(&path, &error)),
        }
    }
    ignore(system, &folder.join(".gitignore"), console)?;
    console.say("next: `cpglang check`, then `cpglang build`");
    Ok(())
}

/// Adds the line to what git ignores, unless it is there.
fn ignore(system: &dyn System, path: &Path, console: &Console) -> Result<(), Failure> {
    let mut text = match system.read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(unwritable(path, &error)),
    };
    let is_it = |line: &[u8]| {
        let line = line.trim_ascii();
        let line = line.strip_prefix(b"/").unwrap_or(line);
        line.strip_suffix(b"/").unwrap_or(line) == b".cpglang"
    };
    if text.split(|byte| *byte == b'\n').any(is_it) {
        console.say(&format!("kept {}", shown(path)));
        return Ok(());
    }
    if text.last().is_some_and(|last| *last != b'\n') {
        text.push(b'\n');
    }
    text.extend_from_slice(format!("{IGNORED}\n").as_bytes());
    write_whole(path, &text).map_err(|error| unwritable(path, &error))?;
    console.say(&format!("wrote {IGNORED} into {}", shown(path)));
    Ok(())
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("`{}`: {error}", shown(path)), "give a folder that can be written to")
}
