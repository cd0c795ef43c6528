//! What a union unites.

use std::collections::BTreeSet;

use cpg_ir::spec::RelationId;
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{self, Emitted, ItemKind};

use crate::db::Db;
use crate::files::{Item, SourceFile, parse};
use crate::names::{Resolution, Symbol, declared, dotted, modules, resolve};
use crate::template::tree;

/// Whether an item emits nodes or edges.
#[salsa::tracked(returns(copy))]
fn emits<'db>(db: &'db dyn Db, item: Item<'db>) -> bool {
    match tree(db, item).map(|tree| &tree.kind) {
        Some(ItemKind::Normalize(tree)) => tree
            .clauses
            .iter()
            .any(|clause| matches!(clause.kind, ast::NormalizeClauseKind::Node { .. })),
        Some(ItemKind::Relate(tree)) => tree
            .clauses
            .iter()
            .any(|clause| matches!(clause.kind, ast::RelateClauseKind::Edge { .. })),
        _ => false,
    }
}

/// The identity of the relation that an item declares.
pub(crate) fn relation_id<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<RelationId> {
    Some(RelationId::new(item.module(db), item.name(db).as_ref()?))
}

/// A union's inputs, in the order of their identities, each once. Names that are no item are left out.
#[salsa::tracked]
pub fn members<'db>(db: &'db dyn Db, union: Item<'db>) -> Vec<Item<'db>> {
    let Some(ItemKind::Union(tree)) = parse(db, union).item.as_ref().map(|tree| &tree.kind) else {
        return Vec::new();
    };
    let mut members: Vec<Item<'db>> = match &tree.members {
        ast::UnionMembers::Relations(names) => names
            .iter()
            .filter_map(|name| {
                match resolve(db, union.file(db), Symbol::new(db, name.text.as_str())) {
                    Resolution::Item(item) => Some(item),
                    Resolution::Broken | Resolution::Unknown => None,
                }
            })
            .collect(),
        ast::UnionMembers::Emitted { what, modules: prefixes, .. } => {
            let prefixes: Vec<String> = prefixes.iter().map(dotted).collect();
            emitters(db, *what, &prefixes)
        }
    };
    members.sort_by_cached_key(|item| relation_id(db, *item));
    members.dedup();
    members
}

/// The columns that unions of nodes have for what an entity emits. What they tell is no property besides.
#[salsa::tracked]
pub(crate) fn told_of_nodes<'db>(db: &'db dyn Db, entity: Item<'db>) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    for file in modules(db).values() {
        for item in declared(db, *file).values().copied() {
            if item.keyword(db) != ItemKeyword::Union {
                continue;
            }
            let Some(ItemKind::Union(tree)) = parse(db, item).item.as_ref().map(|tree| &tree.kind)
            else {
                continue;
            };
            let of_nodes =
                matches!(tree.members, ast::UnionMembers::Emitted { what: Emitted::Nodes, .. });
            if of_nodes && members(db, item).contains(&entity) {
                let columns = schema_columns(db, item, &tree.schema.text);
                // The id and the kind are what the union makes of the node itself.
                told.extend(columns.into_iter().skip(1).filter(|name| name != "kind"));
            }
        }
    }
    told
}

/// The names of the columns of a schema that an item names.
fn schema_columns<'db>(db: &'db dyn Db, item: Item<'db>, schema: &str) -> Vec<String> {
    let Resolution::Item(schema) = resolve(db, item.file(db), Symbol::new(db, schema)) else {
        return Vec::new();
    };
    match parse(db, schema).item.as_ref().map(|tree| &tree.kind) {
        Some(ItemKind::Schema(tree)) => {
            tree.columns.iter().map(|column| column.name.text.to_string()).collect()
        }
        _ => Vec::new(),
    }
}

fn emitters<'db>(db: &'db dyn Db, what: Emitted, prefixes: &[String]) -> Vec<Item<'db>> {
    let keyword = match what {
        Emitted::Nodes | Emitted::Props => ItemKeyword::Normalize,
        Emitted::Edges => ItemKeyword::Relate,
    };
    modules(db)
        .iter()
        .filter(|(module, _)| prefixes.is_empty() || prefixes.iter().any(|p| is_below(module, p)))
        .flat_map(|(_, file)| emitters_in(db, *file))
        .copied()
        .filter(|item| item.keyword(db) == keyword)
        .collect()
}

/// The items of a file that emit. A query of its own, so that an edit looks at the items of one file.
#[salsa::tracked]
fn emitters_in<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<Item<'db>> {
    declared(db, file).values().copied().filter(|item| emits(db, *item)).collect()
}

/// Whether `module` is `prefix` or lies below it.
pub(crate) fn is_below(module: &str, prefix: &str) -> bool {
    module.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
