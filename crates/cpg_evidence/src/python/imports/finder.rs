//! Finds modules as `importlib` does, without importing any.
//!
//! The import path of a file is, in this order:
//!
//! 1. the folder that its own module's name counts from, as for a script, `pytest` or an installed package,
//! 2. the standard library,
//! 3. the other folders that names of modules of the sources count from, the nearest to the file first,
//! 4. what else is on the path of the chosen interpreter,
//! 5. its own folder, where that is no package.
//!
//! What is compiled into the interpreter, or frozen, comes before all. Without an interpreter the standard library is a list
//! of names, and nothing is installed: so rows depend on the machine only where somebody says so.

use std::collections::BTreeSet;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::stdlib;
use crate::python::environment::{Environment, ModuleKind};
use crate::scan::{Language, Scan};

/// Where a module is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Source,
    StandardLibrary,
    Installed,
}

impl Origin {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::StandardLibrary => "standard_library",
            Self::Installed => "installed",
        }
    }
}

/// A module, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Module<'s> {
    pub(super) kind: Option<ModuleKind>,
    /// Its file, as tables name it.
    pub(super) source_path: Option<String>,
    /// Its file below a folder of the interpreter's path.
    pub(super) installed_path: Option<String>,
    pub(super) distribution: Option<&'s str>,
}

/// A module that was found.
#[derive(Debug)]
pub(super) struct Found<'s> {
    pub(super) origin: Origin,
    pub(super) module: Module<'s>,
}

impl Found<'_> {
    /// Whether modules are in it.
    pub(super) fn is_package(&self) -> bool {
        matches!(self.module.kind, Some(ModuleKind::Package | ModuleKind::Namespace))
    }
}

/// The modules of the sources and of an interpreter.
pub(crate) struct Finder<'s> {
    scan: &'s Scan,
    environment: Option<&'s Environment>,
    /// Where the folders of the interpreter's path lie in the sources, for those that do.
    inside: Vec<Option<String>>,
    /// Folders that hold Python files, at any depth; each ends with `/`.
    folders: FxHashSet<&'s str>,
    /// Files of machine code, by the paths of the modules that they are.
    compiled: FxHashMap<&'s str, &'s str>,
    /// The folders that modules count from, by the first parts of their names. Empty or ending with `/`.
    roots: FxHashMap<&'s str, BTreeSet<&'s str>>,
}

/// A folder that is looked into.
#[derive(Debug, Clone)]
enum Place {
    /// A folder of the sources: empty or ending with `/`.
    Source(String),
    /// A folder below an entry of the interpreter's path.
    Entry { entry: usize, below: String },
}

/// What a look into a folder gives.
struct Step {
    kind: ModuleKind,
    /// Its file: a path of the sources, or one below the entry.
    file: Option<String>,
    /// Where its own modules are looked for.
    inside: Place,
}

impl<'s> Finder<'s> {
    pub(crate) fn new(scan: &'s Scan, environment: Option<&'s Environment>) -> Self {
        let mut folders = FxHashSet::default();
        let mut roots: FxHashMap<&str, BTreeSet<&str>> = FxHashMap::default();
        let compiled = scan.files().map(|(path, _)| path).filter(|path| is_compiled(path));
        let compiled = compiled.map(|path| (compiled_module(path), path)).collect();
        let python = scan.files().filter(|(_, file)| file.language == Some(Language::Python));
        for (path, _) in python {
            let mut end = path.rfind('/').map_or(0, |slash| slash + 1);
            while end > 0 && folders.insert(&path[..end]) {
                end = path[..end - 1].rfind('/').map_or(0, |slash| slash + 1);
            }
            let root = scan.modules.import_root(path);
            let below = &path[root.len()..];
            let first = below.split('/').next().unwrap_or(below);
            roots.entry(stem(first)).or_default().insert(root);
        }
        let entries = environment.map_or(&[][..], Environment::path);
        let inside = entries.iter().map(|entry| scan.outside.below_source(Path::new(&entry.root)));
        Self { scan, environment, inside: inside.collect(), folders, compiled, roots }
    }

    /// The dotted name of the module that a file of the sources is.
    pub(super) fn name(&self, path: &str) -> String {
        self.scan.modules.of(path).dotted
    }

    /// The module that a file imports by its whole name.
    pub(super) fn absolute(&self, from: &str, name: &str) -> Option<Found<'s>> {
        let name = self.environment.map_or(name, |environment| environment.unaliased(name));
        let (first, inner) = name.split_once('.').map_or((name, None), |(a, b)| (a, Some(b)));
        let own = self.scan.modules.import_root(from);
        let own_place = Place::Source(own.to_owned());
        let Some(environment) = self.environment else {
            let is_own = self.step(&own_place, first);
            let is_own = is_own.is_some_and(|step| step.kind != ModuleKind::Namespace);
            if !is_own && stdlib::has(name) {
                let module = Module::default();
                return Some(Found { origin: Origin::StandardLibrary, module });
            }
            let places = std::iter::once(own_place).chain(self.other_roots(from, own, first));
            return self.find(places.collect(), name).or_else(|| self.beside(from, own, name));
        };
        let kind = Some(ModuleKind::Builtin);
        let builtin = Module { kind, ..Module::default() };
        let builtin = Found { origin: Origin::StandardLibrary, module: builtin };
        if environment.is_builtin(first) {
            return inner.is_none().then_some(builtin);
        }
        let entries = |is_standard: bool| {
            let entries = environment.path().iter().enumerate();
            let entries = entries.filter(move |(_, entry)| entry.is_standard == is_standard);
            entries.map(|(entry, _)| Place::Entry { entry, below: String::new() })
        };
        if environment.is_frozen(first) {
            let found = self.find(entries(true).collect(), name);
            return found.or_else(|| inner.is_none().then_some(builtin));
        }
        let places = std::iter::once(own_place)
            .chain(entries(true))
            .chain(self.other_roots(from, own, first))
            .chain(entries(false));
        self.find(places.collect(), name).or_else(|| self.beside(from, own, name))
    }

    /// The module that a file imports by dots: `up` folders above its own, `written` behind them. Empty is the package
    /// itself.
    pub(super) fn relative(&self, from: &str, up: u32, written: &str) -> Option<Found<'s>> {
        let mut folder = &from[..from.rfind('/').map_or(0, |slash| slash + 1)];
        let source = self.scan.modules.source_of(from);
        for _ in 0..up {
            if folder.len() <= source.len() {
                return None;
            }
            folder = &folder[..folder[..folder.len() - 1].rfind('/').map_or(0, |slash| slash + 1)];
        }
        if !written.is_empty() {
            return self.find(vec![Place::Source(folder.to_owned())], written);
        }
        let init = self.source_file(folder, "__init__");
        let kind = if init.is_some() { ModuleKind::Package } else { ModuleKind::Namespace };
        let module = Module { kind: Some(kind), source_path: init, ..Module::default() };
        Some(Found { origin: Origin::Source, module })
    }

    /// The other roots that have modules of that name, the nearest to a file first.
    fn other_roots(&self, from: &str, own: &str, first: &str) -> Vec<Place> {
        let roots = self.roots.get(first).into_iter().flatten();
        let mut roots: Vec<&str> = roots.copied().filter(|root| *root != own).collect();
        let shared = |root: &str| {
            let pairs = root.split('/').zip(from.split('/'));
            pairs.take_while(|(left, right)| left == right).count()
        };
        roots.sort_by(|left, right| shared(right).cmp(&shared(left)).then_with(|| left.cmp(right)));
        roots.into_iter().map(|root| Place::Source(root.to_owned())).collect()
    }

    /// A module in a file's own folder, as a script finds it.
    fn beside(&self, from: &str, own: &str, name: &str) -> Option<Found<'s>> {
        let folder = &from[..from.rfind('/').map_or(0, |slash| slash + 1)];
        let is_package = self.source_file(folder, "__init__").is_some();
        (folder != own && !is_package)
            .then(|| self.find(vec![Place::Source(folder.to_owned())], name))
            .flatten()
    }

    /// The module `name` in the first of the places that has it; in all of those that have a part of it, for a namespace.
    fn find(&self, mut places: Vec<Place>, name: &str) -> Option<Found<'s>> {
        let mut parts = name.split('.').peekable();
        while let Some(part) = parts.next() {
            let mut portions = Vec::new();
            let mut found = None;
            for place in places {
                match self.step(&place, part) {
                    Some(step) if step.kind == ModuleKind::Namespace => portions.push(step.inside),
                    Some(step) => {
                        found = Some((step, place));
                        break;
                    }
                    None => {}
                }
            }
            let is_last = parts.peek().is_none();
            places = match found {
                Some((step, place)) if is_last => return Some(self.found(step, &place)),
                Some((step, _)) if step.kind == ModuleKind::Package => vec![step.inside],
                // A module that is no package has no modules.
                Some(_) => return None,
                None if is_last => return self.namespace(portions.first()?),
                None => portions,
            };
        }
        None
    }

    fn step(&self, place: &Place, part: &str) -> Option<Step> {
        match place {
            Place::Source(folder) => {
                let inside = format!("{folder}{part}/");
                let is_folder = self.folders.contains(inside.as_str());
                let init = is_folder.then(|| self.source_file(&inside, "__init__")).flatten();
                let own = self.source_file(folder, part);
                let is_stub = |file: &Option<String>| {
                    file.as_ref().is_some_and(|file| file.ends_with(".pyi"))
                };
                let (kind, file) = match (init, own) {
                    // What can be imported comes before what only says how.
                    (init @ Some(_), own) if !is_stub(&init) || own.is_none() || is_stub(&own) => {
                        (ModuleKind::Package, init)
                    }
                    (_, own @ Some(_)) => (ModuleKind::Module, own),
                    // What is compiled comes last: the source that it is made from says more.
                    _ => match self.compiled.get(inside.trim_end_matches('/')) {
                        Some(file) => (ModuleKind::Extension, Some((*file).to_owned())),
                        None if is_folder => (ModuleKind::Namespace, None),
                        None => return None,
                    },
                };
                Some(Step { kind, file, inside: Place::Source(inside) })
            }
            Place::Entry { entry, below } => {
                let module = self.environment?.module(*entry, below, part)?;
                let join = |name: &str| {
                    if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") }
                };
                let inside = Place::Entry { entry: *entry, below: join(part) };
                Some(Step { kind: module.kind, file: module.file.as_deref().map(join), inside })
            }
        }
    }

    /// The Python file of that name in a folder of the sources.
    fn source_file(&self, folder: &str, stem: &str) -> Option<String> {
        let mut files = [".py", ".pyi"].into_iter().map(|suffix| format!("{folder}{stem}{suffix}"));
        files.find(|file| self.scan.file(file).is_some())
    }

    fn found(&self, step: Step, place: &Place) -> Found<'s> {
        let kind = Some(step.kind);
        match place {
            Place::Source(_) => {
                let module = Module { kind, source_path: step.file, ..Module::default() };
                Found { origin: Origin::Source, module }
            }
            Place::Entry { entry, .. } => {
                let file = step.file.unwrap_or_default();
                let inside = self.inside.get(*entry).and_then(Option::as_ref);
                let path = inside.map(|prefix| format!("{prefix}{file}"));
                if let Some(path) = path.filter(|path| self.scan.file(path).is_some()) {
                    let source_path = Some(path);
                    let module = Module { kind, source_path, ..Module::default() };
                    return Found { origin: Origin::Source, module };
                }
                let distribution =
                    self.environment.and_then(|environment| environment.provider(*entry, &file));
                let module =
                    Module { kind, installed_path: Some(file), distribution, source_path: None };
                Found { origin: self.origin(*entry), module }
            }
        }
    }

    fn namespace(&self, portion: &Place) -> Option<Found<'s>> {
        let origin = match portion {
            Place::Source(_) => Origin::Source,
            Place::Entry { entry, .. } => self.origin(*entry),
        };
        let module = Module { kind: Some(ModuleKind::Namespace), ..Module::default() };
        Some(Found { origin, module })
    }

    fn origin(&self, entry: usize) -> Origin {
        let entry = self.environment.and_then(|environment| environment.path().get(entry));
        match entry {
            Some(entry) if entry.is_standard => Origin::StandardLibrary,
            _ => Origin::Installed,
        }
    }
}

/// Whether a file of the sources can be a module, whatever it holds.
pub(crate) fn is_module(path: &str, language: Option<Language>) -> bool {
    language == Some(Language::Python) || is_compiled(path)
}

fn is_compiled(path: &str) -> bool {
    path.ends_with(".so") || path.ends_with(".pyd")
}

/// The path of a file of machine code without the tags that say what it is for.
fn compiled_module(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    path[name..].find('.').map_or(path, |dot| &path[..name + dot])
}

/// The name of a file without what it ends in.
fn stem(name: &str) -> &str {
    name.strip_suffix(".pyi").or_else(|| name.strip_suffix(".py")).unwrap_or(name)
}
