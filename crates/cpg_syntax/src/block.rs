//! Cuts a `fixpoint` into its views.
//!
//! As a file is cut before each item keyword at the beginning of a line, a block is cut before each `view` that
//! begins a line and has a name on it. So a broken view hides no other, and each is parsed by itself.

use cpg_base::{Code, TextRange};
use pest::Parser;

use crate::ast::{Item, ItemKind};
use crate::comment::CommentKind;
use crate::error::SyntaxError;
use crate::expected::{Failure, Place};
use crate::form::Form;
use crate::grammar::{Grammar, Rule};
use crate::keywords::{EXPRESSION_WORDS, ItemKeyword, SPAN_OPERATORS};
use crate::lexer::{Lexer, Token, TokenKind};
use crate::lexical::Lexical;
use crate::lower::Lower;
use crate::parse::{ParsedItem, reported};

/// What a block consists of. Ranges are relative to its text.
pub(crate) struct Block {
    /// The text before the first view, up to the opening brace where there is one.
    header: TextRange,
    /// The views, each up to the start of the next one.
    pub(crate) members: Vec<TextRange>,
    /// The brace that ends it.
    close: Option<TextRange>,
    /// The first token between the header and the first view that belongs to neither, and the first one behind the end.
    strays: Vec<TextRange>,
}

/// The tokens of a block that are no comments, with what stands before each.
struct Tokens<'a> {
    text: &'a str,
    tokens: Vec<Token>,
}

impl Tokens<'_> {
    fn written(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text(self.text))
    }

    fn first_on_line(&self, start: u32) -> bool {
        let before = self.text.get(..start as usize).unwrap_or_default();
        let before = before.trim_end_matches([' ', '\t']);
        before.is_empty() || before.ends_with(['\n', '\r'])
    }

    /// Whether a view begins with that token: it says `view` and a name stands behind it on its line.
    fn begins_view(&self, at: usize) -> bool {
        let (Some(word), Some(name)) = (self.tokens.get(at), self.tokens.get(at + 1)) else {
            return false;
        };
        let between = TextRange::new(word.range.end(), name.range.start()).slice(self.text);
        let written = name.text(self.text);
        word.kind == TokenKind::Word
            && word.text(self.text) == ItemKeyword::View.as_str()
            && !between.unwrap_or_default().contains(['\n', '\r'])
            && match name.kind {
                TokenKind::QuotedName { .. } => true,
                TokenKind::Word => {
                    !EXPRESSION_WORDS.contains(&written) && !SPAN_OPERATORS.contains(&written)
                }
                _ => false,
            }
    }
}

/// Cuts the text of a block.
pub(crate) fn cut(text: &str) -> Block {
    let mut tokens = Tokens { text, tokens: Vec::new() };
    let mut docs = Vec::new();
    for token in Lexer::new(text) {
        match token.kind {
            TokenKind::Comment { kind: CommentKind::Doc, .. } => docs.push(token.range.start()),
            TokenKind::Comment { .. } => {}
            _ => tokens.tokens.push(token),
        }
    }
    docs.retain(|start| tokens.first_on_line(*start));
    let keyword = (0..tokens.tokens.len())
        .find(|at| tokens.written(*at) == ItemKeyword::Fixpoint.as_str())
        .unwrap_or(0);

    let mut open = None;
    let mut starts: Vec<u32> = Vec::new();
    let mut first_view = None;
    // Where the attributes of the next view begin, and how many brackets are open in them.
    let mut attributes: Option<(u32, u32)> = None;
    for at in keyword + 1..tokens.tokens.len() {
        let Some(token) = tokens.tokens.get(at) else { break };
        let start = token.range.start();
        let begins_line = tokens.first_on_line(start);
        if tokens.begins_view(at) && (begins_line || attributes.is_some() || open == Some(at - 1)) {
            let first = attributes.take().map_or(start, |(first, _)| first);
            // Doc comments on the lines right before it, with no token between, are its own.
            let before = at.checked_sub(1).and_then(|before| tokens.tokens.get(before));
            let end = match before {
                Some(before) if before.range.end() <= first => before.range.end(),
                _ => tokens
                    .tokens
                    .iter()
                    .rev()
                    .find(|before| before.range.end() <= first)
                    .map_or(0, |before| before.range.end()),
            };
            let doc = docs.get(docs.partition_point(|doc| *doc < end)).copied();
            let doc = doc.filter(|doc| *doc < first);
            starts.push(doc.unwrap_or(first));
            first_view.get_or_insert(at);
        } else if (begins_line || open == Some(at - 1)) && tokens.written(at) == "@" {
            attributes.get_or_insert((start, 0));
        } else if let Some((_, depth)) = &mut attributes {
            match tokens.written(at) {
                "(" => *depth += 1,
                ")" => *depth = depth.saturating_sub(1),
                _ if begins_line && *depth == 0 => attributes = None,
                _ => {}
            }
        }
        if open.is_none() && starts.is_empty() && tokens.written(at) == "{" {
            open = Some(at);
        }
    }

    let close = closing(&tokens, open.or(first_view));
    let end = close.and_then(|at| tokens.tokens.get(at)).map(|token| token.range);
    let text_end = TextRange::from_usize(0, text.len()).end();
    let body_end = end.map_or(text_end, |end| end.start());
    starts.retain(|start| *start < body_end);
    let mut members = Vec::with_capacity(starts.len());
    for (index, start) in starts.iter().enumerate() {
        members.push(TextRange::new(*start, starts.get(index + 1).copied().unwrap_or(body_end)));
    }
    let header_end = match open.and_then(|at| tokens.tokens.get(at)) {
        Some(open) => open.range.end(),
        None => members.first().map_or(text_end, |first| first.start()),
    };
    let mut strays = Vec::new();
    let first = members.first().map_or(body_end, |first| first.start());
    let inner = |token: &&Token| header_end <= token.range.start() && token.range.end() <= first;
    strays.extend(tokens.tokens.iter().find(inner).map(|token| token.range));
    let behind = close.and_then(|at| tokens.tokens.get(at + 1));
    strays.extend(behind.map(|token| token.range));
    Block { header: TextRange::new(0, header_end), members, close: end, strays }
}

/// The brace that ends a block: its last token, or the one that closes what `open` opened, or none.
fn closing(tokens: &Tokens<'_>, open: Option<usize>) -> Option<usize> {
    let open = open?;
    let last = tokens.tokens.len().checked_sub(1)?;
    if last > open && tokens.written(last) == "}" {
        return Some(last);
    }
    let mut depth = 0_i32;
    for at in open..tokens.tokens.len() {
        match tokens.written(at) {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if depth == 0 && tokens.written(open) == "{" {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Parses a block but for its views.
pub(crate) fn parse(chunk: &str) -> ParsedItem {
    let block = cut(chunk);
    let header = block.header.slice(chunk).unwrap_or_default();
    let lexical = Lexical::new(header);
    let mut lower = Lower::new(&lexical);
    let place = Place::new(ItemKeyword::Fixpoint, Form::Plain(ItemKeyword::Fixpoint), &lexical);
    let opening = match Grammar::parse(Rule::fixpoint_opening, &lexical.masked) {
        Ok(mut pairs) => {
            let lowered = pairs.next().map(|pair| lower.item(pair));
            lowered.and_then(|lowered| reported(lowered, &mut lower))
        }
        Err(error) => {
            lower.errors.extend(Failure::new(&error, 0).error(&lexical, &place));
            None
        }
    };
    let mut errors = lexical.errors.clone();
    errors.append(&mut lower.errors);
    errors.extend(block.errors(chunk));
    if errors.is_empty() {
        errors.extend(lower.docs.leftovers());
    }
    errors.sort_by_key(|error| error.range);
    let end = block.close.map_or(block.header.end(), |close| close.end());
    let item = opening.map(|item| match item.kind {
        ItemKind::Fixpoint(mut fixpoint) => {
            fixpoint.members = block.members;
            let range = item.range.cover(TextRange::empty(end));
            Item { kind: ItemKind::Fixpoint(fixpoint), range, ..item }
        }
        kind => Item { kind, ..item },
    });
    ParsedItem { item, errors, comments: Lexical::new(chunk).comments }
}

impl Block {
    /// What is wrong around the views.
    fn errors(&self, text: &str) -> Vec<SyntaxError> {
        let mut errors = Vec::new();
        for stray in &self.strays {
            let found = stray.slice(text).unwrap_or_default();
            let behind = self.close.is_some_and(|close| close.end() <= stray.start());
            let expected = if behind { "the end of the item" } else { "`view`" };
            let message = format!("expected {expected}, found `{found}`");
            let error = SyntaxError::new(Code::Syntax, *stray, message).found("in fixpoint");
            errors.push(match ItemKeyword::from_word(found) {
                Some(ItemKeyword::View) => error.help("a view begins a line and has a name"),
                Some(_) => error.help("only views can stand in a fixpoint"),
                None => error,
            });
        }
        if self.close.is_none() && errors.is_empty() {
            let end = TextRange::from_usize(0, text.trim_end().len()).end();
            errors.push(
                SyntaxError::new(
                    Code::Syntax,
                    TextRange::empty(end),
                    "expected `}`, found the end of the item",
                )
                .found("the fixpoint has no end"),
            );
        }
        errors
    }
}
