//! `use` and `export`.

use cpg_base::{Code, TextRange};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{ExportItem, ItemKind, UseItem};

use crate::checker::Checker;
use crate::db::Db;
use crate::files::{Item, Program, SourceFile, items, parse};
use crate::names::{Resolution, Symbol, declared, dotted, imported_by, modules, resolve, use_tree};
use crate::problem::{Anchor, Problem};
use crate::references::references;

/// The kinds of items that may be outputs.
const OUTPUTS: [ItemKeyword; 5] = [
    ItemKeyword::Normalize,
    ItemKeyword::Relate,
    ItemKeyword::Union,
    ItemKeyword::View,
    ItemKeyword::Closure,
];

impl<'db> Checker<'db> {
    pub(super) fn check_use(&mut self, tree: &UseItem) {
        let module = dotted(&tree.module);
        let known = modules(self.db);
        let Some(file) = known.get(&module) else {
            let message = format!("there is no module `{module}`");
            let problem = Problem::error(Code::UnknownModule, tree.module.range, message)
                .nearest(&module, known.keys().map(String::as_str));
            self.report(problem);
            return;
        };
        let declared = declared(self.db, *file);
        for name in &tree.names {
            let name = &name.name;
            if !declared.contains_key(&name.text) {
                let message = format!("the module `{module}` declares no `{}`", name.text);
                let problem = Problem::error(Code::UnknownName, name.range, message)
                    .nearest(&name.text, declared.keys().map(String::as_str));
                self.report(problem);
            }
        }
    }

    pub(super) fn check_export(&mut self, tree: &ExportItem) {
        for name in &tree.names {
            let found = match self.lookup(&name.text, name.range) {
                Resolution::Item(found) => found,
                Resolution::Broken | Resolution::Unknown => {
                    self.item_named(name, &OUTPUTS, "a relation");
                    continue;
                }
            };
            if OUTPUTS.contains(&found.keyword(self.db)) {
                continue;
            }
            let message = format!("{} cannot be an output", found.label(self.db));
            let problem = Problem::error(Code::NotExportable, name.range, message)
                .label(Anchor::Name(found), "declared here");
            let problem = match found.keyword(self.db) {
                ItemKeyword::Evidence => problem
                    .help("evidence stays where it is: export a view of it, `view NAME = from EVIDENCE select { … }`"),
                ItemKeyword::Fixpoint => problem.help(match self.members_in_words(found) {
                    Some(members) => format!("export its views: {members}"),
                    None => "export its views".to_owned(),
                }),
                _ => problem.help("entities, relations, unions, views and closures can be outputs"),
            };
            self.report(problem);
        }
    }
}

/// The imports of a file that nothing in it uses, with the `use` that brings them.
#[salsa::tracked]
pub(crate) fn unused_imports<'db>(
    db: &'db dyn Db,
    file: SourceFile,
) -> Vec<(Item<'db>, Problem<'db>)> {
    // Where nobody reads SQL, nobody knows what it uses.
    let in_sql = |item: &Item<'db>| {
        let tree = parse(db, *item).item.as_ref();
        tree.is_some_and(|tree| matches!(tree.kind, ItemKind::SqlView(_)))
    };
    if db.sql_planner().is_none() && items(db, file).iter().any(in_sql) {
        return Vec::new();
    }
    let mut used: Vec<&str> = items(db, file)
        .iter()
        .flat_map(|item| references(db, *item))
        .map(|reference| reference.text)
        .collect();
    used.sort_unstable();
    let mut unused = Vec::new();
    for item in items(db, file) {
        for (at, ((name, _), range)) in imported_by(db, *item).into_iter().enumerate() {
            if used.binary_search(&name.as_str()).is_err() {
                let problem =
                    Problem::error(Code::UnusedUse, range, format!("nothing uses `{name}`"))
                        .warning();
                let problem = match use_tree(db, *item).and_then(|tree| without(tree, at)) {
                    Some(gap) => problem.fix("remove it", gap, ""),
                    None => {
                        let whole = TextRange::from_usize(0, item.text(db).len());
                        problem.fix("remove the `use`", whole, "")
                    }
                };
                unused.push((*item, problem));
            }
        }
    }
    unused
}

/// What is to be removed of a `use` so that it does without its name at that place; `None` when it has no other.
fn without(tree: &UseItem, at: usize) -> Option<TextRange> {
    let place = |at: usize| {
        let name = tree.names.get(at)?;
        Some(name.name.range.cover(name.alias.as_ref().unwrap_or(&name.name).range))
    };
    let own = place(at)?;
    match (place(at + 1), at.checked_sub(1).and_then(place)) {
        (Some(next), _) => Some(TextRange::new(own.start(), next.start())),
        (None, Some(previous)) => Some(TextRange::new(previous.end(), own.end())),
        (None, None) => None,
    }
}

/// An exported relation.
pub(crate) struct Export<'db> {
    /// The name that readers see.
    pub name: &'db str,
    /// The `export`.
    pub by: Item<'db>,
    /// Where it names the relation.
    pub range: TextRange,
    /// The relation.
    pub target: Item<'db>,
}

/// All outputs of the program, in the order of its text.
pub(crate) fn exported(db: &dyn Db) -> Vec<Export<'_>> {
    let mut exports = Vec::new();
    for file in Program::get(db).files(db) {
        for item in items(db, *file) {
            if item.keyword(db) != ItemKeyword::Export {
                continue;
            }
            let Some(ItemKind::Export(tree)) =
                parse(db, *item).item.as_ref().map(|tree| &tree.kind)
            else {
                continue;
            };
            for name in &tree.names {
                if let Resolution::Item(target) =
                    resolve(db, *file, Symbol::new(db, name.text.as_str()))
                    && OUTPUTS.contains(&target.keyword(db))
                    && let Some(own) = target.name(db)
                {
                    exports.push(Export { name: own, by: *item, range: name.range, target });
                }
            }
        }
    }
    exports
}
