//! Evidence: the contract of a source of rows.

use super::{ColumnDecl, DottedName, Name, Text};

/// `evidence NAME from SOURCE { columns }`, or without a block where the columns are read off files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceItem {
    /// Its name; of an extractor's evidence also the extractor's table.
    pub name: Name,
    /// Where its rows come from.
    pub source: EvidenceSource,
    /// The columns that are written.
    pub columns: Vec<ColumnDecl>,
}

/// Where evidence comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceSource {
    /// `from extractor KEY { … }`.
    Extractor(DottedName),
    /// `from FORMAT "LOCATION"`.
    Files(FileSource),
}

/// Rows in files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSource {
    /// `parquet`, `delta`, `csv`, `ndjson` or `arrow`.
    pub format: Name,
    /// A file, a folder or a glob pattern.
    pub location: Text,
    /// There is no block: the columns are those of the files.
    pub inferred: bool,
}

impl EvidenceItem {
    /// The files that hold its rows, if any.
    pub fn files(&self) -> Option<&FileSource> {
        match &self.source {
            EvidenceSource::Files(files) => Some(files),
            EvidenceSource::Extractor(_) => None,
        }
    }

    /// Whether the columns are those of the files.
    pub fn is_inferred(&self) -> bool {
        self.files().is_some_and(|files| files.inferred)
    }
}
