//! `cpglang check`.

use std::path::Path;

use cpg_base::System;

use crate::args::CheckArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::load::{self, Roots};
use crate::{profile, program};

/// Shows everything that is wrong with a program. No data is touched.
pub(crate) fn check(
    system: &dyn System,
    args: &CheckArgs,
    console: &Console,
) -> Result<(), Failure> {
    let roots = match args.paths.as_slice() {
        [] => Roots::Project(Path::new(".")),
        paths => Roots::Paths(paths),
    };
    let loaded = load::program(system, roots)?;
    let checked = loaded.files.iter().filter(|file| !file.library).count();
    let outcome = program::compile(loaded, &profile::external(system)?, console)?;
    console.summary(outcome.tally, checked)?;
    // What compiles can be planned; that it can is part of what is checked.
    outcome.manifest.and_then(|manifest| program::plan(manifest).map(|_| ()))
}
