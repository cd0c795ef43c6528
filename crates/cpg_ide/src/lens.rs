//! What is shown above items.

use cpg_hir::semantics::{RELATIONS, name_range, readers};
use cpg_hir::{Db, Item, SourceFile, items, parse};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::ItemKind;

use crate::mentions::{Access, Symbol};
use crate::place::{Place, within};
use crate::references::uses;

/// A line above an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lens<'db> {
    /// The item.
    pub item: Item<'db>,
    /// Its name.
    pub place: Place,
    /// What it offers.
    pub kind: LensKind,
}

/// What is offered above an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LensKind {
    /// How many items read it.
    Readers(usize),
    /// Its plan.
    Plan,
    /// Running the test of that name.
    Test(String),
}

/// The lines above the items of a file.
pub fn lenses(db: &dyn Db, file: SourceFile) -> Vec<Lens<'_>> {
    let mut lenses = Vec::new();
    for item in items(db, file) {
        if let Some(ItemKind::Test(tree)) = parse(db, *item).item.as_ref().map(|tree| &tree.kind) {
            let place = within(db, *item, name_range(db, *item));
            let kind = LensKind::Test(tree.name.value.clone());
            lenses.push(Lens { item: *item, place, kind });
            continue;
        }
        let named = !matches!(item.keyword(db), ItemKeyword::Use | ItemKeyword::Export);
        if !named || item.name(db).is_none() {
            continue;
        }
        let place = within(db, *item, name_range(db, *item));
        let kind = LensKind::Readers(readers(db, *item).len());
        lenses.push(Lens { item: *item, place, kind });
        if RELATIONS.contains(&item.keyword(db)) {
            lenses.push(Lens { item: *item, place, kind: LensKind::Plan });
        }
    }
    lenses
}

impl Lens<'_> {
    /// The places that a lens leads to.
    pub fn places(&self, db: &dyn Db) -> Vec<Place> {
        let found = uses(db, &Symbol::Item(self.item));
        let used = found.into_iter().filter(|one| one.mention.access != Access::Declared);
        used.map(|one| within(db, one.item, one.mention.range)).collect()
    }
}
