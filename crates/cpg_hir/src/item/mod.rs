//! What each kind of item means: checked, typed and lowered, one kind per file.

mod attributes;
mod check;
mod closure;
mod constant;
mod declared;
mod evidence;
mod file_evidence;
mod fixpoint;
mod function;
mod fuse;
mod growth;
mod key;
mod names;
mod normalize;
mod policy;
mod relate;
mod sql;
mod strategy;
mod template;
mod test;
mod union;
mod view;
mod window;

use std::collections::BTreeMap;
use std::sync::Arc;

use cpg_base::Code;
use cpg_ir::check::Check;
use cpg_ir::ir::RelationDocs;
use cpg_ir::spec::{Relation, RelationId, Spec};
use cpg_ir::test::Test;
use cpg_ir::types::SemanticType;
use cpg_syntax::ast::{self, ItemKind};

use crate::checker::Checker;
use crate::db::Db;
use crate::facts::Facts;
use crate::files::{Item, parse};
use crate::members::relation_id;
use crate::names::{Resolution, Symbol, resolve};
use crate::problem::Problem;
use crate::row::{Origin, Row, RowColumn};
use crate::signature::{Emission, RelationSignature, Signature};
use crate::template::{home, tree};
use crate::ty::Ty;

pub(crate) use attributes::deprecated_uses;
pub use file_evidence::{all_inferred_columns, inferred_columns};
use fixpoint::check_block;
pub(crate) use key::check_keys;
pub(crate) use names::{exported, unused_imports};
pub(crate) use policy::{DeclaredPolicy, PlacedTarget, Setting, Target, unfit};
pub(crate) use union::union_signature;

/// All that checking an item finds.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Checked<'db> {
    /// What other items see of it.
    pub signature: Arc<Signature>,
    /// The relation it declares, when nothing is wrong with it.
    pub relation: Option<Arc<Relation>>,
    /// The checks it declares, when nothing is wrong with it.
    pub checks: Vec<Check>,
    /// The test it declares, when nothing is wrong with it.
    pub test: Option<Arc<Test>>,
    /// The policy it declares, when nothing is wrong with it by itself.
    pub policy: Option<DeclaredPolicy<'db>>,
    /// What is wrong with it.
    pub problems: Vec<Problem<'db>>,
}

/// A relation's row, spec and emission, before it is known whether all is right with it.
struct Lowered {
    row: Row,
    spec: Option<Spec>,
    emission: Emission,
}

impl Lowered {
    fn new(row: Row, spec: Option<Spec>) -> Self {
        Self { row, spec, emission: Emission::None }
    }
}

/// Checks and lowers an item. Reads the signatures of the items it needs and nothing else of them.
#[salsa::tracked(cycle_result = unknown)]
pub(crate) fn check_item<'db>(db: &'db dyn Db, item: Item<'db>) -> Checked<'db> {
    if let Some(block) = item.block(db) {
        return check_block(db, block).member(item);
    }
    let Some(tree) = &parse(db, item).item else {
        return Checked::unknown();
    };
    checked(Checker::new(db, item), tree).0
}

/// What editors are told of an item: its check once more, written down. `tree` is the item's own, or one that it
/// could have while it is being written.
pub(crate) fn observe_item<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    tree: &ast::Item,
    facts: Facts<'db>,
) -> Facts<'db> {
    let mut checker = Checker::new(db, item);
    if let Some(block) = item.block(db) {
        checker.members = check_block(db, block).signatures();
    }
    checker.facts = Some(Box::new(facts));
    checked(checker, tree).1
}

fn checked<'db>(mut checker: Checker<'db>, tree: &ast::Item) -> (Checked<'db>, Facts<'db>) {
    checker.attributes(&tree.attributes);
    let tree = match &tree.kind {
        ItemKind::Instance(_) => checker.instance().unwrap_or(tree),
        _ => tree,
    };
    let id = relation_id(checker.db, checker.item);
    let mut checks = Vec::new();
    let mut test = None;
    let mut policy = None;
    let (signature, lowered) = match (&tree.kind, id) {
        (ItemKind::Use(tree), _) => {
            checker.check_use(tree);
            (Signature::Nothing, None)
        }
        (ItemKind::Export(tree), _) => {
            checker.check_export(tree);
            (Signature::Nothing, None)
        }
        (ItemKind::Check(tree), _) => {
            checks = checker.declared_checks(tree);
            (Signature::Nothing, None)
        }
        (ItemKind::Test(tree), _) => {
            test = checker.declared_test(tree);
            (Signature::Nothing, None)
        }
        (ItemKind::Const(tree), _) => (checker.constant_item(tree), None),
        (ItemKind::Fn(tree), _) => (checker.function_item(tree), None),
        (ItemKind::Schema(tree), _) => {
            let row = checker.declared_row(&tree.columns);
            checker.note_row(&row);
            (Signature::Schema(row.with_origin(Origin::Unknown)), None)
        }
        (ItemKind::Policy(tree), _) => {
            policy = Some(checker.policy_item(tree));
            (Signature::Nothing, None)
        }
        (ItemKind::Template(tree), _) => {
            checker.template_item(tree);
            (Signature::Nothing, None)
        }
        // Why it could not be written out is told.
        (ItemKind::Instance(_), _) | (_, None) => (Signature::Unknown, None),
        (ItemKind::Evidence(tree), Some(id)) => {
            checker.declared_relation(id, &tree.name, |c| c.evidence(tree))
        }
        (ItemKind::Normalize(tree), Some(id)) => {
            checker.declared_relation(id, &tree.name, |c| c.normalize(tree))
        }
        (ItemKind::Relate(tree), Some(id)) => {
            checker.declared_relation(id, &tree.name, |c| c.relate(tree))
        }
        (ItemKind::Union(tree), Some(id)) => {
            checker.declared_relation(id, &tree.name, |c| c.union(tree))
        }
        (ItemKind::SqlView(tree), Some(id)) => {
            checker.declared_relation(id, &tree.name, |c| c.sql_view(tree))
        }
        (ItemKind::View(tree), Some(id)) => {
            checker.declared_relation(id, &tree.name, |c| c.view(tree))
        }
        (ItemKind::Closure(tree), Some(id)) => {
            checker.declared_relation(id, &tree.name, |c| c.closure(tree))
        }
        (ItemKind::Fixpoint(_), Some(_)) => {
            let facts = checker.take_facts();
            return (check_block(checker.db, checker.item).own.clone(), facts);
        }
    };
    let whole = !checker.has_errors() && !checker.incomplete;
    let facts = checker.take_facts();
    let checked = Checked {
        signature: Arc::new(signature),
        relation: lowered.filter(|_| whole).map(Arc::new),
        checks: if whole { checks } else { Vec::new() },
        test: test.filter(|_| whole).map(Arc::new),
        policy: policy.filter(|_| checker.only_misfits()),
        problems: checker.into_problems(),
    };
    (checked, facts)
}

/// The items of a cycle are reported by what finds the cycle.
fn unknown<'db>(_db: &'db dyn Db, _id: salsa::Id, _item: Item<'db>) -> Checked<'db> {
    Checked::unknown()
}

impl Checked<'_> {
    /// Of an item of which nothing is known.
    fn unknown() -> Self {
        Self {
            signature: Arc::new(Signature::Unknown),
            relation: None,
            checks: Vec::new(),
            test: None,
            policy: None,
            problems: Vec::new(),
        }
    }
}

impl<'db> Checker<'db> {
    fn declared_relation(
        &mut self,
        id: RelationId,
        name: &ast::Name,
        lower: impl FnOnce(&mut Self) -> Lowered,
    ) -> (Signature, Option<Relation>) {
        let Lowered { mut row, spec, emission } = lower(self);
        self.note_row(&row);
        row = row.with_origin(Origin::Unknown);
        row.open |= self.incomplete;
        for column in row.columns.iter_mut().filter(|column| only_null(column)) {
            let message =
                format!("the type of `{}` is not known: it is only ever null", column.name);
            let problem = Problem::error(Code::TypeMismatch, name.range, message)
                .help("say its type: `cast(null, TYPE)`");
            self.report(problem);
            column.ty = Ty::Unknown;
        }
        let relation =
            spec.zip(row.schema()).map(|(spec, schema)| Relation { id: id.clone(), spec, schema });
        (Signature::Relation(RelationSignature { id, row, emission }), relation)
    }
}

fn only_null(column: &RowColumn) -> bool {
    column.ty.semantic() == Some(&SemanticType::Null)
}

/// What readers are told of a relation: its doc comment, its columns' and its tags.
#[salsa::tracked]
pub fn documentation<'db>(db: &'db dyn Db, item: Item<'db>) -> RelationDocs {
    let Some(tree) = tree(db, item) else {
        return RelationDocs::default();
    };
    let schema = match &tree.kind {
        ItemKind::Union(tree) => Some(&tree.schema),
        ItemKind::View(tree) => tree.schema.as_ref(),
        ItemKind::SqlView(tree) => tree.schema.as_ref(),
        _ => None,
    };
    let columns = match (&tree.kind, schema) {
        (ItemKind::Evidence(tree), _) => column_docs(&tree.columns),
        (_, Some(schema)) => schema_docs(db, item, schema),
        _ => BTreeMap::new(),
    };
    RelationDocs {
        text: tree.docs.clone(),
        columns,
        tags: attributes::tags(&tree.attributes).map(str::to_owned).collect(),
        owner: attributes::said(&tree.attributes, "owner").map(str::to_owned),
        deprecated: attributes::said(&tree.attributes, "deprecated").map(str::to_owned),
    }
}

fn schema_docs<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    schema: &ast::Name,
) -> BTreeMap<String, String> {
    let name = Symbol::new(db, schema.text.as_str());
    let home = home(db, item, schema.range).file(db);
    let Resolution::Item(schema) = resolve(db, home, name) else {
        return BTreeMap::new();
    };
    match parse(db, schema).item.as_ref().map(|tree| &tree.kind) {
        Some(ItemKind::Schema(tree)) => column_docs(&tree.columns),
        _ => BTreeMap::new(),
    }
}

fn column_docs(columns: &[ast::ColumnDecl]) -> BTreeMap<String, String> {
    columns
        .iter()
        .filter(|column| !column.docs.is_empty())
        .map(|column| (column.name.text.clone(), column.docs.clone()))
        .collect()
}
