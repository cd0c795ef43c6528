//! What may be written at a place.
//!
//! The item under the caret is parsed once more with a name of ours at the caret, so that the parser says what such a
//! name would be and the checker what it could see there: nothing here knows the clauses of the language. What
//! words may stand there, the grammar says.

mod columns;
mod items;
mod paths;
mod probe;
mod snippets;

use cpg_base::TextRange;
use cpg_hir::semantics::Role;
use cpg_hir::{Db, Item, SourceFile};
use cpg_syntax::TokenKind;

use crate::place::{TextEdit, item_before, whole};
use crate::search::fit;
use probe::Probe;

/// Something that may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What people see and type.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Its type, or where it comes from.
    pub detail: Option<String>,
    /// What is said of it, in Markdown.
    pub docs: Option<String>,
    /// What is written; `$1` and `${1:word}` are places to fill in where `snippet`.
    pub insert: String,
    /// Whether `insert` has places to fill in.
    pub snippet: bool,
    /// What is replaced.
    pub replace: TextRange,
    /// Lower comes first.
    pub rank: u8,
    /// What must change elsewhere in the file.
    pub also: Vec<TextEdit>,
}

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say all")]
pub enum CompletionKind {
    Item,
    Column,
    Source,
    Constant,
    Function,
    Keyword,
    Snippet,
    Type,
    Module,
    Value,
}

/// The most that is offered at once: who wants another one types on.
const MOST: usize = 250;

/// What may be written at that offset, best first, and whether there is more.
pub fn complete(db: &dyn Db, file: SourceFile, offset: u32) -> (Vec<Completion>, bool) {
    let Some(place) = Typing::new(db, file, offset) else { return (Vec::new(), false) };
    let mut found = Vec::new();
    match place.item {
        Some(item) if !place.starts_line() => in_item(db, &place, item, &mut found),
        _ => snippets::item_keywords(&place, &mut found),
    }
    let mut fitting: Vec<(u8, Completion)> =
        found.into_iter().filter_map(|one| Some((fit(&one.label, place.typed)?, one))).collect();
    fitting.sort_by(|(a, one), (b, other)| {
        (one.rank, a, &one.label, &one.insert).cmp(&(other.rank, b, &other.label, &other.insert))
    });
    fitting.dedup_by(|(_, one), (_, other)| one.label == other.label && one.insert == other.insert);
    let more = fitting.len() > MOST;
    (fitting.into_iter().take(MOST).map(|(_, one)| one).collect(), more)
}

/// A place at which somebody types.
pub(crate) struct Typing<'db> {
    pub file: SourceFile,
    text: &'db str,
    /// The word being typed, as far as it is there.
    pub word: TextRange,
    /// The part of it before the caret.
    pub typed: &'db str,
    /// The item in which it stands.
    pub item: Option<Item<'db>>,
}

impl<'db> Typing<'db> {
    /// `None` where nothing is completed: in comments and strings.
    fn new(db: &'db dyn Db, file: SourceFile, offset: u32) -> Option<Self> {
        let text = file.text(db);
        let at = (offset as usize).min(text.len());
        let before = text.get(..at)?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let start = before.trim_end_matches(is_word).len();
        let rest = text.get(at..)?;
        let end = at + rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let word = TextRange::from_usize(start, end);
        let item = item_before(db, file, word.start());
        let base = item.map_or(0, |item| item.start(db));
        let chunk = text.get(base as usize..end)?;
        let last = cpg_syntax::tokens(chunk).last();
        let inside = |token: &cpg_syntax::Token| {
            token.range.shifted(base).start() < word.start()
                && word.start() < token.range.shifted(base).end()
        };
        if let Some(last) = last
            && match last.kind {
                TokenKind::Comment { closed, .. } => {
                    inside(&last)
                        || !closed
                        || last.range.end() + base >= word.start() && !chunk.ends_with("*/")
                }
                TokenKind::Text { closed } | TokenKind::Block { closed } => {
                    inside(&last) || !closed
                }
                TokenKind::Number => {
                    last.range.shifted(base).end() == word.end() && !word.is_empty()
                }
                _ => false,
            }
        {
            return None;
        }
        // Behind an item, on a line of its own that belongs to nothing.
        let item = item.filter(|item| {
            let end = whole(db, *item).end() as usize;
            text.get(end..start).is_none_or(|between| between.trim().is_empty())
        });
        Some(Self { file, text, word, typed: text.get(start..at)?, item })
    }

    /// Whether the word is the first of its line, without indentation.
    fn starts_line(&self) -> bool {
        let before = self.text.get(..self.word.start() as usize).unwrap_or_default();
        before.is_empty() || before.ends_with(['\n', '\r'])
    }

    /// The text of the item up to the word.
    fn before(&self, db: &dyn Db) -> &'db str {
        let start = self.item.map_or(0, |item| item.start(db));
        self.text.get(start as usize..self.word.start() as usize).unwrap_or_default()
    }

    /// The text behind the word, up to the next item.
    fn after(&self, db: &dyn Db) -> &'db str {
        let items = cpg_hir::items(db, self.file);
        let next = items.iter().map(|item| item.start(db)).find(|start| *start > self.word.start());
        let end = next.map_or(self.text.len(), |next| next as usize);
        self.text.get(self.word.end() as usize..end).unwrap_or_default()
    }

    /// A completion of the word.
    pub fn completion(&self, label: impl Into<String>, kind: CompletionKind) -> Completion {
        let label = label.into();
        Completion {
            insert: label.clone(),
            label,
            kind,
            detail: None,
            docs: None,
            snippet: false,
            replace: self.word,
            rank: 5,
            also: Vec::new(),
        }
    }
}

fn in_item<'db>(
    db: &'db dyn Db,
    place: &Typing<'db>,
    item: Item<'db>,
    found: &mut Vec<Completion>,
) {
    let before = place.before(db);
    let words: Vec<&str> = cpg_syntax::tokens(before)
        .filter(|token| !matches!(token.kind, TokenKind::Comment { .. }))
        .map(|token| token.text(before))
        .collect();
    if paths::complete(db, place, item, &words, found) {
        return;
    }
    let next = cpg_syntax::next(before, item.keyword(db));
    if next.ty {
        items::types(db, place, &words, found);
        return;
    }
    let probe = Probe::new(db, item, before, place.after(db));
    if words.last() == Some(&".") {
        columns::fields(place, &words, probe.as_ref(), found);
        return;
    }
    match &probe {
        Some(probe) => match probe.role {
            Some(Role::Value | Role::Function) | None => {
                columns::values(db, place, probe, &words, found);
            }
            Some(role) => items::named(db, place, role, found),
        },
        None => columns::of_relation(db, place, &words, found),
    }
    snippets::clauses(place, item.keyword(db), &next, found);
}
