//! The runtime profile: what a run is told beside the program, by flags, variables and `cpglang.toml` in the current
//! directory.
//!
//! ```toml
//! source = ["src"]                       # a key for each `CPGLANG_…` variable of a flag that takes a value
//! threads = 4
//!
//! [features]                             # what only serves speed can be left off
//! spilling = false
//!
//! [profiles.ci]                          # holds with `--profile ci`, over what stands above
//! memory = "4GiB"
//! features = { spilling = true }
//!
//! [external.licenses]                    # a command that gives evidence
//! command = ["python3", "tools/licenses.py"]
//! columns = { license = "string", line = "Line<1>?" }
//! ```
//!
//! A flag goes before its variable, that before the profile that was chosen, that before the rest of the file, and that
//! before what is built in. What the file says of a key becomes the default of the argument, so that there is one way in
//! which a value is read, wherever it comes from.

mod document;
mod external;
mod gates;
mod keys;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::Path;

use clap::ArgMatches;
use clap::parser::ValueSource;
use cpg_base::{Code, System, nearest};
use cpg_evidence::ExternalCommands;
use cpg_plan::policy::Feature;

use crate::console::{Console, Texts};
use crate::failure::Failure;

pub(crate) use document::{Document, Place};
pub(crate) use gates::Gate;
pub(crate) use keys::Keys;

/// Where a profile is read from.
pub(crate) const FILE: &str = "cpglang.toml";

/// What a run is told, each with who says so.
#[derive(Debug)]
pub(crate) struct Profile {
    /// The commands that may give evidence.
    pub external: ExternalCommands,
    /// Which features can be used.
    pub gates: BTreeMap<Feature, Gate>,
    /// By key, what holds for the command that runs.
    pub settings: BTreeMap<String, Setting>,
}

impl Profile {
    /// The features that are left off.
    pub fn without(&self) -> BTreeSet<Feature> {
        self.gates.iter().filter(|(_, gate)| !gate.on).map(|(feature, _)| *feature).collect()
    }
}

/// What a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// As it was written; nothing where the command decides by itself.
    pub values: Vec<String>,
    /// Who says so.
    pub origin: Origin,
}

/// Who says what a setting is, the first that has something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag.
    Flag(String),
    /// A variable of the environment.
    Variable(String),
    /// The file.
    File(Place),
    /// Nobody.
    BuiltIn,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File(place) => place.fmt(f),
            Self::BuiltIn => f.write_str("default"),
        }
    }
}

/// What the file says, with the profile of that name over the rest; nothing where there is no file. What is wrong with it
/// is shown.
///
/// # Errors
/// When something is wrong with it, or there is no such profile.
pub(crate) fn document(
    system: &dyn System,
    keys: &Keys,
    name: Option<&str>,
    console: &Console,
) -> Result<Document, Failure> {
    let unknown = |help: String| {
        let name = name.unwrap_or_default();
        Err(Failure::coded(Code::UnknownProfile, format!("there is no profile `{name}`"), help))
    };
    let Some(text) = text(system, Path::new(""))? else {
        return match name {
            None => Ok(Document::default()),
            Some(_) => unknown(format!("profiles are tables `[profiles.NAME]` of `{FILE}`")),
        };
    };
    let (found, profiles, mut diagnostics) = document::read(&text, keys, name);
    if !diagnostics.is_empty() {
        console.diagnostics(&mut diagnostics, &Texts::one(document::source(), text))?;
        return Err(Failure::Profile);
    }
    match name.filter(|name| !profiles.iter().any(|one| one == name)) {
        None => Ok(found),
        Some(name) => unknown(match nearest(name, profiles.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if profiles.is_empty() => format!("`{FILE}` has no table `[profiles.{name}]`"),
            None => format!("the profiles are {}", profiles.join(", ")),
        }),
    }
}

/// The commands that the file in a folder allows, for whoever can do without: nothing of a file that is wrong.
pub(crate) fn external(system: &dyn System, folder: &Path) -> ExternalCommands {
    let text = text(system, folder).ok().flatten().unwrap_or_default();
    let (found, _, diagnostics) = document::read(&text, &Keys::default(), None);
    let is_wrong = diagnostics.iter().any(|one| one.code != Code::UnknownKey);
    if is_wrong { ExternalCommands::default() } else { found.external }
}

fn text(system: &dyn System, folder: &Path) -> Result<Option<String>, Failure> {
    let wrong = |reason: String| {
        Failure::coded(Code::BadSetting, format!("`{FILE}`: {reason}"), "it is a text in TOML")
    };
    match system.read(&folder.join(FILE)) {
        Ok(bytes) => {
            let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
            Ok(Some(text))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// What holds for a command that was given these arguments, over what the file says. The file's values are in the
/// arguments already: see [`Document::over`].
///
/// # Errors
/// When one place says two things at once.
pub(crate) fn resolve(
    document: Document,
    keys: &Keys,
    arguments: &[clap::Arg],
    matches: &ArgMatches,
) -> Result<Profile, Failure> {
    let gates = gates::resolve(&document.features, matches)?;
    let mut settings = BTreeMap::new();
    for arg in arguments {
        let Some(key) = keys.of(arg) else { continue };
        let id = arg.get_id().as_str();
        let values = matches.get_raw(id).into_iter().flatten();
        let values = values.map(|value| value.to_string_lossy().into_owned()).collect();
        let origin = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => Origin::Flag(match arg.get_long() {
                Some(long) => format!("--{long}"),
                None => "an argument".to_owned(),
            }),
            Some(ValueSource::EnvVariable) => Origin::Variable(keys::variable(key)),
            _ => document.origin(key),
        };
        settings.insert(key.to_owned(), Setting { values, origin });
    }
    Ok(Profile { external: document.external, gates, settings })
}
