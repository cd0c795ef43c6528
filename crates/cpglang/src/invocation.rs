//! What was asked for: arguments, over variables, over `cpglang.toml`.

use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use cpg_base::{Code, System};

use crate::args::{BuildCommand, Command, CommandLine, DoctorArgs, MessageFormat, PlanArgs};
use crate::console::Console;
use crate::failure::Failure;
use crate::profile::{self, Document, Keys, Profile};

/// What was asked for.
pub(crate) struct Invocation {
    /// The command with its arguments.
    pub command: Command,
    /// All that it is told, with who says so.
    pub profile: Profile,
    /// Where messages go.
    pub console: Console,
}

/// Why there is nothing to do, and where to say so.
pub(crate) struct Refused {
    pub failure: Failure,
    pub console: Console,
}

/// Reads all of it. The process ends here when only help was asked for, or the arguments make no sense.
///
/// # Errors
/// When something is wrong with the profile.
pub(crate) fn read(system: &dyn System) -> Result<Invocation, Box<Refused>> {
    let definition = CommandLine::command();
    let keys = Keys::new(&definition);
    // Once without the file: what it says of others may depend on which profile holds, and on nothing else.
    let asked = CommandLine::parsed(definition.clone());
    let console = asked.0.command.console();
    let refused = |failure| Box::new(Refused { failure, console });
    let document = match asked.0.command.reads_profile() {
        true => profile::document(system, &keys, asked.0.profile.as_deref(), &console),
        false => Ok(Document::default()),
    };
    let document = document.map_err(refused)?;
    let definition = document.over(definition);
    let (CommandLine { command, .. }, matches) = CommandLine::parsed(definition.clone());
    let console = command.console();
    let Some((name, matches)) = matches.subcommand() else {
        return Err(refused(Failure::Defect("no command was parsed".to_owned())));
    };
    let chosen = definition.find_subcommand(name).into_iter();
    let arguments: Vec<clap::Arg> =
        chosen.flat_map(clap::Command::get_arguments).cloned().collect();
    let profile = profile::resolve(document, &keys, &arguments, matches).map_err(refused)?;
    Ok(Invocation { command, profile, console })
}

impl CommandLine {
    /// What the process was started with. It ends here when that makes no sense.
    fn parsed(definition: clap::Command) -> (Self, ArgMatches) {
        let mut told = definition.clone();
        let matches = definition.get_matches();
        match Self::from_arg_matches(&matches) {
            Ok(line) => (line, matches),
            Err(error) if error.kind() == ErrorKind::DisplayHelp => error.exit(),
            Err(error) => error.format(&mut told).exit(),
        }
    }
}

impl Command {
    /// Where its messages go.
    fn console(&self) -> Console {
        match self {
            Self::Watch(build)
            | Self::Build(BuildCommand { build, .. })
            | Self::Plan(PlanArgs { build, .. })
            | Self::Doctor(DoctorArgs { build, .. }) => {
                Console::new(build.messages.message_format, build.quiet)
            }
            Self::Clean(args) => Console::new(args.messages.message_format, false),
            Self::Audit(args) => Console::new(args.published.messages.message_format, false),
            Self::Maintain(args) => Console::new(args.published.messages.message_format, false),
            Self::Rollback(args) => Console::new(args.messages.message_format, false),
            Self::Check(args) => Console::new(args.messages.message_format, false),
            Self::Test(args) => Console::new(args.messages.message_format, args.quiet),
            Self::Explain(args) => Console::new(args.messages.message_format, false),
            Self::Init(_)
            | Self::Completions(_)
            | Self::Query(_)
            | Self::History(_)
            | Self::Diff(_)
            | Self::Artifacts(_)
            | Self::Fmt(_)
            | Self::Export(_)
            | Self::Extract(_)
            | Self::Lineage(_)
            | Self::Lsp(_)
            | Self::Schema(_) => Console::new(MessageFormat::Human, false),
        }
    }

    /// Whether the file matters to it. What is wrong with the file must not keep its explanation from being read.
    fn reads_profile(&self) -> bool {
        match self {
            Self::Explain(args) => Code::from_id(&args.what).is_none(),
            Self::Init(_) | Self::Completions(_) | Self::Lsp(_) => false,
            _ => true,
        }
    }
}
