//! The canonical layout of programs.
//!
//! Formatting changes the space between tokens, the commas of lists, the line ends and the indentation, and
//! nothing else: every other token and every comment stays, in its order. So it cannot change what a program
//! means, and it does not sort. Where lines break follows from the program alone; of the author's line breaks,
//! only empty lines between items, clauses and elements stay, one at a time.
//!
//! An item that does not parse is copied as it is, and so is what belongs to no item.

mod check;
mod clause;
mod document;
mod evidence;
mod expr;
mod item;
mod policy;
mod print;
mod sql;
mod template;
mod test;
mod view;

use cpg_base::TextRange;

use crate::comment::CommentKind;
use crate::lexer::{BOM, Lexer, TokenKind};
use crate::parse::parse_item;
use crate::split::{Chunk, split};
use document::{Document, has_blank_before};

/// A program in its canonical layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// The program. Its lines end with `\r\n` if all of the original do, and else with `\n`; a byte order mark is
    /// left out.
    pub text: String,
    /// What was copied because it is broken: ranges in the original, in order.
    pub copied: Vec<TextRange>,
}

/// Lays a program out. What it gives is laid out already: formatting that again changes nothing.
pub fn format(text: &str) -> Formatted {
    let mut formatter = Formatter::new(text);
    let mut end = 0;
    for chunk in &split(text).chunks {
        formatter.outside(TextRange::new(end, chunk.range.start()));
        formatter.chunk(chunk);
        end = chunk.range.end();
    }
    formatter.outside(TextRange::from_usize(end as usize, text.len()));
    formatter.finish()
}

struct Formatter<'a> {
    text: &'a str,
    newline: &'static str,
    out: String,
    copied: Vec<TextRange>,
}

impl<'a> Formatter<'a> {
    fn new(text: &'a str) -> Self {
        let ends = text.matches('\n').count();
        let windows = ends > 0 && text.matches("\r\n").count() == ends;
        let newline = if windows { "\r\n" } else { "\n" };
        Self { text, newline, out: String::with_capacity(text.len()), copied: Vec::new() }
    }

    fn chunk(&mut self, chunk: &Chunk) {
        let text = chunk.range.slice(self.text).unwrap_or_default();
        let parsed = parse_item(text, chunk.keyword);
        let document = parsed.item.filter(|_| parsed.errors.is_empty()).and_then(|item| {
            let mut document = Document::new(text);
            document.item(&item);
            document.finish(item.kind.is_open_ended())
        });
        match document {
            Some(ops) => self.laid_out(chunk.range.start(), &print::print(&ops)),
            None => self.copy(chunk.range),
        }
    }

    /// What stands between items: comments, or what belongs to none.
    fn outside(&mut self, range: TextRange) {
        let whole = range.slice(self.text).unwrap_or_default();
        let text = without_blank_lines(whole, self.out.is_empty());
        if text.is_empty() {
            return;
        }
        let start = range.end() - TextRange::from_usize(0, text.len()).len();
        // An indented doc comment belongs to no item; at the start of its line it would.
        let comments = Lexer::new(text).all(|token| match token.kind {
            TokenKind::Comment { kind, closed } => closed && kind != CommentKind::Doc,
            _ => false,
        });
        if comments && let Some(ops) = Document::new(text).finish(false) {
            self.laid_out(start, &print::print(&ops));
        } else {
            self.copy(TextRange::new(start, range.end()));
        }
    }

    /// Adds what was laid out and starts there in the original.
    fn laid_out(&mut self, start: u32, text: &str) {
        self.separate(start);
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.out.push_str(self.newline);
            }
            self.out.push_str(line);
        }
    }

    /// Adds a part of the original as it is, without white space behind it.
    fn copy(&mut self, range: TextRange) {
        let text = range.slice(self.text).unwrap_or_default().trim_end_matches(WHITE_SPACE);
        let range = TextRange::from_usize(0, text.len()).shifted(range.start());
        self.separate(range.start());
        self.out.push_str(text);
        self.copied.push(range);
    }

    /// Ends the line before what starts there, and keeps an empty line.
    fn separate(&mut self, start: u32) {
        if self.out.is_empty() {
            return;
        }
        self.out.push_str(self.newline);
        if has_blank_before(self.text, start) {
            self.out.push_str(self.newline);
        }
    }

    fn finish(mut self) -> Formatted {
        if !self.out.is_empty() {
            self.out.push_str(self.newline);
        }
        Formatted { text: self.out, copied: self.copied }
    }
}

/// The text from its first line with something in it on; `marks` are nothing, either.
fn without_blank_lines(text: &str, marks: bool) -> &str {
    let mut rest = text;
    loop {
        let line = rest.trim_start_matches([' ', '\t']);
        if line.is_empty() {
            return line;
        } else if marks && rest.starts_with(BOM) {
            rest = rest.trim_start_matches(BOM);
        } else if line.starts_with(['\n', '\r']) {
            rest = line.trim_start_matches(['\n', '\r']);
        } else {
            return rest;
        }
    }
}

const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];
