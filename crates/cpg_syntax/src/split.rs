//! Cuts a file into items.

use cpg_base::{Code, TextRange, nearest};

use crate::block;
use crate::comment::{Comment, CommentKind};
use crate::confusing::confusing;
use crate::error::SyntaxError;
use crate::keywords::ItemKeyword;
use crate::lexer::{Lexer, Token, TokenKind};
use crate::lexical;

/// A file, cut into items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// What the `//!` comments before the first item say, lines joined by `\n`.
    pub module_docs: String,
    /// The items in order; they do not overlap.
    pub chunks: Vec<Chunk>,
    /// Comments outside the chunks.
    pub comments: Vec<Comment>,
    /// What is wrong outside the chunks; ranges in the file.
    pub errors: Vec<SyntaxError>,
}

/// Where an item stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Chunk {
    /// What kind of item it is.
    pub keyword: ItemKeyword,
    /// The word after the keyword, without backquotes; for `use`, the whole dotted path. `None` when no name
    /// stands there. Known even when the item does not parse. Not for `export`, `check`, `policy` and `test`,
    /// which declare no name.
    pub name: Option<String>,
    /// From the first doc comment or attribute before the keyword to the start of what follows.
    pub range: TextRange,
    /// The views of a `fixpoint`, in order, within its range; none of any other item.
    pub members: Vec<Chunk>,
}

/// Cuts a file before every keyword of an item that begins a line outside strings and comments. Brackets play
/// no part, so one that is never closed spoils its own item only. Block comments nest; one without an end
/// reaches to the next item, and is reported with the item in which it begins, or here when there is none.
pub fn split(text: &str) -> Split {
    let mut splitter = Splitter {
        text,
        region: Region::Prelude,
        pending: None,
        outside: Vec::new(),
        docs: Vec::new(),
        split: Split::default(),
    };
    for token in Lexer::new(text) {
        splitter.token(token);
    }
    splitter.finish()
}

struct Splitter<'a> {
    text: &'a str,
    region: Region,
    pending: Option<Pending>,
    /// Comments that may be in no chunk.
    outside: Vec<Token>,
    docs: Vec<&'a str>,
    split: Split,
}

#[derive(Clone, Copy)]
enum Region {
    /// Before everything.
    Prelude,
    /// In the item whose keyword stands there and whose chunk starts there.
    Item { keyword: ItemKeyword, start: u32, word: TextRange },
    /// In something that is no item.
    Junk,
}

/// Doc comments and attributes whose item is still to come.
#[derive(Clone, Copy)]
struct Pending {
    first: TextRange,
    /// The state of the attribute being read.
    attribute: Option<Attribute>,
}

#[derive(Clone, Copy)]
struct Attribute {
    depth: u32,
    named: bool,
}

impl<'a> Splitter<'a> {
    fn token(&mut self, token: Token) {
        if let TokenKind::Comment { kind, .. } = token.kind {
            return self.comment(token, kind);
        }
        let word = if token.kind == TokenKind::Word { token.text(self.text) } else { "" };
        let keyword = ItemKeyword::from_word(word);
        if token.starts_line(self.text) {
            match (keyword, token.text(self.text)) {
                (Some(keyword), _) => return self.open(keyword, token),
                (None, "@") => {
                    let pending =
                        self.pending.get_or_insert(Pending { first: token.range, attribute: None });
                    pending.attribute = Some(Attribute { depth: 0, named: false });
                    return;
                }
                (None, _) if token.kind == TokenKind::Word => return self.unknown(token, word),
                _ => {}
            }
        }
        if let Some(Pending { attribute: Some(attribute), .. }) = &mut self.pending {
            match (keyword, token.text(self.text)) {
                (Some(keyword), _) if attribute.named && attribute.depth == 0 => {
                    return self.open(keyword, token);
                }
                (_, "(") => attribute.depth += 1,
                (_, ")") => attribute.depth = attribute.depth.saturating_sub(1),
                _ => attribute.named = true,
            }
            return;
        }
        self.pending = None;
        if matches!(self.region, Region::Prelude) {
            self.region = Region::Junk;
            let error = self.stray(token, keyword);
            self.split.errors.push(error);
        }
    }

    fn comment(&mut self, token: Token, kind: CommentKind) {
        if kind == CommentKind::Doc && token.starts_line(self.text) {
            self.pending.get_or_insert(Pending { first: token.range, attribute: None });
        }
        if self.pending.is_none() && matches!(self.region, Region::Prelude) {
            self.docs.extend(
                (kind == CommentKind::ModuleDoc)
                    .then(|| kind.documentation(token.text(self.text)))
                    .flatten(),
            );
        }
        if self.pending.is_some() || !matches!(self.region, Region::Item { .. }) {
            self.outside.push(token);
        }
    }

    /// Begins an item, with the doc comments and attributes before it.
    fn open(&mut self, keyword: ItemKeyword, token: Token) {
        let start = self.close(token.range.start());
        self.region = Region::Item { keyword, start, word: token.range };
    }

    /// Ends what is open before `end` and the pending comments; gives that place.
    fn close(&mut self, end: u32) -> u32 {
        let end = self.pending.take().map_or(end, |pending| pending.first.start());
        if let Region::Item { keyword, start, word } = self.region {
            let range = TextRange::new(start, end);
            let header = TextRange::new(word.end(), end).slice(self.text).unwrap_or_default();
            let name = header_name(header, keyword);
            let members = match keyword {
                ItemKeyword::Fixpoint => members(self.text, range),
                _ => Vec::new(),
            };
            self.split.chunks.push(Chunk { keyword, name, range, members });
        }
        end
    }

    /// A line that starts with a word that is no item's.
    fn unknown(&mut self, token: Token, word: &str) {
        self.close(token.range.start());
        self.region = Region::Junk;
        let items = ItemKeyword::ALL.iter().map(|keyword| keyword.as_str());
        let error = SyntaxError::new(
            Code::UnknownItem,
            token.range,
            format!("expected an item, found `{word}`"),
        );
        let error = if let Some(near) = nearest(word, items.clone()) {
            error
                .found("no item starts with this word")
                .help(format!("did you mean `{near}`?"))
                .replace(self.text, near)
        } else {
            error
                .found("no item starts with this word")
                .help(format!("items start with {}; what belongs to one is indented", list(items)))
        };
        self.split.errors.push(error);
    }

    /// Something before the first item.
    fn stray(&self, token: Token, keyword: Option<ItemKeyword>) -> SyntaxError {
        let written = token.text(self.text);
        let start = token.range.start() as usize;
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.rfind(['\n', '\r']).map_or(0, |newline| newline + 1);
        let indentation = TextRange::from_usize(line, start);
        let blank = before.get(line..).is_some_and(|indentation| indentation.trim().is_empty());
        let error = SyntaxError::new(
            Code::UnknownItem,
            token.range,
            format!("expected an item, found `{written}`"),
        );
        match keyword {
            Some(_) if blank => error
                .found("indented")
                .help("an item starts at the beginning of its line")
                .fix("remove the indentation", indentation, ""),
            _ => error.found("no item has begun"),
        }
    }

    fn finish(mut self) -> Split {
        if let Some(Pending { first, attribute }) = self.pending {
            let what = if attribute.is_some() { "attribute" } else { "doc comment" };
            self.split.errors.push(
                SyntaxError::new(
                    Code::Syntax,
                    first,
                    format!("expected an item after this {what}, found the end of the file"),
                )
                .found("belongs to no item"),
            );
        }
        self.close(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        for token in self.outside {
            let TokenKind::Comment { kind, .. } = token.kind else { continue };
            let at = token.range.start();
            let before = self.split.chunks.partition_point(|chunk| chunk.range.start() <= at);
            let chunk = before.checked_sub(1).and_then(|last| self.split.chunks.get(last));
            if chunk.is_some_and(|chunk| at < chunk.range.end()) {
                continue;
            }
            self.split.comments.push(Comment { kind, range: token.range });
            if kind == CommentKind::Block {
                self.split.errors.extend(lexical::error(self.text, token));
            }
            self.split.errors.extend(confusing(self.text, token));
        }
        self.split.errors.sort_by_key(|error| error.range);
        self.split.module_docs = self.docs.join("\n");
        self.split
    }
}

/// The views of the block that stands there.
fn members(text: &str, block: TextRange) -> Vec<Chunk> {
    let keyword = ItemKeyword::View;
    let text = block.slice(text).unwrap_or_default();
    let chunk = |range: TextRange| {
        let member = range.slice(text).unwrap_or_default();
        let mut words =
            Lexer::new(member).skip_while(|token| token.text(member) != keyword.as_str());
        let header = words.next().map_or(0, |word| word.range.end() as usize);
        let name = header_name(member.get(header..).unwrap_or_default(), keyword);
        Chunk { keyword, name, range: range.shifted(block.start()), members: Vec::new() }
    };
    block::cut(text).members.into_iter().map(chunk).collect()
}

/// The name after an item's keyword.
fn header_name(header: &str, keyword: ItemKeyword) -> Option<String> {
    let mut tokens = Lexer::new(header)
        .filter(|token| !matches!(token.kind, TokenKind::Comment { .. }))
        .peekable();
    let mut name = name(tokens.next()?, header)?.to_owned();
    let is_kind = |word: &str| ItemKeyword::from_word(word).is_some_and(ItemKeyword::is_template);
    if keyword == ItemKeyword::Template
        && is_kind(&name)
        && let Some(second) = tokens.peek().and_then(|token| self::name(*token, header))
    {
        second.clone_into(&mut name);
    }
    match keyword {
        ItemKeyword::Export | ItemKeyword::Check | ItemKeyword::Policy | ItemKeyword::Test => {
            return None;
        }
        ItemKeyword::Use => {
            while tokens.next_if(|dot| dot.text(header) == ".").is_some()
                && let Some(segment) = tokens.next().and_then(|token| self::name(token, header))
            {
                name.push('.');
                name.push_str(segment);
            }
        }
        _ => {}
    }
    Some(name)
}

fn name(token: Token, text: &str) -> Option<&str> {
    match token.kind {
        TokenKind::Word => Some(token.text(text)),
        TokenKind::QuotedName { closed: true } => Some(token.text(text).trim_matches('`')),
        _ => None,
    }
}

/// `a`, `b` and `c`.
fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [some @ .., last] if !some.is_empty() => format!("{} and {last}", some.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests;
