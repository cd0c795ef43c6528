//! The files of the sources, with sizes and content hashes.
//!
//! A scan reads every file once, hashes it and forgets its content: fast enough to ask on every build whether
//! anything changed, in memory that grows with the number of files only.

mod language;
mod location;
mod module;
mod segment;
mod walk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cpg_ir::canon::{Domain, Fingerprint};

use crate::error::ScanError;
use crate::errors::ErrorKind;
use crate::git::{self, Repository, history};
use crate::options::ExtractOptions;
use crate::outside::Outside;
use crate::python::bytecode::{self, Interpreter};
use crate::python::environment::Environment;
use crate::python::{external as distributions, imports};
use segment::Segments;

pub use language::Language;
pub(crate) use location::Location;
pub(crate) use module::{ModuleName, Modules};
pub(crate) use walk::problem;

/// A directory whose files are extracted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    root: PathBuf,
    prefix: String,
}

impl Source {
    /// The directory `root`, its files named by their path below it.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), prefix: String::new() }
    }

    /// The directory `root`, its files named `prefix/path`: tells apart files of several sources.
    pub fn with_prefix(root: impl Into<PathBuf>, prefix: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        Self {
            root: root.into(),
            prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") },
        }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What stands in front of its files' paths: empty, or ending in `/`.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }
}

/// How sources are listed.
#[derive(Debug, Clone, Default)]
pub struct ScanOptions {
    /// Where the build writes to: never a source, even below one.
    pub output: Option<PathBuf>,
    /// Threads that list and hash; all cores when absent.
    pub threads: Option<usize>,
    /// What extractors are told.
    pub extract: ExtractOptions,
}

/// A file as it was when the sources were listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedFile {
    pub(crate) location: Location,
    /// In bytes.
    pub size: u64,
    /// BLAKE3 over the content.
    pub content_hash: blake3::Hash,
    /// What it is written in, as far as its name and first line tell.
    pub language: Option<Language>,
}

/// What could not be listed or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
}

/// One path of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    File(ScannedFile),
    Problem(Problem),
}

/// The files of the sources, by path.
#[derive(Debug)]
pub struct Scan {
    /// Sorted by path, and for one path by what was found: so that two scans of the same bytes are equal.
    pub(crate) entries: Vec<(String, Entry)>,
    pub(crate) modules: Modules,
    segments: Segments,
    pub(crate) outside: Outside,
}

/// Lists and hashes the files of `sources`: in a git work tree those that git tracks and those that it does not
/// ignore, elsewhere all, never hidden ones and never what lies behind a symbolic link.
///
/// # Errors
/// See [`ScanError`]. A file or directory below a source that cannot be read is none: it becomes a row of
/// `extract_errors`.
pub fn scan(sources: &[Source], options: &ScanOptions) -> Result<Scan, ScanError> {
    if sources.is_empty() {
        return Err(ScanError::NoSource);
    }
    let mut entries: Vec<(String, Entry)> = Vec::new();
    let mut roots = BTreeMap::new();
    for source in sources {
        let changed = options.extract.files.changed_since.as_deref().map(|reference| {
            git::changed_since(source.root(), reference).map_err(|reason| ScanError::Changes {
                root: source.root().to_owned(),
                reference: reference.to_owned(),
                reason,
            })
        });
        entries.extend(walk::walk(source, options, changed.transpose()?)?);
        roots.insert(source.prefix.clone(), ());
    }
    Scan::of_entries(entries, roots.into_keys().collect(), Outside::new(sources, &options.extract))
}

/// The same for files that lie in no directory, each with its path and its bytes: what extractors find is what they would
/// find if the files lay in one.
///
/// # Errors
/// [`ScanError::Collision`] for two files of one path.
pub fn scan_files<B: Into<Arc<[u8]>>>(
    files: impl IntoIterator<Item = (String, B)>,
    options: &ExtractOptions,
) -> Result<Scan, ScanError> {
    let file = |(path, bytes): (String, B)| {
        let bytes = bytes.into();
        let file = ScannedFile {
            size: bytes.len() as u64,
            content_hash: blake3::hash(&bytes),
            language: Language::detect(&path, &bytes[..bytes.len().min(walk::HEAD)]),
            location: Location::Memory(bytes),
        };
        (path, Entry::File(file))
    };
    let entries = files.into_iter().map(file).collect();
    Scan::of_entries(entries, vec![String::new()], Outside::new(&[], options))
}

fn order(entry: &Entry) -> (bool, &str, &str) {
    match entry {
        Entry::File(_) => (false, "", ""),
        Entry::Problem(problem) => (true, problem.kind.as_str(), &problem.message),
    }
}

impl Scan {
    fn of_entries(
        mut entries: Vec<(String, Entry)>,
        roots: Vec<String>,
        outside: Outside,
    ) -> Result<Self, ScanError> {
        // Several problems may share a path, as names that are not UTF-8 do once they are made readable.
        entries
            .sort_by(|(left, a), (right, b)| left.cmp(right).then_with(|| order(a).cmp(&order(b))));
        entries.dedup();
        let collision = entries.windows(2).find(|pair| {
            pair[0].0 == pair[1].0 && pair.iter().all(|(_, entry)| matches!(entry, Entry::File(_)))
        });
        if let Some([(path, _), _]) = collision {
            return Err(ScanError::Collision { path: path.clone() });
        }
        let files = entries.iter().filter(|(_, entry)| matches!(entry, Entry::File(_)));
        let modules = Modules::new(roots, files.map(|(path, _)| path.as_str()));
        let segments = Segments::new(&entries);
        Ok(Self { entries, modules, segments, outside })
    }

    /// The files with their paths, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &ScannedFile)> {
        self.entries.iter().filter_map(|(path, entry)| match entry {
            Entry::File(file) => Some((path.as_str(), file)),
            Entry::Problem(_) => None,
        })
    }

    /// The file at a path, if there is one.
    pub(crate) fn file(&self, path: &str) -> Option<&ScannedFile> {
        let first = self.entries.partition_point(|(other, _)| other.as_str() < path);
        match self.entries.get(first) {
            Some((found, Entry::File(file))) if found == path => Some(file),
            _ => None,
        }
    }

    /// How many files could not be listed or read.
    pub fn problems(&self) -> usize {
        self.entries.iter().filter(|(_, entry)| matches!(entry, Entry::Problem(_))).count()
    }

    /// How many segments there are: runs of consecutive paths whose rows are extracted, kept and replaced together.
    pub fn segments(&self) -> usize {
        self.segments.len()
    }

    /// The paths of a segment, in order.
    pub fn segment_paths(&self, segment: usize) -> impl Iterator<Item = &str> {
        self.segment(segment).iter().map(|(path, _)| path.as_str())
    }

    /// The entries of a segment.
    pub(crate) fn segment(&self, segment: usize) -> &[(String, Entry)] {
        self.entries.get(self.segments.range(segment)).unwrap_or_default()
    }

    /// The interpreter that compiles; else why there is none, for people.
    pub(crate) fn interpreter(&self) -> Result<&Interpreter, &str> {
        self.outside.interpreter()
    }

    /// What the interpreter has that was chosen, if one was; else why it does not say, for people.
    pub(crate) fn environment(&self) -> Result<Option<&Environment>, &str> {
        self.outside.environment()
    }

    /// The git repositories that the sources lie in; else what git says, for people.
    pub(crate) fn repositories(&self) -> Result<&[Repository], &str> {
        self.outside.repositories()
    }

    /// What the rows of `extractor` depend on: its version, the paths and contents of the files it reads, and what it
    /// reads besides. Equal fingerprints mean equal rows, for equal needs. `None` for an extractor that this build does
    /// not have.
    pub fn fingerprint(&self, extractor: &str) -> Option<Fingerprint> {
        self.finding(extractor, &self.outside_state(extractor), &self.entries)
    }

    /// The same for each segment alone, in order.
    pub fn segment_fingerprints(&self, extractor: &str) -> Option<Vec<Fingerprint>> {
        let outside = self.outside_state(extractor);
        let finding = |segment| self.finding(extractor, &outside, self.segment(segment));
        (0..self.segments()).map(finding).collect()
    }

    fn outside_state(&self, extractor: &str) -> String {
        if let Some(command) = self.outside.command(extractor) {
            // It may look at any file for the rows of any other.
            let mut hasher = blake3::Hasher::new();
            for (path, file) in self.files() {
                hasher.update(&(path.len() as u64).to_le_bytes()).update(path.as_bytes());
                hasher.update(file.content_hash.as_bytes());
            }
            return format!("{command:?}\n{}", hasher.finalize().to_hex());
        }
        let mut state = self.outside.state(extractor, &|path| self.file(path).is_some());
        if extractor == imports::KEY {
            // Which modules there are, whatever they hold.
            let mut hasher = blake3::Hasher::new();
            let modules =
                self.files().filter(|(path, file)| imports::is_module(path, file.language));
            for (path, _) in modules {
                hasher.update(&(path.len() as u64).to_le_bytes()).update(path.as_bytes());
            }
            state.push_str(&hasher.finalize().to_hex());
        }
        state
    }

    fn finding(
        &self,
        extractor: &str,
        outside: &str,
        entries: &[(String, Entry)],
    ) -> Option<Fingerprint> {
        let version = self.outside.version(extractor)?;
        let only_python = extractor == bytecode::KEY || crate::python::KEYS.contains(&extractor);
        let mut bytes = Vec::with_capacity(entries.len() * 64);
        let mut text = |text: &str| {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        };
        text(extractor);
        text(&version.to_string());
        text(outside);
        // What is installed, and what was once, depends on no file of the sources.
        let reads_none = matches!(extractor, distributions::KEY | history::KEY);
        let entries = if reads_none { &[] } else { entries };
        for (path, entry) in entries {
            match entry {
                // What git says of a file depends on no content but what git has seen.
                Entry::File(_) if extractor == git::KEY => text(path),
                Entry::File(file) if only_python && file.language != Some(Language::Python) => {}
                Entry::File(file) => {
                    text(path);
                    text(&file.content_hash.to_hex());
                    // A module's name depends on the files around it.
                    if file.language == Some(Language::Python) {
                        text(&self.modules.of(path).dotted);
                    }
                }
                Entry::Problem(problem) => {
                    text(path);
                    text(problem.kind.as_str());
                    text(&problem.message);
                }
            }
        }
        Some(Fingerprint::of_bytes(Domain::Evidence, &bytes))
    }
}
