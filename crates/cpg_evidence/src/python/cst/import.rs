//! Imports.

use std::borrow::Cow;

use super::ordinal::Ordinals;
use super::tables::cst_imports;
use super::{Context, distinct};

pub(super) fn imports<'m>(context: &Context<'m>) -> Vec<cst_imports::Row<'m>> {
    let mut ordinals = Ordinals::new();
    let rows = context.model.imports.iter().map(|import| {
        let name = import.alias.name.as_str();
        let (start, end) = context.span(import.alias.range);
        let (scope_start, scope_end) = context.scope_span(import.scope);
        let (kind, module_name, imported) = match import.from {
            None => ("import", Some(name), None),
            Some(from) => ("from", from.module.as_ref().map(|name| name.as_str()), Some(name)),
        };
        let container = context.container(import.scope);
        let bound = import.bound.map(|(name, range)| (name, context.span(range)));
        let is_star = import.from.is_some() && name == "*";
        cst_imports::Row {
            kind: Cow::Borrowed(kind),
            module_name: module_name.map(Cow::Borrowed),
            name: imported.filter(|_| !is_star).map(Cow::Borrowed),
            alias: import.alias.asname.as_ref().map(|name| Cow::Borrowed(name.as_str())),
            bound_name: bound.map(|(name, _)| Cow::Borrowed(name)),
            bound_start: bound.map(|(_, span)| span.0),
            bound_end: bound.map(|(_, span)| span.1),
            bound_place: import.bound.map(|(_, range)| context.place(range)),
            level: import.from.map_or(0, |from| i64::from(from.level)),
            is_star,
            target: Cow::Borrowed(&import.target),
            target_module: Cow::Borrowed(&import.target_module),
            start,
            end,
            scope_start,
            scope_end,
            container_kind: container.kind.map(Cow::Borrowed),
            container_start: container.start,
            container_end: container.end,
            container_key: container.key.map(Cow::Borrowed),
            ordinal: ordinals.next(
                context,
                import.scope,
                (&*import.target, import.bound.map(|bound| bound.0)),
            ),
            is_conditional: import.is_conditional,
            start_line: context.start_line(import.alias.range),
        }
    });
    distinct(rows.collect(), |row| (row.start, row.end))
}
