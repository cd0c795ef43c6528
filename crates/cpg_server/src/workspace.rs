//! A program that is open: a project's files with the standard library.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use cpg_base::{Diagnostic, SourceId};
use cpg_hir::{FileSchemas, FoundSchemas, RootDatabase, Source, SourceFile};
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
    /// The tests that fail on the program as it is now, by module and name.
    pub failed: BTreeMap<(String, String), Diagnostic>,
    /// Whether the files of its evidence are to be looked at, after which it is planned.
    pub stale: bool,
}

impl Workspace {
    /// The program in a folder; a folder that cannot be read has no files.
    pub fn load(root: Option<PathBuf>, host: &dyn Host) -> (Self, Option<io::Error>) {
        let mut db = RootDatabase::new(host.extractors(), host.functions());
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
            failed: BTreeMap::new(),
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
        self.failed.clear();
    }

    /// What is wrong with it beside what its texts tell.
    pub fn beside(&self) -> Beside {
        Beside {
            unreadable: self.unreadable.clone(),
            failed: self.failed.values().cloned().collect(),
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
