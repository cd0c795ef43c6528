//! Who reads whom, one step at a time.

use cpg_base::TextRange;
use cpg_hir::semantics::{dependencies, readers};
use cpg_hir::{Db, Item, SourceFile};

use crate::mentions::{Access, Symbol, mentions, symbols_at};
use crate::place::item_at;

/// An item beside another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relative<'db> {
    /// The other item.
    pub item: Item<'db>,
    /// Where the one that reads names the one that is read: places in the file of the reader.
    pub places: Vec<TextRange>,
}

/// The item that stands at that offset, or around it.
pub fn hierarchy_item<'db>(db: &'db dyn Db, file: SourceFile, offset: u32) -> Option<Item<'db>> {
    let named =
        symbols_at(db, file, offset).into_iter().find_map(|(_, mention)| match mention.symbol {
            Symbol::Item(item) => Some(item),
            _ => None,
        });
    named.or_else(|| item_at(db, file, offset)).filter(|item| item.name(db).is_some())
}

/// Who reads an item.
pub fn read_by<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Relative<'db>> {
    let readers = readers(db, item).into_iter();
    readers.map(|reader| Relative { item: reader, places: named(db, reader, item) }).collect()
}

/// What an item reads.
pub fn reads<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Relative<'db>> {
    let needed = dependencies(db, item).iter();
    needed.map(|other| Relative { item: *other, places: named(db, item, *other) }).collect()
}

fn named<'db>(db: &'db dyn Db, reader: Item<'db>, read: Item<'db>) -> Vec<TextRange> {
    let start = reader.start(db);
    let mut places: Vec<TextRange> = mentions(db, reader)
        .into_iter()
        .filter(|mention| mention.symbol == Symbol::Item(read))
        .filter(|mention| mention.access == Access::Used)
        .map(|mention| mention.range.shifted(start))
        .collect();
    places.dedup();
    if places.is_empty() {
        // A union over modules names none of its members.
        places.push(crate::place::name_place(db, reader).range);
    }
    places
}
