//! What can be said where a key is missing: an entity's own, one that holds another entity's id, one by which rows
//! compete.

use cpg_base::{Code, TextRange};
use cpg_hir::semantics::{Resolution, Signature, Symbol, entity_header, resolve, signature};
use cpg_hir::{Db, Item, SourceFile, parse};
use cpg_ir::types::{SemanticType, TextUnit};
use cpg_syntax::ast::{
    ItemKind, NormalizeClause, NormalizeClauseKind, NormalizeItem, PipelineArm, PipelineStepKind,
    RelateItem, RowSource,
};

use crate::actions::{Action, ActionKind};
use crate::place::{Place, TextEdit, item_at, text_at, within};
use crate::rename::quoted;

/// Offers keys. Which one is meant only its author knows, so none is applied without being chosen.
pub(crate) fn offer(
    db: &dyn Db,
    file: SourceFile,
    code: Code,
    range: TextRange,
    found: &mut Vec<Action>,
) {
    let Some(item) = item_at(db, file, range.start()) else { return };
    let kind = parse(db, item).item.as_ref().map(|tree| &tree.kind);
    let edits: Vec<(String, TextEdit)> = match (code, kind) {
        (Code::MissingClause, Some(ItemKind::Normalize(tree))) => {
            own(db, item, tree).into_iter().collect()
        }
        (Code::NoStrategy, Some(ItemKind::Relate(tree))) => others(db, item, tree),
        (Code::ConstantKey, Some(kind)) => varying(db, item, kind, range),
        (Code::MissingClause, Some(kind)) => order(db, item, kind, range),
        _ => Vec::new(),
    };
    found.extend(edits.into_iter().map(|(title, edit)| Action {
        title,
        kind: ActionKind::Fix,
        mends: Some((code, range)),
        edits: vec![edit],
    }));
}

/// The id of an entity that has none, over the span that it has or that its source tells.
fn own<'db>(db: &'db dyn Db, item: Item<'db>, tree: &NormalizeItem) -> Option<(String, TextEdit)> {
    let has = |is: fn(&NormalizeClauseKind) -> bool| tree.clauses.iter().any(|one| is(&one.kind));
    if has(|kind| matches!(kind, NormalizeClauseKind::Id { over, .. } if !over.is_empty())) {
        return None;
    }
    let mut said = Vec::new();
    if !has(|kind| matches!(kind, NormalizeClauseKind::Id { .. })) {
        let id = quoted(&format!("{}_id", tree.name.text));
        said.push(format!("id {id} in \"{}\"", tree.name.text));
    }
    if !has(|kind| matches!(kind, NormalizeClauseKind::Span { .. })) {
        let places = places(db, item, &tree.source);
        let place = places.into_iter().find(|place| place.of.is_empty() && !place.nullable)?;
        said.push(format!("span {}", place.text(alias(&tree.source))));
    }
    let title = said.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(" and ");
    let edit = clause(db, item, tree, &said.join("\n  "))?;
    (!said.is_empty()).then(|| (format!("add {title}"), edit))
}

/// Columns with which either side of a relation would hold the other's id.
fn others<'db>(db: &'db dyn Db, item: Item<'db>, tree: &RelateItem) -> Vec<(String, TextEdit)> {
    let (Some(from), Some(to)) = (relation(db, item, &tree.from), relation(db, item, &tree.to))
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (holder, other) in [(from, to), (to, from)] {
        let Some(ItemKind::Normalize(tree)) =
            parse(db, holder).item.as_ref().map(|tree| &tree.kind)
        else {
            continue;
        };
        // Only an id that is taken over a span is told by a place; and nobody edits the standard library.
        let of_span = entity_header(db, other).as_ref().is_some_and(|own| own.values.is_none());
        let Some(name) = other.name(db).as_deref().filter(|_| of_span) else { continue };
        let seen = resolve(db, holder.file(db), Symbol::new(db, name)) == Resolution::Item(other);
        if !seen || holder.module(db).starts_with("std.") {
            continue;
        }
        for place in places(db, holder, &tree.source) {
            let of = if place.of.is_empty() { name } else { place.of.as_str() };
            let column = format!("{of}_id");
            if columns(db, holder).iter().any(|(known, ..)| *known == column) {
                continue;
            }
            let alias = alias(&tree.source);
            let unless = match place.nullable {
                true => format!(" unless {}.{} is null", quoted(alias), quoted(&place.start)),
                false => String::new(),
            };
            let place = place.text(alias);
            let said = format!("key {} -> {} at {place}{unless}", quoted(&column), quoted(name));
            let title = format!("add `{said}` to {}", holder.label(db));
            found.extend(clause(db, holder, tree, &said).map(|edit| (title, edit)));
        }
    }
    found
}

/// Ids to compete by in the place of a key that is the same for every row.
fn varying<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    kind: &ItemKind,
    range: TextRange,
) -> Vec<(String, TextEdit)> {
    let place = Place { file: item.file(db), range };
    let edit = |id: String| (format!("use `{id}`"), TextEdit { place, text: id });
    ids(db, item, kind, range).into_iter().map(edit).collect()
}

/// Ids to order by where a function of `window` needs an order.
fn order<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    kind: &ItemKind,
    range: TextRange,
) -> Vec<(String, TextEdit)> {
    let ItemKind::View(tree) = kind else { return Vec::new() };
    let mut steps = tree.arms.iter().flat_map(|arm| &arm.steps);
    let is_here = |at: TextRange| holds(at.shifted(item.start(db)), range);
    let Some(step) = steps.find(|step| is_here(step.range)) else { return Vec::new() };
    let brace = text_at(db, item, step.range).find('{');
    let (PipelineStepKind::Window(_), Some(brace)) = (&step.kind, brace) else {
        return Vec::new();
    };
    let at = TextRange::empty(step.range.start() + TextRange::from_usize(0, brace).len());
    let edit = |id: String| {
        let text = format!("by {id} ");
        (format!("add `by {id}`"), TextEdit { place: within(db, item, at), text })
    };
    ids(db, item, kind, range).into_iter().map(edit).collect()
}

/// The ids of the row sources that are in scope at a place of an item.
fn ids<'db>(db: &'db dyn Db, item: Item<'db>, kind: &ItemKind, at: TextRange) -> Vec<String> {
    let sources: Vec<&RowSource> = match kind {
        ItemKind::Relate(tree) => [&tree.from, &tree.to].into_iter().chain(&tree.via).collect(),
        ItemKind::View(tree) => {
            let is_here = |arm: &&PipelineArm| holds(arm.range.shifted(item.start(db)), at);
            tree.arms.iter().find(is_here).map(|arm| in_scope(item.start(db), arm, at))
        }
        .unwrap_or_default(),
        _ => Vec::new(),
    };
    let id = |source: &RowSource| {
        let columns = columns(db, relation(db, item, source)?);
        let is_id = |semantic: &SemanticType| matches!(semantic, SemanticType::Id(_));
        let (id, ..) = columns.into_iter().find(|(_, semantic, _)| is_id(semantic))?;
        Some(format!("{}.{}", quoted(alias(source)), quoted(&id)))
    };
    sources.into_iter().filter_map(id).collect()
}

/// The row sources that a step of an arm sees: none behind a step that gives rows other columns.
fn in_scope(start: u32, arm: &PipelineArm, at: TextRange) -> Vec<&RowSource> {
    let mut sources = vec![&arm.from];
    for step in &arm.steps {
        if holds(step.range.shifted(start), at) {
            return sources;
        }
        match &step.kind {
            PipelineStepKind::Join { source, .. } => sources.push(source),
            PipelineStepKind::Select(_) | PipelineStepKind::GroupBy { .. } => return Vec::new(),
            _ => {}
        }
    }
    sources
}

fn holds(outer: TextRange, inner: TextRange) -> bool {
    outer.start() <= inner.start() && inner.end() <= outer.end()
}

/// Two columns of a source that say where something is.
struct Placed {
    /// What their names begin with; empty for the row's own place.
    of: String,
    start: String,
    end: String,
    nullable: bool,
}

impl Placed {
    fn text(&self, alias: &str) -> String {
        let alias = quoted(alias);
        format!("{alias}.{} .. {alias}.{}", quoted(&self.start), quoted(&self.end))
    }
}

/// The places that the rows of a source tell: columns `start` and `end`, and `x_start` and `x_end`.
fn places<'db>(db: &'db dyn Db, item: Item<'db>, source: &RowSource) -> Vec<Placed> {
    let columns = relation(db, item, source).map(|own| columns(db, own)).unwrap_or_default();
    let is_byte = |semantic: &SemanticType| *semantic == SemanticType::Offset(TextUnit::Byte);
    let mut found = Vec::new();
    for (start, semantic, nullable) in columns.iter().filter(|(_, own, _)| is_byte(own)) {
        let Some(of) = start.strip_suffix("start") else { continue };
        let end = format!("{of}end");
        if columns.iter().any(|(name, own, _)| *name == end && own == semantic) {
            let of = of.trim_end_matches('_').to_owned();
            found.push(Placed { of, start: start.clone(), end, nullable: *nullable });
        }
    }
    found
}

/// The columns of a relation whose types are known, each with whether it may be null.
fn columns<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<(String, SemanticType, bool)> {
    let Signature::Relation(relation) = &**signature(db, item) else { return Vec::new() };
    let known = relation.row.columns.iter().filter_map(|column| {
        let ty = column.ty.known()?;
        Some((column.name.clone(), ty.semantic.clone(), ty.nullable))
    });
    known.collect()
}

fn relation<'db>(db: &'db dyn Db, item: Item<'db>, source: &RowSource) -> Option<Item<'db>> {
    match resolve(db, item.file(db), Symbol::new(db, source.relation.text.as_str())) {
        Resolution::Item(item) => Some(item),
        _ => None,
    }
}

fn alias(source: &RowSource) -> &str {
    &source.alias.as_ref().unwrap_or(&source.relation).text
}

/// Says a clause of an entity: behind those that say which rows and which id, before the others.
fn clause<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    tree: &NormalizeItem,
    text: &str,
) -> Option<TextEdit> {
    use NormalizeClauseKind::{Id, Span, Where};
    let is_head = |one: &&NormalizeClause| matches!(one.kind, Where(_) | Id { .. } | Span { .. });
    let (at, text) = match (tree.clauses.iter().rev().find(is_head), tree.clauses.first()) {
        (Some(head), _) => (head.range.end(), format!("\n  {text}")),
        (None, Some(first)) => (first.range.start(), format!("{text}\n  ")),
        (None, None) => {
            let item_range = parse(db, item).item.as_ref()?.range;
            let brace = text_at(db, item, item_range).find('{')?;
            let at = item_range.start() + TextRange::from_usize(0, brace + 1).len();
            (at, format!("\n  {text}"))
        }
    };
    Some(TextEdit { place: within(db, item, TextRange::empty(at)), text })
}
