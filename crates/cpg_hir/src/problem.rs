//! Diagnostics inside an item, before their ranges are made absolute.

use cpg_base::{Code, Severity, TextRange};

use crate::files::Item;

/// A diagnostic about an item. Its own ranges are relative to that item; places in other items are named and
/// looked up at the end, so that moving them changes nothing here.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub struct Problem<'db> {
    /// What kind of mistake.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What was expected and what was found.
    pub message: String,
    /// The primary place.
    pub range: TextRange,
    /// What stands there.
    pub found: String,
    /// Further places.
    pub labels: Vec<(Anchor<'db>, String)>,
    /// What to do next.
    pub help: Option<String>,
    /// Edits within the item: title, place and replacement.
    pub fixes: Vec<(String, TextRange, String)>,
}

/// A further place.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub enum Anchor<'db> {
    /// In the item itself.
    Here(TextRange),
    /// A place in another item.
    Inside(Item<'db>, TextRange),
    /// The name of another item.
    Name(Item<'db>),
    /// Where another item declares a column; its name if it declares no such column itself.
    Column(Item<'db>, String),
}

impl<'db> Problem<'db> {
    /// An error with its primary place.
    pub fn error(code: Code, range: TextRange, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            range,
            found: String::new(),
            labels: Vec::new(),
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
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    /// A further place.
    #[must_use]
    pub fn label(mut self, anchor: Anchor<'db>, message: impl Into<String>) -> Self {
        self.labels.push((anchor, message.into()));
        self
    }

    /// What to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// An edit that mends it.
    #[must_use]
    pub fn fix(
        mut self,
        title: impl Into<String>,
        range: TextRange,
        replacement: impl Into<String>,
    ) -> Self {
        self.fixes.push((title.into(), range, replacement.into()));
        self
    }

    /// The nearest name, as help and as a fix, when there is one.
    #[must_use]
    pub fn nearest<'a>(self, written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match cpg_base::nearest(written, candidates) {
            Some(near) => {
                let range = self.range;
                self.help(format!("a similar name exists: `{near}`")).fix(
                    format!("replace `{written}` by `{near}`"),
                    range,
                    near,
                )
            }
            None => self,
        }
    }
}

/// Names in a sentence: each in backquotes, with commas between them.
pub(crate) fn listed(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names = names.into_iter().map(|name| format!("`{}`", name.as_ref()));
    names.collect::<Vec<_>>().join(", ")
}
