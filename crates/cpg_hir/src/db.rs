//! The database: who holds the inputs and the memoised queries.

use std::sync::Arc;

use cpg_ir::catalog::{ExtractorCatalog, FunctionCatalog};
use cpg_ir::sql::SqlPlanner;
use salsa::{Durability, Setter};

use crate::catalogs::Catalogs;
use crate::files::{Program, Source, SourceFile};
use crate::sources::{FileSchemas, FoundSchemas};
use crate::sql::Planner;

/// What the queries of this layer need. [`Program`], [`Catalogs`] and [`FileSchemas`] exist from construction on.
#[salsa::db]
pub trait Db: salsa::Database {
    /// Who reads and plans SQL; the same as long as the database lives.
    fn sql_planner(&self) -> Option<&dyn SqlPlanner>;
}

/// The database of the command line and the language server. A clone is a snapshot for another thread; a change
/// waits until all clones are dropped.
#[salsa::db]
#[derive(Clone)]
pub struct RootDatabase {
    storage: salsa::Storage<Self>,
    /// The file that was edited last.
    edited: Option<SourceFile>,
    sql: Planner,
}

#[salsa::db]
impl salsa::Database for RootDatabase {}

#[salsa::db]
impl Db for RootDatabase {
    fn sql_planner(&self) -> Option<&dyn SqlPlanner> {
        self.sql.as_deref()
    }
}

/// Called for each event of the database, as for each query that is executed.
pub type EventCallback = Box<dyn Fn(salsa::Event) + Send + Sync + 'static>;

impl RootDatabase {
    /// A program without files.
    pub fn new(extractors: ExtractorCatalog, functions: FunctionCatalog) -> Self {
        Self::with_events(extractors, functions, None)
    }

    /// The same, telling what it does.
    pub fn with_events(
        extractors: ExtractorCatalog,
        functions: FunctionCatalog,
        events: Option<EventCallback>,
    ) -> Self {
        let db = Self { storage: salsa::Storage::new(events), edited: None, sql: None };
        let _singleton =
            Catalogs::builder(extractors, functions).durability(Durability::HIGH).new(&db);
        let _singleton =
            FileSchemas::builder(FoundSchemas::new()).durability(Durability::MEDIUM).new(&db);
        let _singleton = Program::builder(Vec::new()).durability(Durability::MEDIUM).new(&db);
        db
    }

    /// The same, with views in SQL read and planned by `planner`. Said before anything is asked.
    #[must_use]
    pub fn with_sql(mut self, planner: Arc<dyn SqlPlanner>) -> Self {
        self.sql = Some(planner);
        self
    }

    /// Makes the program consist of exactly these sources. What is as before stays as it was computed.
    pub fn set_sources(&mut self, mut sources: Vec<Source>) {
        sources.sort_by(|a, b| (&a.module, &a.id).cmp(&(&b.module, &b.id)));
        let before = Program::get(self).files(self).clone();
        let mut files = Vec::with_capacity(sources.len());
        for source in sources {
            let known = before.iter().copied().find(|file| {
                *file.source(self) == source.id && *file.module(self) == source.module
            });
            files.push(match known {
                Some(file) => {
                    self.set_text(file, source.text);
                    file
                }
                None => {
                    // Who edits the standard library waits; who edits a project does not wait for it.
                    let durability =
                        if source.library { Durability::HIGH } else { Durability::LOW };
                    SourceFile::builder(source.id, source.module, source.text)
                        .durability(durability)
                        .new(self)
                }
            });
        }
        if files != before {
            Program::get(self).set_files(self).to(files);
        }
    }

    /// Says which extractors there are, if that differs.
    pub fn set_extractors(&mut self, extractors: ExtractorCatalog) {
        let catalogs = Catalogs::get(self);
        if *catalogs.extractors(self) != extractors {
            catalogs.set_extractors(self).with_durability(Durability::HIGH).to(extractors);
        }
    }

    /// Says what was found at the locations of [`file_sources`](crate::file_sources()), if that differs.
    pub fn set_file_schemas(&mut self, found: FoundSchemas) {
        let schemas = FileSchemas::get(self);
        if *schemas.schemas(self) != found {
            schemas.set_schemas(self).to(found);
        }
    }

    /// Replaces a file's text, if it differs.
    pub fn set_text(&mut self, file: SourceFile, text: String) {
        if *file.text(self) != text {
            file.set_text(self).to(text);
        }
    }

    /// Replaces the text of the file that is being edited. The other files of the project then count as ones that
    /// hardly change, so that after each further edit only what depends on this file is looked at again.
    pub fn edit(&mut self, file: SourceFile, text: String) {
        if let Some(before) = self.edited.replace(file)
            && before != file
        {
            let text = before.text(self).clone();
            before.set_text(self).with_durability(Durability::MEDIUM).to(text);
        }
        file.set_text(self).with_durability(Durability::LOW).to(text);
    }

    /// The program as an editor finds it: no file is being edited yet.
    pub fn load(&mut self, mut sources: Vec<Source>) {
        sources.sort_by(|a, b| (&a.module, &a.id).cmp(&(&b.module, &b.id)));
        let files = sources.into_iter().map(|source| self.new_file(source)).collect();
        Program::get(self).set_files(self).to(files);
    }

    fn new_file(&self, source: Source) -> SourceFile {
        let durability = if source.library { Durability::HIGH } else { Durability::MEDIUM };
        SourceFile::builder(source.id, source.module, source.text).durability(durability).new(self)
    }

    /// Adds a file, or replaces the text of the one with its name.
    pub fn add_source(&mut self, source: Source) -> SourceFile {
        if let Some(file) = self.file(&source.id) {
            if *file.text(self) != source.text {
                file.set_text(self).with_durability(Durability::MEDIUM).to(source.text);
            }
            return file;
        }
        let file = self.new_file(source);
        let place = |file: &SourceFile| (file.module(self).clone(), file.source(self).clone());
        let mut files = Program::get(self).files(self).clone();
        let at = files.partition_point(|known| place(known) < place(&file));
        files.insert(at, file);
        Program::get(self).set_files(self).to(files);
        file
    }

    /// Takes a file out of the program.
    pub fn remove_file(&mut self, file: SourceFile) {
        if self.edited == Some(file) {
            self.edited = None;
        }
        let mut files = Program::get(self).files(self).clone();
        files.retain(|known| *known != file);
        Program::get(self).set_files(self).to(files);
    }

    /// The file of that source.
    pub fn file(&self, source: &cpg_base::SourceId) -> Option<SourceFile> {
        Program::get(self).files(self).iter().copied().find(|file| file.source(self) == source)
    }
}
