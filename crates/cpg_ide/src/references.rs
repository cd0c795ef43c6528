//! All places that name a thing.

use std::collections::{HashSet, VecDeque};

use cpg_base::TextRange;
use cpg_hir::semantics::{self, imports, readers};
use cpg_hir::{Db, Item, Program, SourceFile, items};
use cpg_syntax::ItemKeyword;

use crate::mentions::{Access, Column, Mention, Symbol, mentions, output_column, symbols_at};
use crate::place::{Place, within};

/// A place that names something, and how.
pub(crate) struct Use<'db> {
    /// The item in which it stands.
    pub item: Item<'db>,
    /// The name.
    pub mention: Mention<'db>,
}

/// The places that name what stands at that offset, in the order of the program's text; with the one that gives the
/// name if `declaration`.
pub fn references(db: &dyn Db, file: SourceFile, offset: u32, declaration: bool) -> Vec<Place> {
    let mut places = Vec::new();
    for (_, mention) in symbols_at(db, file, offset) {
        for found in uses(db, &mention.symbol) {
            if declaration || found.mention.access != Access::Declared {
                let place = within(db, found.item, found.mention.range);
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
    }
    places
}

/// The places in the same file that name what stands at that offset.
pub fn highlights(db: &dyn Db, file: SourceFile, offset: u32) -> Vec<(Place, Access)> {
    let symbols: Vec<Symbol<'_>> =
        symbols_at(db, file, offset).into_iter().map(|(_, mention)| mention.symbol).collect();
    let mut found = Vec::new();
    if symbols.is_empty() {
        return found;
    }
    for item in items(db, file) {
        for mention in mentions(db, *item) {
            if symbols.contains(&mention.symbol) {
                let place = within(db, *item, mention.range);
                if found.last().is_none_or(|(last, _)| *last != place) {
                    found.push((place, mention.access));
                }
            }
        }
    }
    found
}

/// The places that are edited together with the name at that offset: those of a row source, which nobody outside of its
/// item knows. Where one is written otherwise, as with backquotes, there are none.
pub fn linked(db: &dyn Db, file: SourceFile, offset: u32) -> Vec<TextRange> {
    let mut symbols = symbols_at(db, file, offset).into_iter().map(|(_, mention)| mention.symbol);
    if !symbols.any(|symbol| matches!(symbol, Symbol::Source(..))) {
        return Vec::new();
    }
    let text = file.text(db);
    let places = highlights(db, file, offset).into_iter().map(|(place, _)| place.range);
    let places: Vec<TextRange> = places.collect();
    let written = places.first().and_then(|range| range.slice(text));
    let alike = places.iter().all(|range| range.slice(text) == written);
    if alike { places } else { Vec::new() }
}

/// Every place that names it.
pub(crate) fn uses<'db>(db: &'db dyn Db, symbol: &Symbol<'db>) -> Vec<Use<'db>> {
    let candidates = match symbol {
        Symbol::Item(item) => may_name(db, *item),
        Symbol::Column(column) => may_read(db, column),
        Symbol::Source(item, _) => vec![*item],
        Symbol::Module(file) => may_import(db, *file),
        Symbol::Function(_) => all_items(db).collect(),
        Symbol::SpanEnd => Vec::new(),
    };
    let mut found = Vec::new();
    for item in candidates {
        db.unwind_if_revision_cancelled();
        let named = mentions(db, item).into_iter().filter(|mention| mention.symbol == *symbol);
        found.extend(named.map(|mention| Use { item, mention }));
    }
    found
}

pub(crate) fn all_items(db: &dyn Db) -> impl Iterator<Item = Item<'_>> {
    Program::get(db).files(db).iter().flat_map(move |file| items(db, *file).iter().copied())
}

/// The items of files in which that item has a name, as far as their trees mention it.
fn may_name<'db>(db: &'db dyn Db, target: Item<'db>) -> Vec<Item<'db>> {
    let Some(name) = target.name(db) else { return vec![target] };
    let mut found = Vec::new();
    for file in Program::get(db).files(db) {
        let mut local: Vec<&str> = Vec::new();
        if *file == target.file(db) {
            local.push(name);
        }
        for (here, import) in imports(db, *file) {
            if import.name == *name && import.module == target.module(db) {
                local.push(here);
            }
        }
        if local.is_empty() {
            continue;
        }
        let mentions = |item: &Item<'db>| {
            *item == target
                || item.keyword(db) == ItemKeyword::Use
                || semantics::references(db, *item).iter().any(|one| local.contains(&one.text))
        };
        found.extend(items(db, *file).iter().copied().filter(mentions));
    }
    found
}

/// The items that may read a column: those that read a row which has it.
fn may_read<'db>(db: &'db dyn Db, column: &Column<'db>) -> Vec<Item<'db>> {
    let mut seen = HashSet::from([column.item]);
    let mut pending = VecDeque::from([column.item]);
    while let Some(item) = pending.pop_front() {
        for reader in readers(db, item) {
            if !seen.insert(reader) {
                continue;
            }
            db.unwind_if_revision_cancelled();
            // Who passes the column on is read for it.
            if output_column(db, reader, &column.name).as_ref() == Some(column) {
                pending.push_back(reader);
            }
        }
    }
    all_items(db).filter(|item| seen.contains(item)).collect()
}

fn may_import<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<Item<'db>> {
    let module = file.module(db);
    all_items(db)
        .filter(|item| match item.keyword(db) {
            ItemKeyword::Use => {
                item.name(db).as_ref().is_some_and(|name| name.starts_with(module.as_str()))
            }
            ItemKeyword::Union => true,
            _ => false,
        })
        .collect()
}
