//! A folder as the import system sees it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a module is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::python) enum ModuleKind {
    /// A file of source code, or of bytecode alone.
    Module,
    /// A folder with an `__init__`.
    Package,
    /// Folders without.
    Namespace,
    /// A file of machine code.
    Extension,
    /// A part of the interpreter.
    Builtin,
}

impl ModuleKind {
    pub(in crate::python) fn as_str(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Package => "package",
            Self::Namespace => "namespace",
            Self::Extension => "extension",
            Self::Builtin => "builtin",
        }
    }
}

/// A module that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::python) struct Module {
    pub(in crate::python) kind: ModuleKind,
    /// Its file, below the folder it was found in; none for a namespace.
    pub(in crate::python) file: Option<String>,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(in crate::python) struct Folder {
    location: PathBuf,
    names: BTreeSet<String>,
}

impl Folder {
    /// One that cannot be read holds nothing, as for the interpreter.
    pub(super) fn read(location: &Path) -> Self {
        let entries = std::fs::read_dir(location).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        // The interpreter makes it by itself.
        let names = names.filter(|name| name != "__pycache__");
        Self { location: location.to_owned(), names: names.collect() }
    }

    /// The names of what it holds, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The module `name` in it; `below` gives a folder in it.
    ///
    /// As `importlib.machinery.FileFinder` looks: a package before a module, compiled before source code before bytecode;
    /// a folder that is neither is a part of a namespace.
    pub(super) fn module(
        &self,
        name: &str,
        extensions: &[String],
        below: impl Fn(&str) -> Arc<Folder>,
    ) -> Option<Module> {
        let found = |kind, file| Some(Module { kind, file: Some(file) });
        let mut is_namespace = false;
        if self.names.contains(name) && self.location.join(name).is_dir() {
            if let Some(init) = below(name).file("__init__", extensions) {
                return found(ModuleKind::Package, format!("{name}/{init}"));
            }
            is_namespace = true;
        }
        if let Some(file) = self.file(name, extensions) {
            let is_compiled = extensions.iter().any(|suffix| file.ends_with(suffix.as_str()));
            let kind = if is_compiled { ModuleKind::Extension } else { ModuleKind::Module };
            return found(kind, file);
        }
        is_namespace.then_some(Module { kind: ModuleKind::Namespace, file: None })
    }

    fn file(&self, stem: &str, extensions: &[String]) -> Option<String> {
        let suffixes = extensions.iter().map(String::as_str).chain([".py", ".pyc"]);
        let mut files = suffixes.map(|suffix| format!("{stem}{suffix}"));
        files.find(|file| self.names.contains(file) && self.location.join(file).is_file())
    }
}
