//! What a build computes, and checks of what it does not.

use std::collections::{HashMap, HashSet};

use cpg_base::{Code, Diagnostic};
use cpg_syntax::ItemKeyword;

use crate::check::absolute;
use crate::checker::RELATIONS;
use crate::db::Db;
use crate::files::{Item, Program, items};
use crate::graph::needs;
use crate::item::exported;
use crate::names::{Resolution, Symbol, resolve};
use crate::problem::{Anchor, Problem};
use crate::references::{Role, references};

/// The outputs and all that they need. Looked up only, never walked.
#[salsa::tracked]
pub(crate) fn built<'db>(db: &'db dyn Db) -> HashSet<Item<'db>> {
    let mut built = HashSet::new();
    let mut pending: Vec<Item<'db>> = exported(db).iter().map(|export| export.target).collect();
    if pending.is_empty() {
        return built;
    }
    let all = Program::get(db).files(db).iter().flat_map(|file| needs(db, *file));
    let all: HashMap<Item<'db>, &[Item<'db>]> =
        all.map(|(item, needed)| (*item, needed.as_slice())).collect();
    while let Some(item) = pending.pop() {
        if built.insert(item) {
            pending.extend(all.get(&item).copied().unwrap_or_default());
        }
    }
    built
}

/// Checks of relations that no output needs: there would be no rows to look at. A program without outputs is
/// reported as one when it is built.
pub(crate) fn unbuilt_checks(db: &dyn Db, diagnostics: &mut Vec<Diagnostic>) {
    let built = built(db);
    if built.is_empty() {
        return;
    }
    for file in Program::get(db).files(db) {
        for item in items(db, *file).iter().filter(|item| item.keyword(db) == ItemKeyword::Check) {
            for reference in references(db, *item) {
                if reference.role != Role::Relation {
                    continue;
                }
                let name = Symbol::new(db, reference.text);
                let Resolution::Item(found) = resolve(db, *file, name) else { continue };
                if RELATIONS.contains(&found.keyword(db)) && !built.contains(&found) {
                    let message =
                        format!("no output needs {}, so it is never built", found.label(db));
                    let problem = Problem::error(Code::NotBuilt, reference.range, message)
                        .found("there are no rows to check")
                        .label(Anchor::Name(found), "declared here")
                        .help(match found.keyword(db) {
                            ItemKeyword::Evidence => "check what is made of it".to_owned(),
                            _ => format!("add `export {}`", reference.text),
                        });
                    diagnostics.push(absolute(db, *item, &problem));
                }
            }
        }
    }
}
