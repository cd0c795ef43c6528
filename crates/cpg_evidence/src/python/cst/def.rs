//! Scopes, definitions and parameters.

use std::borrow::Cow;

use ruff_python_ast::AnyParameterRef;
use ruff_text_size::Ranged;

use super::tables::{cst_defs, cst_params, cst_scopes};
use super::{Context, distinct, literal};
use crate::python::count;
use crate::python::scope::{DefNode, ScopeKind};

pub(super) fn scopes<'m>(context: &Context<'m>) -> Vec<cst_scopes::Row<'m>> {
    let model = context.model;
    // What is evaluated only when asked for binds nothing, and is no scope of its own here.
    let scopes = model.scopes.iter().zip(model.scope_ids());
    let rows = scopes.filter(|(scope, _)| !scope.kind.is_deferred()).map(|(scope, id)| {
        let (start, end) = context.span(scope.range);
        let mut parent = scope.parent.map(|parent| model.scope(parent));
        while let Some(deferred) = parent.filter(|parent| parent.kind.is_deferred()) {
            parent = deferred.parent.map(|parent| model.scope(parent));
        }
        let parent = parent.map(|parent| context.span(parent.range));
        let path = model.qualified_name(id);
        let name = match scope.kind {
            ScopeKind::Class | ScopeKind::Function => path.rsplit('.').next(),
            _ => None,
        };
        cst_scopes::Row {
            kind: Cow::Borrowed(scope.kind.as_str()),
            name: name.map(Cow::Borrowed),
            start,
            end,
            parent_start: parent.map(|parent| parent.0),
            parent_end: parent.map(|parent| parent.1),
            qualified_name: match scope.kind {
                ScopeKind::Comprehension | ScopeKind::TypeParameters => {
                    Cow::Owned(format!("{path}.<{}>", scope.kind.as_str()))
                }
                _ => Cow::Borrowed(path),
            },
        }
    });
    distinct(rows.collect(), |row| (row.start, row.end, row.kind.clone()))
}

pub(super) fn defs<'m>(context: &Context<'m>) -> Vec<cst_defs::Row<'m>> {
    let model = context.model;
    let rows = model.defs.iter().map(|def| {
        let (start, end) = context.span(def.range);
        let name_range = def.node.name_range().filter(|range| !range.is_empty());
        let name_span = name_range.map(|range| context.span(range));
        let container = context.container(def.outer);
        let qualified_name = model.qualified_name(def.body);
        cst_defs::Row {
            kind: Cow::Borrowed(def.node.kind()),
            name: Cow::Borrowed(qualified_name.rsplit('.').next().unwrap_or_default()),
            qualified_name: Cow::Borrowed(qualified_name),
            key: Cow::Borrowed(model.key(def.body).unwrap_or_default()),
            ordinal: model.ordinal(def.body),
            start,
            end,
            place: context.place(def.range),
            name_start: name_span.map(|span| span.0),
            name_end: name_span.map(|span| span.1),
            name_place: name_range.map(|range| context.place(range)),
            container_kind: container.kind.map(Cow::Borrowed),
            container_start: container.start,
            container_end: container.end,
            container_key: container.key.map(Cow::Borrowed),
            is_method: model.is_method(def),
            is_async: matches!(def.node, DefNode::Function(function) if function.is_async),
            start_line: context.start_line(def.range),
            end_line: context.end_line(def.range),
            text: context.first_line(def.range),
        }
    });
    distinct(rows.collect(), |row| (row.start, row.end))
}

pub(super) fn params<'m>(
    context: &Context<'m>,
    wanted: &cst_params::Wanted,
) -> Vec<cst_params::Row<'m>> {
    let mut rows = Vec::new();
    for def in &context.model.defs {
        let Some(parameters) = def.node.parameters() else {
            continue;
        };
        let (function_start, function_end) = context.span(def.range);
        let function_key = context.model.key(def.body).unwrap_or_default();
        let positional_only = parameters.posonlyargs.len();
        let keyword_only_from =
            positional_only + parameters.args.len() + usize::from(parameters.vararg.is_some());
        for (position, parameter) in parameters.iter_source_order().enumerate() {
            let name = parameter.name();
            if name.is_empty() {
                continue;
            }
            let kind = match parameter {
                AnyParameterRef::Variadic(_) if position < keyword_only_from => "var_positional",
                AnyParameterRef::Variadic(_) => "var_keyword",
                AnyParameterRef::NonVariadic(_) if position < positional_only => "positional_only",
                AnyParameterRef::NonVariadic(_) if position < keyword_only_from => {
                    "positional_or_keyword"
                }
                AnyParameterRef::NonVariadic(_) => "keyword_only",
            };
            let (start, end) = context.span(name.range);
            let default = parameter.default();
            let default_span = default.map(|default| context.span(default.range()));
            rows.push(cst_params::Row {
                function_start,
                function_end,
                function_place: context.place(def.range),
                function_key: Cow::Borrowed(function_key),
                name: Cow::Borrowed(name.as_str()),
                key: match wanted.key.then(|| context.model.own_key(def.body, name)).flatten() {
                    Some(key) => Cow::Borrowed(key),
                    // Another parameter of the function has the name.
                    None => Cow::Owned(format!("{function_key}.{name}#{position}")),
                },
                start,
                end,
                place: context.place(name.range),
                position: count(position),
                kind: Cow::Borrowed(kind),
                has_default: default.is_some(),
                default_start: default_span.map(|span| span.0),
                default_end: default_span.map(|span| span.1),
                default_place: default.map(|default| context.place(default.range())),
                default_literal: default.and_then(literal).map(Cow::Owned),
                annotation: parameter
                    .annotation()
                    .map(|annotation| context.excerpt(annotation.range())),
                start_line: context.start_line(name.range),
            });
        }
    }
    distinct(rows, |row| (row.start, row.end))
}
