//! Join conditions: those a program says, and those that follow from the types.

use std::collections::BTreeSet;

use cpg_base::Code;
use cpg_ir::expr::{BinaryOp, Expr, SpanOp};
use cpg_ir::spec::JoinStrategy;
use cpg_ir::types::SemanticType;
use cpg_syntax::ast::{self, RelateItem};

use crate::checker::Checker;
use crate::expr::{Scope, Source, Typed, conjuncts, facts_when_true};
use crate::facts::Inferred;
use crate::problem::Problem;
use crate::row::{Row, RowColumn};
use crate::ty::SemanticRules;

/// A way to join two sides.
struct Candidate {
    strategy: JoinStrategy,
    on: Vec<Expr>,
    /// As a program would say it.
    text: String,
}

impl<'db> Checker<'db> {
    /// The conjuncts of a join condition. Spans are compared within a file, so an equality of the files is added
    /// where two row sources meet in a span comparison and the program does not say it.
    pub(super) fn join(&mut self, scope: &mut Scope, on: &ast::Expr) -> Vec<Expr> {
        let mut lowered = Vec::new();
        let mut spans = Vec::new();
        for conjunct in conjuncts(on) {
            let typed = self.condition(scope, conjunct);
            scope.assume(facts_when_true(&typed.expr));
            if let Expr::SpanCompare { left, right, .. } = &typed.expr
                && let (Some(a), Some(b)) = (only_source(left), only_source(right))
                && a != b
            {
                spans.push((a.min(b), a.max(b), typed.range));
            }
            lowered.push(typed);
        }
        let mut on: Vec<Expr> = Vec::with_capacity(lowered.len());
        for (a, b, range) in spans {
            let file = |index: u32| {
                let source = scope.sources.get(index as usize)?;
                source.row.file().map(|column| Expr::column(index, &column.name))
            };
            let open = [a, b].iter().any(|index| {
                scope.sources.get(*index as usize).is_none_or(|source| source.row.open)
            });
            match (file(a), file(b)) {
                (Some(left), Some(right)) => {
                    let said =
                        lowered.iter().any(|conjunct| equates(&conjunct.expr, &left, &right));
                    let equal = equality(left, right);
                    if !said && !on.contains(&equal) {
                        on.push(equal);
                    }
                }
                _ if open => {}
                _ => {
                    let message =
                        "these spans are compared, but not both are known to be in a file";
                    let problem = Problem::error(Code::NoSpan, range, message)
                        .help("both sides need a `FileId` column: spans of different files are never related");
                    self.report(problem);
                }
            }
        }
        on.extend(lowered.into_iter().map(|conjunct: Typed| conjunct.expr));
        on
    }

    /// Reports row sources that no equality connects with the others.
    pub(super) fn connected(&mut self, tree: &RelateItem, scope: &Scope, on: &[Expr]) {
        if scope.is_open() || self.has_errors() {
            return;
        }
        let reached = reached(on, scope.sources.len());
        let written = [&tree.from, &tree.to].into_iter().chain(&tree.via);
        for (source, index) in written.zip(0..) {
            if !reached.contains(&index) {
                let name = source.alias.as_ref().unwrap_or(&source.relation);
                let message = format!(
                    "no equality in `on` connects `{}` with `{}`",
                    name.text,
                    tree.from.alias.as_ref().unwrap_or(&tree.from.relation).text
                );
                let problem = Problem::error(Code::CrossJoin, name.range, message)
                    .help("compare a column of each side with `==`, directly or through `via`: otherwise every row meets every row");
                self.report(problem);
                return;
            }
        }
    }

    /// The join condition that follows from the types of both sides.
    pub(super) fn strategy(
        &mut self,
        tree: &RelateItem,
        scope: &Scope,
        ids: [Option<&RowColumn>; 2],
    ) -> (Vec<Expr>, JoinStrategy) {
        let nothing = (Vec::new(), JoinStrategy::Declared);
        let ([from, to, ..], [Some(from_id), Some(to_id)]) = (scope.sources.as_slice(), ids) else {
            return nothing;
        };
        if from.row.open || to.row.open || self.incomplete {
            return nothing;
        }
        if let Some(via) = tree.via.first() {
            let problem = Problem::error(
                Code::NoStrategy,
                via.relation.range,
                "how to join through `via` cannot be inferred",
            )
            .help("say it in an `on` clause");
            self.report(problem);
            return nothing;
        }
        let ways = [
            foreign_keys(from, to, from_id, to_id),
            containment(from, to).into_iter().collect(),
            symbols(from, to),
            shared_keys(from, to, from_id, to_id).into_iter().collect(),
        ];
        let mut found: Vec<Candidate> =
            ways.into_iter().find(|ways| !ways.is_empty()).unwrap_or_default();
        let names = format!("`{}` and `{}`", tree.from.relation.text, tree.to.relation.text);
        let listed = found
            .iter()
            .map(|candidate| format!("`on {}`", candidate.text))
            .collect::<Vec<_>>()
            .join(" or ");
        match (found.pop(), found.is_empty()) {
            (Some(only), true) => {
                self.note_strategy(Inferred { on: only.text, strategy: only.strategy.clone() });
                (only.on, only.strategy)
            }
            (None, _) => {
                let message = format!("no way to join {names} follows from their types");
                let problem = Problem::error(Code::NoStrategy, tree.name.range, message).help(
                    "say it in an `on` clause, or give one side a key column that holds the other's id",
                );
                self.report(problem);
                nothing
            }
            (Some(_), false) => {
                let message = format!("there are several ways to join {names}");
                let problem = Problem::error(Code::AmbiguousStrategy, tree.name.range, message)
                    .help(format!("write {listed}"));
                self.report(problem);
                nothing
            }
        }
    }
}

/// One side holds the other's id.
fn foreign_keys(
    from: &Source,
    to: &Source,
    from_id: &RowColumn,
    to_id: &RowColumn,
) -> Vec<Candidate> {
    let holders = |row: &Row, own: &RowColumn, other: &RowColumn| -> Vec<String> {
        row.columns
            .iter()
            .filter(|column| column.name != own.name)
            .filter(|column| column.ty.semantic() == other.ty.semantic())
            .map(|column| column.name.clone())
            .collect()
    };
    let held_by_from = holders(&from.row, from_id, to_id)
        .into_iter()
        .map(|column| foreign_key((from, &column), (to, &to_id.name), &column));
    let held_by_to = holders(&to.row, to_id, from_id)
        .into_iter()
        .map(|column| foreign_key((from, &from_id.name), (to, &column), &column));
    held_by_from.chain(held_by_to).collect()
}

fn foreign_key(from: (&Source, &str), to: (&Source, &str), column: &str) -> Candidate {
    Candidate {
        strategy: JoinStrategy::ForeignKey { column: column.to_owned() },
        on: vec![equality(Expr::column(0, from.1), Expr::column(1, to.1))],
        text: format!("{} == {}", said(from), said(to)),
    }
}

/// Both have a file and a span.
fn containment(from: &Source, to: &Source) -> Option<Candidate> {
    let (from_file, to_file) = (from.row.file()?, to.row.file()?);
    let (from_span, to_span) = (from.row.span()?, to.row.span()?);
    let contains = Expr::SpanCompare {
        op: SpanOp::Contains,
        left: Box::new(Expr::column(1, &to_span.name)),
        right: Box::new(Expr::column(0, &from_span.name)),
    };
    Some(Candidate {
        strategy: JoinStrategy::SpanContainment,
        on: vec![
            equality(Expr::column(0, &from_file.name), Expr::column(1, &to_file.name)),
            contains,
        ],
        text: format!("{} contains {}", said((to, &to_span.name)), said((from, &from_span.name))),
    })
}

/// Both have a symbol column of one name.
fn symbols(from: &Source, to: &Source) -> Vec<Candidate> {
    shared(from, to)
        .filter(|column| column.ty.semantic() == Some(&SemanticType::Symbol))
        .map(|column| Candidate {
            strategy: JoinStrategy::Symbol { column: column.name.clone() },
            on: vec![equality(Expr::column(0, &column.name), Expr::column(1, &column.name))],
            text: format!("{} == {}", said((from, &column.name)), said((to, &column.name))),
        })
        .collect()
}

/// Both have columns of the same names and types. What says where something is, and what measures it, is no key;
/// the file alone would relate everything in it.
fn shared_keys(
    from: &Source,
    to: &Source,
    from_id: &RowColumn,
    to_id: &RowColumn,
) -> Option<Candidate> {
    let columns: Vec<&RowColumn> = shared(from, to)
        .filter(|column| column.name != from_id.name && column.name != to_id.name)
        .filter(|column| column.ty.semantic().is_some_and(is_key))
        .collect();
    let place = |column: &&RowColumn| {
        matches!(column.ty.semantic(), Some(SemanticType::FileId | SemanticType::Path))
    };
    if columns.iter().all(place) {
        return None;
    }
    let on = columns
        .iter()
        .map(|column| equality(Expr::column(0, &column.name), Expr::column(1, &column.name)));
    let text = columns
        .iter()
        .map(|column| format!("{} == {}", said((from, &column.name)), said((to, &column.name))));
    Some(Candidate {
        on: on.collect(),
        text: text.collect::<Vec<_>>().join(" and "),
        strategy: JoinStrategy::SharedKeys {
            columns: columns.iter().map(|column| column.name.clone()).collect(),
        },
    })
}

fn shared<'a>(from: &'a Source, to: &'a Source) -> impl Iterator<Item = &'a RowColumn> {
    from.row.columns.iter().filter(|column| {
        to.row.column(&column.name).is_some_and(|other| other.ty.semantic() == column.ty.semantic())
    })
}

fn is_key(semantic: &SemanticType) -> bool {
    semantic.is_string_like() || semantic.is_id() || *semantic == SemanticType::Int
}

fn said((source, column): (&Source, &str)) -> String {
    format!("{}.{column}", source.alias.as_deref().unwrap_or_default())
}

fn equality(left: Expr, right: Expr) -> Expr {
    Expr::Binary { op: BinaryOp::Eq, left: Box::new(left), right: Box::new(right) }
}

fn equates(conjunct: &Expr, a: &Expr, b: &Expr) -> bool {
    match conjunct {
        Expr::Binary { op: BinaryOp::Eq, left, right } => {
            (&**left == a && &**right == b) || (&**left == b && &**right == a)
        }
        _ => false,
    }
}

/// The row source that an expression is about, when it is about exactly one.
fn only_source(expr: &Expr) -> Option<u32> {
    let sources = mentioned(expr);
    let mut sources = sources.into_iter();
    sources.next().filter(|_| sources.next().is_none())
}

fn mentioned(expr: &Expr) -> BTreeSet<u32> {
    let mut sources = BTreeSet::new();
    expr.walk(&mut |expr| {
        if let Expr::Column { source, .. } = expr {
            sources.insert(*source);
        }
    });
    sources
}

/// Whether some equality connects the row source `index` with those before it, which are joined already.
pub(super) fn joins(on: &[Expr], index: u32) -> bool {
    on.iter().any(|conjunct| match conjunct {
        Expr::Binary { op: BinaryOp::Eq, left, right } => {
            let (left, right) = (mentioned(left), mentioned(right));
            let own = BTreeSet::from([index]);
            let others = |sources: &BTreeSet<u32>| !sources.is_empty() && !sources.contains(&index);
            (left == own && others(&right)) || (right == own && others(&left))
        }
        _ => false,
    })
}

/// The row sources that equalities connect with the first one.
fn reached(on: &[Expr], sources: usize) -> BTreeSet<u32> {
    let mut links: Vec<(u32, u32)> = Vec::new();
    for conjunct in on {
        if let Expr::Binary { op: BinaryOp::Eq, left, right } = conjunct
            && let (Some(a), Some(b)) = (only_source(left), only_source(right))
        {
            links.push((a, b));
        }
    }
    let mut reached = BTreeSet::from([0]);
    for _ in 0..sources {
        for (a, b) in &links {
            if reached.contains(a) || reached.contains(b) {
                reached.extend([*a, *b]);
            }
        }
    }
    reached
}
