//! What a file and a program hold, by name.

use cpg_base::TextRange;
use cpg_hir::semantics::{Origin, facts, use_tree};
use cpg_hir::{Db, Item, SourceFile, items};
use cpg_syntax::ItemKeyword;

use crate::place::{bare, name_place, text_at, whole, within};
use crate::references::all_items;
use crate::search::fit;

/// Something with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Its type or its module.
    pub detail: String,
    /// Its file.
    pub file: SourceFile,
    /// All of it.
    pub whole: TextRange,
    /// Its name.
    pub range: TextRange,
    /// What it holds.
    pub children: Vec<Entry>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// An item.
    Item(ItemKeyword),
    /// A column.
    Column,
}

/// The items of a file with their columns, in the order of its text.
pub fn outline(db: &dyn Db, file: SourceFile) -> Vec<Entry> {
    let shown = items(db, file).iter().filter(|item| use_tree(db, **item).is_none());
    shown.map(|item| entry(db, *item, true)).collect()
}

fn entry<'db>(db: &'db dyn Db, item: Item<'db>, children: bool) -> Entry {
    let whole = whole(db, item);
    let name = name_place(db, item).range;
    let keyword = item.keyword(db);
    let first_line = || {
        let text = item.text(db).lines().next_back().unwrap_or_default();
        text.chars().take(60).collect::<String>()
    };
    Entry {
        name: item.name(db).clone().unwrap_or_else(first_line),
        kind: EntryKind::Item(keyword),
        detail: if children { keyword.to_string() } else { item.module(db).to_owned() },
        file: item.file(db),
        whole,
        range: if name.is_empty() { TextRange::empty(whole.start()) } else { name },
        children: if children { columns(db, item) } else { Vec::new() },
    }
}

/// The columns that the item itself declares.
fn columns<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Entry> {
    let Some(row) = &facts(db, item).row else { return Vec::new() };
    let own = row.columns.iter().filter_map(|column| match column.origin {
        Origin::Here(range) if bare(text_at(db, item, range)) == column.name => {
            Some((column, within(db, item, range)))
        }
        _ => None,
    });
    let entries = own.map(|(column, place)| Entry {
        name: column.name.clone(),
        kind: EntryKind::Column,
        detail: column.ty.to_string(),
        file: place.file,
        whole: place.range,
        range: place.range,
        children: Vec::new(),
    });
    entries.collect()
}

/// The most entries that a search gives.
const MOST_FOUND: usize = 500;

/// The items of the program whose name fits, best first.
pub fn workspace_entries(db: &dyn Db, typed: &str) -> Vec<Entry> {
    let mut found: Vec<(u8, Item<'_>)> = all_items(db)
        .filter(|item| item.keyword(db) != ItemKeyword::Use)
        .filter_map(|item| Some((fit(item.name(db).as_ref()?, typed)?, item)))
        .collect();
    found.sort_by_key(|(rank, item)| (*rank, item.name(db).clone(), item.module(db).to_owned()));
    found.into_iter().take(MOST_FOUND).map(|(_, item)| entry(db, item, false)).collect()
}
