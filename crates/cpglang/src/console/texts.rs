//! The texts that diagnostics point into.

use std::collections::BTreeMap;

use cpg_base::{LineIndex, SourceId};
use cpg_hir::Source;

/// Texts by source.
#[derive(Debug, Default)]
pub(crate) struct Texts(BTreeMap<SourceId, Text>);

/// A text and where its lines start.
#[derive(Debug)]
pub(crate) struct Text {
    pub text: String,
    pub lines: LineIndex,
}

impl Texts {
    /// Those of a program.
    pub fn new<'a>(files: impl IntoIterator<Item = &'a Source>) -> Self {
        let text = |file: &Source| {
            let lines = LineIndex::new(&file.text);
            (file.id.clone(), Text { text: file.text.clone(), lines })
        };
        Self(files.into_iter().map(text).collect())
    }

    /// The one of a file that is no part of a program.
    pub fn one(source: SourceId, text: String) -> Self {
        let lines = LineIndex::new(&text);
        Self([(source, Text { text, lines })].into())
    }

    /// The text of a source.
    pub fn get(&self, source: &SourceId) -> Option<&Text> {
        self.0.get(source)
    }
}
