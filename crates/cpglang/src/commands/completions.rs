//! `cpglang completions SHELL`.

use std::io::{self, Write as _};

use clap::CommandFactory as _;

use crate::args::{CommandLine, CompletionsArgs};
use crate::failure::Failure;

/// Prints a shell's script.
pub(crate) fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut command = CommandLine::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    io::stdout().lock().write_all(&script).map_err(Failure::output)
}
