//! Evidence in files: which files a program names, and what is known of them.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::file::{FileFormat, FileProblem, FileSchema, FileSource, check_location};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{self, ItemKind};

use crate::db::Db;
use crate::files::{Item, Program, items, parse};

/// What was found at the locations that a program names. Whoever can look there fills it in; files that nobody
/// looked at are taken as right.
#[salsa::input(singleton)]
pub struct FileSchemas {
    /// By format and location.
    pub schemas: FoundSchemas,
}

/// What was found, by format and location.
pub type FoundSchemas = BTreeMap<FileSource, Result<FileSchema, FileProblem>>;

/// The files that the program's evidence names, as far as their locations are right.
pub fn file_sources(db: &dyn Db) -> BTreeSet<FileSource> {
    let files = Program::get(db).files(db).iter();
    let evidence = files
        .flat_map(|file| items(db, *file))
        .filter(|item| item.keyword(db) == ItemKeyword::Evidence)
        .filter_map(|item| named_files(db, *item));
    evidence.filter(|source| check_location(&source.location).is_ok()).collect()
}

/// The files that an item names.
fn named_files<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<FileSource> {
    match &parse(db, item).item.as_ref()?.kind {
        ItemKind::Evidence(tree) => file_source(tree.files()?),
        _ => None,
    }
}

/// The files that are written; `None` for a format that the grammar does not have.
pub(crate) fn file_source(tree: &ast::FileSource) -> Option<FileSource> {
    let format = FileFormat::from_word(&tree.format.text)?;
    Some(FileSource { format, location: normal(&tree.location.value) })
}

/// One spelling for each location: `./a//b` is `a/b`.
fn normal(location: &str) -> String {
    if check_location(location).is_err() {
        return location.to_owned();
    }
    let parts = location.split('/').filter(|part| !part.is_empty() && *part != ".");
    parts.collect::<Vec<_>>().join("/")
}
