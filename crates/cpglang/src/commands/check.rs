//! `cpglang check`.

use cpg_base::{System, write_whole};
use serde::Serialize;

use crate::args::CheckArgs;
use crate::console::{Console, Message};
use crate::failure::Failure;
use crate::load::{self, Loaded};
use crate::mend::{self, Mended};
use crate::profile::Profile;
use crate::program;

/// Shows everything that is wrong with a program. No data is touched.
pub(crate) fn check(
    system: &dyn System,
    profile: &Profile,
    args: &CheckArgs,
    console: &Console,
) -> Result<(), Failure> {
    let roots = args.place.source.roots(&args.paths);
    let mut loaded = load::program(system, &profile.external, roots)?;
    if args.fix {
        fix(&mut loaded, console)?;
    }
    let checked = loaded.files.iter().filter(|file| !file.library).count();
    let outcome = program::compile_and_foresee(loaded, &args.place.out()?, console)?;
    console.summary(outcome.tally, checked)?;
    outcome.manifest.map(|_| ())
}

#[derive(Serialize)]
struct FixedBody<'a> {
    code: &'static str,
    title: &'a str,
    source: &'a str,
    /// Where it stood when it was fixed, both counted from 1; columns count characters.
    line: u32,
    column: u32,
}

/// Mends what can be mended, in the files, too, and says what was done.
fn fix(loaded: &mut Loaded, console: &Console) -> Result<(), Failure> {
    let Mended { fixed, changed } = mend::mend(loaded)?;
    for (path, text) in changed {
        write_whole(&path, text.as_bytes()).map_err(|error| {
            Failure::usage(format!("`{}`: {error}", load::shown(&path)), "the file is as it was")
        })?;
    }
    for fix in &fixed {
        let (line, column) = (fix.line, fix.column);
        if console.is_json() {
            let source = fix.source.as_str();
            let body = FixedBody { code: fix.code.id(), title: &fix.title, source, line, column };
            console.emit(&Message::new("fixed", body))?;
        } else {
            console
                .say(&format!("fixed[{}] {}:{line}:{column}: {}", fix.code, fix.source, fix.title));
        }
    }
    Ok(())
}
