//! What belongs together: parts that can be folded, and ever larger parts around a place.

use cpg_base::TextRange;
use cpg_hir::semantics::facts;
use cpg_hir::{Db, SourceFile, items};
use cpg_syntax::{ItemKeyword, TokenKind, tokens};

use crate::place::{item_at, whole};

/// A part that can be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// From the line that stays to the last one.
    pub range: TextRange,
    /// What it is.
    pub kind: FoldKind,
}

/// What can be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldKind {
    /// A comment of several lines.
    Comment,
    /// The `use`s of a file.
    Imports,
    /// An item or a part of one.
    Region,
}

/// The parts of a file that reach over several lines.
pub fn folds(db: &dyn Db, file: SourceFile) -> Vec<Fold> {
    let text = file.text(db);
    let mut folds = Vec::new();
    let mut add = |range: TextRange, kind| {
        if range.slice(text).is_some_and(|part| part.contains(['\n', '\r'])) {
            folds.push(Fold { range, kind });
        }
    };
    let mut uses: Option<TextRange> = None;
    for item in items(db, file) {
        let range = whole(db, *item);
        if item.keyword(db) == ItemKeyword::Use {
            uses = Some(uses.map_or(range, |uses| uses.cover(range)));
        } else {
            let first = tokens(item.text(db))
                .find(|token| !matches!(token.kind, TokenKind::Comment { .. }));
            let start = first.map_or(0, |first| first.range.start());
            add(TextRange::new(range.start() + start, range.end()), FoldKind::Region);
        }
    }
    if let Some(uses) = uses {
        add(uses, FoldKind::Imports);
    }
    let mut open: Vec<u32> = Vec::new();
    let mut comment: Option<TextRange> = None;
    for token in tokens(text) {
        if let TokenKind::Comment { .. } = token.kind {
            let near = comment.is_some_and(|run| {
                let between = TextRange::new(run.end(), token.range.start());
                let gap = between.slice(text).unwrap_or_default();
                gap.trim().is_empty() && gap.matches('\n').count() <= 1
            });
            comment = match comment {
                Some(run) if near => Some(run.cover(token.range)),
                other => {
                    if let Some(run) = other {
                        add(run, FoldKind::Comment);
                    }
                    Some(token.range)
                }
            };
            continue;
        }
        if let Some(run) = comment.take() {
            add(run, FoldKind::Comment);
        }
        match token.text(text) {
            "{" | "(" | "[" => open.push(token.range.start()),
            "}" | ")" | "]" => {
                if let Some(start) = open.pop() {
                    add(TextRange::new(start, token.range.end()), FoldKind::Region);
                }
            }
            _ => {}
        }
    }
    if let Some(run) = comment {
        add(run, FoldKind::Comment);
    }
    folds.sort_by_key(|fold| (fold.range.start(), std::cmp::Reverse(fold.range.end())));
    folds.dedup();
    folds
}

/// The parts around an offset, from the smallest to the whole file, each larger than the one before.
pub fn selection(db: &dyn Db, file: SourceFile, offset: u32) -> Vec<TextRange> {
    let text = file.text(db);
    let mut parts = vec![TextRange::from_usize(0, text.len())];
    if let Some(item) = item_at(db, file, offset) {
        let start = item.start(db);
        let at = offset.saturating_sub(start);
        let body = item.text(db);
        let mut own = vec![TextRange::from_usize(0, body.len())];
        own.extend(facts(db, item).types.iter().map(|(range, _)| *range));
        let mut open: Vec<TextRange> = Vec::new();
        for token in tokens(body) {
            own.push(token.range);
            match token.text(body) {
                "{" | "(" | "[" => open.push(token.range),
                "}" | ")" | "]" => {
                    if let Some(first) = open.pop() {
                        own.push(TextRange::new(first.start(), token.range.end()));
                        own.push(TextRange::new(first.end(), token.range.start()));
                    }
                }
                _ => {}
            }
        }
        let mut line = 0;
        for part in body.split_inclusive('\n') {
            let next = line + part.len();
            let indented = line + (part.len() - part.trim_start().len());
            own.push(TextRange::from_usize(indented, line + part.trim_end().len()));
            line = next;
        }
        parts.extend(
            own.into_iter().filter(|range| range.touches(at)).map(|range| range.shifted(start)),
        );
    }
    parts.sort_by_key(|range| (range.len(), range.start()));
    let mut nested: Vec<TextRange> = Vec::new();
    for part in parts {
        let holds = nested.last().is_none_or(|last| {
            part.start() <= last.start() && last.end() <= part.end() && part != *last
        });
        if holds {
            nested.push(part);
        }
    }
    nested
}
