//! New names, everywhere at once, so that the program means what it did.

use std::fmt;

use cpg_base::TextRange;
use cpg_hir::semantics::{
    Resolution, Symbol as Interned, facts, imports, modules, resolve, use_tree,
};
use cpg_hir::{Db, Item, SourceFile, parse};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::ItemKind;
use cpg_syntax::keywords::EXPRESSION_WORDS;

use crate::mentions::{Access, Column, Mention, Symbol, mentions, output_column, symbols_at};
use crate::place::{Place, TextEdit, bare, text_at, within};
use crate::references::{all_items, uses};

/// Why something cannot be renamed, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenameError(String);

impl fmt::Display for RenameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RenameError {}

fn refuse<T>(why: impl Into<String>) -> Result<T, RenameError> {
    Err(RenameError(why.into()))
}

/// The name at that offset, if it can be renamed: where it stands and what it is.
///
/// # Errors
/// Why it cannot.
pub fn prepare_rename(
    db: &dyn Db,
    file: SourceFile,
    offset: u32,
) -> Result<(TextRange, String), RenameError> {
    let (range, symbol) = target(db, file, offset)?;
    renamable(db, &symbol)?;
    let written = range.slice(file.text(db)).unwrap_or_default();
    Ok((range, bare(written).to_owned()))
}

/// The edits that give what stands at that offset another name.
///
/// # Errors
/// Why it cannot have that name.
pub fn rename(
    db: &dyn Db,
    file: SourceFile,
    offset: u32,
    name: &str,
) -> Result<Vec<TextEdit>, RenameError> {
    let (_, symbol) = target(db, file, offset)?;
    renamable(db, &symbol)?;
    let name = bare(name);
    if name.is_empty() || name.contains(['`', '\n', '\r']) {
        return refuse(format!("`{name}` is no name"));
    }
    let written = quoted(name);
    match &symbol {
        Symbol::Item(item) => rename_item(db, *item, name, &written),
        Symbol::Column(column) => rename_column(db, column, name, &written),
        Symbol::Source(..) => Ok(rename_source(db, &symbol, &written)),
        Symbol::Module(_) | Symbol::Function(_) | Symbol::SpanEnd => refuse("it has a fixed name"),
    }
}

/// What a rename at that offset is about: of a name that is two things, the one that it declares if
/// that can have another name.
fn target<'db>(
    db: &'db dyn Db,
    file: SourceFile,
    offset: u32,
) -> Result<(TextRange, Symbol<'db>), RenameError> {
    let found = symbols_at(db, file, offset);
    let mut declared = found.iter().filter(|(_, mention)| mention.access == Access::Declared);
    let declared = declared.find(|(_, mention)| renamable(db, &mention.symbol).is_ok());
    match declared.or(found.first()) {
        Some((range, mention)) => Ok((*range, mention.symbol.clone())),
        None => refuse("no name stands here"),
    }
}

fn renamable(db: &dyn Db, symbol: &Symbol<'_>) -> Result<(), RenameError> {
    let is_library = |file: SourceFile| file.module(db).starts_with("std.");
    match symbol {
        Symbol::Item(item) if is_library(item.file(db)) => {
            refuse(format!("{} belongs to the standard library", item.label(db)))
        }
        Symbol::Item(item) if item.keyword(db) == ItemKeyword::Evidence => {
            refuse("evidence is called as its extractor's table is; import it under another name")
        }
        Symbol::Item(_) | Symbol::Source(..) => Ok(()),
        Symbol::Column(column) if is_library(column.item.file(db)) => {
            refuse(format!("`{}` belongs to the standard library", column.name))
        }
        Symbol::Column(column) if column.declared.is_none() => {
            refuse(format!("the language calls this column `{}`", column.name))
        }
        Symbol::Column(column) if column.item.keyword(db) == ItemKeyword::Evidence => {
            refuse(format!("the extractor calls this column `{}`", column.name))
        }
        Symbol::Column(column)
            if column.item.keyword(db) == ItemKeyword::Normalize
                && output_column(db, column.item, &column.name).as_ref() != Some(column) =>
        {
            refuse(format!("readers of the graph know this property as `{}`", column.name))
        }
        Symbol::Column(_) => Ok(()),
        Symbol::Module(_) => refuse("a module is called as its file is: rename the file"),
        Symbol::Function(name) => refuse(format!("`{name}` comes with the language")),
        Symbol::SpanEnd => refuse("the ends of a span are `start` and `end`"),
    }
}

/// A name as it must be written.
pub(crate) fn quoted(name: &str) -> String {
    let mut chars = name.chars();
    let plain = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !EXPRESSION_WORDS.contains(&name);
    if plain { name.to_owned() } else { format!("`{name}`") }
}

fn edit(db: &dyn Db, item: Item<'_>, range: TextRange, text: impl Into<String>) -> TextEdit {
    TextEdit { place: within(db, item, range), text: text.into() }
}

fn rename_item<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    name: &str,
    written: &str,
) -> Result<Vec<TextEdit>, RenameError> {
    let old = item.name(db).clone().unwrap_or_default();
    let found = uses(db, &Symbol::Item(item));
    let mut files: Vec<SourceFile> = found.iter().map(|one| one.item.file(db)).collect();
    files.dedup();
    for file in files {
        // Under another name of its own there, nothing collides.
        let renamed = file != item.file(db)
            && imports(db, file).get(&old).is_none_or(|import| import.name != old);
        if renamed {
            continue;
        }
        if let Resolution::Item(other) = resolve(db, file, Interned::new(db, name))
            && other != item
        {
            let module = file.module(db);
            return refuse(format!("`{module}` has {} already", other.label(db)));
        }
    }
    let same = |text: &str| bare(text) == old;
    let edits =
        found.iter().filter(|one| same(text_at(db, one.item, one.mention.range))).map(|one| {
            let text = match is_source_too(db, one.item, &one.mention) {
                // Expressions go on calling the row source as before.
                true => format!("{written} as {}", text_at(db, one.item, one.mention.range)),
                false => written.to_owned(),
            };
            edit(db, one.item, one.mention.range, text)
        });
    Ok(deduplicated(edits.collect()))
}

/// Whether the name of a relation is also what expressions call its rows.
fn is_source_too<'db>(db: &'db dyn Db, item: Item<'db>, mention: &Mention<'db>) -> bool {
    let named = mentions(db, item);
    let declares = named.iter().any(|other| {
        other.range == mention.range
            && matches!(other.symbol, Symbol::Source(..))
            && other.access == Access::Declared
    });
    declares
        && named.iter().any(|other| {
            other.access == Access::Used
                && matches!(other.symbol, Symbol::Source(_, declared) if declared == mention.range)
        })
}

fn rename_source(db: &dyn Db, symbol: &Symbol<'_>, written: &str) -> Vec<TextEdit> {
    let Symbol::Source(item, declared) = symbol else { return Vec::new() };
    let named = mentions(db, *item);
    let is_relation = named
        .iter()
        .any(|other| other.range == *declared && matches!(other.symbol, Symbol::Item(_)));
    let found = named.iter().filter(|mention| mention.symbol == *symbol);
    let edits = found.map(|mention| {
        if mention.access == Access::Declared && is_relation {
            // It has no name of its own yet.
            let end = TextRange::empty(mention.range.end());
            edit(db, *item, end, format!(" as {written}"))
        } else {
            edit(db, *item, mention.range, written)
        }
    });
    deduplicated(edits.collect())
}

fn rename_column<'db>(
    db: &'db dyn Db,
    column: &Column<'db>,
    name: &str,
    written: &str,
) -> Result<Vec<TextEdit>, RenameError> {
    let mut group = vec![column.clone()];
    let mut at = 0;
    while let Some(one) = group.get(at).cloned() {
        at += 1;
        for linked in linked(db, &one)? {
            if !group.contains(&linked) {
                group.push(linked);
            }
        }
    }
    let mut edits = Vec::new();
    for one in &group {
        let symbol = Symbol::Column(one.clone());
        renamable(db, &symbol)?;
        if output_column(db, one.item, name).is_some() {
            return refuse(format!("{} has a column `{name}` already", one.item.label(db)));
        }
        for found in uses(db, &symbol) {
            edits.push(column_edit(db, found.item, &found.mention, written, &group));
        }
    }
    Ok(deduplicated(edits))
}

/// The edit of one name of a column. Where the name also names a new column, that one keeps its name.
fn column_edit<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    mention: &Mention<'db>,
    written: &str,
    group: &[Column<'db>],
) -> TextEdit {
    let old = text_at(db, item, mention.range);
    let named = mentions(db, item);
    let others = || named.iter().filter(|other| **other != *mention);
    let renamed = |other: &Mention<'db>| matches!(&other.symbol, Symbol::Column(column) if group.contains(column));
    let mut same = others().filter(|other| other.range == mention.range && is_column(other));
    if same.all(renamed) {
        return edit(db, item, mention.range, written);
    }
    // `name` and `d.name` in braces, and a column that is kept, are read and declared by one name.
    let start = path_start(item.text(db), mention.range);
    let path = text_at(db, item, TextRange::new(start, mention.range.start()));
    let text = match (mention.access, is_kept(db, item, mention.range)) {
        (Access::Declared, true) => format!("{old} as {written}"),
        (Access::Declared, false) => format!("{written}: {path}{old}"),
        (_, true) => format!("{written} as {old}"),
        (_, false) => format!("{old}: {path}{written}"),
    };
    edit(db, item, TextRange::new(start, mention.range.end()), text)
}

fn is_column(mention: &Mention<'_>) -> bool {
    matches!(mention.symbol, Symbol::Column(_))
}

/// Whether the name stands in a `keep` clause.
fn is_kept<'db>(db: &'db dyn Db, item: Item<'db>, range: TextRange) -> bool {
    use cpg_syntax::ast::NormalizeClauseKind::Keep;
    match parse(db, item).item.as_ref().map(|tree| &tree.kind) {
        Some(ItemKind::Normalize(tree)) => tree.clauses.iter().any(|clause| {
            matches!(clause.kind, Keep(_))
                && clause.range.start() <= range.start()
                && range.end() <= clause.range.end()
        }),
        _ => false,
    }
}

/// Where the dotted path that ends with the name at `range` starts.
fn path_start(text: &str, range: TextRange) -> u32 {
    let before = text.get(..range.start() as usize).unwrap_or_default();
    let path = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "_.`".contains(c));
    u32::try_from(path.len()).unwrap_or(range.start())
}

/// Columns that must be called as this one is: what a schema's column is made of, and the other way round.
fn linked<'db>(db: &'db dyn Db, column: &Column<'db>) -> Result<Vec<Column<'db>>, RenameError> {
    let mut linked = Vec::new();
    for item in all_items(db) {
        let promises = match parse(db, item).item.as_ref().map(|tree| &tree.kind) {
            Some(ItemKind::Union(_)) => true,
            Some(ItemKind::View(tree)) => tree.schema.is_some(),
            Some(ItemKind::SqlView(tree)) => tree.schema.is_some(),
            _ => false,
        };
        if !promises {
            continue;
        }
        let schema = output_column(db, item, &column.name);
        let members = facts(db, item).inputs.iter().copied();
        let by_name = members.filter_map(|member| output_column(db, member, &column.name));
        let by_name: Vec<Column<'db>> = by_name.collect();
        if schema.as_ref() == Some(column) || by_name.contains(column) {
            if column.item.keyword(db) == ItemKeyword::Schema {
                return refuse(format!(
                    "rows of {} get this column by its name: rename it where they are made first",
                    item.label(db)
                ));
            }
            if schema.is_some() && by_name.contains(column) {
                linked.extend(schema);
            }
        }
    }
    Ok(linked)
}

/// Edits in the order of the program, each once.
fn deduplicated(mut edits: Vec<TextEdit>) -> Vec<TextEdit> {
    let mut seen: Vec<Place> = Vec::new();
    edits.retain(|edit| {
        let new = !seen.contains(&edit.place);
        seen.push(edit.place);
        new
    });
    edits
}

/// The edits that go with a module's new name: every `use` of it and of what lies below it.
pub fn module_renamed(db: &dyn Db, old: &str, new: &str) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    for item in all_items(db) {
        let paths: Vec<&cpg_syntax::ast::DottedName> = match use_tree(db, item) {
            Some(tree) => vec![&tree.module],
            None => match parse(db, item).item.as_ref().map(|tree| &tree.kind) {
                Some(ItemKind::Union(tree)) => match &tree.members {
                    cpg_syntax::ast::UnionMembers::Emitted { modules, .. } => {
                        modules.iter().collect()
                    }
                    cpg_syntax::ast::UnionMembers::Relations(_) => Vec::new(),
                },
                _ => Vec::new(),
            },
        };
        for path in paths {
            if cpg_hir::semantics::dotted(path) == old && modules(db).contains_key(old) {
                edits.push(edit(db, item, path.range, new));
            }
        }
    }
    edits
}
