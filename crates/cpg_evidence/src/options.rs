//! What extractors are told besides the sources: by flags and the profile, never by a program.
//!
//! What of it changes rows is part of what the fingerprints of the extractors that it concerns are taken over
//! ([`Scan::fingerprint`](crate::Scan::fingerprint)); so is what it names, as a file that lies outside the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use cpg_ir::types::Column;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::git::Changed;

/// What evidence is taken from, and how. The default is what a user gets who says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtractOptions {
    /// Which files are sources.
    pub files: FileOptions,
    /// The interpreter that `python.bytecode` compiles with; when absent, `python3` or `python` on the search path.
    pub python: Option<PathBuf>,
    /// The SCIP index; `index.scip` in each source that has one when absent.
    pub scip_index: Option<PathBuf>,
    /// Commands that print evidence.
    pub external: ExternalCommands,
}

/// A command that prints the rows of one table. Nobody but the person who runs a build may say one: a program cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalCommand {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// What it prints.
    pub format: ExternalFormat,
    /// The columns of its table, besides `file_id` and `path`.
    pub columns: Vec<Column>,
    /// Changes when the command would print other rows for the same sources.
    pub version: String,
    /// How long it may run.
    pub seconds: u64,
    /// How much memory it may take.
    pub memory_bytes: u64,
    /// How much it may print.
    pub output_bytes: u64,
}

/// What a command prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExternalFormat {
    /// A JSON object a line.
    #[default]
    Ndjson,
    /// An Arrow IPC stream.
    Arrow,
}

impl ExternalCommand {
    /// With the limits of a command of which nothing is said: a minute, 4 GiB of memory, 256 MiB of output.
    pub fn new(command: Vec<String>, columns: Vec<Column>) -> Self {
        Self {
            command,
            format: ExternalFormat::default(),
            columns,
            version: String::new(),
            seconds: 60,
            memory_bytes: 4 << 30,
            output_bytes: 256 << 20,
        }
    }
}

/// Commands by the names of their tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExternalCommands(BTreeMap<String, ExternalCommand>);

impl ExternalCommands {
    /// Adds a command whose table is called `name`, and whose extractor `external.NAME`.
    ///
    /// # Errors
    /// Why there can be no such table.
    pub fn add(&mut self, name: &str, command: ExternalCommand) -> Result<(), String> {
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !is_name {
            return Err("a table's name has small letters, digits and `_`".to_owned());
        }
        for (key, extractor) in crate::catalog().extractors {
            if extractor.tables.contains_key(name) {
                return Err(format!("the extractor `{key}` has a table `{name}`"));
            }
        }
        let mut names = BTreeSet::from(["file_id", "path"]);
        if let Some(column) = command.columns.iter().find(|column| !names.insert(&column.name)) {
            return Err(format!("there is more than one column `{}`", column.name));
        }
        self.0.insert(name.to_owned(), command);
        Ok(())
    }

    /// The commands with the names of their tables, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ExternalCommand)> {
        self.0.iter().map(|(name, command)| (name.as_str(), command))
    }
}

/// Which of the files that are found are sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileOptions {
    /// Only files that one of these fits; all when there are none.
    pub include: Vec<FilePattern>,
    /// None that one of these fits.
    pub exclude: Vec<FilePattern>,
    /// Only files that differ from what this commit of their git repository has: a hash, a branch, a tag or the like.
    pub changed_since: Option<String>,
}

/// A pattern of paths, as a line of a `.gitignore`: `*.py` fits at any depth, `/docs/` a folder of the source's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePattern(String);

impl FromStr for FilePattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let refused = |reason: &str| PatternError { reason: reason.to_owned() };
        match text.chars().next() {
            None => return Err(refused("it is empty")),
            Some('!') => return Err(refused("`!` in front turns a pattern round")),
            Some('#') => return Err(refused("`#` in front makes it a comment; write `\\#`")),
            Some(_) => {}
        }
        match GitignoreBuilder::new("").add_line(None, text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(refused(&error.to_string())),
        }
    }
}

impl fmt::Display for FilePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no pattern of paths.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct PatternError {
    reason: String,
}

/// The options for the files of one source.
#[derive(Debug, Clone)]
pub(crate) struct FileFilter {
    include: Option<Gitignore>,
    exclude: Option<Gitignore>,
    changed: Option<Changed>,
    root: PathBuf,
}

impl FileFilter {
    /// For the files below `root`, and of these only those that `changed`, where that is known.
    pub(crate) fn new(options: &FileOptions, root: &Path, changed: Option<Changed>) -> Self {
        let compiled = |patterns: &[FilePattern]| {
            let mut builder = GitignoreBuilder::new(root);
            for FilePattern(text) in patterns {
                // A `FilePattern` is one that was added before.
                let _ = builder.add_line(None, text);
            }
            (!patterns.is_empty()).then(|| builder.build().ok()).flatten()
        };
        let (include, exclude) = (compiled(&options.include), compiled(&options.exclude));
        Self { include, exclude, changed, root: root.to_owned() }
    }

    /// Whether a folder may hold sources.
    pub(crate) fn enters(&self, folder: &Path) -> bool {
        !self.exclude.as_ref().is_some_and(|exclude| exclude.matched(folder, true).is_ignore())
    }

    /// Whether a file is a source. `path` lies below the filter's root.
    pub(crate) fn takes(&self, path: &Path) -> bool {
        let fits =
            |patterns: &Gitignore| patterns.matched_path_or_any_parents(path, false).is_ignore();
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        self.changed.as_ref().is_none_or(|changed| changed.has(below))
            && self.include.as_ref().is_none_or(fits)
            && !self.exclude.as_ref().is_some_and(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(texts: &[&str]) -> Vec<FilePattern> {
        texts.iter().map(|text| text.parse().expect("a pattern")).collect()
    }

    #[test]
    fn patterns_are_those_of_gitignore() {
        let options = FileOptions {
            include: patterns(&["*.py", "/docs/"]),
            exclude: patterns(&["generated", "/docs/*.tmp"]),
            changed_since: None,
        };
        let filter = FileFilter::new(&options, Path::new("/r"), None);
        let taken = |path: &str| filter.takes(&Path::new("/r").join(path));
        assert!(taken("a/b.py") && taken("docs/a/x.md"));
        assert!(!taken("a/b.js") && !taken("a/docs/x.md"));
        assert!(!taken("a/generated/b.py") && !taken("docs/x.tmp"));
        assert!(!filter.enters(Path::new("/r/a/generated")) && filter.enters(Path::new("/r/a")));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "!a", "#a", "a{"] {
            assert!(text.parse::<FilePattern>().is_err(), "{text}");
        }
    }
}
