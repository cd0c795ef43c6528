//! Doc comments and what they document.

use cpg_base::{Code, TextRange};

use crate::comment::CommentKind;
use crate::error::SyntaxError;
use crate::lexical::Lexical;

/// The doc comments of an item.
pub(crate) struct Docs {
    lines: Vec<Line>,
}

struct Line {
    range: TextRange,
    /// Nothing else stands before it on its line.
    alone: bool,
    taken: bool,
}

impl Docs {
    pub(crate) fn new(lexical: &Lexical<'_>) -> Self {
        let lines = lexical
            .comments
            .iter()
            .filter(|comment| comment.kind == CommentKind::Doc)
            .map(|comment| {
                let before = lexical.text.get(..comment.range.start() as usize).unwrap_or_default();
                let alone = before.trim_end_matches([' ', '\t']).ends_with(['\n', '\r']);
                Line {
                    range: comment.range,
                    alone: alone || before.trim().is_empty(),
                    taken: false,
                }
            })
            .collect();
        Self { lines }
    }

    /// What the doc comments between those places say.
    pub(crate) fn take(&mut self, text: &str, between: TextRange) -> String {
        let first = self.lines.partition_point(|line| line.range.start() < between.start());
        let mut said = Vec::new();
        for line in self.lines.iter_mut().skip(first) {
            if line.range.end() > between.end() {
                break;
            }
            if line.alone && !line.taken {
                line.taken = true;
                let written = line.range.slice(text).unwrap_or_default();
                said.extend(CommentKind::Doc.documentation(written));
            }
        }
        said.join("\n")
    }

    /// Errors for doc comments that document nothing.
    pub(crate) fn leftovers(&self) -> impl Iterator<Item = SyntaxError> {
        self.lines.iter().filter(|line| !line.taken).map(|line| {
            let start = line.range.start();
            SyntaxError::new(Code::Syntax, line.range, "this doc comment documents nothing")
                .found("expected on lines of its own before an item or a column")
                .fix("make it a plain comment", TextRange::new(start, start + 3), "//")
        })
    }
}
