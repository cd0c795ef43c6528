//! `cpglang clean`: removes what no published build needs.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use serde::Serialize;

use crate::args::CleanArgs;
use crate::console::{Console, Message};
use crate::failure::Failure;
use crate::size::{Human, counted};

#[derive(Serialize)]
struct CleanedBody {
    /// Whether it was only looked.
    dry_run: bool,
    /// What is gone, or would be.
    paths: Vec<String>,
    bytes: u64,
}

/// Removes it, or says what would be removed.
pub(crate) fn clean(args: &CleanArgs, console: &Console) -> Result<(), Failure> {
    if args.empty_cache && args.cache.is_none() {
        return Err(Failure::usage(
            "no cache is known that could be emptied",
            "say where it is with `--cache DIR`",
        ));
    }
    let cache = args.cache.as_deref().filter(|_| args.empty_cache);
    let found = cpg_engine::clean(&args.place.out()?, cache, args.dry_run)?;
    let paths = found.paths;
    if console.is_json() {
        let body = CleanedBody { dry_run: args.dry_run, paths, bytes: found.bytes };
        return console.emit(&Message::new("cleaned", body));
    }
    let mut text = String::new();
    for path in &paths {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{path}");
    }
    let what = if args.dry_run { "would be removed" } else { "removed" };
    let many = counted(paths.len() as u64, "path");
    let _ = match paths.len() {
        0 => writeln!(text, "Nothing to remove"),
        _ => writeln!(text, "{} {what}, {many}", Human(found.bytes)),
    };
    io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::output)
}
