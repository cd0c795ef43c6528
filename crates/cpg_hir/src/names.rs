//! Modules, what they declare and what they import.

use std::collections::BTreeMap;

use cpg_base::TextRange;
use cpg_syntax::ast;

use crate::db::Db;
use crate::files::{Item, Program, SourceFile, items, parse};

/// A name, interned.
#[salsa::interned(debug)]
pub struct Symbol<'db> {
    /// The name.
    #[returns(deref)]
    pub text: String,
}

/// What a name stands for in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, salsa::SalsaValue)]
pub enum Resolution<'db> {
    /// An item.
    Item(Item<'db>),
    /// An import that names nothing, which is reported where it stands.
    Broken,
    /// Nothing.
    Unknown,
}

/// An imported name.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub struct Import<'db> {
    /// The `use` that brings it.
    pub by: Item<'db>,
    /// The module it comes from.
    pub module: String,
    /// Its name there.
    pub name: String,
}

/// The file of each module. Where two files are one module, the first one.
#[salsa::tracked]
pub fn modules(db: &dyn Db) -> BTreeMap<String, SourceFile> {
    let mut modules = BTreeMap::new();
    for file in Program::get(db).files(db) {
        modules.entry(file.module(db).clone()).or_insert(*file);
    }
    modules
}

/// What a file declares, by name. Where two items share a name, the first one.
#[salsa::tracked]
pub fn declared<'db>(db: &'db dyn Db, file: SourceFile) -> BTreeMap<String, Item<'db>> {
    let mut declared = BTreeMap::new();
    for item in items(db, file) {
        if let Some(name) = item.name(db) {
            declared.entry(name.clone()).or_insert(*item);
        }
    }
    declared
}

/// What a file imports, by the name it has here. Where two imports share a name, the first one.
#[salsa::tracked]
pub fn imports<'db>(db: &'db dyn Db, file: SourceFile) -> BTreeMap<String, Import<'db>> {
    let mut imports = BTreeMap::new();
    for item in items(db, file) {
        for (import, _) in imported_by(db, *item) {
            imports.entry(import.0).or_insert(import.1);
        }
    }
    imports
}

/// The names that a `use` brings, with their places.
pub fn imported_by<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
) -> Vec<((String, Import<'db>), TextRange)> {
    let Some(tree) = use_tree(db, item) else {
        return Vec::new();
    };
    let module = dotted(&tree.module);
    tree.names
        .iter()
        .map(|name| {
            let local = name.alias.as_ref().unwrap_or(&name.name);
            let import = Import { by: item, module: module.clone(), name: name.name.text.clone() };
            ((local.text.clone(), import), local.range)
        })
        .collect()
}

/// A `use` as written; `None` for other items.
pub fn use_tree<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<&'db ast::UseItem> {
    if item.keyword(db) != cpg_syntax::ItemKeyword::Use {
        return None;
    }
    match &parse(db, item).item.as_ref()?.kind {
        ast::ItemKind::Use(tree) => Some(tree),
        _ => None,
    }
}

/// A dotted name as text.
pub fn dotted(name: &ast::DottedName) -> String {
    name.segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>().join(".")
}

/// What `name` stands for in `file`: its own item first, then what it imports.
///
/// A query of its own for each name, so that an item added elsewhere in the file re-checks nothing but the items
/// that use its name.
#[salsa::tracked(returns(copy))]
pub fn resolve<'db>(db: &'db dyn Db, file: SourceFile, name: Symbol<'db>) -> Resolution<'db> {
    let name = name.text(db);
    if let Some(item) = declared(db, file).get(name) {
        return Resolution::Item(*item);
    }
    let Some(import) = imports(db, file).get(name) else {
        return Resolution::Unknown;
    };
    let target = modules(db).get(&import.module);
    match target.and_then(|file| declared(db, *file).get(&import.name)) {
        Some(item) => Resolution::Item(*item),
        None => Resolution::Broken,
    }
}

/// Every name that may be written in `file`.
pub fn visible_names(db: &dyn Db, file: SourceFile) -> impl Iterator<Item = &str> {
    declared(db, file).keys().chain(imports(db, file).keys()).map(String::as_str)
}
