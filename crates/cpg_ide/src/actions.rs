//! What an editor can do about a place.

use cpg_base::{Code, TextRange};
use cpg_hir::semantics::{
    Resolution, Signature, Symbol, declared, facts, file_diagnostics, modules, resolve, signature,
    use_tree,
};
use cpg_hir::{Db, Item, SourceFile, items, parse};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::ItemKind;

use crate::extract;
use crate::guards;
use crate::imports::import;
use crate::keys;
use crate::place::{Place, TextEdit, item_at, text_at, whole, within};
use crate::references::all_items;
use crate::rename::quoted;

/// A change that can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What it does, as an imperative.
    pub title: String,
    /// What kind of change it is.
    pub kind: ActionKind,
    /// The mistake that it mends: its code and its place.
    pub mends: Option<(Code, TextRange)>,
    /// Its edits.
    pub edits: Vec<TextEdit>,
}

/// What kind of change an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionKind {
    /// Mends a mistake.
    Fix,
    /// Says the same in another way.
    Rewrite,
    /// Makes something of its own of a part.
    Extract,
    /// Tidies the `use`s of a file.
    OrganizeImports,
    /// Mends every mistake of a file that has one way to be mended.
    FixAll,
}

/// What can be done about a part of a file.
pub fn actions(db: &dyn Db, file: SourceFile, range: TextRange) -> Vec<Action> {
    let mut found = Vec::new();
    let mut all = Vec::new();
    for diagnostic in file_diagnostics(db, file) {
        let Some(primary) = diagnostic.labels.first() else { continue };
        let mends = Some((diagnostic.code, primary.range));
        let here = primary.range.start() <= range.end() && range.start() <= primary.range.end();
        for fix in &diagnostic.fixes {
            let edits: Vec<TextEdit> = fix
                .edits
                .iter()
                .map(|edit| TextEdit {
                    place: Place { file, range: edit.range },
                    text: edit.replacement.clone(),
                })
                .collect();
            if let [_] = diagnostic.fixes.as_slice() {
                all.extend(edits.iter().cloned());
            }
            if here {
                let title = fix.title.clone();
                found.push(Action { title, kind: ActionKind::Fix, mends, edits });
            }
        }
        if here {
            guards::offer(db, file, diagnostic.code, primary.range, &mut found);
            keys::offer(db, file, diagnostic.code, primary.range, &mut found);
            imports(db, file, diagnostic.code, primary.range, &mut found);
        }
    }
    if let Some(item) = item_at(db, file, range.start()) {
        say_join(db, item, &mut found);
        promise_schema(db, item, &mut found);
        extract::template(db, item, &mut found);
    }
    let tidied = organized(db, file);
    if !tidied.is_empty() {
        found.push(Action {
            title: "sort the `use`s and remove unused ones".to_owned(),
            kind: ActionKind::OrganizeImports,
            mends: None,
            edits: tidied,
        });
    }
    let all = apart(all);
    if all.len() > 1 {
        found.push(Action {
            title: "mend everything that has one way to be mended".to_owned(),
            kind: ActionKind::FixAll,
            mends: None,
            edits: all,
        });
    }
    found
}

/// Edits that do not touch one another, in order.
fn apart(mut edits: Vec<TextEdit>) -> Vec<TextEdit> {
    edits.sort_by_key(|edit| edit.place.range);
    edits.dedup();
    let mut end = None;
    edits.retain(|edit| {
        let free = end.is_none_or(|end| end < edit.place.range.start());
        if free {
            end = Some(edit.place.range.end());
        }
        free
    });
    edits
}

/// The modules that declare a name which is unknown here.
fn imports(db: &dyn Db, file: SourceFile, code: Code, range: TextRange, found: &mut Vec<Action>) {
    if !matches!(code, Code::UnknownName | Code::UnknownFunction | Code::UnknownColumn) {
        return;
    }
    let Some(name) = range.slice(file.text(db)) else { return };
    let hidden = resolve(db, file, Symbol::new(db, name)) == Resolution::Unknown;
    let is_use = item_at(db, file, range.start()).is_some_and(|item| use_tree(db, item).is_some());
    if !hidden || is_use {
        return;
    }
    for (module, other) in modules(db) {
        let Some(item) = declared(db, *other).get(name) else { continue };
        let value = matches!(item.keyword(db), ItemKeyword::Const | ItemKeyword::Fn);
        if *other == file || (code != Code::UnknownName && !value) {
            continue;
        }
        found.push(Action {
            title: format!("add `use {module}.{}`", quoted(name)),
            kind: ActionKind::Fix,
            mends: Some((code, range)),
            edits: vec![import(db, file, module, name)],
        });
    }
}

/// Writes down the join that follows from types.
fn say_join<'db>(db: &'db dyn Db, item: Item<'db>, found: &mut Vec<Action>) {
    let Some(inferred) = &facts(db, item).inferred else { return };
    let Some(tree) = &parse(db, item).item else { return };
    let Some(brace) = text_at(db, item, tree.range).find('{') else { return };
    let at = tree.range.start() + TextRange::from_usize(0, brace + 1).len();
    found.push(Action {
        title: format!("write `on {}`", inferred.on),
        kind: ActionKind::Rewrite,
        mends: None,
        edits: vec![TextEdit {
            place: within(db, item, TextRange::empty(at)),
            text: format!("\n  on {}", inferred.on),
        }],
    });
}

/// Gives a view a schema of the columns that it has.
fn promise_schema<'db>(db: &'db dyn Db, item: Item<'db>, found: &mut Vec<Action>) {
    let Some(ItemKind::View(tree)) = parse(db, item).item.as_ref().map(|tree| &tree.kind) else {
        return;
    };
    if tree.schema.is_some() {
        return;
    }
    let Signature::Relation(relation) = &**signature(db, item) else { return };
    if relation.row.open || relation.row.columns.is_empty() {
        return;
    }
    let mut columns = String::new();
    for column in &relation.row.columns {
        let Some(ty) = column.ty.known() else { return };
        let Some(ty) = spelled(db, item, ty) else { return };
        columns.push_str(&format!("  {}: {ty}\n", quoted(&column.name)));
    }
    let name = format!("{}_row", tree.name.text);
    let start = TextRange::empty(whole(db, item).start());
    found.push(Action {
        title: format!("promise a schema `{name}` of its columns"),
        kind: ActionKind::Rewrite,
        mends: None,
        edits: vec![
            TextEdit {
                place: Place { file: item.file(db), range: start },
                text: format!("schema {} {{\n{columns}}}\n\n", quoted(&name)),
            },
            TextEdit {
                place: within(db, item, TextRange::empty(tree.name.range.end())),
                text: format!(": {}", quoted(&name)),
            },
        ],
    });
}

/// A type as the file of `item` can write it; `None` when the entity of an id has no name there.
fn spelled<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    ty: &cpg_ir::types::ColumnType,
) -> Option<String> {
    use cpg_ir::types::SemanticType as S;
    let nullable = if ty.nullable { "?" } else { "" };
    let S::Id(Some(_)) = &ty.semantic else {
        let text = ty.to_string();
        return (!text.contains('"')).then_some(text);
    };
    let entity = crate::definition::entity_of(db, &ty.semantic)?;
    let file = item.file(db);
    let name = cpg_hir::semantics::visible_names(db, file)
        .find(|name| resolve(db, file, Symbol::new(db, *name)) == Resolution::Item(entity))?;
    Some(format!("Id<{}>{nullable}", quoted(name)))
}

/// The `use`s of a file, sorted, one for each module, without what nothing uses. Nothing where something stands
/// between them.
fn organized(db: &dyn Db, file: SourceFile) -> Vec<TextEdit> {
    let uses: Vec<Item<'_>> =
        items(db, file).iter().copied().filter(|i| i.keyword(db) == ItemKeyword::Use).collect();
    let (Some(first), Some(last)) = (uses.first(), uses.last()) else { return Vec::new() };
    let range = whole(db, *first).cover(whole(db, *last));
    let others = all_items(db).any(|item| {
        item.file(db) == file
            && item.keyword(db) != ItemKeyword::Use
            && range.touches(item.start(db))
            && item.start(db) != range.end()
    });
    let comments = range.slice(file.text(db)).is_none_or(|text| text.contains("//"));
    let broken = uses.iter().any(|item| !parse(db, *item).errors.is_empty());
    if others || comments || broken {
        return Vec::new();
    }
    let unused: Vec<TextRange> = file_diagnostics(db, file)
        .iter()
        .filter(|diagnostic| diagnostic.code == Code::UnusedUse)
        .filter_map(|diagnostic| diagnostic.labels.first().map(|label| label.range))
        .collect();
    let mut modules: std::collections::BTreeMap<String, Vec<String>> = Default::default();
    for item in &uses {
        let Some(tree) = use_tree(db, *item) else { return Vec::new() };
        let path: Vec<String> = tree.module.segments.iter().map(|one| quoted(&one.text)).collect();
        let names = modules.entry(path.join(".")).or_default();
        for name in &tree.names {
            let local = name.alias.as_ref().unwrap_or(&name.name);
            if unused.contains(&within(db, *item, local.range).range) {
                continue;
            }
            let alias = name.alias.as_ref().map(|alias| format!(" as {}", quoted(&alias.text)));
            names.push(format!("{}{}", quoted(&name.name.text), alias.unwrap_or_default()));
        }
    }
    let mut text = String::new();
    for (module, mut names) in modules {
        names.sort();
        names.dedup();
        match names.as_slice() {
            [] => {}
            [only] => text.push_str(&format!("use {module}.{only}\n")),
            _ => text.push_str(&format!("use {module}.{{{}}}\n", names.join(", "))),
        }
    }
    let text = cpg_syntax::format(&text).text;
    let text = text.trim_end();
    if range.slice(file.text(db)) == Some(text) {
        return Vec::new();
    }
    vec![TextEdit { place: Place { file, range }, text: text.to_owned() }]
}
