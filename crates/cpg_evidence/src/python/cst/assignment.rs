//! Assignments, unpacked.

use std::borrow::Cow;

use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

use super::tables::cst_assignments;
use super::{Context, distinct, literal, value_kind};
use crate::python::scope::{Assignment, AssignmentKind, Sync};

pub(super) fn assignments<'m>(
    context: &Context<'m>,
    wanted: &cst_assignments::Wanted,
) -> Vec<cst_assignments::Row<'m>> {
    let mut rows = Vec::new();
    for assignment in &context.model.assignments {
        let pairs = !matches!(assignment.kind, AssignmentKind::For(_) | AssignmentKind::With(_));
        unpack(assignment.target, assignment.value, pairs, "", &mut |target, value, path| {
            if !is_made_up(target) {
                rows.push(row(context, wanted, assignment, (target, value, path)));
            }
        });
    }
    distinct(rows, |row| (row.start, row.end))
}

/// Where the syntax is broken, the parser makes up names without characters.
fn is_made_up(target: &Expr) -> bool {
    matches!(target, Expr::Name(name) if name.id.is_empty())
}

/// Gives every target in `target`, with the value it comes from and the part of it that it gets. `pairs` says whether
/// elements of targets get elements of the value.
fn unpack<'a>(
    target: &'a Expr,
    value: Option<&'a Expr>,
    pairs: bool,
    path: &str,
    give: &mut impl FnMut(&'a Expr, Option<&'a Expr>, &str),
) {
    if let Expr::Starred(starred) = target {
        return unpack(&starred.value, value, pairs, path, give);
    }
    let Some(targets) = elements(target) else {
        return give(target, value, path);
    };
    let star = targets.iter().position(Expr::is_starred_expr);
    let values = value.filter(|_| pairs && path.is_empty()).and_then(elements).filter(|values| {
        let fits = match star {
            Some(_) => values.len() + 1 >= targets.len(),
            None => values.len() == targets.len(),
        };
        fits && !values.iter().any(Expr::is_starred_expr)
    });
    for (position, inner) in targets.iter().enumerate() {
        let behind = targets.len() - position;
        let own = values.and_then(|values| match star {
            Some(star) if position > star => values.get(values.len() - behind),
            Some(star) if position == star => None,
            _ => values.get(position),
        });
        if let Some(own) = own {
            unpack(inner, Some(own), pairs, "", give);
            continue;
        }
        let part = match star {
            Some(star) if position > star => format!("-{behind}"),
            Some(star) if position == star && behind == 1 => format!("{position}:"),
            Some(star) if position == star => format!("{position}:-{}", behind - 1),
            _ => position.to_string(),
        };
        let part = if path.is_empty() { part } else { format!("{path}.{part}") };
        unpack(inner, value, pairs, &part, give);
    }
}

/// The elements of a tuple or list display.
fn elements(expr: &Expr) -> Option<&[Expr]> {
    match expr {
        Expr::Tuple(tuple) => Some(&tuple.elts),
        Expr::List(list) => Some(&list.elts),
        _ => None,
    }
}

fn row<'m>(
    context: &Context<'m>,
    wanted: &cst_assignments::Wanted,
    assignment: &'m Assignment<'m>,
    (target, value, path): (&'m Expr, Option<&'m Expr>, &str),
) -> cst_assignments::Row<'m> {
    let model = context.model;
    let scope = assignment.scope;
    let (kind, operator) = match assignment.kind {
        AssignmentKind::Assign => ("assign", None),
        AssignmentKind::Augmented(operator) => ("augmented", Some(format!("{operator}="))),
        AssignmentKind::Annotated => ("annotated", None),
        AssignmentKind::Walrus => ("walrus", None),
        AssignmentKind::For(Sync::Plain) => ("for", None),
        AssignmentKind::For(Sync::Async) => ("async_for", None),
        AssignmentKind::With(Sync::Plain) => ("with", None),
        AssignmentKind::With(Sync::Async) => ("async_with", None),
    };
    let (target_kind, target_name) = match target {
        Expr::Name(name) => ("name", Some(name.id.as_str())),
        Expr::Attribute(attribute) => ("attribute", Some(attribute.attr.as_str())),
        Expr::Subscript(_) => ("subscript", None),
        _ => ("other", None),
    };
    let (start, end) = context.span(target.range());
    let value_span = value.map(|value| context.span(value.range()));
    let (statement_start, statement_end) = context.span(assignment.range);
    let (scope_start, scope_end) = context.scope_span(scope);
    let container = context.container(scope);
    cst_assignments::Row {
        start,
        end,
        place: context.place(target.range()),
        kind: Cow::Borrowed(kind),
        target_kind: Cow::Borrowed(target_kind),
        target_name: target_name.filter(|name| !name.is_empty()).map(Cow::Borrowed),
        target_text: context.excerpt(target.range()),
        target_qualified_name: (wanted.target_qualified_name && target.is_attribute_expr())
            .then(|| model.resolve(target, scope).qualified_name)
            .flatten(),
        operator: operator.map(Cow::Owned),
        annotation: assignment.annotation.map(|annotation| context.excerpt(annotation.range())),
        value_start: value_span.map(|span| span.0),
        value_end: value_span.map(|span| span.1),
        value_place: value.map(|value| context.place(value.range())),
        value_kind: value.map(|value| Cow::Borrowed(value_kind(value))),
        value_qualified_name: value
            .filter(|_| wanted.value_qualified_name)
            .and_then(|value| model.resolve(value, scope).qualified_name),
        value_path: (!path.is_empty()).then(|| Cow::Owned(path.to_owned())),
        value_literal: value.filter(|_| path.is_empty()).and_then(literal).map(Cow::Owned),
        statement_start,
        statement_end,
        scope_start,
        scope_end,
        container_kind: container.kind.map(Cow::Borrowed),
        container_start: container.start,
        container_end: container.end,
        container_key: container.key.map(Cow::Borrowed),
        start_line: context.start_line(target.range()),
    }
}
