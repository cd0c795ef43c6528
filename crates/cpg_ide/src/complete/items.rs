//! Names of items, those of other modules with the `use` that they need, and types.

use cpg_hir::semantics::{
    RELATIONS, Resolution, Role, Symbol, declared, documentation, modules, resolve, visible_names,
};
use cpg_hir::{Db, Item};
use cpg_syntax::ItemKeyword;

use super::{Completion, CompletionKind as Kind, Typing};
use crate::imports::import;
use crate::rename::quoted;
use crate::search::fit;
use crate::words;

/// The most items of other modules that are offered.
const MOST_FOREIGN: usize = 200;

/// Items that may stand where a name has that role.
pub(super) fn named<'db>(
    db: &'db dyn Db,
    place: &Typing<'db>,
    role: Role,
    found: &mut Vec<Completion>,
) {
    let fits = |item: Item<'db>| {
        let keyword = item.keyword(db);
        match role {
            Role::Relation => RELATIONS.contains(&keyword),
            Role::Output => RELATIONS.contains(&keyword) && keyword != ItemKeyword::Evidence,
            Role::Schema => keyword == ItemKeyword::Schema,
            Role::Entity => keyword == ItemKeyword::Normalize,
            Role::Function => keyword == ItemKeyword::Fn,
            Role::Value => keyword == ItemKeyword::Const,
            Role::Template => keyword == ItemKeyword::Template,
        }
    };
    for name in visible_names(db, place.file) {
        if let Resolution::Item(item) = resolve(db, place.file, Symbol::new(db, name))
            && fits(item)
        {
            let mut one = described(db, place, name, item);
            one.rank = 1;
            found.push(one);
        }
    }
    let mut foreign = 0;
    for (module, file) in modules(db) {
        if *file == place.file {
            continue;
        }
        db.unwind_if_revision_cancelled();
        for (name, item) in declared(db, *file) {
            let hidden = || {
                let known = resolve(db, place.file, Symbol::new(db, name.as_str()));
                matches!(known, Resolution::Unknown)
            };
            if fits(*item) && fit(name, place.typed).is_some() && hidden() {
                foreign += 1;
                if foreign > MOST_FOREIGN {
                    return;
                }
                let mut one = described(db, place, name, *item);
                one.rank = 6;
                one.detail = Some(format!("{} (use {module})", item.keyword(db)));
                one.also.push(import(db, place.file, module, name));
                found.push(one);
            }
        }
    }
}

fn described<'db>(db: &'db dyn Db, place: &Typing<'db>, name: &str, item: Item<'db>) -> Completion {
    let mut one = place.completion(name, Kind::Item);
    one.insert = quoted(name);
    one.detail = Some(item.keyword(db).to_string());
    one.docs = Some(documentation(db, item).text.clone()).filter(|docs| !docs.is_empty());
    one
}

/// Types, and what they take.
pub(super) fn types<'db>(
    db: &'db dyn Db,
    place: &Typing<'db>,
    words: &[&str],
    found: &mut Vec<Completion>,
) {
    match words {
        [.., "Id", "<"] => return named(db, place, Role::Entity, found),
        [.., "Offset" | "Col", "<"] => {
            found.extend(words::UNITS.iter().map(|unit| place.completion(*unit, Kind::Value)));
            return;
        }
        _ => {}
    }
    for (name, says) in words::TYPES {
        let mut one = place.completion(*name, Kind::Type);
        one.docs = Some((*says).to_owned());
        if matches!(*name, "Offset" | "Line" | "Col" | "List") {
            one.insert = format!("{name}<$1>");
            one.snippet = true;
        } else if *name == "Map" {
            one.insert = "Map<$1, $2>".to_owned();
            one.snippet = true;
        }
        found.push(one);
    }
}
