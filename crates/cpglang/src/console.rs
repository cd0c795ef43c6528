//! What people and programs see: diagnostics, failures and notes.
//!
//! Results go to standard output; everything that is only for people goes to standard error.

mod human;
mod json;
mod narrated;
#[cfg(test)]
mod tests;
mod texts;

use std::io::{self, IsTerminal as _, Write as _};

use cpg_base::{Diagnostic, Severity};
use serde::Serialize;

use crate::args::MessageFormat;
use crate::failure::Failure;
use crate::size::counted;

pub(crate) use human::terminal_text as plain;
pub(crate) use json::Message;
pub(crate) use texts::Texts;

/// More would scroll the first ones, which matter most, out of sight.
const MOST_SHOWN: usize = 100;

/// Where messages go, and in which form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    format: MessageFormat,
    quiet: bool,
    style: human::Style,
}

/// How many diagnostics there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub errors: usize,
    pub warnings: usize,
    pub files: usize,
}

impl Console {
    /// Messages in that form; only errors when `quiet`.
    pub fn new(format: MessageFormat, quiet: bool) -> Self {
        let size = terminal_size::terminal_size_of(io::stderr());
        let width = size.map_or(100, |(width, _)| usize::from(width.0));
        let fancy = io::stderr().is_terminal() && is_utf8_locale();
        Self { format, quiet, style: human::Style { width: width.clamp(40, 120), fancy } }
    }

    /// Whether people read the messages and want more than errors.
    pub fn is_chatty(&self) -> bool {
        !self.is_json() && !self.quiet
    }

    /// Whether programs read the messages.
    pub fn is_json(&self) -> bool {
        self.format == MessageFormat::Json
    }

    /// Shows all diagnostics in the order in which they are read, and counts them.
    pub fn diagnostics(
        &self,
        diagnostics: &mut [Diagnostic],
        texts: &Texts,
    ) -> Result<Tally, Failure> {
        diagnostics.sort_by_key(Diagnostic::sort_key);
        let tally = Tally::of(diagnostics);
        if self.is_json() {
            for diagnostic in diagnostics.iter() {
                self.emit(&json::diagnostic(diagnostic, texts))?;
            }
            return Ok(tally);
        }
        let shown = diagnostics.iter().filter(|d| !self.quiet || d.severity == Severity::Error);
        for diagnostic in shown.clone().take(MOST_SHOWN) {
            self.say(&match self.format {
                MessageFormat::Narrated => narrated::diagnostic(diagnostic, texts),
                _ => human::diagnostic(diagnostic, texts, self.style),
            });
        }
        let rest = shown.count().saturating_sub(MOST_SHOWN);
        if rest > 0 {
            self.say(&format!("and {rest} more; `--message-format json` lists all\n"));
        }
        if let Some(first) = diagnostics.first().filter(|_| !self.quiet) {
            let code = first.code;
            self.say(&format!("{tally}; `cpglang explain {code}` says more, as for every code"));
        }
        Ok(tally)
    }

    /// The closing line of a check.
    pub fn summary(&self, tally: Tally, checked: usize) -> Result<(), Failure> {
        if self.is_json() {
            return self.emit(&json::summary(tally, checked));
        }
        if tally == Tally::default() && self.is_chatty() {
            self.say(&format!("no errors in {}", counted(checked as u64, "file")));
        }
        Ok(())
    }

    /// Why a command ends without its result.
    pub fn failure(&self, failure: &Failure) {
        let Some(message) = failure.message() else { return };
        if self.is_json() {
            // Where even this cannot be written, the exit code is all that is left to say.
            let _ = self.emit(&json::failure(failure, &message));
        } else {
            self.say(&human::failure(failure, &message));
        }
    }

    /// One object of the stream for programs, as one line of standard output.
    pub fn emit(&self, value: &impl Serialize) -> Result<(), Failure> {
        let line = serde_json::to_string(value).map_err(|error| Failure::output(error.into()))?;
        let mut out = io::stdout().lock();
        writeln!(out, "{line}").and_then(|()| out.flush()).map_err(Failure::output)
    }

    /// A text for people, on standard error; colours are left out where they are not wanted.
    pub fn say(&self, text: &str) {
        // Nothing sensible can be done when even this fails.
        let _ = writeln!(anstream::stderr(), "{text}");
    }
}

impl Tally {
    fn of(diagnostics: &[Diagnostic]) -> Self {
        let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        let mut files: Vec<_> =
            diagnostics.iter().filter_map(|d| d.labels.first()).map(|l| &l.source).collect();
        files.sort();
        files.dedup();
        Self { errors, warnings: diagnostics.len() - errors, files: files.len() }
    }
}

/// `3 errors, 1 warning in 2 files`.
impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = [(self.errors, "error"), (self.warnings, "warning")];
        let said: Vec<_> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| counted(count as u64, what))
            .collect();
        write!(f, "{} in {}", said.join(", "), counted(self.files as u64, "file"))
    }
}

/// Whether the terminal can be expected to draw more than ASCII.
fn is_utf8_locale() -> bool {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    let named = locale.unwrap_or_default().to_ascii_lowercase();
    cfg!(windows) || named.contains("utf-8") || named.contains("utf8")
}
