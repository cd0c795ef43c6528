//! What extractors read besides the files of a scan, such as an index that another program left.
//!
//! It is looked at once for a scan, when it is first asked for, so that fingerprints and rows speak of the same state
//! and a program that does not need it pays nothing.

use std::path::Path;
use std::sync::OnceLock;

use cpg_ir::catalog::COMMANDS;

use crate::git::{self, Repository, blame, history};
use crate::options::{ExternalCommand, ExtractOptions};
use crate::python::bytecode::{self, Interpreter};
use crate::python::environment::Environment;
use crate::python::{external as distributions, imports};
use crate::scan::Source;
use crate::scip::{self, Index};

/// What lies outside of a scan's files.
#[derive(Debug)]
pub(crate) struct Outside {
    sources: Vec<Source>,
    options: ExtractOptions,
    indexes: OnceLock<Vec<Index>>,
    interpreter: OnceLock<Result<Interpreter, String>>,
    environment: OnceLock<Result<Option<Environment>, String>>,
    repositories: OnceLock<Result<Vec<Repository>, String>>,
}

impl Outside {
    pub(crate) fn new(sources: &[Source], options: &ExtractOptions) -> Self {
        Self {
            sources: sources.to_vec(),
            options: options.clone(),
            indexes: OnceLock::new(),
            interpreter: OnceLock::new(),
            environment: OnceLock::new(),
            repositories: OnceLock::new(),
        }
    }

    /// What the rows of an extractor depend on besides the files of the scan; nothing for most. `is_source` says whether
    /// a path is one of a file of the scan.
    pub(crate) fn state(&self, extractor: &str, is_source: &dyn Fn(&str) -> bool) -> String {
        let mut state = String::new();
        if extractor == bytecode::KEY {
            state.push_str(self.interpreter().map_or("none", |interpreter| &interpreter.version));
        }
        if matches!(extractor, imports::KEY | distributions::KEY) {
            state.push_str(&match self.environment() {
                Ok(environment) => environment
                    .map(Environment::state)
                    .map_or_else(|| "none".to_owned(), |state| state.to_hex().to_string()),
                Err(why) => why.to_owned(),
            });
        }
        if matches!(extractor, git::KEY | history::KEY | blame::KEY) {
            let told = |repository: &Repository| match extractor {
                git::KEY => repository.state().to_hex().to_string(),
                _ => repository.history_state(),
            };
            match self.repositories() {
                Ok(all) => all.iter().for_each(|repository| state.push_str(&told(repository))),
                Err(why) => state.push_str(why),
            }
        }
        if extractor == scip::KEY {
            for index in self.indexes() {
                state.push_str(&format!("{}\n{}\n", index.path, index.state().to_hex()));
                for stranger in index.strangers(is_source) {
                    state.push_str(&format!("{stranger}\n"));
                }
            }
        }
        state
    }

    /// The interpreter that compiles; else why there is none, for people.
    pub(crate) fn interpreter(&self) -> Result<&Interpreter, &str> {
        let found = self.interpreter.get_or_init(|| match &self.options.python {
            Some(path) => Interpreter::at(path),
            None => Interpreter::on_path(),
        });
        found.as_ref().map_err(String::as_str)
    }

    /// What the interpreter has that was chosen, if one was; else why it does not say, for people.
    pub(crate) fn environment(&self) -> Result<Option<&Environment>, &str> {
        let found = self
            .environment
            .get_or_init(|| self.options.python.as_deref().map(Environment::of).transpose());
        found.as_ref().map(Option::as_ref).map_err(String::as_str)
    }

    /// The git repositories that the sources lie in, sorted by path; else what git says, for people.
    pub(crate) fn repositories(&self) -> Result<&[Repository], &str> {
        let found = self.repositories.get_or_init(|| {
            let all = self.sources.iter().map(Repository::of).collect::<Result<Vec<_>, _>>()?;
            let mut all: Vec<_> = all.into_iter().flatten().collect();
            all.sort_by(|left, right| left.path.cmp(&right.path));
            Ok(all)
        });
        found.as_deref().map_err(String::as_str)
    }

    /// What stands in front of the paths of files below a folder of the machine, if it lies in a source.
    pub(crate) fn below_source(&self, folder: &Path) -> Option<String> {
        let folder = folder.canonicalize().ok()?;
        self.sources.iter().find_map(|source| {
            let root = source.root().canonicalize().ok()?;
            let below = folder.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
            let slash = if below.is_empty() { "" } else { "/" };
            Some(format!("{}{below}{slash}", source.prefix()))
        })
    }

    /// Where commands run: in the first source.
    pub(crate) fn folder(&self) -> &Path {
        self.sources.first().map_or(Path::new("."), Source::root)
    }

    /// The version of an extractor, be it a command of the profile; none for what is no extractor.
    pub(crate) fn version(&self, extractor: &str) -> Option<u32> {
        let catalog = crate::catalog_with(&self.options.external);
        Some(catalog.extractors.get(extractor)?.version)
    }

    /// The command of an extractor; none for those of this build.
    pub(crate) fn command(&self, extractor: &str) -> Option<&ExternalCommand> {
        let name = extractor.strip_prefix(COMMANDS)?;
        self.options.external.iter().find(|(other, _)| *other == name).map(|(_, command)| command)
    }

    /// The SCIP indexes, by the paths that tables have for them: that of the options, there or not, or those that are there in
    /// the sources.
    pub(crate) fn indexes(&self) -> &[Index] {
        self.indexes.get_or_init(|| {
            let mut indexes: Vec<Index> = match &self.options.scip_index {
                Some(location) => {
                    let below = self.sources.iter().find_map(|source| {
                        let root = source.root().canonicalize().ok()?;
                        let location = location.canonicalize().ok()?;
                        let path = location.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
                        Some((format!("{}{path}", source.prefix()), source.prefix()))
                    });
                    let first = self.sources.first().map_or("", Source::prefix);
                    let (path, prefix) = below.unwrap_or_else(|| (file_name(location), first));
                    vec![Index::open(location.clone(), path, prefix)]
                }
                None => {
                    let default = |source: &Source| {
                        let location = source.root().join(scip::DEFAULT_INDEX);
                        let path = format!("{}{}", source.prefix(), scip::DEFAULT_INDEX);
                        Index::open(location, path, source.prefix())
                    };
                    // Who says nothing of an index does not miss one.
                    self.sources.iter().map(default).filter(|index| index.is_there).collect()
                }
            };
            indexes.sort_by(|left, right| left.path.cmp(&right.path));
            indexes
        })
    }
}

/// What tables call a file that lies outside of every source: no path of the machine.
fn file_name(location: &Path) -> String {
    location.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
