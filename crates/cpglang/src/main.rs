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
mod interrupt;
mod load;
mod mend;
mod profile;
mod program;
mod progress;
mod report;
mod rows;
mod size;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use cpg_base::{OsSystem, System};
use cpg_engine::Cancel;

use crate::args::{BuildArgs, Command, CommandLine, MessageFormat};
use crate::console::Console;
use crate::failure::Failure;
use crate::progress::Progress;

fn main() -> ExitCode {
    crash::install();
    let CommandLine { command } = CommandLine::parse();
    let console = match &command {
        Command::Build(args) | Command::Plan(args) => {
            Console::new(args.messages.message_format, args.quiet)
        }
        Command::Check(args) => Console::new(args.messages.message_format, false),
        Command::Test(args) => Console::new(args.messages.message_format, args.quiet),
        Command::Explain(args) => Console::new(args.messages.message_format, false),
        Command::Query(_)
        | Command::History(_)
        | Command::Artifacts(_)
        | Command::Fmt(_)
        | Command::Extract(_)
        | Command::Lineage(_)
        | Command::Lsp(_)
        | Command::Schema(_) => Console::new(MessageFormat::Human, false),
    };
    let done = match &command {
        Command::Build(args) => build(&OsSystem, args, console),
        Command::Plan(args) => commands::plan(&OsSystem, args, &console),
        Command::Query(args) => commands::query(&OsSystem, args),
        Command::History(args) => commands::history(args),
        Command::Artifacts(args) => commands::artifacts(args),
        Command::Check(args) => commands::check(&OsSystem, args, &console),
        Command::Test(args) => commands::test(&OsSystem, args, &console),
        Command::Lineage(args) => commands::lineage(&OsSystem, args, &console),
        Command::Fmt(args) => commands::fmt(&OsSystem, args, &console),
        Command::Explain(args) => commands::explain(&OsSystem, args, &console),
        Command::Extract(args) => commands::extract(&OsSystem, args, &console),
        Command::Schema(args) => commands::schema(&OsSystem, args),
        Command::Lsp(_) => commands::lsp(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Builds the graph of some sources.
fn build(system: &dyn System, args: &BuildArgs, console: Console) -> Result<(), Failure> {
    let (manifest, profile) = program::of_build(system, args, &console)?;

    let cancel = Cancel::default();
    interrupt::listen(&cancel)?;
    let progress = Arc::new(Progress::new(console, args.verbose));
    let observer = Arc::clone(&progress);
    let built = cpg_engine::build(manifest, profile.clone(), observer, &cancel);
    progress.finish();

    report::show(&built?, &profile, args.verbose, &console)
}
