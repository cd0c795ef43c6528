//! The keys of `cpglang.toml`: every argument that takes a value and has a variable.

use std::collections::BTreeMap;

use clap::builder::ValueParser;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command};

/// What the variables of arguments begin with.
const PREFIX: &str = "CPGLANG_";

/// Those that are no keys: which profile holds cannot depend on it, and features have a table of their own.
const NO_KEYS: [&str; 3] = ["profile", "with", "without"];

/// What can be said of a key.
#[derive(Debug, Clone)]
struct Key {
    /// Whether it can have several values.
    many: bool,
    parser: ValueParser,
}

/// The keys by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys(BTreeMap<String, Key>);

impl Keys {
    /// Those of the arguments of all commands.
    pub fn new(command: &Command) -> Self {
        let arguments = command.get_subcommands().flat_map(Command::get_arguments);
        let named = arguments.filter_map(|arg| {
            let many = matches!(arg.get_action(), ArgAction::Append);
            Some((name(arg)?, Key { many, parser: arg.get_value_parser().clone() }))
        });
        Self(named.collect())
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The key that stands for an argument.
    pub fn of(&self, arg: &Arg) -> Option<&str> {
        let (name, _) = self.0.get_key_value(&name(arg)?)?;
        Some(name)
    }

    /// Whether there is such a key, and if so whether it can have several values.
    pub fn is_many(&self, name: &str) -> Option<bool> {
        self.0.get(name).map(|key| key.many)
    }

    /// Whether a key can have a value.
    ///
    /// # Errors
    /// Why it cannot, as of the argument on the command line.
    pub fn check(&self, name: &str, value: &str) -> Result<(), String> {
        let Some(key) = self.0.get(name) else { return Ok(()) };
        let arg = Arg::new("value").long("value").value_parser(key.parser.clone());
        let command = Command::new(env!("CARGO_PKG_NAME")).no_binary_name(true).arg(arg);
        let Err(error) = command.try_get_matches_from([format!("--value={value}")]) else {
            return Ok(());
        };
        if let Some(ContextValue::Strings(known)) = error.get(ContextKind::ValidValue)
            && !known.is_empty()
        {
            return Err(format!("the values are {}", known.join(", ")));
        }
        Err(std::error::Error::source(&error)
            .map_or_else(|| "it has no such value".to_owned(), ToString::to_string))
    }
}

/// The variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase())
}

fn name(arg: &Arg) -> Option<String> {
    let name = arg.get_env()?.to_str()?.strip_prefix(PREFIX)?.to_ascii_lowercase();
    (arg.get_action().takes_values() && !NO_KEYS.contains(&name.as_str())).then_some(name)
}
