//! Files, and the items they are cut into.

use cpg_base::SourceId;
use cpg_syntax::{Chunk, ItemKeyword, ParsedItem, Split, SyntaxError, ast};

use crate::db::Db;

/// A `.cpg` file.
#[salsa::input(debug)]
pub struct SourceFile {
    /// What diagnostics call it.
    pub source: SourceId,
    /// Its dotted name.
    pub module: String,
    /// Its text.
    pub text: String,
}

/// All files of the program, by module.
#[salsa::input(singleton, debug)]
pub struct Program {
    /// The files.
    pub files: Vec<SourceFile>,
}

/// A file as a loader hands it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What diagnostics call it.
    pub id: SourceId,
    /// Its dotted name, see [`module_path()`].
    pub module: String,
    /// Its text.
    pub text: String,
    /// Whether it comes with cpglang and hardly ever changes.
    pub library: bool,
}

/// The dotted name of the file at `path` (`/`-separated, ending in `.cpg`) below a root whose modules start
/// with `prefix`: `std` for the standard library, empty for a project.
pub fn module_path(prefix: &str, path: &str) -> String {
    let stem = path.strip_suffix(".cpg").unwrap_or(path);
    let parts = stem.split('/').filter(|part| !part.is_empty() && *part != ".");
    let prefix = Some(prefix).filter(|prefix| !prefix.is_empty());
    prefix.into_iter().chain(parts).collect::<Vec<_>>().join(".")
}

/// An item of a file.
///
/// Its identity is its file, keyword and name, and its number among items that share these. So it stays itself
/// when text is inserted before it, and its tree depends on nothing outside it.
#[salsa::tracked(debug)]
pub struct Item<'db> {
    /// Where it is declared.
    #[returns(copy)]
    pub file: SourceFile,
    /// What kind of item it is.
    #[returns(copy)]
    pub keyword: ItemKeyword,
    /// Its name; `use` and `export` have none, nor has an item that lacks it.
    pub name: Option<String>,
    /// Its text without the blank space that follows it.
    #[tracked]
    pub text: String,
    /// Where in the file its text starts. Only what reports places may read it.
    #[tracked]
    #[returns(copy)]
    pub start: u32,
    /// The fixpoint in which it stands. Both are items of the file.
    #[tracked]
    #[returns(copy)]
    pub block: Option<Item<'db>>,
}

impl<'db> Item<'db> {
    /// The module that declares it.
    pub fn module(self, db: &'db dyn Db) -> &'db str {
        self.file(db).module(db)
    }

    /// What people call it.
    pub fn label(self, db: &'db dyn Db) -> String {
        let keyword = self.keyword(db).as_str();
        match self.name(db) {
            Some(name) => format!("{keyword} `{name}`"),
            None => keyword.to_owned(),
        }
    }
}

#[salsa::tracked(no_eq)]
fn split_file(db: &dyn Db, file: SourceFile) -> Split {
    cpg_syntax::split(file.text(db))
}

/// The items of a file, in the order of its text; the views of a fixpoint follow it.
#[salsa::tracked]
pub fn items<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<Item<'db>> {
    let text = file.text(db);
    let item = |chunk: &Chunk, block| {
        let text = chunk.range.slice(text).unwrap_or_default().trim_end();
        let name = chunk.name.clone();
        Item::new(db, file, chunk.keyword, name, text.to_owned(), chunk.range.start(), block)
    };
    let mut items = Vec::new();
    for chunk in &split_file(db, file).chunks {
        let outer = item(chunk, None);
        items.push(outer);
        items.extend(chunk.members.iter().map(|member| item(member, Some(outer))));
    }
    items
}

/// The views of a fixpoint, in the order of its text.
pub(crate) fn block_members<'db>(db: &'db dyn Db, block: Item<'db>) -> Vec<Item<'db>> {
    let items = items(db, block.file(db)).iter().copied();
    items.filter(|item| item.block(db) == Some(block)).collect()
}

/// What the `//!` comments of a file say.
pub fn module_docs(db: &dyn Db, file: SourceFile) -> &str {
    &split_file(db, file).module_docs
}

/// What is wrong between a file's items; ranges are absolute.
pub(crate) fn split_errors(db: &dyn Db, file: SourceFile) -> &[SyntaxError] {
    &split_file(db, file).errors
}

/// An item's tree and what is wrong with it, ranges relative to the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The tree; of a broken item what could be read, if anything.
    pub item: Option<ast::Item>,
    /// What is wrong with it.
    pub errors: Vec<SyntaxError>,
}

/// An item's tree. It leaves out comments, so that editing one re-checks nothing.
#[salsa::tracked]
pub fn parse<'db>(db: &'db dyn Db, item: Item<'db>) -> Parsed {
    let ParsedItem { item, errors, .. } = cpg_syntax::parse_item(item.text(db), item.keyword(db));
    Parsed { item, errors }
}
