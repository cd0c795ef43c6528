//! What the language does by special methods.

use std::borrow::Cow;

use ruff_text_size::Ranged;

use super::tables::cst_operations;
use super::{Context, distinct};
use crate::python::scope::{OperationKind, Sync};

pub(super) fn operations<'m>(context: &Context<'m>) -> Vec<cst_operations::Row<'m>> {
    let rows = context.model.operations.iter().map(|operation| {
        let (kind, operator) = match operation.kind {
            OperationKind::Binary(operator) => ("binary", Some(operator)),
            OperationKind::Augmented(operator) => ("augmented", Some(operator)),
            OperationKind::Unary(operator) => ("unary", Some(operator)),
            OperationKind::Compare(operator) => ("compare", Some(operator)),
            OperationKind::For(Sync::Plain) => ("for", None),
            OperationKind::For(Sync::Async) => ("async_for", None),
            OperationKind::With(Sync::Plain) => ("with", None),
            OperationKind::With(Sync::Async) => ("async_with", None),
            OperationKind::Raise => ("raise", None),
        };
        let (start, end) = context.span(operation.range);
        let (operand_start, operand_end) = context.span(operation.operand.range());
        let other = operation.other.map(|other| context.span(other.range()));
        let container = context.container(operation.scope);
        cst_operations::Row {
            start,
            end,
            place: context.place(operation.range),
            kind: Cow::Borrowed(kind),
            operator: operator.map(Cow::Borrowed),
            operand_start,
            operand_end,
            operand_place: context.place(operation.operand.range()),
            other_start: other.map(|span| span.0),
            other_end: other.map(|span| span.1),
            other_place: operation.other.map(|other| context.place(other.range())),
            container_kind: container.kind.map(Cow::Borrowed),
            container_start: container.start,
            container_end: container.end,
            container_key: container.key.map(Cow::Borrowed),
            start_line: context.start_line(operation.range),
        }
    });
    distinct(rows.collect(), |row| (row.start, row.end, row.operand_start, row.operand_end))
}
