//! Patterns that a program writes down: what a function would refuse when it runs is an error here.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::Literal;
use cpg_syntax::place_in_string;
use globset::GlobBuilder;

use super::Typed;
use crate::checker::Checker;
use crate::problem::Problem;

/// What is wrong with a pattern, and where in it if that is known.
struct Wrong {
    why: String,
    /// Bytes of the pattern.
    at: Option<(usize, usize)>,
}

impl<'db> Checker<'db> {
    /// Reports a pattern among the arguments of `function` that is none. Only what is constant can be looked at.
    pub(super) fn check_pattern(&mut self, function: &str, args: &[Typed]) {
        let (kind, wrong): (&str, fn(&str) -> Option<Wrong>) = match function {
            "glob" => ("path pattern", wrong_glob),
            name if name.starts_with("regexp_") => ("regular expression", wrong_regex),
            _ => return,
        };
        let Some(Literal::String(pattern)) = args.get(1).and_then(Typed::literal) else { return };
        let Some(range) = args.get(1).map(|arg| arg.range) else { return };
        let Some(Wrong { why, at }) = wrong(pattern) else { return };
        let range = at.map_or(range, |(start, end)| self.within_string(range, start, end));
        let message = format!("this is no {kind}: {why}");
        let problem = Problem::error(Code::BadPattern, range, message);
        let problem = match function {
            "glob" => problem.help("`*`, `**`, `?`, `[a-z]` and `{a,b}` mean something; `\\\\` before one takes that away"),
            _ => problem.help("a backslash in a string is written `\\\\`, as in `\"\\\\.py$\"`"),
        };
        self.report(problem);
    }

    /// A part of a string's value as a place, when the string is written there; all of the place when it is not.
    fn within_string(&self, range: TextRange, start: usize, end: usize) -> TextRange {
        let written = range.slice(self.item.text(self.db)).unwrap_or_default();
        let place = |at| place_in_string(written, at);
        match (place(start), place(end)) {
            (Some(start), Some(end)) => {
                // The end of a pattern is no character: the place before its quote is.
                TextRange::from_usize(start, end.max(start)).shifted(range.start())
            }
            _ => range,
        }
    }
}

fn wrong_regex(pattern: &str) -> Option<Wrong> {
    let error = match regex_syntax::parse(pattern) {
        // What is right can still be too large.
        Ok(_) => return regex::Regex::new(pattern).err().map(|error| too_large(&error)),
        Err(error) => error,
    };
    let (why, span) = match &error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), Some(error.span())),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), Some(error.span())),
        other => (other.to_string(), None),
    };
    Some(Wrong { why, at: span.map(|span| (span.start.offset, span.end.offset)) })
}

fn too_large(error: &regex::Error) -> Wrong {
    let why = match error {
        regex::Error::CompiledTooBig(_) => "it becomes too large when it is prepared".to_owned(),
        other => other.to_string(),
    };
    Wrong { why, at: None }
}

/// The options are those with which the function prepares a pattern.
fn wrong_glob(pattern: &str) -> Option<Wrong> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build();
    glob.err().map(|error| Wrong { why: error.kind().to_string(), at: None })
}
