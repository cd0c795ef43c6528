//! Syntax errors.

use cpg_base::{Code, TextRange};

/// Something that does not belong where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What kind of mistake.
    pub code: Code,
    /// The exact token; empty where something is missing at an end.
    pub range: TextRange,
    /// One line: what was expected and what was found.
    pub message: String,
    /// What is to be said of the place itself; may be empty.
    pub found: String,
    /// What to do.
    pub help: Option<String>,
    /// An edit that mends it.
    pub fix: Option<SyntaxFix>,
}

/// An edit that mends a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxFix {
    /// What it does, as an imperative.
    pub title: String,
    /// What is replaced; relative to the same text as the error's range.
    pub range: TextRange,
    /// By what.
    pub replacement: String,
}

impl SyntaxError {
    pub(crate) fn new(code: Code, range: TextRange, message: impl Into<String>) -> Self {
        Self { code, range, message: message.into(), found: String::new(), help: None, fix: None }
    }

    pub(crate) fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn fix(
        mut self,
        title: impl Into<String>,
        range: TextRange,
        replacement: impl Into<String>,
    ) -> Self {
        self.fix = Some(SyntaxFix { title: title.into(), range, replacement: replacement.into() });
        self
    }

    /// A fix that replaces what the error is about; the title says so.
    pub(crate) fn replace(self, text: &str, by: &str) -> Self {
        let range = self.range;
        let old = range.slice(text).unwrap_or_default();
        self.fix(format!("replace `{old}` by `{by}`"), range, by)
    }

    /// The same error in a text that starts `offset` bytes later.
    #[must_use]
    pub fn shifted(mut self, offset: u32) -> Self {
        self.range = self.range.shifted(offset);
        if let Some(fix) = &mut self.fix {
            fix.range = fix.range.shifted(offset);
        }
        self
    }
}
