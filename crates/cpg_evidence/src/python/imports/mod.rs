//! The extractor `python.imports`: what imported names stand for, by the rules of the import system.
//!
//! ```text
//! the scan's paths, the chosen interpreter ──finder──┐
//! scope::Model: imports with absolute names ─────────┴─► imported_modules
//! syntax tree ──exports──► exported_names
//! ```
//!
//! No code runs: what a program does to its own import path is not seen, and a package's `__path__` is its folder. What an
//! imported name stands for inside of a module is a judgement, said in `.cpg`.

mod exports;
mod finder;
mod stdlib;
mod tables;

use std::borrow::Cow;

use ruff_python_ast::ModModule;

use super::environment::ModuleKind;
use super::scope::{Import, Model};
use super::source::Source;
use crate::scan::ModuleName;
use crate::table::needed;
use finder::Found;
pub(crate) use finder::{Finder, is_module};
use tables::{exported_names, imported_modules};

crate::table::extractor! {
    "python.imports" version 1: "Imports of Python source, and the modules that they find";
    modules: imported_modules,
    exports: exported_names,
}

/// What rows are made from.
pub(super) struct Context<'m> {
    pub(super) plan: &'m Plan,
    pub(super) path: &'m str,
    pub(super) module: &'m ModuleName,
    pub(super) finder: Option<&'m Finder<'m>>,
    pub(super) syntax: &'m ModModule,
    pub(super) model: &'m Model<'m>,
    pub(super) source: Source<'m>,
}

/// The rows of every needed table.
pub(super) fn rows<'m>(context: &Context<'m>) -> Rows<'m> {
    Rows {
        modules: needed(&context.plan.modules, |_| module_rows(context)),
        exports: needed(&context.plan.exports, |_| exports::rows(context)),
    }
}

fn module_rows<'m>(context: &Context<'m>) -> Vec<imported_modules::Row<'m>> {
    let Some(finder) = context.finder else { return Vec::new() };
    let mut rows = Vec::new();
    for import in &context.model.imports {
        let (start, end) = context.source.span(import.alias.range);
        let module = target(context, finder, import);
        let submodule = submodule(context, finder, import, module.as_ref());
        let mut push = |role, imported: &'m str, found: Option<Found<'m>>| {
            let (found, origin) = match found {
                Some(found) => (found.module, Some(found.origin.as_str())),
                None => (finder::Module::default(), None),
            };
            rows.push(imported_modules::Row {
                start,
                end,
                role,
                imported: Cow::Borrowed(imported),
                origin,
                kind: found.kind.map(ModuleKind::as_str),
                source_module: found
                    .source_path
                    .as_deref()
                    .filter(|_| found.kind != Some(ModuleKind::Extension))
                    .map(|path| finder.name(path).into()),
                source_path: found.source_path.map(Cow::Owned),
                installed_path: found.installed_path.map(Cow::Owned),
                distribution: found.distribution.map(Cow::Borrowed),
            });
        };
        push("module", &import.target_module, module);
        if submodule.is_some() {
            push("submodule", &import.target, submodule);
        }
    }
    // A broken tree may say the same twice.
    rows.sort_by_key(|row| (row.start, row.end, row.role));
    rows.dedup_by_key(|row| (row.start, row.end, row.role));
    rows
}

/// The module that is imported, or imported from.
fn target<'m>(
    context: &Context<'m>,
    finder: &'m Finder<'m>,
    import: &Import<'m>,
) -> Option<Found<'m>> {
    let name = import.target_module.as_str();
    let level = import.from.map_or(0, |from| from.level);
    match level.checked_sub(1) {
        None => finder.absolute(context.path, name),
        Some(up) => {
            // As many dots as the package has parts lead to the first of them; a module in none has its own folder.
            let package = context.module.package();
            if up as usize >= package.split('.').count() {
                return None;
            }
            let written = import.from.and_then(|from| from.module.as_ref());
            let written = written.map_or("", |written| written.as_str());
            let found = finder.relative(context.path, up, written);
            // A namespace may have parts below other roots.
            let absolute = || finder.absolute(context.path, name);
            found.or_else(|| if package.is_empty() { None } else { absolute() })
        }
    }
}

/// The module of an imported name, where its package has one.
fn submodule<'m>(
    context: &Context<'m>,
    finder: &'m Finder<'m>,
    import: &Import<'m>,
    package: Option<&Found<'m>>,
) -> Option<Found<'m>> {
    let from = import.from?;
    let name = import.alias.name.as_str();
    if name == "*" || !package?.is_package() {
        return None;
    }
    match from.level.checked_sub(1) {
        None => finder.absolute(context.path, &import.target),
        Some(up) => {
            let written = from.module.as_ref().map_or("", |written| written.as_str());
            let dotted = if written.is_empty() { name } else { &format!("{written}.{name}") };
            finder
                .relative(context.path, up, dotted)
                .or_else(|| finder.absolute(context.path, &import.target))
        }
    }
}
