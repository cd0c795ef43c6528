//! Decorators and the arguments of class headers.

use std::borrow::Cow;

use ruff_python_ast::ArgOrKeyword;
use ruff_text_size::Ranged;

use super::tables::{cst_bases, cst_decorators};
use super::{Context, callee, distinct, unstarred};
use crate::python::count;
use crate::python::scope::DefNode;

pub(super) fn decorators<'m>(context: &Context<'m>) -> Vec<cst_decorators::Row<'m>> {
    let mut rows = Vec::new();
    for def in &context.model.defs {
        let (owner_start, owner_end) = context.span(def.range);
        let owner_key = context.model.key(def.body).unwrap_or_default();
        for (position, decorator) in def.node.decorators().iter().enumerate() {
            let expr = &decorator.expression;
            let resolved = context.model.resolve(callee(expr), def.outer);
            let definition = context.def_span(resolved.def);
            let container = context.container(def.outer);
            let (start, end) = context.span(expr.range());
            rows.push(cst_decorators::Row {
                start,
                end,
                place: context.place(expr.range()),
                owner_start,
                owner_end,
                owner_place: context.place(def.range),
                owner_key: Cow::Borrowed(owner_key),
                position: count(position),
                text: context.first_line(expr.range()),
                qualified_name: resolved.qualified_name,
                is_call: expr.is_call_expr(),
                definition_start: definition.map(|span| span.0),
                definition_end: definition.map(|span| span.1),
                definition_key: context.def_key(resolved.def),
                container_kind: container.kind.map(Cow::Borrowed),
                container_start: container.start,
                container_end: container.end,
                container_key: container.key.map(Cow::Borrowed),
                start_line: context.start_line(expr.range()),
            });
        }
    }
    distinct(rows, |row| (row.start, row.end))
}

pub(super) fn bases<'m>(context: &Context<'m>) -> Vec<cst_bases::Row<'m>> {
    let mut rows = Vec::new();
    for def in &context.model.defs {
        let DefNode::Class(class) = def.node else {
            continue;
        };
        let Some(arguments) = &class.arguments else {
            continue;
        };
        let (class_start, class_end) = context.span(def.range);
        let class_key = context.model.key(def.body).unwrap_or_default();
        for (position, argument) in arguments.iter_source_order().enumerate() {
            let (value, keyword) = match argument {
                ArgOrKeyword::Arg(value) => (unstarred(value).0, None),
                ArgOrKeyword::Keyword(keyword) => (&keyword.value, keyword.arg.as_ref()),
            };
            let resolved = context.model.resolve(value, def.header);
            let definition = context.def_span(resolved.def);
            let (start, end) = context.span(value.range());
            rows.push(cst_bases::Row {
                class_start,
                class_end,
                class_key: Cow::Borrowed(class_key),
                class_qualified_name: Cow::Borrowed(context.model.qualified_name(def.body)),
                position: count(position),
                keyword: keyword.map(|name| Cow::Borrowed(name.as_str())),
                start,
                end,
                text: context.first_line(value.range()),
                qualified_name: resolved.qualified_name,
                definition_start: definition.map(|span| span.0),
                definition_end: definition.map(|span| span.1),
                definition_key: context.def_key(resolved.def),
                start_line: context.start_line(value.range()),
            });
        }
    }
    distinct(rows, |row| (row.start, row.end))
}
