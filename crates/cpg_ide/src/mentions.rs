//! Every name in an item, and what it stands for.

use std::collections::{BTreeSet, HashSet};

use cpg_base::TextRange;
use cpg_hir::semantics::{
    Meaning, Origin, Resolution, Role, dotted, facts, modules, name_range, references, resolve,
    use_tree,
};
use cpg_hir::{Db, Item, SourceFile, parse, semantics};
use cpg_ir::types::ColumnType;
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{ItemKind, UnionMembers};

use crate::place::{bare, item_at, text_at};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Symbol<'db> {
    /// An item.
    Item(Item<'db>),
    /// A column.
    Column(Column<'db>),
    /// What expressions of an item call a row source, which gets its name there.
    Source(Item<'db>, TextRange),
    /// A module.
    Module(SourceFile),
    /// A function that comes with the language.
    Function(String),
    /// An end of a span.
    SpanEnd,
}

/// A column, by the item that gives it its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column<'db> {
    /// That item.
    pub item: Item<'db>,
    /// Its name.
    pub name: String,
    /// Where the item says it; `None` for the columns that the language gives.
    pub declared: Option<TextRange>,
}

/// How a name is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// It is given here.
    Declared,
    /// It is brought into a file.
    Imported,
    /// It is used.
    Used,
}

/// A name in an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention<'db> {
    /// Where it stands in the item.
    pub range: TextRange,
    /// What it stands for.
    pub symbol: Symbol<'db>,
    /// How it is used.
    pub access: Access,
    /// The type of its value, where it has one.
    pub ty: Option<ColumnType>,
}

impl<'db> Mention<'db> {
    fn new(range: TextRange, symbol: Symbol<'db>, access: Access) -> Self {
        Self { range, symbol, access, ty: None }
    }
}

/// The names in an item, in the order of its text. Where one name is two things, as in `keep kind`, both are here:
/// the column that is read, then the one that is declared.
pub fn mentions<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Mention<'db>> {
    let mut found = Vec::new();
    if item.name(db).is_some() && item.keyword(db) != ItemKeyword::Use {
        let range = name_range(db, item);
        if !range.is_empty() {
            found.push(Mention::new(range, Symbol::Item(item), Access::Declared));
        }
    }
    checked(db, item, &mut found);
    referenced(db, item, &mut found);
    paths(db, item, &mut found);
    found.sort_by_key(|mention| {
        (mention.range, mention.access == Access::Declared, rank(&mention.symbol))
    });
    found.dedup();
    found
}

fn rank(symbol: &Symbol<'_>) -> u8 {
    match symbol {
        Symbol::Item(_) => 0,
        Symbol::Column(_) => 1,
        Symbol::Source(..) => 2,
        Symbol::Module(_) => 3,
        Symbol::Function(_) => 4,
        Symbol::SpanEnd => 5,
    }
}

/// What the item's check says of its names.
fn checked<'db>(db: &'db dyn Db, item: Item<'db>, found: &mut Vec<Mention<'db>>) {
    let facts = facts(db, item);
    let mut sources: Vec<TextRange> = Vec::new();
    for mention in &facts.names {
        let range = mention.range;
        let (symbol, access, ty) = match &mention.meaning {
            Meaning::Item(target) => (Symbol::Item(*target), Access::Used, None),
            Meaning::Column { name, origin, ty } => {
                let column = traced(db, item, name, *origin, &facts.inputs);
                (Symbol::Column(column), Access::Used, ty.known().cloned())
            }
            Meaning::Declared { name, ty } => {
                if bare(text_at(db, item, range)) != name {
                    continue;
                }
                let column = Column { item, name: name.clone(), declared: Some(range) };
                (Symbol::Column(column), Access::Declared, ty.known().cloned())
            }
            Meaning::SourceDeclared => {
                sources.push(range);
                (Symbol::Source(item, range), Access::Declared, None)
            }
            Meaning::Source => {
                let name = text_at(db, item, range);
                let declared = sources.iter().rev().find(|own| text_at(db, item, **own) == name);
                match declared {
                    Some(declared) => (Symbol::Source(item, *declared), Access::Used, None),
                    None => continue,
                }
            }
            Meaning::Field => (Symbol::SpanEnd, Access::Used, None),
        };
        found.push(Mention { range, symbol, access, ty });
    }
}

/// The names whose role alone says what they are, as far as the check did not come to them.
fn referenced<'db>(db: &'db dyn Db, item: Item<'db>, found: &mut Vec<Mention<'db>>) {
    let known: BTreeSet<TextRange> = found
        .iter()
        .filter(|mention| matches!(mention.symbol, Symbol::Item(_)))
        .map(|mention| mention.range)
        .collect();
    for reference in references(db, item) {
        if reference.role == Role::Value || known.contains(&reference.range) {
            continue;
        }
        let name = semantics::Symbol::new(db, reference.text);
        let symbol = match resolve(db, item.file(db), name) {
            Resolution::Item(target) => Symbol::Item(target),
            Resolution::Unknown if reference.role == Role::Function => {
                Symbol::Function(reference.text.to_owned())
            }
            Resolution::Broken | Resolution::Unknown => continue,
        };
        found.push(Mention::new(reference.range, symbol, Access::Used));
    }
}

/// Modules, and what is taken from them.
fn paths<'db>(db: &'db dyn Db, item: Item<'db>, found: &mut Vec<Mention<'db>>) {
    let known = modules(db);
    if let Some(tree) = use_tree(db, item) {
        let Some(file) = known.get(&dotted(&tree.module)) else { return };
        found.push(Mention::new(tree.module.range, Symbol::Module(*file), Access::Used));
        let declared = semantics::declared(db, *file);
        for name in &tree.names {
            if let Some(target) = declared.get(&name.name.text) {
                let symbol = Symbol::Item(*target);
                found.push(Mention::new(name.name.range, symbol.clone(), Access::Imported));
                found.extend(
                    name.alias
                        .iter()
                        .map(|alias| Mention::new(alias.range, symbol.clone(), Access::Imported)),
                );
            }
        }
    }
    if let Some(ItemKind::Union(tree)) = parse(db, item).item.as_ref().map(|tree| &tree.kind)
        && let UnionMembers::Emitted { modules, .. } = &tree.members
    {
        for module in modules {
            if let Some(file) = known.get(&dotted(module)) {
                found.push(Mention::new(module.range, Symbol::Module(*file), Access::Used));
            }
        }
    }
}

/// The column that a name with that origin means.
fn traced<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    name: &str,
    origin: Origin,
    inputs: &[Item<'db>],
) -> Column<'db> {
    let (mut item, mut origin, mut inputs) = (item, origin, inputs);
    // A column of that name in a row that passes it on; seen items end what would be a circle.
    let mut seen = HashSet::new();
    loop {
        let next = match origin {
            Origin::Here(range) => {
                return Column { item, name: name.to_owned(), declared: Some(range) };
            }
            Origin::Unknown => None,
            Origin::Input(index) => inputs.get(index as usize).copied(),
        };
        let Some(next) = next.filter(|next| seen.insert(*next)) else {
            return Column { item, name: name.to_owned(), declared: None };
        };
        let facts = facts(db, next);
        let column = facts.row.as_ref().and_then(|row| row.column(name));
        origin = column.map_or(Origin::Unknown, |column| column.origin);
        item = next;
        inputs = &facts.inputs;
    }
}

/// The column that an item's row has under that name.
pub(crate) fn output_column<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    name: &str,
) -> Option<Column<'db>> {
    let facts = facts(db, item);
    let column = facts.row.as_ref()?.column(name)?;
    Some(traced(db, item, name, column.origin, &facts.inputs))
}

/// What the name at that offset stands for, with its place in the file. Where one name is two things, what is read
/// comes first.
pub fn symbols_at<'db>(
    db: &'db dyn Db,
    file: SourceFile,
    offset: u32,
) -> Vec<(TextRange, Mention<'db>)> {
    let Some(item) = item_at(db, file, offset) else { return Vec::new() };
    let start = item.start(db);
    let touching = mentions(db, item)
        .into_iter()
        .filter(|mention| mention.range.touches(offset.saturating_sub(start)));
    let mut touching: Vec<(TextRange, Mention<'db>)> =
        touching.map(|mention| (mention.range.shifted(start), mention)).collect();
    // Between two names that touch, as in `a.b` with the caret at the dot, the one that begins there.
    if let Some(shortest) = touching.iter().map(|(range, _)| range.start()).max() {
        touching.retain(|(range, _)| range.start() == shortest);
    }
    touching
}
