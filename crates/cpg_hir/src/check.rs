//! All diagnostics of a program, with absolute places.

use std::collections::BTreeMap;

use cpg_base::{Code, Diagnostic, Edit, Fix, Severity, SourceId, TextRange};
use cpg_syntax::ast::{self, ItemKind};
use cpg_syntax::{ItemKeyword, SyntaxError};

use crate::built::unbuilt_checks;
use crate::db::Db;
use crate::files::{Item, Program, SourceFile, items, parse, split_errors};
use crate::graph::{dependency_range, order};
use crate::item::{check_item, check_keys, deprecated_uses, exported, unused_imports};
use crate::names::{declared, imported_by, modules};
use crate::policies::{effective, weighed};
use crate::problem::{Anchor, Problem};
use crate::signature::signature;
use crate::template::{located, use_of};
use crate::tests::duplicate_tests;

/// Everything that is wrong with the program, in reading order.
///
/// A program without outputs is right: see [`crate::compile`].
pub fn check(db: &dyn Db) -> Vec<Diagnostic> {
    check_signatures(db);
    let mut diagnostics = program_diagnostics(db).clone();
    for file in Program::get(db).files(db) {
        diagnostics.extend_from_slice(file_diagnostics(db, *file));
    }
    diagnostics.sort_by_cached_key(Diagnostic::sort_key);
    diagnostics
}

/// Checks every item after those it needs, so that no later check waits for a long chain of others.
pub fn check_signatures(db: &dyn Db) {
    for item in &order(db).items {
        db.unwind_if_revision_cancelled();
        signature(db, *item);
    }
}

/// What is wrong between files: their primary places may be in any of them.
#[salsa::tracked]
pub fn program_diagnostics(db: &dyn Db) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    duplicate_modules(db, &mut diagnostics);
    diagnostics.extend(order(db).cycles.iter().map(|cycle| cyclic(db, cycle)));
    duplicate_outputs(db, &mut diagnostics);
    unbuilt_checks(db, &mut diagnostics);
    let policies = effective(db).problems.iter();
    let weighed = policies.filter_map(|(by, problem)| Some((*by, weighed(db, problem)?)));
    diagnostics.extend(weighed.map(|(by, problem)| absolute(db, by, &problem)));
    diagnostics
}

/// What is wrong with a file and its items, but for what [`program_diagnostics`] tells.
#[salsa::tracked]
pub fn file_diagnostics(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let diagnostics = &mut found;
    let source = file.source(db);
    diagnostics.extend(split_errors(db, file).iter().map(|error| syntax(source, error)));
    for item in items(db, file) {
        let start = item.start(db);
        for error in &parse(db, *item).errors {
            diagnostics.push(syntax(source, &error.clone().shifted(start)));
        }
        let problems = check_item(db, *item).problems.iter();
        let problems = problems.chain(check_keys(db, *item)).chain(deprecated_uses(db, *item));
        let weighed = problems.filter_map(|problem| weighed(db, problem));
        diagnostics.extend(weighed.map(|problem| absolute(db, *item, &problem)));
    }
    duplicate_items(db, file, diagnostics);
    duplicate_tests(db, file, diagnostics);
    // In a file with errors, the name that should use an import may be the one that is misspelt.
    if diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error) {
        let unused = unused_imports(db, file).iter();
        diagnostics.extend(unused.map(|(item, problem)| absolute(db, *item, problem)));
    }
    found
}

fn syntax(source: &SourceId, error: &SyntaxError) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(error.code, source, error.range, error.message.clone())
        .found(error.found.clone());
    diagnostic.help = error.help.clone();
    match &error.fix {
        Some(fix) => diagnostic.fix(fix.title.clone(), fix.range, fix.replacement.clone()),
        None => diagnostic,
    }
}

/// A problem with its places made absolute.
pub(crate) fn absolute<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    problem: &Problem<'db>,
) -> Diagnostic {
    let source = item.file(db).source(db);
    let start = item.start(db);
    let (range, other) = both_places(db, item, problem.range);
    let range = range.shifted(start);
    let mut diagnostic = Diagnostic::error(problem.code, source, range, problem.message.clone());
    diagnostic.severity = problem.severity;
    diagnostic.help = problem.help.clone();
    let said = match &other {
        Some((.., Side::Template)) => "what it stands for is wrong",
        _ => problem.found.as_str(),
    };
    diagnostic = diagnostic.found(said);
    if let Some((template, range, side)) = other {
        let said = match side {
            Side::Argument => "it is used here",
            Side::Template if problem.found.is_empty() => "in the template",
            Side::Template => problem.found.as_str(),
        };
        let place = range.shifted(template.start(db));
        diagnostic = diagnostic.label(template.file(db).source(db), place, said);
    }
    for (anchor, message) in &problem.labels {
        let (holder, range) = match anchor {
            Anchor::Here(range) => located(db, item, *range),
            Anchor::Inside(other, range) => located(db, *other, *range),
            Anchor::Name(other) => (*other, name_range(db, *other)),
            Anchor::Column(other, column) => (*other, column_range(db, *other, column)),
        };
        let range = range.shifted(holder.start(db));
        diagnostic = diagnostic.label(holder.file(db).source(db), range, message.clone());
    }
    diagnostic.fixes = problem
        .fixes
        .iter()
        // A template may be right for others.
        .filter(|(_, range, _)| located(db, item, *range).0 == item)
        .map(|(title, range, replacement)| Fix {
            title: title.clone(),
            edits: vec![Edit {
                source: source.clone(),
                range: range.shifted(start),
                replacement: replacement.clone(),
            }],
        })
        .collect();
    diagnostic
}

/// Where of an instance something is wrong.
enum Side {
    /// In an argument.
    Argument,
    /// In a template.
    Template,
}

/// Where in an item a problem is shown and, for an instance, where in which template what is wrong stands.
fn both_places<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    range: TextRange,
) -> (TextRange, Option<(Item<'db>, TextRange, Side)>) {
    let (holder, inner) = located(db, item, range);
    if holder == item {
        let used = use_of(db, item, range);
        return (range, used.map(|(template, at)| (template, at, Side::Argument)));
    }
    let made = match parse(db, item).item.as_ref().map(|tree| &tree.kind) {
        Some(ItemKind::Instance(tree)) => tree.range,
        _ => name_range(db, item),
    };
    (made, Some((holder, inner, Side::Template)))
}

/// Where an item's name stands in it; its first byte when it has none.
pub fn name_range<'db>(db: &'db dyn Db, item: Item<'db>) -> TextRange {
    let Some(tree) = &parse(db, item).item else {
        return TextRange::empty(0);
    };
    match &tree.kind {
        ItemKind::Use(_) | ItemKind::Export(_) | ItemKind::Check(_) | ItemKind::Policy(_) => {
            tree.range
        }
        ItemKind::Test(tree) => tree.name.range,
        ItemKind::Const(tree) => tree.name.range,
        ItemKind::Fn(tree) => tree.name.range,
        ItemKind::Schema(tree) => tree.name.range,
        ItemKind::Evidence(tree) => tree.name.range,
        ItemKind::Normalize(tree) => tree.name.range,
        ItemKind::Relate(tree) => tree.name.range,
        ItemKind::Union(tree) => tree.name.range,
        ItemKind::View(tree) => tree.name.range,
        ItemKind::Fixpoint(tree) => tree.name.range,
        ItemKind::Closure(tree) => tree.name.range,
        ItemKind::SqlView(tree) => tree.name.range,
        ItemKind::Template(tree) => tree.name.range,
        ItemKind::Instance(tree) => tree.name.range,
    }
}

fn column_range<'db>(db: &'db dyn Db, item: Item<'db>, name: &str) -> TextRange {
    let columns: &[ast::ColumnDecl] = match parse(db, item).item.as_ref().map(|tree| &tree.kind) {
        Some(ItemKind::Schema(tree)) => &tree.columns,
        Some(ItemKind::Evidence(tree)) => &tree.columns,
        _ => &[],
    };
    columns
        .iter()
        .find(|column| column.name.text == name)
        .map_or_else(|| name_range(db, item), |column| column.name.range)
}

/// A place in the program.
pub(crate) struct Place<'db> {
    pub source: &'db SourceId,
    pub range: TextRange,
}

pub(crate) fn place<'db>(db: &'db dyn Db, item: Item<'db>, range: TextRange) -> Place<'db> {
    let (item, range) = located(db, item, range);
    Place { source: item.file(db).source(db), range: range.shifted(item.start(db)) }
}

/// Names that a file declares or imports twice.
fn duplicate_items(db: &dyn Db, file: SourceFile, diagnostics: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<&str, Place<'_>> = BTreeMap::new();
    for (name, item) in declared(db, file) {
        taken.insert(name, place(db, *item, name_range(db, *item)));
    }
    let mut report = |name: &str, first: &Place<'_>, second: &Place<'_>| {
        let message = format!("two items are called `{name}` here");
        diagnostics.push(
            Diagnostic::error(Code::DuplicateItem, second.source, second.range, message)
                .label(first.source, first.range, "the first one")
                .help("rename one of them; an import can be renamed with `as`"),
        );
    };
    for item in items(db, file) {
        if let Some(name) = item.name(db)
            && declared(db, file).get(name) != Some(item)
            && let Some(first) = taken.get(name.as_str())
        {
            report(name, first, &place(db, *item, name_range(db, *item)));
        }
    }
    let imported: Vec<(String, Place<'_>)> = items(db, file)
        .iter()
        .flat_map(|item| imported_by(db, *item).into_iter().map(move |import| (*item, import)))
        .map(|(item, ((name, _), range))| (name, place(db, item, range)))
        .collect();
    for (name, second) in &imported {
        match taken.get(name.as_str()) {
            Some(first) => report(name, first, second),
            None => {
                taken.insert(name, Place { source: second.source, range: second.range });
            }
        }
    }
}

/// Files that are one module.
fn duplicate_modules(db: &dyn Db, diagnostics: &mut Vec<Diagnostic>) {
    let modules = modules(db);
    for file in Program::get(db).files(db) {
        let module = file.module(db);
        let Some(first) = modules.get(module).filter(|first| *first != file) else {
            continue;
        };
        let start = TextRange::empty(0);
        diagnostics.push(
            Diagnostic::error(
                Code::DuplicateItem,
                file.source(db),
                start,
                format!("two files are the module `{module}`"),
            )
            .label(first.source(db), start, "the first one")
            .help("rename one of the files"),
        );
    }
}

fn cyclic<'db>(db: &'db dyn Db, cycle: &[Item<'db>]) -> Diagnostic {
    let names: Vec<String> = cycle.iter().chain(cycle.first()).map(|item| item.label(db)).collect();
    let next = cycle.iter().cycle().skip(1);
    let mut places = cycle.iter().zip(next).map(|(item, needed)| {
        let range = dependency_range(db, *item, *needed).unwrap_or_default();
        (place(db, *item, range), format!("{} needs {}", item.label(db), needed.label(db)))
    });
    let message = match cycle {
        [_] => "an item needs itself".to_owned(),
        _ => format!("items need each other: {}", names.join(" -> ")),
    };
    let mut diagnostic = match places.next() {
        Some((first, found)) => {
            Diagnostic::error(Code::CyclicItems, first.source, first.range, message).found(found)
        }
        None => {
            Diagnostic::error(Code::CyclicItems, &SourceId::new(""), TextRange::default(), message)
        }
    };
    for (place, message) in places {
        diagnostic = diagnostic.label(place.source, place.range, message);
    }
    let kinds = |kinds: &[ItemKeyword]| cycle.iter().all(|item| kinds.contains(&item.keyword(db)));
    diagnostic.help(if kinds(&[ItemKeyword::View]) {
        "take one of these reads away, or put the views into a `fixpoint`: there they may need each other"
    } else if kinds(&[ItemKeyword::View, ItemKeyword::Fixpoint]) {
        "take one of these reads away, or put all of these views into one `fixpoint`"
    } else {
        "take one of these reads away"
    })
}

/// Outputs of one name: their tables would be one.
fn duplicate_outputs(db: &dyn Db, diagnostics: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<&str, Place<'_>> = BTreeMap::new();
    for export in exported(db) {
        let second = place(db, export.by, export.range);
        match taken.get(export.name) {
            Some(first) => diagnostics.push(
                Diagnostic::error(
                    Code::DuplicateOutput,
                    second.source,
                    second.range,
                    format!("two outputs are called `{}`", export.name),
                )
                .label(first.source, first.range, "the first one")
                .help("export it once, or rename one of the items"),
            ),
            None => {
                taken.insert(export.name, second);
            }
        }
    }
}
