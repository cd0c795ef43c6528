//! The `use` that a name needs.

use cpg_base::TextRange;
use cpg_hir::semantics::{dotted, use_tree};
use cpg_hir::{Db, SourceFile, items};
use cpg_syntax::ItemKeyword;

use crate::place::{Place, TextEdit, within};
use crate::rename::quoted;

/// The edit that brings `name` of `module` into a file.
pub(crate) fn import(db: &dyn Db, file: SourceFile, module: &str, name: &str) -> TextEdit {
    let mut last = None;
    for item in items(db, file).iter().filter(|item| item.keyword(db) == ItemKeyword::Use) {
        last = Some(*item);
        let Some(tree) = use_tree(db, *item).filter(|tree| dotted(&tree.module) == module) else {
            continue;
        };
        let Some(end) = tree.names.last() else { continue };
        let text = item.text(db);
        if text.trim_end().ends_with('}') {
            let end = end.alias.as_ref().unwrap_or(&end.name).range.end();
            let place = within(db, *item, TextRange::empty(end));
            return TextEdit { place, text: format!(", {}", quoted(name)) };
        }
        if let ([only], None) = (tree.names.as_slice(), &end.alias) {
            let place = within(db, *item, only.name.range);
            let old = only.name.range.slice(text).unwrap_or_default();
            return TextEdit { place, text: format!("{{{old}, {}}}", quoted(name)) };
        }
    }
    let line = format!("use {module}.{}", quoted(name));
    match (last, items(db, file).first()) {
        (Some(last), _) => {
            let end = crate::place::whole(db, last).end();
            TextEdit {
                place: Place { file, range: TextRange::empty(end) },
                text: format!("\n{line}"),
            }
        }
        (None, Some(first)) => {
            let start = TextRange::empty(first.start(db));
            TextEdit { place: Place { file, range: start }, text: format!("{line}\n\n") }
        }
        (None, None) => {
            let end = TextRange::from_usize(file.text(db).len(), file.text(db).len());
            TextEdit { place: Place { file, range: end }, text: format!("{line}\n") }
        }
    }
}
