//! What is said of the thing under the pointer, in Markdown.

use std::fmt::Write as _;

use cpg_base::TextRange;
use cpg_hir::semantics::{
    Facts, Signature, documentation, facts, module_docs, policies_of, readers, signature,
};
use cpg_hir::{Catalogs, Db, Item, SourceFile, items, parse};
use cpg_ir::catalog::FunctionSignature;
use cpg_ir::spec::JoinStrategy;
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::ItemKind;

use crate::mentions::{Column, Mention, Symbol, symbols_at};
use crate::place::{item_at, text_at};
use crate::words;

/// What is said of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover<'db> {
    /// What it is said of.
    pub range: TextRange,
    /// In Markdown.
    pub text: String,
    /// The item that it is about, for what others know of it.
    pub item: Option<Item<'db>>,
}

/// What is said of what stands at that offset.
pub fn hover<'db>(db: &'db dyn Db, file: SourceFile, offset: u32) -> Option<Hover<'db>> {
    let found = symbols_at(db, file, offset);
    if found.is_empty() {
        return word(db, file, offset);
    }
    let range = found.first()?.0;
    let item = found.iter().find_map(|(_, mention)| match mention.symbol {
        Symbol::Item(item) => Some(item),
        _ => None,
    });
    let mut texts: Vec<String> = found
        .iter()
        .map(|(_, mention)| symbol(db, mention))
        .filter(|text| !text.is_empty())
        .collect();
    texts.dedup();
    Some(Hover { range, text: texts.join("\n\n---\n\n"), item })
}

fn symbol<'db>(db: &'db dyn Db, mention: &Mention<'db>) -> String {
    match &mention.symbol {
        Symbol::Item(item) => item_text(db, *item),
        Symbol::Column(column) => column_text(db, column, mention),
        Symbol::Source(item, declared) => {
            let relation = crate::definition::source_item(db, *item, *declared);
            let relation = relation.map(|relation| relation.label(db)).unwrap_or_default();
            let alias = text_at(db, *item, *declared);
            format!("{}\n\nA row source: {relation}", code(alias))
        }
        Symbol::Module(file) => module_text(db, *file),
        Symbol::Function(name) => function_text(db, name).unwrap_or_default(),
        Symbol::SpanEnd => {
            format!(
                "{}\n\nAn end of a span; `end` is one past the last byte.",
                code("Offset<byte>")
            )
        }
    }
}

pub(crate) fn code(text: &str) -> String {
    format!("```cpg\n{text}\n```")
}

/// The line with which an item begins, its documentation, its rows and what is known of it.
pub(crate) fn item_text<'db>(db: &'db dyn Db, item: Item<'db>) -> String {
    let mut text = code(&heading(db, item));
    let docs = documentation(db, item);
    section(&mut text, &docs.text);
    let facts = facts(db, item);
    match &**signature(db, item) {
        Signature::Constant(constant) => {
            section(&mut text, &format!("Type: `{}`", constant.ty));
        }
        Signature::Function(function) => {
            section(&mut text, &format!("Gives `{}`", function.result))
        }
        Signature::Schema(row)
        | Signature::Relation(cpg_hir::semantics::RelationSignature { row, .. }) => {
            let mut columns = String::new();
            for column in &row.columns {
                let _ = write!(columns, "\n- `{}: {}`", column.name, column.ty);
                if let Some(docs) = docs.columns.get(&column.name) {
                    let _ = write!(columns, " {}", docs.replace('\n', " "));
                }
            }
            section(&mut text, columns.trim_start());
        }
        Signature::Unknown | Signature::Nothing => {}
    }
    section(&mut text, &strategy(facts));
    if !docs.tags.is_empty() {
        let tags: Vec<String> = docs.tags.iter().map(|tag| format!("`{tag}`")).collect();
        section(&mut text, &format!("Tags: {}", tags.join(", ")));
    }
    if let Some(policies) = policies_of(db, item) {
        let said = policies.described().into_iter();
        let said: Vec<String> =
            said.map(|(setting, target)| format!("- `{setting}` (for {target})")).collect();
        section(&mut text, &format!("Policies:\n{}", said.join("\n")));
    }
    if let Some(owner) = &docs.owner {
        section(&mut text, &format!("Owner: {owner}"));
    }
    if let Some(why) = &docs.deprecated {
        section(&mut text, &format!("Deprecated: {why}"));
    }
    section(&mut text, &read_by(db, item));
    text
}

fn section(text: &mut String, said: &str) {
    if !said.is_empty() {
        let _ = write!(text, "\n\n{said}");
    }
}

/// The first line of an item, as written, without the brace.
fn heading<'db>(db: &'db dyn Db, item: Item<'db>) -> String {
    let Some(tree) = &parse(db, item).item else { return item.label(db) };
    let text = text_at(db, item, tree.range);
    let body = match tree.kind {
        ItemKind::Const(_) | ItemKind::Fn(_) | ItemKind::Export(_) | ItemKind::Use(_) => text,
        ItemKind::Check(_) | ItemKind::Policy(_) | ItemKind::Instance(_) => text,
        _ => text.split(['{', '=']).next().unwrap_or(text),
    };
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(200).collect()
}

/// How a join that is not said follows from types, surest first.
fn strategy(facts: &Facts<'_>) -> String {
    let Some(inferred) = &facts.inferred else { return String::new() };
    let why = match &inferred.strategy {
        JoinStrategy::Declared => return String::new(),
        JoinStrategy::ForeignKey { column } => {
            format!("`{column}` holds the other side's id (the surest way)")
        }
        JoinStrategy::SpanContainment => {
            "both have a span in a file (the second surest of four ways)".to_owned()
        }
        JoinStrategy::Symbol { column } => {
            format!("both have the symbol `{column}` (the third surest of four ways)")
        }
        JoinStrategy::SharedKeys { columns } => {
            let columns: Vec<String> = columns.iter().map(|one| format!("`{one}`")).collect();
            format!("both have {} (the least sure of four ways)", columns.join(", "))
        }
    };
    format!("Joined on `{}`: {why}", inferred.on)
}

/// How many readers are named.
const READERS_NAMED: usize = 8;

fn read_by<'db>(db: &'db dyn Db, item: Item<'db>) -> String {
    let readers = readers(db, item);
    let mut names: Vec<String> = readers
        .iter()
        .take(READERS_NAMED)
        .map(|reader| match reader.name(db) {
            Some(name) => format!("`{name}`"),
            None => format!("a `{}`", reader.keyword(db)),
        })
        .collect();
    if readers.len() > READERS_NAMED {
        names.push(format!("{} more", readers.len() - READERS_NAMED));
    }
    if names.is_empty() { names.concat() } else { format!("Read by {}", names.join(", ")) }
}

fn column_text<'db>(db: &'db dyn Db, column: &Column<'db>, mention: &Mention<'db>) -> String {
    let ty = mention.ty.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string);
    let mut text = code(&format!("{}: {ty}", column.name));
    section(&mut text, &format!("A column of {}", column.item.label(db)));
    if let Some(docs) = column_docs(db, column) {
        section(&mut text, &docs);
    }
    text
}

/// What is said of a column where it is declared.
pub(crate) fn column_docs<'db>(db: &'db dyn Db, column: &Column<'db>) -> Option<String> {
    let columns = match &parse(db, column.item).item.as_ref()?.kind {
        ItemKind::Schema(tree) => &tree.columns,
        ItemKind::Evidence(tree) => &tree.columns,
        _ => return documentation(db, column.item).columns.get(&column.name).cloned(),
    };
    let declared = columns.iter().find(|one| one.name.text == column.name)?;
    Some(declared.docs.clone()).filter(|docs| !docs.is_empty())
}

fn module_text(db: &dyn Db, file: SourceFile) -> String {
    let mut text = code(file.module(db));
    section(&mut text, module_docs(db, file));
    let count = items(db, file).iter().filter(|item| item.keyword(db) != ItemKeyword::Use).count();
    section(&mut text, &format!("{count} items, in `{}`", file.source(db)));
    text
}

pub(crate) fn function_text(db: &dyn Db, name: &str) -> Option<String> {
    if let Some(form) = words::form(name) {
        let mut text = code(form.call);
        section(&mut text, form.says);
        section(&mut text, &form.shown());
        return Some(text);
    }
    let function = Catalogs::get(db).functions(db).functions.get(name)?;
    let mut text = code(&overloads(name, function).join("\n"));
    section(&mut text, &function.description);
    let example = &function.example;
    section(&mut text, &words::shown(&example.call, &example.gives));
    Some(text)
}

/// Each way to call a function.
pub(crate) fn overloads(name: &str, function: &FunctionSignature) -> Vec<String> {
    let ways = function.overloads.iter().map(|overload| {
        let args: Vec<String> = overload.args.iter().map(words::physical).collect();
        let more = if overload.variadic { ", …" } else { "" };
        let null = if overload.may_be_null { "?" } else { "" };
        format!("{name}({}{more}) -> {}{null}", args.join(", "), words::physical(&overload.returns))
    });
    ways.collect()
}

/// What is said of a word of the language, a type or an expression.
fn word<'db>(db: &'db dyn Db, file: SourceFile, offset: u32) -> Option<Hover<'db>> {
    let item = item_at(db, file, offset)?;
    let start = item.start(db);
    let at = offset.checked_sub(start)?;
    let token = cpg_syntax::tokens(item.text(db)).find(|token| token.range.touches(at))?;
    let written = text_at(db, item, token.range);
    if let Some(said) = words::explained(written) {
        let text = format!("{}\n\n{said}", code(written));
        return Some(Hover { range: token.range.shifted(start), text, item: None });
    }
    // The smallest expression around it.
    let facts = facts(db, item);
    let around = facts.types.iter().filter(|(range, _)| range.touches(at));
    let (range, ty) = around.min_by_key(|(range, _)| range.len())?;
    let ty = ty.known()?;
    Some(Hover { range: range.shifted(start), text: code(&ty.to_string()), item: None })
}
