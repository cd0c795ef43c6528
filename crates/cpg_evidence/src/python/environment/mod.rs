//! What the interpreter that was chosen has: the path on which it finds modules, and the distributions installed on it.
//!
//! The interpreter is asked once what its import system is made of; nothing of the sources is run or imported. Folders
//! are read here, so that finding a module costs no conversation.

mod distribution;
mod folder;
mod script;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

pub(crate) use distribution::Distribution;
pub(in crate::python) use distribution::normalized;
pub(in crate::python) use folder::{Folder, Module, ModuleKind};

/// An interpreter's modules and distributions.
#[derive(Debug)]
pub(crate) struct Environment {
    /// As in `CPython 3.11.7`.
    version: String,
    /// Where modules are looked for, in order.
    path: Vec<Entry>,
    /// Modules that are compiled into it.
    builtin: BTreeSet<String>,
    /// Modules that it has within itself, besides their files in the standard library.
    frozen: BTreeSet<String>,
    /// Names that stand for modules of other names.
    aliases: BTreeMap<String, String>,
    /// What files of compiled modules end in, in the order in which they are looked for.
    extensions: Vec<String>,
    /// By the order of the path; the first of a name hides the others.
    distributions: Vec<Distribution>,
    /// Which distribution brought a file, by the position of its entry and its path below that.
    providers: FxHashMap<(usize, String), usize>,
    /// What was looked at.
    folders: Mutex<FxHashMap<String, Arc<Folder>>>,
}

/// A folder in which modules are looked for.
#[derive(Debug)]
pub(in crate::python) struct Entry {
    pub(in crate::python) root: String,
    pub(in crate::python) is_standard: bool,
}

impl Environment {
    /// That of the interpreter at `program`, or by that name on the search path.
    ///
    /// # Errors
    /// Why it cannot be asked, for people.
    pub(crate) fn of(program: &Path) -> Result<Self, String> {
        let answer = script::ask(program)?;
        let entries = answer.path.into_iter();
        // What is no folder holds no module: an archive of the standard library that mostly is not there.
        let entries = entries.filter(|(root, _)| Path::new(root).is_dir());
        let path: Vec<Entry> =
            entries.map(|(root, is_standard)| Entry { root, is_standard }).collect();
        let mut environment = Self {
            version: answer.version,
            path,
            builtin: answer.builtin,
            frozen: answer.frozen,
            aliases: answer.aliases,
            extensions: answer.extensions,
            distributions: Vec::new(),
            providers: FxHashMap::default(),
            folders: Mutex::default(),
        };
        environment.read_distributions();
        Ok(environment)
    }

    fn read_distributions(&mut self) {
        let mut names = BTreeSet::new();
        for (position, entry) in self.path.iter().enumerate() {
            for found in distribution::installed(Path::new(&entry.root)) {
                if !names.insert(found.key()) {
                    continue;
                }
                let number = self.distributions.len();
                for file in found.modules() {
                    self.providers.entry((position, file.to_owned())).or_insert(number);
                }
                self.distributions.push(found);
            }
        }
    }

    /// What its answers depend on, without where it lies: equal states give equal rows.
    pub(crate) fn state(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        let mut text = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        };
        text(&self.version);
        for name in self.builtin.iter().chain(&self.frozen).chain(&self.extensions) {
            text(name);
        }
        for (name, stands_for) in &self.aliases {
            text(name);
            text(stands_for);
        }
        for entry in &self.path {
            text(if entry.is_standard { "standard" } else { "installed" });
            self.folder(&entry.root).names().for_each(&mut text);
        }
        for distribution in &self.distributions {
            text(&distribution.state().to_hex());
        }
        hasher.finalize()
    }

    /// The distributions, sorted by the paths of their metadata.
    pub(crate) fn distributions(&self) -> Vec<&Distribution> {
        let mut sorted: Vec<_> = self.distributions.iter().collect();
        sorted.sort_by(|left, right| left.path.cmp(&right.path));
        sorted
    }

    /// The folders in which it looks, in order.
    pub(in crate::python) fn path(&self) -> &[Entry] {
        &self.path
    }

    /// The module that a name stands for.
    pub(in crate::python) fn unaliased<'n>(&'n self, name: &'n str) -> &'n str {
        self.aliases.get(name).map_or(name, String::as_str)
    }

    /// Whether a top-level module is compiled into the interpreter.
    pub(in crate::python) fn is_builtin(&self, name: &str) -> bool {
        self.builtin.contains(name)
    }

    /// Whether a top-level module comes before all folders.
    pub(in crate::python) fn is_frozen(&self, name: &str) -> bool {
        self.frozen.contains(name)
    }

    /// The module `name` in the folder `below` an entry of the path.
    pub(in crate::python) fn module(
        &self,
        entry: usize,
        below: &str,
        name: &str,
    ) -> Option<Module> {
        let root = &self.path.get(entry)?.root;
        let location = join(root, below);
        let folder = self.folder(&location);
        folder.module(name, &self.extensions, |package| self.folder(&join(&location, package)))
    }

    /// The name of the distribution that brought a file below an entry of the path.
    pub(in crate::python) fn provider(&self, entry: usize, file: &str) -> Option<&str> {
        let number = self.providers.get(&(entry, file.to_owned()))?;
        self.distributions.get(*number).map(|distribution| distribution.name.as_str())
    }

    fn folder(&self, location: &str) -> Arc<Folder> {
        let lock = || self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = lock().get(location) {
            return Arc::clone(folder);
        }
        let folder = Arc::new(Folder::read(Path::new(location)));
        Arc::clone(lock().entry(location.to_owned()).or_insert(folder))
    }
}

fn join(folder: &str, name: &str) -> String {
    match (folder, name) {
        (_, "") => folder.to_owned(),
        _ if folder.ends_with('/') => format!("{folder}{name}"),
        _ => format!("{folder}/{name}"),
    }
}
