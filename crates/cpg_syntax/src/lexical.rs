//! What is wrong with an item before its grammar is asked, and the text that the grammar then sees: comments
//! are blanked out, and tokens that are wrong by themselves are replaced by right ones of the same length.

use cpg_base::{Code, TextRange};

use crate::characters::stranger;
use crate::comment::{Comment, CommentKind};
use crate::confusing::confusing;
use crate::error::SyntaxError;
use crate::lexer::{BOM, Lexer, Token, TokenKind};

/// How deep brackets, `if`s, types and operators may be nested in one another; no program by hand comes near.
/// Whoever walks a tree recursively may rely on it.
pub const MAX_NESTING: usize = 200;

/// An item's tokens.
pub(crate) struct Lexical<'a> {
    /// As it was given.
    pub(crate) text: &'a str,
    /// As the grammar sees it: as long, with the same lines.
    pub(crate) masked: String,
    /// All but comments.
    pub(crate) tokens: Vec<Token>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) errors: Vec<SyntaxError>,
    /// How deep the grammar has to go.
    pub(crate) depth: usize,
}

impl<'a> Lexical<'a> {
    /// Lexes an item.
    pub(crate) fn new(text: &'a str) -> Self {
        let mut mask = Mask { text, masked: String::with_capacity(text.len()) };
        if text.starts_with(BOM) {
            mask.blank(TextRange::from_usize(0, BOM.len()));
        }
        let (mut tokens, mut comments, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        let mut nesting = Nesting::default();
        let mut strangers_end = None;
        for token in Lexer::new(text) {
            // A word in another script is one mistake.
            if strangers_end != Some(token.range.start()) {
                errors.extend(error(text, token));
            }
            errors.extend(confusing(text, token));
            match token.kind {
                TokenKind::Comment { kind, .. } => {
                    mask.blank(token.range);
                    comments.push(Comment { kind, range: token.range });
                    continue;
                }
                TokenKind::Stranger(_) => {
                    strangers_end = Some(token.range.end());
                    mask.blank(token.range);
                    continue;
                }
                TokenKind::Text { closed: false } => mask.string(token.range),
                TokenKind::QuotedName { closed: false } => mask.fill(token.range, '_'),
                _ => nesting.enter(token, text),
            }
            tokens.push(token);
        }
        errors.extend(nesting.error());
        let masked = mask.finish();
        Self { text, masked, tokens, comments, errors, depth: nesting.depth }
    }

    /// The first token that ends after `offset`.
    pub(crate) fn token_at(&self, offset: u32) -> Option<Token> {
        self.tokens.get(self.tokens.partition_point(|token| token.range.end() <= offset)).copied()
    }

    /// Whether a token between those places is wrong by itself.
    pub(crate) fn is_broken(&self, range: TextRange) -> bool {
        self.errors
            .iter()
            .any(|error| range.start() <= error.range.start() && error.range.start() < range.end())
    }
}

/// What is wrong with a token.
pub(crate) fn error(text: &str, token: Token) -> Option<SyntaxError> {
    let start = token.range.start();
    let written = token.text(text);
    match token.kind {
        TokenKind::Text { closed: true } => written.starts_with('\'').then(|| {
            let value = written.trim_matches('\'').replace('\\', "\\\\").replace('"', "\\\"");
            SyntaxError::new(Code::Syntax, token.range, "expected `\"`, found `'`")
                .found("a string in single quotes")
                .help("strings are written in double quotes")
                .fix("use double quotes", token.range, format!("\"{value}\""))
        }),
        TokenKind::Text { closed: false } if written.starts_with('\'') => Some(
            SyntaxError::new(Code::UnterminatedString, token.range, "this string has no end")
                .found("no closing quote on this line")
                .help("strings are written in double quotes and end on their line"),
        ),
        TokenKind::Text { closed: false } => Some(
            SyntaxError::new(Code::UnterminatedString, token.range, "this string has no end")
                .found("no closing quote on this line")
                .help("end it with `\"` on the line on which it starts; a line break is written `\\n`"),
        ),
        TokenKind::QuotedName { closed: false } => Some(
            SyntaxError::new(Code::Syntax, token.range, "expected a closing backquote")
                .found("a quoted name ends on its line"),
        ),
        TokenKind::Comment { kind: CommentKind::Block, closed: false } => Some(
            SyntaxError::new(
                Code::UnterminatedComment,
                TextRange::new(start, start + 2),
                "this comment has no end",
            )
            .found("begins here")
            .help("end it with `*/`; every `/*` inside a comment needs its own"),
        ),
        TokenKind::Comment { kind: CommentKind::ModuleDoc, .. } => Some(
            SyntaxError::new(Code::Syntax, token.range, "expected `///` or `//`, found `//!`")
                .found("speaks of the module, but stands behind an item's beginning")
                .help("`//!` stands at the top of the file, before the first item"),
        ),
        TokenKind::Stranger(character) => {
            let stranger = stranger(character);
            let error =
                SyntaxError::new(Code::Syntax, token.range, format!("unexpected {}", stranger.name))
                    .found("only strings and comments may hold it");
            Some(match stranger.meant {
                None => error.help("names are made of ASCII letters, digits and `_`; others stand in backquotes"),
                Some("") => error.fix("remove it", token.range, ""),
                Some(meant) => error.fix(format!("replace it by `{meant}`"), token.range, meant),
            })
        }
        _ => None,
    }
}

/// The text that the grammar sees, as far as it is written.
struct Mask<'a> {
    text: &'a str,
    masked: String,
}

impl Mask<'_> {
    /// Copies what stands before `start`.
    fn copy_to(&mut self, start: usize) {
        self.masked.push_str(self.text.get(self.masked.len()..start).unwrap_or_default());
    }

    /// Replaces everything but line ends.
    fn fill(&mut self, range: TextRange, by: char) {
        self.copy_to(range.start() as usize);
        for byte in range.slice(self.text).unwrap_or_default().bytes() {
            self.masked.push(if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { by });
        }
    }

    fn blank(&mut self, range: TextRange) {
        self.fill(range, ' ');
    }

    /// Replaces a string that has no end by a whole one, or by a number when there is no place for two quotes.
    fn string(&mut self, range: TextRange) {
        self.fill(range, ' ');
        if range.len() < 2 {
            self.masked.pop();
            self.masked.push('0');
        } else {
            let start = range.start() as usize;
            self.masked.truncate(start);
            self.masked.push('"');
            self.masked.extend(std::iter::repeat_n(' ', range.len() as usize - 2));
            self.masked.push('"');
        }
    }

    fn finish(mut self) -> String {
        self.copy_to(self.text.len());
        self.masked
    }
}

/// How deep the grammar would have to go.
#[derive(Default)]
struct Nesting {
    /// For each open bracket, the `if`s in it that still wait for their `else`.
    brackets: Vec<usize>,
    /// The same outside brackets.
    outer: usize,
    /// All of them.
    waiting: usize,
    /// The length of `A<B<C<` up to here.
    types: usize,
    /// The deepest place.
    depth: usize,
    too_deep: Option<TextRange>,
}

impl Nesting {
    fn enter(&mut self, token: Token, text: &str) {
        let written = token.text(text);
        match written {
            "<" => self.types += 1,
            _ if token.kind == TokenKind::Word => {}
            _ => self.types = 0,
        }
        match written {
            "(" | "{" | "[" => self.brackets.push(0),
            ")" | "}" | "]" => self.waiting -= self.brackets.pop().unwrap_or(0),
            "if" => {
                *self.level() += 1;
                self.waiting += 1;
            }
            "else" if *self.level() > 0 => {
                *self.level() -= 1;
                self.waiting -= 1;
            }
            _ => {}
        }
        let depth = (self.brackets.len() + self.waiting).max(self.types);
        self.depth = self.depth.max(depth);
        if depth > MAX_NESTING && self.too_deep.is_none() {
            self.too_deep = Some(token.range);
        }
    }

    fn level(&mut self) -> &mut usize {
        self.brackets.last_mut().unwrap_or(&mut self.outer)
    }

    fn error(&self) -> Option<SyntaxError> {
        self.too_deep.map(too_deep)
    }
}

/// The error for what is nested too deeply at that place.
pub(crate) fn too_deep(range: TextRange) -> SyntaxError {
    SyntaxError::new(
        Code::NestingTooDeep,
        range,
        format!("nested more than {MAX_NESTING} levels deep"),
    )
    .found("one level too deep")
    .help("say a part of it in an item of its own, or use `in (…)` for a long chain of `or`")
}
