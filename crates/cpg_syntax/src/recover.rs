//! Reads what can be read of an item that does not parse: its body is cut at the lines that begin a clause, a
//! step or a column, and each piece is parsed by itself, so that two broken clauses give two errors.

use cpg_base::{Code, TextRange};
use pest::Parser;

use crate::ast::{Item, ItemKind};
use crate::error::SyntaxError;
use crate::expected::{Failure, Place};
use crate::form::{Form, Parts};
use crate::grammar::{Grammar, Rule};
use crate::keywords::ItemKeyword;
use crate::lexer::{Token, TokenKind};
use crate::lexical::Lexical;
use crate::lower::Lower;
use crate::parse::reported;

/// The item, without the pieces that are broken; `None` when its header is. `failure` is how parsing the whole
/// of it ended.
pub(crate) fn item(
    form: Form,
    lexical: &Lexical<'_>,
    lower: &mut Lower<'_>,
    failure: &Failure,
    place: &Place<'_>,
) -> Option<Item> {
    let parsed = form.parts().zip(form.body()).and_then(|(parts, keyword)| {
        let mut pairs = Grammar::parse(parts.opening, &lexical.masked).ok()?;
        Some((pairs.next()?, parts.part, keyword))
    });
    let Some((opening, part, keyword)) = parsed else {
        lower.errors.extend(failure.error(lexical, place));
        return None;
    };
    let lowered = lower.opening_of(opening);
    let mut opening = reported(lowered, lower)?;

    let before = lower.errors.len();
    let (body, closed) = body(keyword, lexical, opening.end);
    let reader = Reader { keyword, part, lexical, place, whole: failure };
    for piece in pieces(keyword, lexical, body) {
        reader.read(piece, lower, opening.body_mut());
    }
    if !closed {
        let end = lexical.tokens.last().map_or(0, |token| token.range.end());
        lower.errors.push(
            SyntaxError::new(
                Code::Syntax,
                TextRange::empty(end),
                "expected `}`, found the end of the item",
            )
            .found("the body of the item has no end"),
        );
    }
    if lower.errors.len() == before && lexical.errors.is_empty() {
        // The pieces are right and only the whole is wrong.
        lower.errors.extend(failure.error(lexical, place));
    }
    let opening = lower.whole(opening);
    match opening.body() {
        ItemKind::View(view) if view.arms.is_empty() => None,
        _ => Some(opening.finish(body.end())),
    }
}

/// The rule for the last piece of an item that is not finished, and where that piece starts.
pub(crate) fn last_piece(form: Form, lexical: &Lexical<'_>) -> Option<(Rule, u32)> {
    let (Parts { opening, part }, keyword) = form.parts().zip(form.body())?;
    let opening = Grammar::parse(opening, &lexical.masked).ok()?.next()?;
    let start = TextRange::from_usize(0, opening.as_span().end()).end();
    let end = lexical.tokens.last().map_or(start, |last| last.range.end());
    let last = pieces(keyword, lexical, TextRange::new(start, end)).pop()?;
    Some((part, last.start()))
}

/// The body without its closing brace, and whether that is there, if there must be one.
fn body(keyword: ItemKeyword, lexical: &Lexical<'_>, start: u32) -> (TextRange, bool) {
    let last = lexical.tokens.last().filter(|token| token.range.start() >= start);
    match last {
        Some(last) if keyword != ItemKeyword::View && last.text(lexical.text) == "}" => {
            (TextRange::new(start, last.range.start()), true)
        }
        _ => {
            let end = last.map_or(start, |last| last.range.end());
            (TextRange::new(start, end), keyword == ItemKeyword::View)
        }
    }
}

/// Cuts a body before each line that begins something.
fn pieces(keyword: ItemKeyword, lexical: &Lexical<'_>, body: TextRange) -> Vec<TextRange> {
    let first = lexical.tokens.partition_point(|token| token.range.start() < body.start());
    let tokens = lexical.tokens.get(first..).unwrap_or_default();
    let mut pieces = Vec::new();
    let mut start = body.start();
    for (at, token) in tokens.iter().enumerate() {
        if token.range.start() >= body.end() {
            break;
        }
        let next = tokens.get(at + 1).copied();
        if first_on_line(lexical, *token) && begins(keyword, lexical, *token, next) {
            pieces.push(TextRange::new(start, token.range.start()));
            start = token.range.start();
        }
    }
    pieces.push(TextRange::new(start, body.end()));
    pieces
}

fn first_on_line(lexical: &Lexical<'_>, token: Token) -> bool {
    let before = lexical.masked.get(..token.range.start() as usize).unwrap_or_default();
    before.trim_end_matches([' ', '\t']).ends_with(['\n', '\r'])
}

/// Whether a clause, a step or a column begins with `token`.
fn begins(keyword: ItemKeyword, lexical: &Lexical<'_>, token: Token, next: Option<Token>) -> bool {
    let written = token.text(lexical.text);
    match keyword {
        ItemKeyword::Schema | ItemKeyword::Evidence => {
            matches!(token.kind, TokenKind::Word | TokenKind::QuotedName { .. })
        }
        ItemKeyword::View if matches!(written, "|" | "distinct") => true,
        _ if token.kind == TokenKind::Word && keyword.clauses().contains(&written) => {
            // A name like others when it stands alone, has a value or is part of a path.
            next.is_some_and(|next| {
                let between = TextRange::new(token.range.end(), next.range.start());
                let gap = between.slice(&lexical.masked).unwrap_or_default();
                !gap.contains(['\n', '\r'])
                    && !matches!(next.text(lexical.text), ":" | "," | "." | ")" | "}" | "=")
            })
        }
        _ => false,
    }
}

/// Reads a piece into the item.
struct Reader<'a, 'l> {
    keyword: ItemKeyword,
    part: Rule,
    lexical: &'l Lexical<'a>,
    place: &'l Place<'a>,
    /// How parsing the whole item ended.
    whole: &'l Failure,
}

impl Reader<'_, '_> {
    fn read(&self, piece: TextRange, lower: &mut Lower<'_>, kind: &mut ItemKind) {
        let text = piece.slice(&self.lexical.masked).unwrap_or_default();
        match Grammar::parse(self.part, text) {
            Ok(mut pairs) => {
                if let Some(inner) = pairs.next().and_then(|pair| pair.into_inner().next()) {
                    lower.base = piece.start();
                    let lowered = lower.body(kind, inner, piece.start());
                    lower.base = 0;
                    reported(lowered, lower);
                }
            }
            Err(_) if self.lexical.is_broken(piece) => {}
            Err(error) => lower.errors.extend(self.error(piece, &error)),
        }
    }

    fn error(&self, piece: TextRange, error: &pest::error::Error<Rule>) -> Option<SyntaxError> {
        let failure = Failure::new(error, piece.start());
        // The whole item's rule knows best what may stand there.
        if failure.at == self.whole.at && self.whole.between_clauses() {
            return self.whole.error(self.lexical, self.place);
        }
        let failure = if self.keyword == ItemKeyword::View { failure } else { failure.in_braces() };
        let clause = if failure.between_clauses() { None } else { self.clause(piece, failure.at) };
        match clause {
            Some(word) => failure.error(self.lexical, &self.place.clause(word)),
            None => failure.error(self.lexical, self.place),
        }
    }

    /// The first word of the clause in which `at` lies.
    fn clause(&self, piece: TextRange, at: u32) -> Option<&str> {
        let text = self.lexical.text;
        let tokens = &self.lexical.tokens;
        let from = tokens.partition_point(|token| token.range.start() < piece.start());
        let until = tokens.partition_point(|token| token.range.start() < at);
        let words =
            || tokens.get(from..until).unwrap_or_default().iter().map(|token| token.text(text));
        let first = words().next().filter(|word| self.keyword.clauses().contains(word));
        if self.keyword != ItemKeyword::View && first.is_some() {
            return first;
        }
        // Several on one line: the last one outside brackets.
        let (mut depth, mut clause) = (0_i32, None);
        for word in words() {
            match word {
                "(" | "{" => depth += 1,
                ")" | "}" => depth -= 1,
                _ if depth <= 0 && self.keyword.clauses().contains(&word) => clause = Some(word),
                _ => {}
            }
        }
        clause
    }
}
