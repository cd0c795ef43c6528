//! Attributes.

use std::borrow::Cow;

use ruff_python_ast::{Expr, ExprContext};
use ruff_text_size::Ranged;

use super::tables::cst_attributes;
use super::{Context, distinct};
use crate::python::scope::{AttributeUse, Resolved, root};

pub(super) fn attributes<'m>(
    context: &Context<'m>,
    wanted: &cst_attributes::Wanted,
) -> Vec<cst_attributes::Row<'m>> {
    let uses = context.model.attributes.iter();
    // Where the syntax is broken, nothing may stand behind a dot.
    let uses = uses.filter(|used| !used.node.attr.is_empty());
    let mut rows = Vec::with_capacity(context.model.attributes.len());
    rows.extend(uses.map(|used| attribute(context, wanted, used)));
    distinct(rows, |row| (row.start, row.end))
}

fn attribute<'m>(
    context: &Context<'m>,
    wanted: &cst_attributes::Wanted,
    used: &'m AttributeUse<'m>,
) -> cst_attributes::Row<'m> {
    let model = context.model;
    let node = used.node;
    let value: &'m Expr = &node.value;
    let needs_path = wanted.qualified_name
        || wanted.definition_start
        || wanted.definition_end
        || wanted.definition_key;
    let resolved =
        if needs_path { model.resolve(used.expr, used.scope) } else { Resolved::default() };
    let definition = context.def_span(resolved.def);
    let container = context.container(used.scope);
    let (start, end) = context.span(node.range);
    let (name_start, name_end) = context.span(node.attr.range);
    let (value_start, value_end) = context.span(value.range());
    let (scope_start, scope_end) = context.scope_span(used.scope);
    cst_attributes::Row {
        name: Cow::Borrowed(node.attr.as_str()),
        start,
        end,
        place: context.place(node.range),
        name_start,
        name_end,
        value_start,
        value_end,
        value_place: context.place(value.range()),
        value_text: context.excerpt(value.range()),
        context: Cow::Borrowed(match node.ctx {
            ExprContext::Store => "store",
            ExprContext::Del => "del",
            ExprContext::Load | ExprContext::Invalid => "load",
        }),
        expression_context: Cow::Borrowed(used.position.as_str()),
        root_name: root(value)
            .map(|root| root.id.as_str())
            .filter(|name| !name.is_empty())
            .map(Cow::Borrowed),
        receiver_kind: Cow::Borrowed(model.receiver(value, used.scope).as_str()),
        receiver_qualified_name: wanted
            .receiver_qualified_name
            .then(|| model.resolve_receiver(value, used.scope).qualified_name)
            .flatten(),
        qualified_name: resolved.qualified_name,
        definition_start: definition.map(|span| span.0),
        definition_end: definition.map(|span| span.1),
        definition_key: context.def_key(resolved.def),
        scope_start,
        scope_end,
        container_kind: container.kind.map(Cow::Borrowed),
        container_start: container.start,
        container_end: container.end,
        container_key: container.key.map(Cow::Borrowed),
        start_line: context.start_line(node.range),
    }
}
