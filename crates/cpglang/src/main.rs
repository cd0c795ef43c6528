//! The command line of cpglang.
//!
//! ```text
//! .cpg files ─load─► texts ─compile─► ProgramManifest ─plan, run─► Delta tables ─► report
//! ```

mod args;
mod commands;
mod console;
mod crash;
mod failure;
mod foresight;
mod interrupt;
mod invocation;
mod load;
mod mend;
mod profile;
mod program;
mod progress;
mod report;
mod rows;
mod size;

use std::process::ExitCode;

use cpg_base::OsSystem;

use crate::args::Command;
use crate::console::Console;
use crate::failure::Failure;
use crate::invocation::Invocation;

fn main() -> ExitCode {
    crash::install();
    let Invocation { command, profile, console } = match invocation::read(&OsSystem) {
        Ok(invocation) => invocation,
        Err(refused) => return ended(Err(refused.failure), &refused.console),
    };
    let (system, profile) = (&OsSystem, &profile);
    let done = match &command {
        Command::Init(args) => commands::init(system, args, &console),
        Command::Build(args) => commands::build(system, profile, args, console),
        Command::Watch(args) => commands::watch(system, profile, args, console),
        Command::Plan(args) => commands::plan(system, profile, args, &console),
        Command::Query(args) => commands::query(system, args),
        Command::History(args) => commands::history(args),
        Command::Diff(args) => commands::diff(system, args),
        Command::Rollback(args) => commands::rollback(args, &console),
        Command::Artifacts(args) => commands::artifacts(args),
        Command::Check(args) => commands::check(system, profile, args, &console),
        Command::Audit(args) => commands::audit(system, profile, args, &console),
        Command::Test(args) => commands::test(system, profile, args, &console),
        Command::Lineage(args) => commands::lineage(system, profile, args, &console),
        Command::Fmt(args) => commands::fmt(system, args, &console),
        Command::Explain(args) => commands::explain(system, profile, args, &console),
        Command::Export(args) => commands::export(args, &console),
        Command::Extract(args) => commands::extract(profile, args, &console),
        Command::Schema(args) => commands::schema(profile, args),
        Command::Doctor(args) => commands::doctor(system, profile, args, &console),
        Command::Clean(args) => commands::clean(args, &console),
        Command::Maintain(args) => commands::maintain(system, profile, args, console),
        Command::Completions(args) => commands::completions(args),
        Command::Lsp(args) => commands::lsp(args),
    };
    ended(done, &console)
}

/// Says why a command ends without its result, if it does.
fn ended(done: Result<(), Failure>, console: &Console) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
