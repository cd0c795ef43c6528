//! What `cpglang.toml` says, and where it says what it may not.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use clap::Command;
use cpg_base::{Code, Diagnostic, LineIndex, SourceId, TextRange, TextUnit, nearest};
use cpg_evidence::ExternalCommands;
use cpg_plan::policy::Feature;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::external::command;
use super::{FILE, Keys, Origin};

/// A key with its place.
pub(super) type Named<'a> = Spanned<DeString<'a>>;

/// A value with its place.
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// Tables that stand beside the keys.
const TABLES: [&str; 3] = ["external", "features", "profiles"];

/// What the file says.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// The commands that may give evidence.
    pub external: ExternalCommands,
    /// The features of which it says whether they can be used.
    pub features: BTreeMap<Feature, (bool, Place)>,
    settings: BTreeMap<String, (Vec<String>, Place)>,
}

/// Where the file says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The line, counted from 1.
    pub line: u32,
    /// The profile, if it stands in one.
    pub profile: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FILE}:{}", self.line)?;
        match &self.profile {
            Some(profile) => write!(f, " (profile {profile})"),
            None => Ok(()),
        }
    }
}

impl Document {
    /// Makes what it says the defaults of the arguments of all commands.
    pub fn over(&self, command: Command) -> Command {
        let keys = Keys::new(&command);
        command.mut_subcommands(|command| {
            command.mut_args(|arg| match keys.of(&arg).and_then(|key| self.settings.get(key)) {
                Some((values, _)) => arg.default_values(values.clone()),
                None => arg,
            })
        })
    }

    /// Who says what a key is that no flag and no variable gives.
    pub fn origin(&self, key: &str) -> Origin {
        let said = self.settings.get(key);
        said.map_or(Origin::BuiltIn, |(_, place)| Origin::File(place.clone()))
    }
}

/// What diagnostics call the file.
pub(super) fn source() -> SourceId {
    SourceId::new(FILE)
}

/// Reads all of it: what it says with the `chosen` profile over the rest, the names of its profiles, and what is wrong.
pub(super) fn read(
    text: &str,
    keys: &Keys,
    chosen: Option<&str>,
) -> (Document, Vec<String>, Vec<Diagnostic>) {
    let mut reading = Reading { lines: LineIndex::new(text), text, keys, wrong: Vec::new() };
    let mut document = Document::default();
    let mut profiles = Vec::new();
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().unwrap_or(text.len()..text.len());
        reading.wrong(at, error.message().to_owned(), None);
    }
    // Guesses about a text that is not TOML would bury what is wrong with it.
    if !reading.wrong.is_empty() {
        return (document, profiles, reading.wrong);
    }
    let root = root.into_inner();
    reading.settings(&root, None, &TABLES, &mut document);
    for (name, value) in reading.tables(root.get("external"), "external") {
        reading.external(name, value, &mut document.external);
    }
    for (name, value) in reading.tables(root.get("profiles"), "profiles") {
        profiles.push(name.get_ref().to_string());
        let Some(table) = reading.table(value, &format!("profiles.{}", name.get_ref())) else {
            continue;
        };
        let mut own = Document::default();
        reading.settings(table, Some(name.get_ref()), &["features"], &mut own);
        if chosen == Some(name.get_ref()) {
            document.settings.extend(own.settings);
            document.features.extend(own.features);
        }
    }
    (document, profiles, reading.wrong)
}

/// The text while it is read.
pub(super) struct Reading<'a> {
    text: &'a str,
    lines: LineIndex,
    keys: &'a Keys,
    wrong: Vec<Diagnostic>,
}

impl Reading<'_> {
    /// Tells what is wrong at a place.
    pub fn wrong(&mut self, at: Range<usize>, message: impl Into<String>, help: Option<String>) {
        let range = TextRange::from_usize(at.start, at.end);
        let found = Diagnostic::error(Code::BadSetting, &source(), range, message);
        self.wrong.push(Diagnostic { help, ..found });
    }

    /// Tells that there is no such key.
    pub fn unknown<'n>(&mut self, key: &Named<'_>, of: &str, names: impl Iterator<Item = &'n str>) {
        let names: Vec<&str> = names.collect();
        let range = TextRange::from_usize(key.span().start, key.span().end);
        let name = key.get_ref();
        let message = match of {
            "" => format!("there is no key `{name}`"),
            _ => format!("`{of}` has no key `{name}`"),
        };
        let found = Diagnostic::error(Code::UnknownKey, &source(), range, message);
        self.wrong.push(match nearest(name, names.iter().copied()) {
            Some(near) => found.help(format!("did you mean `{near}`?")).fix(
                format!("replace `{name}` by `{near}`"),
                range,
                near,
            ),
            None => found.help(format!("the keys are {}", names.join(", "))),
        });
    }

    /// A value that is a table.
    pub fn table<'v, 'a>(&mut self, value: &'v Value<'a>, of: &str) -> Option<&'v DeTable<'a>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(value.span(), format!("`{of}` is a table"), None);
        }
        table
    }

    /// The entries of a table that need not be there.
    fn tables<'v, 'a>(
        &mut self,
        value: Option<&'v Value<'a>>,
        of: &str,
    ) -> Vec<(&'v Named<'a>, &'v Value<'a>)> {
        value.and_then(|value| self.table(value, of)).into_iter().flatten().collect()
    }

    /// The keys of the file, or of a profile; `beside` them stand tables.
    fn settings(
        &mut self,
        table: &DeTable<'_>,
        profile: Option<&str>,
        beside: &[&str],
        document: &mut Document,
    ) {
        let of = profile.map(|name| format!("profiles.{name}")).unwrap_or_default();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let place = self.place(key, profile);
            match self.keys.is_many(name) {
                Some(many) => {
                    if let Some(values) = self.values(name, value, many) {
                        document.settings.insert(name.to_owned(), (values, place));
                    }
                }
                None if name == "features" => self.features(value, profile, document),
                None if beside.contains(&name) => {}
                None => {
                    let keys = self.keys;
                    self.unknown(key, &of, keys.names().chain(beside.iter().copied()));
                }
            }
        }
    }

    fn place(&self, key: &Named<'_>, profile: Option<&str>) -> Place {
        let start = TextRange::from_usize(key.span().start, key.span().end).start();
        let line = self.lines.line_column(self.text, start, TextUnit::Utf8).line + 1;
        Place { line, profile: profile.map(str::to_owned) }
    }

    /// The values of a key, each of which the argument takes.
    fn values(&mut self, name: &str, value: &Value<'_>, many: bool) -> Option<Vec<String>> {
        let parts: Vec<&Value<'_>> = match value.get_ref() {
            DeValue::Array(parts) if many => parts.iter().collect(),
            _ => vec![value],
        };
        let mut values = Vec::with_capacity(parts.len());
        for part in parts {
            let text = match part.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.to_string(),
                _ => {
                    let what =
                        if many { "a text, or a list of texts" } else { "a text or a number" };
                    self.wrong(part.span(), format!("`{name}` is {what}"), None);
                    return None;
                }
            };
            if let Err(why) = self.keys.check(name, &text) {
                let message = format!("`{name}` cannot be `{text}`");
                self.wrong(part.span(), message, Some(why));
                return None;
            }
            values.push(text);
        }
        Some(values)
    }

    fn features(&mut self, value: &Value<'_>, profile: Option<&str>, document: &mut Document) {
        let of = profile.map_or("features".to_owned(), |name| format!("profiles.{name}.features"));
        for (key, value) in self.tables(Some(value), &of) {
            let Some(feature) = Feature::named(key.get_ref()) else {
                self.unknown(key, &of, Feature::ALL.into_iter().map(Feature::name));
                continue;
            };
            match value.get_ref().as_bool() {
                Some(on) => {
                    document.features.insert(feature, (on, self.place(key, profile)));
                }
                None => {
                    let message = format!("`{}` is `true` or `false`", feature.name());
                    self.wrong(value.span(), message, None);
                }
            }
        }
    }

    fn external(&mut self, name: &Named<'_>, value: &Value<'_>, commands: &mut ExternalCommands) {
        let of = format!("external.{}", name.get_ref());
        let Some(keys) = self.table(value, &of) else { return };
        let Some(command) = command(self, &of, name, keys) else { return };
        if let Err(reason) = commands.add(name.get_ref(), command) {
            self.wrong(name.span(), format!("`{of}`: {reason}"), None);
        }
    }
}
