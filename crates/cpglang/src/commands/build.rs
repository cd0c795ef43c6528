//! `cpglang build`.

use std::sync::Arc;

use cpg_base::System;
use cpg_engine::{BuildPlan, Cancel};

use super::plan;
use crate::args::{BuildArgs, BuildCommand};
use crate::console::Console;
use crate::failure::Failure;
use crate::profile::Profile;
use crate::progress::Progress;
use crate::{interrupt, program, report};

/// Builds the graph of some sources.
pub(crate) fn build(
    system: &dyn System,
    profile: &Profile,
    command: &BuildCommand,
    console: Console,
) -> Result<(), Failure> {
    let cancel = Cancel::default();
    // Before anything that takes a while: whoever is interrupted says so by its code.
    interrupt::listen(&cancel)?;
    let plan = command.plan.as_deref().map(|file| plan::saved(system, file)).transpose()?;
    once(system, profile, &command.build, plan, console, &cancel)
}

/// One build, as a plan says if there is one, and what it did.
pub(super) fn once(
    system: &dyn System,
    profile: &Profile,
    args: &BuildArgs,
    plan: Option<BuildPlan>,
    console: Console,
    cancel: &Cancel,
) -> Result<(), Failure> {
    let (manifest, mut runtime) = program::of_build(system, profile, args, &console)?;
    runtime.plan = plan;
    let progress = Arc::new(Progress::new(console, args.verbose));
    let observer = Arc::clone(&progress);
    let built = cpg_engine::build(manifest, runtime.clone(), observer, cancel);
    progress.finish();
    report::show(&built?, &runtime, args.verbose, &console)
}
