//! Dotted paths: modules, what they declare, and extractors; and attributes.

use std::collections::BTreeSet;

use cpg_hir::semantics::{declared, modules};
use cpg_hir::{Catalogs, Db, Item};
use cpg_syntax::ItemKeyword;

use super::{Completion, CompletionKind as Kind, Typing};
use crate::rename::quoted;

/// Whether a path or an attribute stands here; then nothing else may.
pub(super) fn complete<'db>(
    db: &'db dyn Db,
    place: &Typing<'db>,
    item: Item<'db>,
    words: &[&str],
    found: &mut Vec<Completion>,
) -> bool {
    if words.last() == Some(&"@") {
        let mut one = place.completion("tag", Kind::Keyword);
        one.insert = "tag($1)".to_owned();
        one.snippet = true;
        found.push(one);
        return true;
    }
    let path_start = words.iter().rposition(|word| !is_part(word)).map_or(0, |at| at + 1);
    let path = words.get(path_start..).unwrap_or_default();
    match item.keyword(db) {
        ItemKeyword::Use => {
            if let Some(open) = words.iter().position(|word| *word == "{") {
                let module: String = words.get(1..open).unwrap_or_default().concat();
                names(db, place, module.trim_end_matches('.'), words, found);
                return true;
            }
            let path: String = words.get(1..).unwrap_or_default().concat();
            segments(db, place, &path, found);
            if let Some(module) = path.strip_suffix('.') {
                names(db, place, module, words, found);
            }
            true
        }
        ItemKeyword::Union if follows(words, path_start, &["in", ","]) && words.contains(&"in") => {
            segments(db, place, &path.concat(), found);
            true
        }
        ItemKeyword::Evidence if words.contains(&"extractor") && !words.contains(&"{") => {
            let typed: String =
                words.iter().skip_while(|word| **word != "extractor").skip(1).copied().collect();
            let keys = Catalogs::get(db).extractors(db).extractors.iter();
            for (key, signature) in keys.filter(|(key, _)| key.starts_with(&typed)) {
                let mut one = place.completion(&key[typed.len()..], Kind::Value);
                one.docs = Some(signature.description.clone());
                found.push(one);
            }
            true
        }
        _ => false,
    }
}

fn is_part(word: &str) -> bool {
    word == "." || (word != "in" && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

fn follows(words: &[&str], at: usize, before: &[&str]) -> bool {
    at.checked_sub(1).and_then(|at| words.get(at)).is_some_and(|word| before.contains(word))
}

/// The next segment of modules whose path begins so.
fn segments(db: &dyn Db, place: &Typing<'_>, path: &str, found: &mut Vec<Completion>) {
    let next: BTreeSet<&str> = modules(db)
        .keys()
        .filter_map(|module| module.strip_prefix(path)?.split('.').next())
        .filter(|segment| !segment.is_empty())
        .collect();
    for segment in next {
        let mut one = place.completion(segment, Kind::Module);
        one.insert = quoted(segment);
        one.rank = 2;
        found.push(one);
    }
}

/// What a module declares that is not taken yet.
fn names(
    db: &dyn Db,
    place: &Typing<'_>,
    module: &str,
    words: &[&str],
    found: &mut Vec<Completion>,
) {
    let Some(file) = modules(db).get(module) else { return };
    for (name, item) in declared(db, *file) {
        if words.contains(&name.as_str()) {
            continue;
        }
        let mut one = place.completion(name, Kind::Item);
        one.insert = quoted(name);
        one.detail = Some(item.keyword(db).to_string());
        one.rank = 1;
        found.push(one);
    }
}
