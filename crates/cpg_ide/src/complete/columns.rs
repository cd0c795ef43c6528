//! Columns, row sources, constants and functions.

use cpg_hir::semantics::{
    Resolution, RowSource, Signature, Symbol, resolve, signature, visible_names,
};
use cpg_hir::{Catalogs, Db};
use cpg_ir::types::{ColumnType, SemanticType};
use cpg_syntax::ItemKeyword;

use super::probe::Probe;
use super::{Completion, CompletionKind as Kind, Typing};
use crate::hover::{function_text, item_text};
use crate::rename::quoted;
use crate::words::{self, Stands};

/// The columns of the row source, or the ends of the span, before the dot.
pub(super) fn fields(
    place: &Typing<'_>,
    words: &[&str],
    probe: Option<&Probe<'_>>,
    found: &mut Vec<Completion>,
) {
    let Some(sources) = probe.and_then(|probe| probe.facts.sources.as_ref()) else { return };
    let (last, outer) = match words {
        [.., outer, ".", last, "."] if is_name(outer) && is_name(last) => (last, Some(outer)),
        [.., last, "."] if is_name(last) => (last, None),
        _ => return,
    };
    let aliased = sources.iter().find(|source| source.alias.as_deref() == Some(*last));
    if let (Some(source), None) = (aliased, outer) {
        for column in &source.row.columns {
            let mut one = place.completion(&column.name, Kind::Column);
            one.insert = quoted(&column.name);
            one.detail = Some(column.ty.to_string());
            one.rank = expected_rank(probe, words, column.ty.known(), 2);
            found.push(one);
        }
        return;
    }
    let columns = sources
        .iter()
        .filter(|source| outer.is_none_or(|outer| source.alias.as_deref() == Some(*outer)));
    let span = columns
        .filter_map(|source| source.row.column(last))
        .any(|column| column.ty.semantic() == Some(&SemanticType::Span));
    if span {
        for end in ["start", "end"] {
            let mut one = place.completion(end, Kind::Column);
            one.detail = Some("Offset<byte>".to_owned());
            found.push(one);
        }
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '`')
}

/// What an expression may begin with.
pub(super) fn values<'db>(
    db: &'db dyn Db,
    place: &Typing<'db>,
    probe: &Probe<'db>,
    words: &[&str],
    found: &mut Vec<Completion>,
) {
    let sources = probe.facts.sources.as_deref().unwrap_or_default();
    for source in sources {
        for column in &source.row.columns {
            let mut one = place.completion(&column.name, Kind::Column);
            one.insert = written(source, &column.name, probe.role.is_none());
            one.detail = Some(column.ty.to_string());
            one.rank = expected_rank(Some(probe), words, column.ty.known(), 2);
            found.push(one);
        }
    }
    if probe.role.is_none() {
        // Where only a column's name may stand.
        return;
    }
    for alias in sources.iter().filter_map(|source| source.alias.as_deref()) {
        let mut one = place.completion(alias, Kind::Source);
        one.rank = 3;
        found.push(one);
    }
    named_values(db, place, probe, words, found);
    functions(db, place, probe.facts.aggregate, found);
}

/// A column as it must be written: with its row source where that has a name.
fn written(source: &RowSource, column: &str, bare: bool) -> String {
    let column = quoted(column);
    match &source.alias {
        Some(alias) if !bare => format!("{}.{column}", quoted(alias)),
        _ => column,
    }
}

/// Less where the type is, or means, what stands on the other side of a comparison.
fn expected_rank(
    probe: Option<&Probe<'_>>,
    words: &[&str],
    ty: Option<&ColumnType>,
    rank: u8,
) -> u8 {
    let compared = words
        .iter()
        .rev()
        .find(|word| !is_name(word) && **word != ".")
        .is_some_and(|word| matches!(*word, "==" | "!=" | "<" | "<=" | ">" | ">="));
    let Some(probe) = probe.filter(|_| compared) else { return rank };
    // The longest operand that ends before the operator.
    let before = probe.facts.types.iter().filter(|(range, _)| range.end() < probe.at);
    let left = before.max_by_key(|(range, _)| (range.end(), range.len()));
    let expected = left.and_then(|(_, ty)| ty.known());
    match (expected, ty) {
        (Some(expected), Some(ty)) if expected == ty => rank - 2,
        (Some(expected), Some(ty)) if expected.semantic == ty.semantic => rank - 1,
        _ => rank,
    }
}

/// Constants and functions of the program that have a name here.
fn named_values<'db>(
    db: &'db dyn Db,
    place: &Typing<'db>,
    probe: &Probe<'db>,
    words: &[&str],
    found: &mut Vec<Completion>,
) {
    for name in visible_names(db, place.file) {
        let Resolution::Item(item) = resolve(db, place.file, Symbol::new(db, name)) else {
            continue;
        };
        match (&**signature(db, item), item.keyword(db)) {
            (Signature::Constant(constant), _) => {
                let mut one = place.completion(name, Kind::Constant);
                one.insert = quoted(name);
                one.detail = Some(constant.ty.to_string());
                one.rank = expected_rank(Some(probe), words, Some(&constant.ty), 4);
                found.push(one);
            }
            (Signature::Function(function), _) => {
                let names = function.parameters.iter().map(|column| column.name.as_str());
                let mut one = place.completion(name, Kind::Function);
                one.insert = call(name, names);
                one.snippet = true;
                one.detail = Some(function.result.to_string());
                one.docs = Some(item_text(db, item));
                one.rank = 4;
                found.push(one);
            }
            _ => {}
        }
    }
}

/// The functions of the language.
fn functions(db: &dyn Db, place: &Typing<'_>, aggregate: bool, found: &mut Vec<Completion>) {
    let stands = if aggregate { Stands::Aggregate } else { Stands::Anywhere };
    for form in words::FORMS.iter().filter(|form| form.stands == stands) {
        let args = form.call.split_once('(').map_or("", |(_, rest)| rest);
        let args = args.split(')').next().unwrap_or_default();
        let args = args.split(", ").filter(|arg| !arg.is_empty() && *arg != "…");
        let mut one = place.completion(form.name, Kind::Function);
        one.insert = call(form.name, args);
        one.snippet = true;
        one.detail = Some(form.call.to_owned());
        one.docs = Some(form.says.to_owned());
        one.rank = if aggregate { 0 } else { 5 };
        found.push(one);
    }
    if aggregate {
        return;
    }
    for (name, signature) in &Catalogs::get(db).functions(db).functions {
        let args = signature.overloads.first().map(|overload| overload.args.iter());
        let args: Vec<String> = args.into_iter().flatten().map(words::physical).collect();
        let mut one = place.completion(name, Kind::Function);
        one.insert = call(name, args.iter().map(String::as_str));
        one.snippet = true;
        one.docs = function_text(db, name);
        one.rank = 5;
        found.push(one);
    }
}

/// A call with its arguments to fill in.
fn call<'a>(name: &str, args: impl Iterator<Item = &'a str>) -> String {
    let args: Vec<String> = args
        .zip(1..)
        .map(|(arg, number)| format!("${{{number}:{}}}", arg.replace(['$', '}', '\\'], "")))
        .collect();
    match args.is_empty() {
        true => format!("{name}()"),
        false => format!("{name}({})", args.join(", ")),
    }
}

/// The columns of the relation whose parenthesis is open, or of the schema of a union.
pub(super) fn of_relation<'db>(
    db: &'db dyn Db,
    place: &Typing<'db>,
    words: &[&str],
    found: &mut Vec<Completion>,
) {
    let mut depth = 0_i32;
    let mut named = None;
    for (at, word) in words.iter().enumerate().rev() {
        match *word {
            ")" | "}" => depth += 1,
            "(" | "{" if depth == 0 => {
                named = words.get(at.wrapping_sub(1)).copied();
                break;
            }
            "(" | "{" => depth -= 1,
            _ => {}
        }
    }
    // `union NAME: SCHEMA … by`, `fuse per`.
    let schema = words.iter().position(|word| *word == ":").and_then(|at| words.get(at + 1));
    let union = words.first().copied() == Some(ItemKeyword::Union.as_str());
    let name = named.or(schema.copied().filter(|_| union));
    let Some(name) = name.filter(|name| is_name(name)) else { return };
    let Resolution::Item(item) = resolve(db, place.file, Symbol::new(db, name)) else { return };
    if let Signature::Relation(cpg_hir::semantics::RelationSignature { row, .. })
    | Signature::Schema(row) = &**signature(db, item)
    {
        for column in &row.columns {
            let mut one = place.completion(&column.name, Kind::Column);
            one.insert = quoted(&column.name);
            one.detail = Some(column.ty.to_string());
            one.rank = 1;
            found.push(one);
        }
    }
}
