//! The canonical layout as edits.

use cpg_base::TextRange;
use cpg_hir::{Db, SourceFile, items, parse};

use crate::place::{Place, TextEdit, item_before};

/// The edits that lay a file out; none where it is laid out already.
pub fn format(db: &dyn Db, file: SourceFile) -> Vec<TextEdit> {
    let text = file.text(db);
    let formatted = cpg_syntax::format(text).text;
    edits(text, &formatted, 0).into_iter().map(|(range, text)| edit(file, range, text)).collect()
}

/// The edits that lay out the items of a part of a file.
pub fn format_range(db: &dyn Db, file: SourceFile, range: TextRange) -> Vec<TextEdit> {
    let text = file.text(db);
    let mut found = Vec::new();
    // The views of a fixpoint are laid out with it.
    for item in items(db, file).iter().filter(|item| item.block(db).is_none()) {
        let own = item.text(db);
        let start = item.start(db);
        let whole = TextRange::from_usize(0, own.len()).shifted(start);
        if whole.end() < range.start() || range.end() < whole.start() || own.is_empty() {
            continue;
        }
        let formatted = cpg_syntax::format(own).text;
        let formatted = formatted.trim_end_matches(['\n', '\r']);
        // An item of one line says nothing of the line ends of its file.
        let windows = text.contains("\r\n") && !own.contains('\n');
        let formatted =
            if windows { formatted.replace('\n', "\r\n") } else { formatted.to_owned() };
        let changed = edits(own, &formatted, start);
        found.extend(changed.into_iter().map(|(range, text)| edit(file, range, text)));
    }
    found
}

/// The edits that lay out the item in which that offset lies, if nothing is wrong with it: for what is typed.
pub fn format_item_at(db: &dyn Db, file: SourceFile, offset: u32) -> Vec<TextEdit> {
    match item_before(db, file, offset.saturating_sub(1)) {
        Some(item) if parse(db, item).errors.is_empty() => {
            format_range(db, file, TextRange::empty(item.start(db)))
                .into_iter()
                .filter(|edit| !edit.place.range.is_empty() || !edit.text.is_empty())
                .collect()
        }
        _ => Vec::new(),
    }
}

fn edit(file: SourceFile, range: TextRange, text: String) -> TextEdit {
    TextEdit { place: Place { file, range }, text }
}

/// How many lines that stay are looked for before two changes are taken as one.
const REACH: usize = 64;

/// The changes between two texts, line by line; ranges are in the first, `base` bytes later.
fn edits(old: &str, new: &str, base: u32) -> Vec<(TextRange, String)> {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let (mut i, mut j, mut at) = (0, 0, base as usize);
    let mut edits = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && old.get(i) == new.get(j) {
            at += old[i].len();
            (i, j) = (i + 1, j + 1);
            continue;
        }
        // The nearest pair of lines from which both go on alike.
        let (skip, add) = (0..REACH * 2)
            .flat_map(|sum| (0..=sum).map(move |skip| (skip, sum - skip)))
            .find(|(skip, add)| {
                let (a, b) = (old.get(i + skip), new.get(j + add));
                a.is_some() && a == b && a.is_some_and(|line| !line.trim().is_empty())
            })
            .unwrap_or((old.len() - i, new.len() - j));
        let removed: usize = old[i..i + skip].iter().map(|line| line.len()).sum();
        edits.push((TextRange::from_usize(at, at + removed), new[j..j + add].concat()));
        at += removed;
        (i, j) = (i + skip, j + add);
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::edits;

    fn applied(old: &str, new: &str) -> String {
        let mut text = old.to_owned();
        for (range, by) in edits(old, new, 0).into_iter().rev() {
            text.replace_range(range.start() as usize..range.end() as usize, &by);
        }
        text
    }

    #[test]
    fn edits_give_the_new_text() {
        let texts = ["", "a\n", "a\nb\nc\n", "b\nc", "a\n\n\nc\nd\n", "x\na\nb\ny\nc\n", "c\nb\na"];
        for old in texts {
            for new in texts {
                assert_eq!(applied(old, new), new, "{old:?}");
            }
        }
    }

    #[test]
    fn only_lines_that_differ_change() {
        let found = edits("a\nb\nc\nd\n", "a\nB\nc\nd\n", 0);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0.start(), found[0].0.end(), found[0].1.as_str()), (2, 4, "B\n"));
    }
}
