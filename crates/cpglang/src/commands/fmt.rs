//! `cpglang fmt`.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use cpg_base::{System, write_whole};
use cpg_syntax::Formatted;

use crate::args::FmtArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::load;
use crate::size::counted;

/// Lays programs out, or names those that are not. What does not parse stays as it is.
pub(crate) fn fmt(system: &dyn System, args: &FmtArgs, console: &Console) -> Result<(), Failure> {
    if args.paths == [Path::new("-")] {
        return standard_input(args.check, console);
    }
    let roots = args.source.roots(&args.paths);
    let files = load::project_files(system, roots)?;
    let mut changed = 0;
    let mut unread = false;
    for (_, path) in &files {
        let shown = load::shown(path);
        let bytes = system.read(path).map_err(|error| unreadable(&shown, &error))?;
        let Ok(text) = String::from_utf8(bytes) else {
            console.say(&format!("{shown}: not UTF-8, left as it is"));
            unread = true;
            continue;
        };
        let formatted = cpg_syntax::format(&text);
        say_copied(&shown, &formatted, console);
        if formatted.text == text {
            continue;
        }
        if !args.check {
            write_whole(path, formatted.text.as_bytes())
                .map_err(|error| unreadable(&shown, &error))?;
        }
        console.say(&shown);
        changed += 1;
    }
    let all = counted(files.len() as u64, "file");
    let what = if args.check { "not laid out canonically" } else { "changed" };
    console.say(&format!("{changed} of {all} {what}"));
    if unread || (args.check && changed > 0) { Err(Failure::Program) } else { Ok(()) }
}

/// From standard input to standard output.
fn standard_input(check: bool, console: &Console) -> Result<(), Failure> {
    let mut text = String::new();
    io::stdin()
        .lock()
        .read_to_string(&mut text)
        .map_err(|error| unreadable("standard input", &error))?;
    let formatted = cpg_syntax::format(&text);
    say_copied("standard input", &formatted, console);
    if check {
        return if formatted.text == text { Ok(()) } else { Err(Failure::Program) };
    }
    io::stdout().lock().write_all(formatted.text.as_bytes()).map_err(Failure::output)
}

fn say_copied(shown: &str, formatted: &Formatted, console: &Console) {
    if !formatted.copied.is_empty() {
        let parts = counted(formatted.copied.len() as u64, "part");
        console.say(&format!("{shown}: {parts} left as they are; `cpglang check` says why"));
    }
}

fn unreadable(shown: &str, error: &io::Error) -> Failure {
    Failure::usage(format!("`{shown}`: {error}"), "give program files, folders of them, or `-`")
}
