//! A program that is open: a project's files with the standard library.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use cpg_base::{Diagnostic, SourceId};
use cpg_hir::{Catalogs, FileSchemas, FoundSchemas, Program, RootDatabase, Source, SourceFile};
use cpg_ir::file::{FileFormat, FileSource};
use cpg_syntax::{FileText, file_text};

use crate::convert::source_of;
use crate::diagnose::Beside;
use crate::host::{Host, PlanFacts};

/// A program and what was told of it.
pub(crate) struct Workspace {
    /// The project's folder; `None` for a text that is in no folder.
    pub root: Option<PathBuf>,
    pub db: RootDatabase,
    /// Whether the client closed its folder: it stays while one of its documents is open.
    pub leaving: bool,
    /// Counts the changes of its texts.
    pub generation: u64,
    /// The number of the newest check: those before it look at one file only.
    pub newest_check: Arc<AtomicU64>,
    /// What is wrong with files as a whole.
    pub unreadable: BTreeMap<SourceId, Diagnostic>,
    /// What was told last of each file that has diagnostics, and of which version of it.
    pub published: BTreeMap<SourceId, (Option<i32>, Vec<Diagnostic>)>,
    /// What plans told of the program as it is now.
    pub plan: Option<Arc<PlanFacts>>,
    /// What plans and the newest build find wrong with the program as it is now.
    pub planned: Vec<Diagnostic>,
    /// The tests that fail on the program as it is now, by module and name.
    pub failed: BTreeMap<(String, String), Diagnostic>,
    /// The files that its evidence names.
    pub named: BTreeSet<FileSource>,
    /// Whether the files of its evidence are to be looked at, after which it is planned.
    pub stale: bool,
}

impl Workspace {
    /// The program in a folder; a folder that cannot be read has no files.
    pub fn load(root: Option<PathBuf>, host: &dyn Host) -> (Self, Option<io::Error>) {
        let mut db = RootDatabase::new(host.extractors(root.as_deref()), host.functions());
        if let Some(planner) = host.sql() {
            db = db.with_sql(planner);
        }
        let mut sources = host.library();
        let mut unreadable = BTreeMap::new();
        let mut failure = None;
        let found = root.as_deref().map_or(Ok(Vec::new()), |root| host.project_files(root));
        match found {
            Ok(files) => {
                for (module, path) in files {
                    let id = source_of(&path);
                    match read(host, &path, &id) {
                        Ok((text, wrong)) => {
                            unreadable.extend(wrong.map(|wrong| (id.clone(), wrong)));
                            sources.push(Source { id, module, text, library: false });
                        }
                        Err(error) => failure = Some(error),
                    }
                }
            }
            Err(error) => failure = Some(error),
        }
        db.load(sources);
        let workspace = Self {
            root,
            db,
            leaving: false,
            generation: 0,
            newest_check: Arc::default(),
            unreadable,
            published: BTreeMap::new(),
            plan: None,
            planned: Vec::new(),
            failed: BTreeMap::new(),
            named: BTreeSet::new(),
            stale: true,
        };
        (workspace, failure)
    }

    /// The file that is called so.
    pub fn file(&self, id: &SourceId) -> Option<SourceFile> {
        self.db.file(id)
    }

    /// The file of a document that is opened: the one on disk, or a new one.
    pub fn open(&mut self, id: &SourceId, module: String, text: String) -> SourceFile {
        self.unreadable.remove(id);
        match self.file(id) {
            Some(file) => {
                if *file.text(&self.db) != text {
                    self.edit(file, text);
                }
                file
            }
            None => {
                self.changed();
                self.db.add_source(Source { id: id.clone(), module, text, library: false })
            }
        }
    }

    /// Forgets what was found out about the program as it was.
    pub fn changed(&mut self) {
        self.generation += 1;
        self.plan = None;
        self.planned.clear();
        self.failed.clear();
    }

    /// What is wrong with it beside what its texts tell.
    pub fn beside(&self) -> Beside {
        Beside {
            unreadable: self.unreadable.clone(),
            told: self.failed.values().chain(&self.planned).cloned().collect(),
        }
    }

    /// Patterns of all files, as clients understand them, that what is told of it depends on. They begin with `**`, so
    /// that they mean the same wherever its folder lies; more may fit them than is meant.
    pub fn watched(&self, host: &dyn Host) -> BTreeSet<String> {
        let Some(root) = &self.root else { return BTreeSet::new() };
        let mut patterns = BTreeSet::from(["**/*.cpg".to_owned()]);
        let mut add = |inside: &str| {
            patterns.insert(format!("**/{inside}"));
        };
        for path in host.beside(root) {
            let inside = source_of(path.strip_prefix(root).unwrap_or(&path));
            let inside = inside.as_str().trim_start_matches('/').to_owned();
            add(&inside);
            add(&format!("{inside}/*"));
        }
        for source in &self.named {
            let location = &source.location;
            match source.format {
                _ if source.is_pattern() => add(location),
                FileFormat::Delta => add(&format!("{location}/_delta_log/*")),
                _ => {
                    add(location);
                    add(&format!("{location}/**"));
                }
            }
        }
        patterns
    }

    /// Whether what is told of it depends on a file that is no part of it.
    pub fn depends_on(&self, path: &Path, host: &dyn Host) -> bool {
        let Some(root) = &self.root else { return false };
        let mut named = self.named.iter().map(|source| root.join(source.fixed_part()));
        host.beside(root).iter().any(|own| path.starts_with(own))
            || named.any(|own| path.starts_with(own))
    }

    /// Its file at a path, or its files in the folder there: those that it has, and those that are there now, with their
    /// modules.
    pub fn at(&self, path: &Path, host: &dyn Host) -> BTreeMap<PathBuf, Option<String>> {
        let module = self.root.as_deref().and_then(|root| host.module(root, path));
        if module.is_some() || self.file(&source_of(path)).is_some() {
            return BTreeMap::from([(path.to_owned(), module)]);
        }
        let mut found = BTreeMap::new();
        for file in Program::get(&self.db).files(&self.db) {
            let own = Path::new(file.source(&self.db).as_str());
            if own.starts_with(path) {
                found.insert(own.to_owned(), Some(file.module(&self.db).clone()));
            }
        }
        // What cannot be listed is not there.
        let there = self.root.as_deref().map(|root| host.project_files(root).unwrap_or_default());
        let inside = there.into_iter().flatten().filter(|(_, own)| own.starts_with(path));
        found.extend(inside.map(|(module, own)| (own, Some(module))));
        found
    }

    /// Checks it against the extractors that there are now.
    pub fn refresh_extractors(&mut self, host: &dyn Host) {
        let extractors = host.extractors(self.root.as_deref());
        if *Catalogs::get(&self.db).extractors(&self.db) != extractors {
            self.changed();
            self.db.set_extractors(extractors);
        }
    }

    /// What was found where its evidence lies.
    pub fn schemas(&self) -> &FoundSchemas {
        FileSchemas::get(&self.db).schemas(&self.db)
    }

    /// Replaces the text of a file that somebody types in.
    pub fn edit(&mut self, file: SourceFile, text: String) {
        self.changed();
        self.db.edit(file, text);
    }

    /// Takes a file as it is on disk now; one that is not there leaves the program.
    pub fn reload(&mut self, path: &Path, module: Option<String>, host: &dyn Host) {
        let id = source_of(path);
        let module = module.or_else(|| self.file(&id).map(|file| file.module(&self.db).clone()));
        let Some(module) = module else { return };
        self.changed();
        self.unreadable.remove(&id);
        match read(host, path, &id) {
            Ok((text, wrong)) => {
                self.unreadable.extend(wrong.map(|wrong| (id.clone(), wrong)));
                self.db.add_source(Source { id, module, text, library: false });
            }
            Err(_) => {
                if let Some(file) = self.file(&id) {
                    self.db.remove_file(file);
                }
            }
        }
    }
}

/// The text of a file, and what is wrong with it as a whole.
fn read(host: &dyn Host, path: &Path, id: &SourceId) -> io::Result<(String, Option<Diagnostic>)> {
    let bytes = host.system().read(path)?;
    Ok(match file_text(id, bytes) {
        FileText::Whole(text) => (text, None),
        FileText::Lossy(text, told) => (text, Some(told)),
        FileText::TooLarge(told) => (String::new(), Some(told)),
    })
}
