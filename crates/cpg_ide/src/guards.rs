//! What can be said of a value that may be null where it must be there.

use cpg_base::{Code, TextRange};
use cpg_hir::semantics::facts;
use cpg_hir::{Db, Item, SourceFile, parse};
use cpg_syntax::ast::{ItemKind, PipelineStepKind, RelateClause};

use crate::actions::{Action, ActionKind};
use crate::place::{Place, TextEdit, item_at, within};

/// Offers guards. Each changes which rows there are, so none is applied without being chosen.
pub(crate) fn offer(
    db: &dyn Db,
    file: SourceFile,
    code: Code,
    range: TextRange,
    found: &mut Vec<Action>,
) {
    if code != Code::UnguardedNull {
        return;
    }
    let (Some(item), Some(value)) = (item_at(db, file, range.start()), range.slice(file.text(db)))
    else {
        return;
    };
    let start = item.start(db);
    // What is wrong may be something that is not written: then there is nothing to compare with null.
    let written = TextRange::from_usize(
        range.start().saturating_sub(start) as usize,
        range.end().saturating_sub(start) as usize,
    );
    if facts(db, item).type_at(written).is_none() {
        return;
    }
    let is_in = |clause: TextRange| {
        let clause = clause.shifted(start);
        clause.start() <= range.start() && range.end() <= clause.end()
    };
    let mut add = |title: String, place: Place, text: String| {
        let mends = Some((code, range));
        let edits = vec![TextEdit { place, text }];
        found.push(Action { title, kind: ActionKind::Fix, mends, edits });
    };
    match parse(db, item).item.as_ref().map(|tree| &tree.kind) {
        Some(ItemKind::Normalize(tree)) => {
            let Some(clause) = tree.clauses.iter().find(|clause| is_in(clause.range)) else {
                return;
            };
            let first = tree.clauses.first().map_or(clause.range, |first| first.range);
            let guard = format!("where {value} is not null");
            add(format!("leave the rows out: `{guard}`"), before(db, item, first), guard + "\n  ");
        }
        Some(ItemKind::Relate(tree)) => {
            let clause = tree.clauses.iter().find(|clause| is_in(clause.range));
            let Some(RelateClause { range, .. }) = clause else { return };
            let guard = format!("require {value} is not null");
            add(format!("leave the rows out: `{guard}`"), before(db, item, *range), guard + "\n  ");
        }
        Some(ItemKind::View(tree)) => {
            let mut steps = tree.arms.iter().flat_map(|arm| &arm.steps);
            let Some(step) = steps.find(|step| is_in(step.range)) else { return };
            // What a join brings in is not there before it.
            if !matches!(step.kind, PipelineStepKind::Join { .. }) {
                let guard = format!("where {value} is not null");
                let at = before(db, item, step.range);
                add(format!("leave the rows out: `{guard}`"), at, guard + "\n  ");
            }
        }
        _ => {}
    }
}

fn before<'db>(db: &'db dyn Db, item: Item<'db>, clause: TextRange) -> Place {
    within(db, item, TextRange::empty(clause.start()))
}
