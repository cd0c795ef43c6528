//! `key` clauses: columns that hold another entity's id.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{Expr, Literal};
use cpg_ir::types::SemanticType;
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{self, ItemKind, KeyTarget, NormalizeClauseKind as Clause};

use crate::checker::Checker;
use crate::db::Db;
use crate::expr::{Scope, Source, Typed, facts_when_true, is_position};
use crate::files::Item;
use crate::names::Resolution;
use crate::problem::{Anchor, Problem};
use crate::signature::entity_header;
use crate::template::tree;
use crate::ty::Ty;

impl<'db> Checker<'db> {
    /// The id that the entity called `of` gives to the target; null when `unless` holds.
    pub(super) fn key(
        &mut self,
        scope: &mut Scope,
        of: &ast::Name,
        target: &KeyTarget,
        unless: Option<&ast::Expr>,
        range: TextRange,
    ) -> Typed {
        let unless = unless.map(|condition| self.condition(scope, condition).expr);
        let facts = unless.as_ref().map(crate::expr::facts_otherwise).unwrap_or_default();
        let values = scope.assuming(facts, |scope| self.key_values(scope, target, range));
        let entity = self.item_named(of, &[ItemKeyword::Normalize], "an entity");
        let Some((entity, header)) =
            entity.and_then(|entity| Some((entity, entity_header(self.db, entity).as_ref()?)))
        else {
            return Typed::unknown(range);
        };
        if !self.target_fits(target, entity, of, range) {
            return Typed::unknown(range);
        }
        let Some(values) = values else {
            return Typed::unknown(range);
        };
        let nullable = values.iter().any(|value| value.ty.is_nullable());
        if unless.is_none() {
            self.guard_key(&values);
        }
        let id = Expr::StableId {
            namespace: header.namespace.clone(),
            over: values.into_iter().map(|value| value.expr).collect(),
        };
        // A place that is not in its file is no entity's.
        let may_be_outside = matches!(
            target, KeyTarget::Span { start, end } if is_position(start) || is_position(end)
        );
        let may_be_null = unless.is_some() || may_be_outside;
        let expr = match unless {
            None => id,
            Some(condition) => Expr::Case {
                branches: vec![(condition, Expr::Literal(Literal::Null))],
                otherwise: Some(Box::new(id)),
            },
        };
        let semantic = SemanticType::Id(Some(header.namespace.clone()));
        Typed::new(expr, Ty::new(semantic, nullable || may_be_null), range)
    }

    /// What the id is taken over; `None` when something of it is unknown.
    fn key_values(
        &mut self,
        scope: &mut Scope,
        target: &KeyTarget,
        range: TextRange,
    ) -> Option<Vec<Typed>> {
        let values = match target {
            KeyTarget::Values(values) => {
                values.iter().map(|value| self.expr(scope, value)).collect::<Vec<_>>()
            }
            KeyTarget::Span { start, end } => {
                let ends = [start, end].map(|end| self.place(scope, end));
                let row = &scope.sources.first()?.row;
                let Some(file) = row.file() else {
                    if !row.open {
                        let message =
                            "the source has no `FileId` column, so a span in it is in no file";
                        self.error(Code::NoSpan, range, message);
                    }
                    return None;
                };
                let file = Typed::new(Expr::column(0, &file.name), file.ty.clone(), range);
                [file].into_iter().chain(ends).collect()
            }
        };
        self.identifiable(&values);
        values.iter().all(|value| value.ty != Ty::Unknown).then_some(values)
    }

    /// Reports what may be null of an unguarded key, with the guard that it lacks.
    fn guard_key(&mut self, values: &[Typed]) {
        let Some(value) = values.iter().find(|value| value.ty.is_nullable()) else {
            return;
        };
        let text = self.text_at(value.range);
        let guard = format!("unless {text} is null");
        let last = values.last().map_or(value.range, |last| last.range);
        let message = format!("the key is made of `{text}`, which may be null");
        let problem = Problem::error(Code::UnguardedNull, value.range, message)
            .found(format!("this is `{}`", value.ty))
            .help(format!("say when there is no key: `{guard}`"))
            .fix(format!("add `{guard}`"), TextRange::empty(last.end()), format!(" {guard}"));
        self.report(problem);
    }

    /// Whether the entity's ids are taken over what the key gives.
    fn target_fits(
        &mut self,
        target: &KeyTarget,
        entity: Item<'db>,
        name: &ast::Name,
        range: TextRange,
    ) -> bool {
        let Some(header) = entity_header(self.db, entity) else {
            return false;
        };
        let problem = match (target, header.values) {
            (KeyTarget::Span { .. }, None) if header.has_span => return true,
            // The entity's own check reports it.
            (KeyTarget::Span { .. }, None) => return false,
            (KeyTarget::Values(values), Some(expected)) if values.len() == expected => return true,
            (KeyTarget::Span { .. }, Some(_)) => {
                let message = format!("the ids of `{}` are not taken over a span", name.text);
                Problem::error(Code::NoSpan, range, message).help(
                    "give the values that they are taken over: `key NAME -> ENTITY of VALUES`",
                )
            }
            (KeyTarget::Values(_), None) => {
                let message =
                    format!("the ids of `{}` are taken over a span, not over values", name.text);
                Problem::error(Code::TypeMismatch, range, message)
                    .help("give the span: `key NAME -> ENTITY at START .. END`")
            }
            (KeyTarget::Values(values), Some(expected)) => {
                let message = format!(
                    "the ids of `{}` are taken over {expected} values, found {}",
                    name.text,
                    values.len()
                );
                Problem::error(Code::TypeMismatch, range, message)
            }
        };
        self.report(problem.label(Anchor::Name(entity), "the entity"));
        false
    }

    /// Reports each value that cannot be one of those which the entity's ids are taken over.
    fn match_values(&mut self, name: &ast::Name, values: &[Typed]) {
        let Resolution::Item(entity) = self.lookup(&name.text, name.range) else {
            return;
        };
        let expected = id_values(self.db, entity);
        if expected.len() != values.len() {
            return;
        }
        for (value, expected) in values.iter().zip(expected) {
            let fits = value.may_stand_for(expected);
            if !fits {
                let message = format!(
                    "the ids of `{}` are taken over `{expected}` here, found `{}`",
                    name.text, value.ty
                );
                let problem = Problem::error(Code::TypeMismatch, value.range, message)
                    .label(Anchor::Name(entity), "the entity");
                self.report(problem);
            }
        }
    }
}

/// Checks that the values of an entity's keys mean what the ids they stand for are taken over.
///
/// A query of its own, which no signature needs: entities may hold each other's ids.
#[salsa::tracked]
pub(crate) fn check_keys<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Problem<'db>> {
    let Some(ItemKind::Normalize(tree)) = tree(db, item).map(|tree| &tree.kind) else {
        return Vec::new();
    };
    let mut silent = Checker::new(db, item);
    let mut checker = Checker::new(db, item);
    let mut scope = source_scope(&mut silent, tree);
    for clause in &tree.clauses {
        match &clause.kind {
            Clause::Where(condition) => {
                let condition = silent.condition(&mut scope, condition).expr;
                scope.assume(facts_when_true(&condition));
            }
            Clause::Key { entity, target: KeyTarget::Values(values), .. } => {
                let values: Vec<Typed> =
                    values.iter().map(|value| silent.expr(&mut scope, value)).collect();
                checker.match_values(entity, &values);
            }
            _ => {}
        }
    }
    checker.into_problems()
}

fn source_scope<'db>(checker: &mut Checker<'db>, tree: &ast::NormalizeItem) -> Scope {
    let row = checker.input(&tree.source.relation).row();
    let alias = tree.source.alias.as_ref().unwrap_or(&tree.source.relation).text.clone();
    Scope::new(vec![Source { alias: Some(alias), row }])
}

/// The types of the values that an entity's ids are taken over.
#[salsa::tracked]
fn id_values<'db>(db: &'db dyn Db, entity: Item<'db>) -> Vec<Ty> {
    let Some(ItemKind::Normalize(tree)) = tree(db, entity).map(|tree| &tree.kind) else {
        return Vec::new();
    };
    let mut silent = Checker::new(db, entity);
    let mut scope = source_scope(&mut silent, tree);
    let over = tree.clauses.iter().find_map(|clause| match &clause.kind {
        Clause::Id { over, .. } => Some(over),
        _ => None,
    });
    over.into_iter().flatten().map(|value| silent.expr(&mut scope, value).ty).collect()
}
