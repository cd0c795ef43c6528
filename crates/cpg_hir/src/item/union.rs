//! `union`: many relations become one.

use std::collections::{BTreeMap, BTreeSet};

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{Expr, Literal, SpanField, UnaryOp};
use cpg_ir::spec::{OutputColumn, RelationId, Spec, UnionBranch, UnionSpec};
use cpg_ir::types::{ColumnType, PhysicalType, SemanticType, TextUnit};
use cpg_syntax::ast::{Emitted, ItemKind, UnionItem, UnionMembers};

use super::Lowered;
use crate::checker::{Checker, Input};
use crate::db::Db;
use crate::expr::{Misfit, Typed};
use crate::files::{Item, parse};
use crate::members::{is_below, members, relation_id, told_of_nodes};
use crate::names::{dotted, modules};
use crate::problem::{Anchor, Problem};
use crate::row::{Origin, Row, RowColumn};
use crate::signature::{Emission, Property, RelationSignature, Signature};
use crate::ty::Ty;

/// What one branch of a union offers by name.
pub(super) struct Offer<'a> {
    pub relation: &'a RelationSignature,
    pub kind: OfferKind<'a>,
}

/// How the rows of a branch are seen.
pub(super) enum OfferKind<'a> {
    /// As they are.
    Rows,
    /// As nodes.
    Node { kind: &'a Expr, properties: &'a [Property] },
    /// As one property of nodes.
    Property(&'a Property),
    /// As edges.
    Edge,
}

/// A union under construction.
pub(super) struct Union<'a, 'db> {
    pub tree: &'a UnionItem,
    /// The schema's item, for labels.
    pub schema_item: Item<'db>,
    /// The row of the schema.
    pub schema: Row,
    /// Where the members are written.
    pub members_range: TextRange,
}

/// What others see of a union: the row of its schema, whatever is united. Told without looking at the members, of which
/// a union over modules has as many as the program has entities.
pub(crate) fn union_signature<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Signature> {
    let ItemKind::Union(tree) = &parse(db, item).item.as_ref()?.kind else { return None };
    let id = relation_id(db, item)?;
    let mut checker = Checker::new(db, item);
    let schema = checker.schema(&tree.schema);
    let mut row = schema.map_or_else(Row::unknown, |(_, row)| row.with_origin(Origin::Unknown));
    row.open |= checker.incomplete;
    Some(Signature::Relation(RelationSignature { id, row, emission: Emission::None }))
}

impl<'db> Checker<'db> {
    pub(super) fn union(&mut self, tree: &UnionItem) -> Lowered {
        let members_range = self.check_members(tree);
        let inputs: Vec<Input<'db>> =
            members(self.db, self.item).iter().map(|member| self.input_of(*member)).collect();
        let Some((schema_item, schema)) = self.schema(&tree.schema) else {
            return Lowered::new(Row::unknown(), None);
        };
        if inputs.is_empty() && !self.has_errors() {
            let problem = Problem::error(Code::EmptyUnion, members_range, "nothing is united here")
                .help("an entity emits nodes with a `node` clause, a relation emits edges with an `edge` clause");
            self.report(problem);
        }
        self.discriminator(tree, &schema);
        let relations: Vec<&RelationSignature> =
            inputs.iter().filter_map(Input::relation).collect();
        let mut offers = offers(tree, &relations);
        self.leave_out_told(tree, &mut offers);
        let union = Union { tree, schema_item, schema, members_range };
        let (branches, fuse) = match &tree.fuse {
            None => {
                let columns = union.schema.columns.clone();
                (self.branches(&union, &columns, &offers), None)
            }
            Some(clause) => self.fused(&union, clause, &offers),
        };
        let spec = branches.map(|branches| Spec::Union(UnionSpec { branches, fuse }));
        Lowered::new(union.schema, spec)
    }

    /// Leaves out the properties that unions of nodes have columns for.
    fn leave_out_told(&self, tree: &UnionItem, offers: &mut Vec<Offer<'_>>) {
        if !matches!(tree.members, UnionMembers::Emitted { what: Emitted::Props, .. }) {
            return;
        }
        let told: BTreeMap<RelationId, &BTreeSet<String>> = members(self.db, self.item)
            .iter()
            .filter_map(|member| {
                Some((relation_id(self.db, *member)?, told_of_nodes(self.db, *member)))
            })
            .collect();
        offers.retain(|offer| match &offer.kind {
            OfferKind::Property(property) => {
                !told.get(&offer.relation.id).is_some_and(|told| told.contains(&property.name))
            }
            _ => true,
        });
    }

    /// Reports members that are no relations and modules that are not there.
    fn check_members(&mut self, tree: &UnionItem) -> TextRange {
        match &tree.members {
            UnionMembers::Relations(names) => {
                for name in names {
                    self.input(name);
                }
                names.iter().map(|name| name.range).reduce(TextRange::cover).unwrap_or_default()
            }
            UnionMembers::Emitted { modules: prefixes, what_range, .. } => {
                for prefix in prefixes {
                    let path = dotted(prefix);
                    let known = modules(self.db);
                    if !known.keys().any(|module| is_below(module, &path)) {
                        let message = format!("there is no module `{path}`");
                        let problem = Problem::error(Code::UnknownModule, prefix.range, message)
                            .nearest(&path, known.keys().map(String::as_str));
                        self.report(problem);
                    }
                }
                *what_range
            }
        }
    }

    fn discriminator(&mut self, tree: &UnionItem, schema: &Row) {
        if let Some(by) = &tree.by {
            self.note_column(by.range, schema.column(&by.text));
        }
        if let Some(by) = &tree.by
            && schema.column(&by.text).is_none()
            && !schema.open
        {
            let message = format!("the schema `{}` has no column `{}`", tree.schema.text, by.text);
            let problem = Problem::error(Code::UnknownColumn, by.range, message)
                .nearest(&by.text, schema.names());
            self.report(problem);
        }
    }

    /// One branch per offer, with a value for each of `columns`; `None` when something is wrong.
    pub(super) fn branches(
        &mut self,
        union: &Union<'_, 'db>,
        columns: &[RowColumn],
        offers: &[Offer<'_>],
    ) -> Option<Vec<UnionBranch>> {
        let mut branches = Vec::with_capacity(offers.len());
        let mut complete = !union.schema.open;
        for offer in offers {
            let mut outputs = Vec::with_capacity(columns.len());
            for column in columns {
                match self.branch_column(union, column, offer) {
                    Some(output) => outputs.push(output),
                    None => complete = false,
                }
            }
            let filter = match &offer.kind {
                OfferKind::Property(property) => Some(Expr::Unary {
                    op: UnaryOp::IsNotNull,
                    operand: Box::new(property.value.clone()),
                }),
                _ => None,
            };
            let source = offer.relation.id.clone();
            branches.push(UnionBranch { source, filter, columns: outputs });
        }
        complete.then_some(branches)
    }

    fn branch_column(
        &mut self,
        union: &Union<'_, 'db>,
        column: &RowColumn,
        offer: &Offer<'_>,
    ) -> Option<OutputColumn> {
        let ty = column.ty.known()?;
        let Some(value) = union.offered(offer, &column.name) else {
            if ty.nullable {
                let value = Expr::Literal(Literal::Null);
                return Some(OutputColumn { name: column.name.clone(), value, ty: ty.clone() });
            }
            if !offer.relation.row.open {
                let message = format!(
                    "`{}` gives no `{}`, which `{}` needs",
                    offer.relation.id.name(),
                    column.name,
                    union.tree.schema.text
                );
                self.mismatch(union, column, message, offer);
            }
            return None;
        };
        match value.fit(ty) {
            Ok(expr) => {
                value.ty.known()?;
                Some(OutputColumn { name: column.name.clone(), value: expr, ty: ty.clone() })
            }
            Err(misfit) => {
                let why = match misfit {
                    Misfit::Null => ", which may be null",
                    Misfit::Meaning(_) => "",
                };
                let message = format!(
                    "`{}` gives `{}` as `{}`{why}; `{}` says `{ty}`",
                    offer.relation.id.name(),
                    column.name,
                    value.ty,
                    union.tree.schema.text
                );
                self.mismatch(union, column, message, offer);
                None
            }
        }
    }

    /// Reports a branch that does not give what the schema says.
    pub(super) fn mismatch(
        &mut self,
        union: &Union<'_, 'db>,
        column: &RowColumn,
        message: String,
        offer: &Offer<'_>,
    ) {
        let range = match &union.tree.members {
            UnionMembers::Relations(names) => names
                .iter()
                .find(|name| name.text == offer.relation.id.name())
                .map_or(union.members_range, |name| name.range),
            UnionMembers::Emitted { .. } => union.members_range,
        };
        let member = members(self.db, self.item)
            .iter()
            .copied()
            .find(|member| relation_id(self.db, *member).as_ref() == Some(&offer.relation.id));
        let problem = Problem::error(Code::SchemaMismatch, range, message)
            .label(Anchor::Column(union.schema_item, column.name.clone()), "what the schema says");
        let problem = match member {
            Some(member) => problem.label(Anchor::Name(member), "what is united"),
            None => problem,
        };
        self.report(problem);
    }
}

/// What the members offer, one for each branch.
fn offers<'a>(tree: &UnionItem, relations: &[&'a RelationSignature]) -> Vec<Offer<'a>> {
    let what = match &tree.members {
        UnionMembers::Relations(_) => None,
        UnionMembers::Emitted { what, .. } => Some(*what),
    };
    let mut offers = Vec::with_capacity(relations.len());
    for relation in relations.iter().copied() {
        match (what, &relation.emission) {
            (None, _) => offers.push(Offer { relation, kind: OfferKind::Rows }),
            (Some(Emitted::Nodes), Emission::Node { kind, properties }) => {
                offers.push(Offer { relation, kind: OfferKind::Node { kind, properties } });
            }
            (Some(Emitted::Props), Emission::Node { properties, .. }) => {
                for property in properties {
                    offers.push(Offer { relation, kind: OfferKind::Property(property) });
                }
            }
            (Some(Emitted::Edges), Emission::Edge) => {
                offers.push(Offer { relation, kind: OfferKind::Edge });
            }
            _ => {}
        }
    }
    offers
}

impl Union<'_, '_> {
    /// The value that an offer has under a name.
    pub(super) fn offered(&self, offer: &Offer<'_>, name: &str) -> Option<Typed> {
        let row = &offer.relation.row;
        let is_id = self.schema.id().is_some_and(|id| id.name == name);
        match &offer.kind {
            OfferKind::Rows => column(row, name).or_else(|| {
                let by = self.tree.by.as_ref().filter(|by| by.text == name)?;
                Some(self.text(offer.relation.id.name(), by.range))
            }),
            OfferKind::Edge => column(row, name).or_else(|| place(row, name)),
            OfferKind::Node { .. } | OfferKind::Property(_) if is_id => {
                column(row, &row.columns.first()?.name)
            }
            OfferKind::Node { kind, .. } if name == "kind" => {
                Some(self.value((*kind).clone(), Ty::required(SemanticType::String)))
            }
            OfferKind::Node { properties, .. } => {
                let property = properties.iter().find(|property| property.name == name);
                property
                    .map(|property| self.value(property.value.clone(), property.ty.clone()))
                    .or_else(|| place(row, name))
            }
            OfferKind::Property(property) => match (name, property.ty.known()) {
                ("key", _) => Some(self.text(&property.name, self.members_range)),
                ("value_type", Some(ty)) => {
                    Some(self.text(&ty.semantic.to_string(), self.members_range))
                }
                ("value", Some(ty)) => {
                    let value = self.value(property.value.clone(), property.ty.clone());
                    // Rows without a value are left out.
                    Some(match ty.semantic.physical() {
                        PhysicalType::Span | PhysicalType::List(_) | PhysicalType::Map(..) => value,
                        _ => self.value(
                            value.physical(&PhysicalType::Utf8),
                            Ty::required(SemanticType::String),
                        ),
                    })
                }
                _ => place(row, name),
            },
        }
    }

    fn text(&self, text: &str, range: TextRange) -> Typed {
        let literal = Expr::Literal(Literal::String(text.to_owned()));
        Typed::new(literal, Ty::required(SemanticType::String), range)
    }

    fn value(&self, expr: Expr, ty: Ty) -> Typed {
        Typed::new(expr, ty, self.members_range)
    }
}

fn column(row: &Row, name: &str) -> Option<Typed> {
    let column = row.column(name)?;
    Some(Typed::new(Expr::column(0, &column.name), column.ty.clone(), TextRange::default()))
}

/// Where a row is: its file, its path, and the ends of its span.
fn place(row: &Row, name: &str) -> Option<Typed> {
    let field = match name {
        "start" => SpanField::Start,
        "end" => SpanField::End,
        "file_id" => return column(row, &row.file()?.name),
        "path" => return column(row, &row.path()?.name),
        _ => return None,
    };
    let span = row.span()?;
    let base = Box::new(Expr::column(0, &span.name));
    let ty = ColumnType {
        semantic: SemanticType::Offset(TextUnit::Byte),
        nullable: span.ty.is_nullable(),
    };
    Some(Typed::new(Expr::Field { base, field }, Ty::Known(ty), TextRange::default()))
}
