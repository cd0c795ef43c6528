//! What each word of a file is, for colours.

use std::collections::BTreeMap;

use cpg_base::TextRange;
use cpg_hir::{Db, Item, SourceFile, items};
use cpg_syntax::keywords::{EXPRESSION_WORDS, INNER_WORDS, SPAN_OPERATORS};
use cpg_syntax::{CommentKind, ItemKeyword, TokenKind, tokens};

use crate::mentions::{Access, Symbol, mentions};
use crate::place::whole;
use crate::words;

/// A word and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SemanticToken {
    /// Where it stands; never over several lines.
    pub range: TextRange,
    /// What it is.
    pub class: TokenClass,
    /// Whether it is given here.
    pub declared: bool,
    /// Whether it comes with the language.
    pub library: bool,
}

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say all")]
pub enum TokenClass {
    Keyword,
    Comment,
    Text,
    Number,
    Operator,
    Module,
    Relation,
    Schema,
    Type,
    Function,
    Constant,
    Column,
    Source,
    Attribute,
}

impl TokenClass {
    /// Each, in the order of their numbers.
    pub const ALL: &[Self] = &[
        Self::Keyword,
        Self::Comment,
        Self::Text,
        Self::Number,
        Self::Operator,
        Self::Module,
        Self::Relation,
        Self::Schema,
        Self::Type,
        Self::Function,
        Self::Constant,
        Self::Column,
        Self::Source,
        Self::Attribute,
    ];
}

/// The words of a part of a file.
pub fn semantic_tokens(db: &dyn Db, file: SourceFile, range: TextRange) -> Vec<SemanticToken> {
    let text = file.text(db);
    let mut found = Vec::new();
    let mut end = 0;
    for item in items(db, file) {
        let whole = match item.keyword(db) {
            // What follows is in its views, which are items of their own.
            ItemKeyword::Fixpoint => before_views(db, *item),
            _ => whole(db, *item),
        };
        outside(text, TextRange::new(end, whole.start()), &mut found);
        if whole.start() <= range.end() && range.start() <= whole.end() {
            db.unwind_if_revision_cancelled();
            in_item(db, *item, &mut found);
            found.retain(|token| token.range.start() < whole.end());
        }
        end = whole.end();
    }
    outside(text, TextRange::from_usize(end as usize, text.len()), &mut found);
    found.retain(|token| token.range.start() < range.end() && range.start() < token.range.end());
    found
}

/// A fixpoint up to its first view.
fn before_views<'db>(db: &'db dyn Db, block: Item<'db>) -> TextRange {
    let whole = whole(db, block);
    let views = items(db, block.file(db)).iter().filter(|item| item.block(db) == Some(block));
    let first = views.map(|view| view.start(db)).next();
    TextRange::new(whole.start(), first.unwrap_or(whole.end()))
}

/// Comments between items.
fn outside(text: &str, range: TextRange, found: &mut Vec<SemanticToken>) {
    let part = range.slice(text).unwrap_or_default();
    for token in tokens(part) {
        if let TokenKind::Comment { .. } = token.kind {
            lines(part, token.range, range.start(), TokenClass::Comment, found);
        }
    }
}

/// A token for each line.
fn lines(
    text: &str,
    range: TextRange,
    base: u32,
    class: TokenClass,
    found: &mut Vec<SemanticToken>,
) {
    let mut start = range.start();
    let part = range.slice(text).unwrap_or_default();
    for line in part.split_inclusive(['\n', '\r']) {
        let trimmed = line.trim_end_matches(['\n', '\r']);
        let own = TextRange::from_usize(0, trimmed.len()).shifted(start + base);
        if !own.is_empty() {
            found.push(SemanticToken { range: own, class, declared: false, library: false });
        }
        start += TextRange::from_usize(0, line.len()).len();
    }
}

fn in_item<'db>(db: &'db dyn Db, item: Item<'db>, found: &mut Vec<SemanticToken>) {
    let text = item.text(db);
    let start = item.start(db);
    let names: BTreeMap<TextRange, (TokenClass, bool, bool)> = names(db, item);
    let keyword = item.keyword(db);
    let (mut opened, mut before) = (false, "");
    for token in tokens(text) {
        let written = token.text(text);
        let named = names.iter().find_map(|(range, what)| {
            (range.start() <= token.range.start() && token.range.end() <= range.end())
                .then_some(what)
        });
        let class = match token.kind {
            TokenKind::Comment { kind: CommentKind::Block, .. } => {
                lines(text, token.range, start, TokenClass::Comment, found);
                continue;
            }
            TokenKind::Comment { .. } => TokenClass::Comment,
            TokenKind::Text { .. } | TokenKind::Block { .. } => TokenClass::Text,
            TokenKind::Number => TokenClass::Number,
            TokenKind::Symbol if written == "@" => TokenClass::Attribute,
            TokenKind::Symbol => TokenClass::Operator,
            TokenKind::Stranger(_) => continue,
            TokenKind::Word | TokenKind::QuotedName { .. } => match named {
                Some((class, ..)) => *class,
                None if before == "@" => TokenClass::Attribute,
                None if !opened && written == keyword.as_str() => {
                    opened = true;
                    TokenClass::Keyword
                }
                None => unnamed(keyword, written, before),
            },
        };
        before = written;
        let (declared, library) =
            named.map_or((false, false), |(_, declared, library)| (*declared, *library));
        found.push(SemanticToken { range: token.range.shifted(start), class, declared, library });
    }
}

/// A word that no name of the program is.
fn unnamed(keyword: ItemKeyword, word: &str, before: &str) -> TokenClass {
    let is_type = words::TYPES.iter().any(|(name, _)| *name == word);
    if before == "." {
        TokenClass::Column
    } else if is_type && matches!(before, ":" | "<" | "," | "->") {
        TokenClass::Type
    } else if keyword.clauses().contains(&word)
        || INNER_WORDS.contains(&word)
        || EXPRESSION_WORDS.contains(&word)
        || SPAN_OPERATORS.contains(&word)
        || matches!(word, "nodes" | "edges" | "props")
    {
        TokenClass::Keyword
    } else if words::form(word).is_some() {
        TokenClass::Function
    } else {
        TokenClass::Column
    }
}

/// Where names stand, what they are, whether they are given there and whether they come with the language.
fn names<'db>(db: &'db dyn Db, item: Item<'db>) -> BTreeMap<TextRange, (TokenClass, bool, bool)> {
    let mut names = BTreeMap::new();
    for mention in mentions(db, item) {
        let of_library = |file: SourceFile| file.module(db).starts_with("std.");
        let (class, library) = match &mention.symbol {
            Symbol::Item(target) => {
                let class = match target.keyword(db) {
                    ItemKeyword::Const => TokenClass::Constant,
                    ItemKeyword::Fn => TokenClass::Function,
                    ItemKeyword::Schema => TokenClass::Schema,
                    _ => TokenClass::Relation,
                };
                (class, of_library(target.file(db)))
            }
            Symbol::Column(column) => (TokenClass::Column, column.declared.is_none()),
            Symbol::Source(..) => (TokenClass::Source, false),
            Symbol::Module(file) => (TokenClass::Module, of_library(*file)),
            Symbol::Function(_) => (TokenClass::Function, true),
            Symbol::SpanEnd => (TokenClass::Column, true),
        };
        let declared = mention.access == Access::Declared;
        let is_name = !mention.range.is_empty();
        // An item whose name cannot be read has its keyword as its place.
        if is_name && !(class == TokenClass::Relation && item.name(db).is_none() && declared) {
            names.entry(mention.range).or_insert((class, declared, library));
        }
    }
    names
}
