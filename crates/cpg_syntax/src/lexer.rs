//! Tokens: what the splitter and the parser agree on about strings, comments and lines.
//!
//! Every text lexes. What has no end (a string, a comment) is a token that says so, and a token never reaches
//! past the line on which it starts, block comments aside.

use cpg_base::TextRange;

use crate::comment::CommentKind;
use crate::keywords::ItemKeyword;

/// A token; white space is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub range: TextRange,
}

/// What a token is. `closed` says whether its end was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// An identifier or a keyword.
    Word,
    /// A name in backquotes.
    QuotedName {
        /// Whether its end is there.
        closed: bool,
    },
    /// A number.
    Number,
    /// A string, in `quote`s.
    Text {
        /// Whether its end is there.
        closed: bool,
    },
    /// A comment.
    Comment {
        /// How it is written.
        kind: CommentKind,
        /// Whether its end is there.
        closed: bool,
    },
    /// Punctuation and operators.
    Symbol,
    /// A character that no program has outside strings and comments.
    Stranger(char),
}

impl Token {
    /// Whether it is the first character of its line.
    pub fn starts_line(self, text: &str) -> bool {
        is_line_start(text, self.range.start() as usize)
    }

    /// What is written there.
    pub fn text(self, text: &str) -> &str {
        self.range.slice(text).unwrap_or_default()
    }
}

fn is_line_start(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.is_empty() || before == BOM || before.ends_with(['\n', '\r'])
}

/// The mark with which some editors begin a file.
pub(crate) const BOM: &str = "\u{FEFF}";

/// The symbol of three characters.
const ELLIPSIS: &str = "...";

/// Symbols of two characters; all others have one.
const PAIRS: &[&str] = &["==", "!=", "<=", ">=", "<>", "->", "=>", "..", "??", "&&", "||"];

/// How many block comments without an end are looked for: each costs a look at the whole rest of the text.
const MAX_OPEN_COMMENTS: usize = 16;

/// The tokens of a text, in order.
pub fn tokens(text: &str) -> impl Iterator<Item = Token> {
    Lexer::new(text)
}

/// The tokens of a text, in order.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    open_comments: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let at = if text.starts_with(BOM) { BOM.len() } else { 0 };
        Self { text, at, open_comments: 0 }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The first place from `at` on whose byte is not one of those.
    fn past(&self, at: usize, among: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| !among(*byte)).unwrap_or(rest.len())
    }

    fn line_end(&self, at: usize) -> usize {
        self.past(at, |byte| !is_newline(byte))
    }

    /// The end of what `quote` opens at `at`, and whether it is there; the line's end when it is not.
    fn quoted(&self, at: usize, quote: u8, escapes: bool) -> (usize, bool) {
        let mut end = at + 1;
        while let Some(byte) = self.byte(end) {
            if byte == quote {
                return (end + 1, true);
            } else if is_newline(byte) {
                break;
            } else if escapes && byte == b'\\' && self.byte(end + 1).is_some_and(|b| !is_newline(b))
            {
                end += 1;
            }
            end += 1;
        }
        (end, false)
    }

    fn number(&self, at: usize) -> usize {
        let digits = |at| self.past(at, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let end = digits(at);
        let fraction = self.byte(end) == Some(b'.')
            && self.byte(end + 1).is_some_and(|byte| byte.is_ascii_digit());
        let end = if fraction { digits(end + 1) } else { end };
        let exponent = self
            .text
            .as_bytes()
            .get(at..end)
            .is_some_and(|n| n.ends_with(b"e") || n.ends_with(b"E"))
            && matches!(self.byte(end), Some(b'+' | b'-'))
            && self.byte(end + 1).is_some_and(|byte| byte.is_ascii_digit());
        if exponent { digits(end + 1) } else { end }
    }

    fn line_comment(&self, at: usize) -> (TokenKind, usize) {
        let rest = self.text.get(at..).unwrap_or_default();
        let kind = if rest.starts_with("//!") {
            CommentKind::ModuleDoc
        } else if rest.starts_with("///") && !rest.starts_with("////") {
            CommentKind::Doc
        } else {
            CommentKind::Line
        };
        (TokenKind::Comment { kind, closed: true }, self.line_end(at))
    }

    /// A comment without its end reaches to the next item.
    fn block_comment(&mut self, at: usize) -> (TokenKind, usize) {
        let end = if self.open_comments < MAX_OPEN_COMMENTS { self.block_end(at) } else { None };
        let closed = end.is_some();
        let end = end.unwrap_or_else(|| {
            self.open_comments += 1;
            self.next_item(at)
        });
        (TokenKind::Comment { kind: CommentKind::Block, closed }, end)
    }

    fn block_end(&self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let (mut at, mut depth) = (at, 0_usize);
        while let Some(pair) = bytes.get(at..at + 2) {
            match pair {
                b"/*" => depth += 1,
                b"*/" if depth == 1 => return Some(at + 2),
                b"*/" => depth -= 1,
                _ => {
                    at += 1;
                    continue;
                }
            }
            at += 2;
        }
        None
    }

    /// The next line that starts with the keyword of an item; the text's end when there is none.
    fn next_item(&self, at: usize) -> usize {
        let mut line = at;
        loop {
            line = self.past(self.line_end(line), is_newline);
            if line >= self.text.len() {
                return self.text.len();
            }
            let word = self.text.get(line..self.past(line, is_word)).unwrap_or_default();
            if ItemKeyword::from_word(word).is_some() {
                return line;
            }
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start = self.past(self.at, |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        let byte = self.byte(start)?;
        let (kind, end) = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => (TokenKind::Word, self.past(start, is_word)),
            b'0'..=b'9' => (TokenKind::Number, self.number(start)),
            b'"' | b'\'' => {
                let (end, closed) = self.quoted(start, byte, byte == b'"');
                (TokenKind::Text { closed }, end)
            }
            b'`' => {
                let (end, closed) = self.quoted(start, byte, false);
                (TokenKind::QuotedName { closed }, end)
            }
            b'/' if self.byte(start + 1) == Some(b'/') => self.line_comment(start),
            b'/' if self.byte(start + 1) == Some(b'*') => self.block_comment(start),
            _ if byte.is_ascii_graphic() => {
                let rest = self.text.get(start..).unwrap_or_default();
                let length = match rest.get(..2) {
                    Some(_) if rest.starts_with(ELLIPSIS) => ELLIPSIS.len(),
                    Some(pair) if PAIRS.contains(&pair) => pair.len(),
                    _ => 1,
                };
                (TokenKind::Symbol, start + length)
            }
            _ => {
                let character = self.text.get(start..)?.chars().next()?;
                (TokenKind::Stranger(character), start + character.len_utf8())
            }
        };
        self.at = end;
        Some(Token { kind, range: TextRange::from_usize(start, end) })
    }
}

fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests;
