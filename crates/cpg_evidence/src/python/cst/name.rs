//! References and bindings.

use std::borrow::Cow;

use ruff_python_ast::ExprContext;

use super::ordinal::Ordinals;
use super::tables::{cst_bindings, cst_refs};
use super::{Context, distinct};
use crate::python::scope::{Lookup, ScopeId};

pub(super) fn refs<'m>(context: &Context<'m>, wanted: &cst_refs::Wanted) -> Vec<cst_refs::Row<'m>> {
    let model = context.model;
    let mut rows = Vec::with_capacity(model.names.len());
    let mut ordinals = Ordinals::new();
    // Consecutive names mostly stand in one scope.
    let mut scope: (ScopeId, (u32, u32)) = (ScopeId::MODULE, context.scope_span(ScopeId::MODULE));
    for used in &model.names {
        if used.scope != scope.0 {
            scope = (used.scope, context.scope_span(used.scope));
        }
        let name = used.node.id.as_str();
        let lookup = model.lookup(used.node, used.scope);
        let bound = match lookup {
            Lookup::Bound(bound) => Some(bound),
            _ => None,
        };
        let first = bound.and_then(|bound| bound.first);
        let binding = first.map(|first| context.span(model.binding(first).range));
        let def = lookup.definition();
        let definition = context.def_span(def);
        let (start, end) = context.span(used.node.range);
        rows.push(cst_refs::Row {
            name: Cow::Borrowed(name),
            start,
            end,
            place: context.place(used.node.range),
            context: Cow::Borrowed(match used.node.ctx {
                ExprContext::Store => "store",
                ExprContext::Del => "del",
                ExprContext::Load | ExprContext::Invalid => "load",
            }),
            expression_context: Cow::Borrowed(used.position.as_str()),
            scope_start: scope.1.0,
            scope_end: scope.1.1,
            container_key: model.key(used.scope).map(Cow::Borrowed),
            ordinal: match wanted.ordinal {
                true => ordinals.next(context, used.scope, name),
                false => 0,
            },
            binding_kind: Cow::Borrowed(model.binding_kind(lookup)),
            binding_start: binding.map(|span| span.0),
            binding_end: binding.map(|span| span.1),
            binding_place: first.map(|first| context.place(model.binding(first).range)),
            binding_key: first
                .filter(|_| wanted.binding_key)
                .map(|first| Cow::Borrowed(model.variable_key(first))),
            definition_start: definition.map(|span| span.0),
            definition_end: definition.map(|span| span.1),
            definition_key: context.def_key(def),
            qualified_name: wanted.qualified_name.then(|| model.name_path(name, lookup)).flatten(),
            start_line: context.start_line(used.node.range),
        });
    }
    distinct(rows, |row| (row.start, row.end))
}

pub(super) fn bindings<'m>(
    context: &Context<'m>,
    wanted: &cst_bindings::Wanted,
) -> Vec<cst_bindings::Row<'m>> {
    let model = context.model;
    let mut ordinals = Ordinals::new();
    let rows = model.bindings.iter().map(|binding| {
        let (start, end) = context.span(binding.range);
        let (scope_start, scope_end) = context.span(model.scope(binding.scope).range);
        let container = context.container(binding.scope);
        let first = match model.lookup_binding(binding) {
            Lookup::Bound(bound) => bound.first,
            _ => None,
        };
        let key = first.filter(|_| wanted.key).map(|first| model.variable_key(first));
        let first = first.map(|first| model.binding(first));
        let first_span = first.map(|first| context.span(first.range));
        cst_bindings::Row {
            name: Cow::Borrowed(binding.name),
            key: key.map(Cow::Borrowed),
            start,
            end,
            place: context.place(binding.range),
            scope_key: match wanted.scope_key {
                true => Cow::Borrowed(model.scope_key(binding.scope)),
                false => Cow::Borrowed(""),
            },
            scope_start,
            scope_end,
            kind: Cow::Borrowed(binding.kind.as_str()),
            is_first: first.is_some_and(|first| first.range == binding.range),
            ordinal: match wanted.ordinal {
                // Definitions hold several scopes, each with its own names.
                true => ordinals.next(context, binding.scope, (binding.scope, binding.name)),
                false => 0,
            },
            first_start: first_span.map(|span| span.0),
            first_end: first_span.map(|span| span.1),
            first_place: first.map(|first| context.place(first.range)),
            qualified_name: Cow::Owned(format!(
                "{}.{}",
                model.qualified_name(binding.scope),
                binding.name
            )),
            container_kind: container.kind.map(Cow::Borrowed),
            container_start: container.start,
            container_end: container.end,
            container_key: container.key.map(Cow::Borrowed),
            start_line: context.start_line(binding.range),
        }
    });
    distinct(rows.collect(), |row| (row.start, row.end, row.kind.clone()))
}
