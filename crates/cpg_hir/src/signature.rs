//! What other items see of an item.

use std::sync::Arc;

use cpg_ir::expr::{Expr, Literal};
use cpg_ir::spec::RelationId;
use cpg_ir::types::{Column, ColumnType};
use cpg_syntax::ast::{ItemKind, NormalizeClauseKind};

use crate::db::Db;
use crate::files::Item;
use crate::graph::cyclic;
use crate::item::{check_item, union_signature};
use crate::row::Row;
use crate::template::tree;
use crate::ty::Ty;

/// All that other items see of an item. An edit that leaves it as it was re-checks no other item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// The item is broken, or needs itself: whatever reads it takes it as right.
    Unknown,
    /// `use`, `export` and the like declare nothing; of a template only its tree is seen.
    Nothing,
    /// A constant.
    Constant(ConstantSignature),
    /// A function.
    Function(FunctionSignature),
    /// A row contract.
    Schema(Row),
    /// A relation.
    Relation(RelationSignature),
}

/// A constant's value and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstantSignature {
    /// The value.
    pub value: Literal,
    /// Its type.
    pub ty: ColumnType,
}

/// What other items see of a function: all of it, since it is written out where it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionSignature {
    /// Its parameters in order.
    pub parameters: Vec<Column>,
    /// The type of what it gives.
    pub result: ColumnType,
    /// What it gives, over its parameters as columns of the only row source.
    pub body: Expr,
}

/// What other items see of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationSignature {
    /// Its identity.
    pub id: RelationId,
    /// Its row.
    pub row: Row,
    /// How it appears in the graph.
    pub emission: Emission,
}

/// How a relation appears in the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Emission {
    /// Not at all.
    None,
    /// As a node per row.
    Node {
        /// The node's kind, over the relation's own columns.
        kind: Expr,
        /// Its properties, over the relation's own columns.
        properties: Vec<Property>,
    },
    /// As an edge per row; all of its columns are the edge's.
    Edge,
}

/// A property of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Expr,
    /// Its type.
    pub ty: Ty,
}

/// What other items see of an item.
///
/// Nothing is known of an item that needs itself. Finding that out here, from names alone, keeps checks from
/// running around a cycle; the fallback is for what must never be.
#[salsa::tracked(cycle_result = unknown_signature)]
pub fn signature<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Signature> {
    if cyclic(db, item.file(db)).contains(&item) {
        return Arc::new(Signature::Unknown);
    }
    match union_signature(db, item) {
        Some(signature) => Arc::new(signature),
        None => check_item(db, item).signature.clone(),
    }
}

fn unknown_signature<'db>(_db: &'db dyn Db, _id: salsa::Id, _item: Item<'db>) -> Arc<Signature> {
    Arc::new(Signature::Unknown)
}

/// What an entity's tree alone tells of its ids. Enough to hold such an id, so entities may hold each other's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityHeader {
    /// The namespace of its ids.
    pub namespace: String,
    /// How many values they are taken over; `None` when over the file and the span.
    pub values: Option<usize>,
    /// Whether it has a span.
    pub has_span: bool,
}

/// An entity's header; `None` when the item is no entity, or has no id.
#[salsa::tracked]
pub fn entity_header<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<EntityHeader> {
    let ItemKind::Normalize(tree) = &tree(db, item)?.kind else {
        return None;
    };
    let (namespace, over) = tree.clauses.iter().find_map(|clause| match &clause.kind {
        NormalizeClauseKind::Id { namespace, over, .. } => Some((namespace, over)),
        _ => None,
    })?;
    let has_span =
        tree.clauses.iter().any(|clause| matches!(clause.kind, NormalizeClauseKind::Span { .. }));
    Some(EntityHeader {
        namespace: namespace.value.clone(),
        values: (!over.is_empty()).then_some(over.len()),
        has_span,
    })
}
