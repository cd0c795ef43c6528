//! The one diagnostic type. Queries return these as values; the command line and the language server render them.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::{Code, TextRange};

/// Which source text a place is in: a path as people write it, `/`-separated (`calls.cpg`,
/// `std/python/calls.cpg` for the standard library).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(Arc<str>);

impl SourceId {
    /// The source of that path.
    pub fn new(path: &str) -> Self {
        Self(path.into())
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for SourceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The program cannot be built.
    Error,
    /// It can, but probably should not be as it is.
    Warning,
}

/// Something wrong with a program, said so that its reader can mend it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Diagnostic {
    /// What kind of mistake.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One line: what was expected and what was found.
    pub message: String,
    /// Places, the primary one first.
    pub labels: Vec<Label>,
    /// What to do next.
    pub help: Option<String>,
    /// Edits that mend it.
    pub fixes: Vec<Fix>,
}

/// A place and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Label {
    /// Which text.
    pub source: SourceId,
    /// Where in it.
    pub range: TextRange,
    /// What stands there; may be empty for the primary place.
    pub message: String,
}

/// A way to mend a mistake.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Fix {
    /// What it does, as an imperative: ``replace `nmae` by `name` ``.
    pub title: String,
    /// Edits that do not overlap.
    pub edits: Vec<Edit>,
}

/// A replacement of text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Edit {
    /// Which text.
    pub source: SourceId,
    /// What is replaced.
    pub range: TextRange,
    /// By what.
    pub replacement: String,
}

impl Diagnostic {
    /// An error with its primary place.
    pub fn error(
        code: Code,
        source: &SourceId,
        range: TextRange,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: vec![Label { source: source.clone(), range, message: String::new() }],
            help: None,
            fixes: Vec::new(),
        }
    }

    /// The same, but a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Says what stands at the primary place.
    #[must_use]
    pub fn found(mut self, message: impl Into<String>) -> Self {
        if let Some(primary) = self.labels.first_mut() {
            primary.message = message.into();
        }
        self
    }

    /// A further place.
    #[must_use]
    pub fn label(
        mut self,
        source: &SourceId,
        range: TextRange,
        message: impl Into<String>,
    ) -> Self {
        self.labels.push(Label { source: source.clone(), range, message: message.into() });
        self
    }

    /// What to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// An edit of the primary source that mends it.
    #[must_use]
    pub fn fix(
        mut self,
        title: impl Into<String>,
        range: TextRange,
        replacement: impl Into<String>,
    ) -> Self {
        if let Some(primary) = self.labels.first() {
            let edit =
                Edit { source: primary.source.clone(), range, replacement: replacement.into() };
            self.fixes.push(Fix { title: title.into(), edits: vec![edit] });
        }
        self
    }

    /// The order in which people read: by source, place, then code.
    pub fn sort_key(&self) -> impl Ord + use<> {
        let place = self.labels.first().map(|label| (label.source.clone(), label.range));
        (place, self.code, self.message.clone())
    }
}
