//! Where a name is given.

use cpg_base::TextRange;
use cpg_hir::semantics::{entity_header, facts, imported_by};
use cpg_hir::{Db, Item, Program, SourceFile, items, parse};
use cpg_ir::types::SemanticType;
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::ItemKind;

use crate::mentions::{Access, Column, Symbol, mentions, symbols_at};
use crate::place::{Place, item_at, name_place, text_at, within};

/// Where what stands at that offset is defined, and where it is written there.
pub fn definition(db: &dyn Db, file: SourceFile, offset: u32) -> Option<(TextRange, Vec<Place>)> {
    let found = symbols_at(db, file, offset);
    let range = found.first()?.0;
    let mut places: Vec<Place> = found
        .iter()
        .take(1)
        .map(|(_, mention)| defined(db, &mention.symbol))
        .collect::<Option<_>>()?;
    places.dedup();
    Some((range, places))
}

/// The same, but for what is imported: where it is brought into the file.
pub fn declaration(db: &dyn Db, file: SourceFile, offset: u32) -> Option<(TextRange, Vec<Place>)> {
    let found = symbols_at(db, file, offset);
    let (range, mention) = found.first()?;
    if let Symbol::Item(target) = mention.symbol
        && mention.access == Access::Used
        && target.file(db) != file
    {
        let item = item_at(db, file, offset)?;
        let written = text_at(db, item, range_in(db, item, *range));
        for by in items(db, file) {
            for ((name, _), place) in imported_by(db, *by) {
                if name == written {
                    return Some((*range, vec![within(db, *by, place)]));
                }
            }
        }
    }
    definition(db, file, offset)
}

fn range_in<'db>(db: &'db dyn Db, item: Item<'db>, range: TextRange) -> TextRange {
    let start = item.start(db);
    TextRange::new(range.start().saturating_sub(start), range.end().saturating_sub(start))
}

/// Where what types the thing at that offset is defined: the entity whose id it is, the schema that a relation has,
/// the relation of a row source.
pub fn type_definition(db: &dyn Db, file: SourceFile, offset: u32) -> Option<(TextRange, Place)> {
    let (range, mention) = symbols_at(db, file, offset).into_iter().next()?;
    let place = match &mention.symbol {
        Symbol::Column(_) => {
            let entity = entity_of(db, &mention.ty?.semantic)?;
            name_place(db, entity)
        }
        Symbol::Source(item, declared) => name_place(db, source_item(db, *item, *declared)?),
        Symbol::Item(item) => name_place(db, schema_of(db, *item)?),
        Symbol::Module(_) | Symbol::Function(_) | Symbol::SpanEnd => return None,
    };
    Some((range, place))
}

/// The entity whose ids mean that.
pub(crate) fn entity_of<'db>(db: &'db dyn Db, semantic: &SemanticType) -> Option<Item<'db>> {
    let namespace = match semantic {
        SemanticType::Id(Some(namespace)) => namespace.as_str(),
        SemanticType::FileId => "file",
        SemanticType::List(of) => return entity_of(db, of),
        SemanticType::Map(key, value) => {
            return entity_of(db, key).or_else(|| entity_of(db, value));
        }
        _ => return None,
    };
    let all = Program::get(db).files(db).iter().flat_map(|file| items(db, *file).iter().copied());
    let mut entities = all.filter(|item| item.keyword(db) == ItemKeyword::Normalize);
    entities.find(|item| {
        entity_header(db, *item).as_ref().is_some_and(|header| header.namespace == namespace)
    })
}

/// The relation that a row source of `item` reads, by where it gets its name.
pub(crate) fn source_item<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    declared: TextRange,
) -> Option<Item<'db>> {
    // The relation is the last one named before the alias, or the alias itself.
    mentions(db, item).into_iter().rev().find_map(|mention| match mention.symbol {
        Symbol::Item(target)
            if mention.access == Access::Used && mention.range.start() <= declared.start() =>
        {
            Some(target)
        }
        _ => None,
    })
}

/// The schema that an item says its rows have.
pub(crate) fn schema_of<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Item<'db>> {
    let schema = match &parse(db, item).item.as_ref()?.kind {
        ItemKind::Union(tree) => &tree.schema,
        ItemKind::View(tree) => tree.schema.as_ref()?,
        ItemKind::SqlView(tree) => tree.schema.as_ref()?,
        _ => return None,
    };
    facts(db, item);
    mentions(db, item).into_iter().find_map(|mention| match mention.symbol {
        Symbol::Item(target) if mention.range == schema.range => Some(target),
        _ => None,
    })
}

/// Where a symbol is defined; `None` for what comes with the language.
pub(crate) fn defined<'db>(db: &'db dyn Db, symbol: &Symbol<'db>) -> Option<Place> {
    match symbol {
        Symbol::Item(item) => Some(name_place(db, *item)),
        Symbol::Column(Column { item, declared: Some(range), .. }) => {
            Some(within(db, *item, *range))
        }
        Symbol::Column(Column { item, declared: None, .. }) => Some(name_place(db, *item)),
        Symbol::Source(item, range) => Some(within(db, *item, *range)),
        Symbol::Module(file) => Some(Place { file: *file, range: TextRange::empty(0) }),
        Symbol::Function(_) | Symbol::SpanEnd => None,
    }
}
