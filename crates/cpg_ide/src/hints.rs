//! What a program leaves to be inferred, shown where it could be written.

use cpg_base::TextRange;
use cpg_hir::semantics::{Signature, facts, signature};
use cpg_hir::{Db, Item, SourceFile, items, parse};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::ItemKind;

use crate::mentions::{Access, Symbol, mentions};
use crate::place::{text_at, whole};

/// Something that is shown but not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Before what it is shown.
    pub at: u32,
    /// What is shown.
    pub text: String,
    /// Whether it is a type; else it is a clause.
    pub is_type: bool,
}

/// What is inferred in a part of a file.
pub fn hints(db: &dyn Db, file: SourceFile, range: TextRange) -> Vec<Hint> {
    let mut hints = Vec::new();
    for item in items(db, file) {
        let whole = whole(db, *item);
        if whole.end() < range.start() || range.end() < whole.start() {
            continue;
        }
        db.unwind_if_revision_cancelled();
        join(db, *item, &mut hints);
        types(db, *item, &mut hints);
    }
    hints.retain(|hint| range.touches(hint.at));
    hints.sort_by_key(|hint| hint.at);
    hints
}

/// The join that follows from types, behind the brace where an `on` clause would stand.
fn join<'db>(db: &'db dyn Db, item: Item<'db>, hints: &mut Vec<Hint>) {
    let Some(inferred) = &facts(db, item).inferred else { return };
    let Some(tree) = &parse(db, item).item else { return };
    let text = text_at(db, item, tree.range);
    let Some(brace) = text.find('{') else { return };
    let at = tree.range.start() + TextRange::from_usize(0, brace + 1).len();
    let at = at + item.start(db);
    hints.push(Hint { at, text: format!(" on {}", inferred.on), is_type: false });
}

/// The types of what is declared without one.
fn types<'db>(db: &'db dyn Db, item: Item<'db>, hints: &mut Vec<Hint>) {
    let says_types = matches!(
        item.keyword(db),
        ItemKeyword::Schema | ItemKeyword::Evidence | ItemKeyword::Use | ItemKeyword::Export
    );
    if says_types {
        return;
    }
    let start = item.start(db);
    let is_function = item.keyword(db) == ItemKeyword::Fn;
    for mention in mentions(db, item) {
        if let (Symbol::Column(_), Access::Declared, Some(ty), false) =
            (&mention.symbol, mention.access, &mention.ty, is_function)
        {
            let at = mention.range.end() + start;
            hints.push(Hint { at, text: format!(": {ty}"), is_type: true });
        }
    }
    let name = cpg_hir::semantics::name_range(db, item).end() + start;
    match (&**signature(db, item), parse(db, item).item.as_ref().map(|tree| &tree.kind)) {
        (Signature::Constant(constant), _) => {
            let text = format!(": {}", constant.ty);
            hints.push(Hint { at: name, text, is_type: true });
        }
        (Signature::Function(function), Some(ItemKind::Fn(tree))) if tree.result.is_none() => {
            // Behind the parameters.
            let last = tree.parameters.last().map_or(tree.name.range, |last| last.ty.range);
            let rest = text_at(db, item, TextRange::new(last.end(), tree.body.range.start()));
            if let Some(close) = rest.find(')') {
                let at = last.end() + TextRange::from_usize(0, close + 1).len() + start;
                let text = format!(" -> {}", function.result);
                hints.push(Hint { at, text, is_type: true });
            }
        }
        _ => {}
    }
}
