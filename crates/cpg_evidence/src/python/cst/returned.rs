//! What functions give.

use std::borrow::Cow;

use ruff_text_size::Ranged;

use super::tables::cst_returns;
use super::{Context, distinct, value_kind};
use crate::python::scope::ReturnKind;

pub(super) fn returns<'m>(
    context: &Context<'m>,
    wanted: &cst_returns::Wanted,
) -> Vec<cst_returns::Row<'m>> {
    let rows = context.model.returns.iter().map(|given| {
        let (start, end) = context.span(given.range);
        let value = given.value;
        let value_span = value.map(|value| context.span(value.range()));
        let container = context.container(given.scope);
        cst_returns::Row {
            start,
            end,
            kind: Cow::Borrowed(match given.kind {
                ReturnKind::Return => "return",
                ReturnKind::Yield => "yield",
                ReturnKind::YieldFrom => "yield_from",
                ReturnKind::Lambda => "lambda",
            }),
            value_start: value_span.map(|span| span.0),
            value_end: value_span.map(|span| span.1),
            value_place: value.map(|value| context.place(value.range())),
            value_kind: value.map(|value| Cow::Borrowed(value_kind(value))),
            value_text: value.map(|value| context.first_line(value.range())),
            value_qualified_name: value
                .filter(|_| wanted.value_qualified_name)
                .and_then(|value| context.model.resolve(value, given.scope).qualified_name),
            container_kind: container.kind.map(Cow::Borrowed),
            container_start: container.start,
            container_end: container.end,
            container_key: container.key.map(Cow::Borrowed),
            start_line: context.start_line(given.range),
        }
    });
    distinct(rows.collect(), |row| (row.start, row.end, row.kind.clone()))
}
