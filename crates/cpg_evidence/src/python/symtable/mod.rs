//! The extractor `python.symtable`: the symbol tables of the compiler, without the compiler.
//!
//! ```text
//! scope::Model: scopes, symbols ──cells: hand on what scopes inside use──► rows
//! ```
//!
//! What the interpreter's symbol table says differs a little from one version of it to the next. Here it is what 3.11
//! says, and for the syntax of later versions what 3.13 says:
//!
//! - Comprehensions have a scope of their own, as in the language reference. (From 3.12 on the compiler merges those of
//!   lists, sets and dictionaries into the function around them, which is an optimisation.)
//! - Annotations are evaluated where they stand, or not at all after `from __future__ import annotations`. (From 3.14 on
//!   each has a scope, which is evaluated when asked for.)
//! - Type parameters, type aliases, bounds and defaults have the scopes of PEP 695 and 696, with the names that the
//!   compiler makes up in them: `.type_params`, `.generic_base`, `.defaults`, `.kwdefaults`, `__classdict__`.
//!
//! Where the interpreter would refuse a program, the rows are what its rules give as far as they go.

mod cells;
mod tables;

use std::borrow::Cow;

use super::scope::{Flags, Model, Resolution, ScopeId, Symbol};
use super::source::Source;
use crate::errors::{self, ErrorKind};
use crate::table::needed;
use tables::{scopes, symbols};

crate::table::extractor! {
    "python.symtable" version 3: "Scopes and symbols of Python source, as the compiler sees them";
    scopes: scopes,
    symbols: symbols,
}

/// What rows are made from.
pub(super) struct Context<'m> {
    pub(super) plan: &'m Plan,
    pub(super) model: &'m Model<'m>,
    pub(super) source: Source<'m>,
}

/// The rows of every needed table.
pub(super) fn rows<'m>(context: &Context<'m>, errors: &mut errors::Rows<'_>) -> Rows<'m> {
    let plan = context.plan;
    let numbers = context.model.numbers();
    Rows {
        scopes: needed(&plan.scopes, |_| scope_rows(context, &numbers)),
        symbols: needed(&plan.symbols, |_| {
            let symbols = cells::symbols(context.model).map_err(|message| {
                errors.push_file(KEY, ErrorKind::TooDeep, message);
            });
            symbol_rows(context, &numbers, &symbols.unwrap_or_default())
        }),
    }
}

fn scope_rows<'m>(context: &Context<'m>, numbers: &[Option<i64>]) -> Vec<scopes::Row<'m>> {
    let model = context.model;
    let number = |scope: ScopeId| numbers[scope.index()];
    let mut has_children = vec![false; model.scopes.len()];
    for scope in model.scopes.iter().filter(|scope| !scope.is_discarded) {
        if let Some(parent) = scope.parent {
            has_children[parent.index()] = true;
        }
    }
    let mut rows = Vec::with_capacity(model.scopes.len());
    for id in model.scope_ids() {
        let Some(scope) = number(id) else {
            continue;
        };
        let opened = model.scope(id);
        let (start, end) = context.source.span(opened.bracketed);
        rows.push(scopes::Row {
            scope,
            key: Cow::Borrowed(model.scope_key(id)),
            kind: Cow::Borrowed(opened.kind.as_str()),
            name: Cow::Borrowed(opened.name),
            start,
            end,
            parent: opened.parent.and_then(number),
            parent_key: opened.parent.map(|parent| Cow::Borrowed(model.scope_key(parent))),
            is_nested: opened.is_nested,
            is_optimized: opened.kind.is_function_like(),
            has_children: has_children[id.index()],
            start_line: context.source.lines.line_of(start),
        });
    }
    rows
}

fn symbol_rows<'m>(
    context: &Context<'m>,
    numbers: &[Option<i64>],
    symbols: &[Symbol],
) -> Vec<symbols::Row<'m>> {
    let number = |scope: ScopeId| numbers[scope.index()];
    let mut rows = Vec::with_capacity(symbols.len());
    for symbol in symbols {
        let Some(scope) = number(symbol.scope) else {
            continue;
        };
        let flags = symbol.flags;
        let resolution = symbol.resolution;
        // A variable of the module is both.
        let is_module_variable = symbol.scope == ScopeId::MODULE && flags.has(Flags::BOUND);
        let is_explicit = resolution == Resolution::GlobalExplicit;
        let is_local = matches!(resolution, Resolution::Local | Resolution::Cell);
        let (scope_start, scope_end) =
            context.source.span(context.model.scope(symbol.scope).bracketed);
        rows.push(symbols::Row {
            scope,
            scope_key: Cow::Borrowed(context.model.scope_key(symbol.scope)),
            owner_key: symbol
                .owner
                .and_then(|owner| context.model.symbol_key(owner, symbol.name))
                .map(Cow::Borrowed),
            scope_start,
            scope_end,
            name: context.model.table.names.text(symbol.name).clone(),
            resolution: Cow::Borrowed(resolution.as_str()),
            owner: symbol.owner.and_then(number),
            is_referenced: flags.has(Flags::USED),
            is_assigned: flags.has(Flags::ASSIGNED),
            is_parameter: flags.has(Flags::PARAMETER),
            is_imported: flags.has(Flags::IMPORTED),
            is_global: is_explicit
                || resolution == Resolution::GlobalImplicit
                || is_module_variable,
            is_declared_global: is_explicit,
            is_nonlocal: flags.has(Flags::NONLOCAL),
            is_local: is_local || is_module_variable,
            is_annotated: flags.has(Flags::ANNOTATED),
            is_free: resolution == Resolution::Free,
            is_cell: resolution == Resolution::Cell,
            is_free_class: flags.has(Flags::FREE_CLASS),
            is_type_parameter: flags.has(Flags::TYPE_PARAMETER),
            is_iteration: flags.has(Flags::ITERATION),
            is_namespace: flags.has(Flags::NAMESPACE),
        });
    }
    rows
}
