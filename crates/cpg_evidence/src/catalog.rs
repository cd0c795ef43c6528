//! The extractors of this build, and what a program needs of them.

use cpg_ir::catalog::ExtractorCatalog;
use cpg_ir::manifest::EvidenceNeeds;

use crate::error::EvidenceError;
use crate::run::EvidenceTable;
use crate::{errors, python, repo};

/// Every extractor of this build: pure data, taken from the declarations that the rows are built from.
pub fn catalog() -> ExtractorCatalog {
    ExtractorCatalog {
        extractors: [
            (repo::KEY, repo::signature()),
            (python::KEY, python::signature()),
            (errors::KEY, errors::signature()),
        ]
        .map(|(key, signature)| (key.to_owned(), signature))
        .into(),
    }
}

/// The extractors that a program needs, with the tables and columns it reads. Immutable.
pub struct ExtractorMap {
    pub(crate) repo: Option<repo::Plan>,
    pub(crate) python: Option<python::Plan>,
    pub(crate) errors: Option<errors::Plan>,
}

impl ExtractorMap {
    /// Checks the needs against what the extractors emit.
    ///
    /// # Errors
    /// The first extractor, table or column that this build does not have.
    pub fn new(needs: &EvidenceNeeds) -> Result<Self, EvidenceError> {
        let known = [repo::KEY, python::KEY, errors::KEY];
        if let Some(unknown) = needs.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(EvidenceError::UnknownExtractor { extractor: unknown.clone() });
        }
        Ok(Self {
            repo: needs.get(repo::KEY).map(repo::Plan::new).transpose()?,
            python: needs.get(python::KEY).map(python::Plan::new).transpose()?,
            errors: needs.get(errors::KEY).map(errors::Plan::new).transpose()?,
        })
    }

    /// The needed tables with the schemas of their batches, in the order of the catalogue. A table may turn out
    /// to have no rows, and then no batches.
    pub fn tables(&self) -> Vec<EvidenceTable> {
        let mut tables = Vec::new();
        tables.extend(self.errors.iter().flat_map(errors::Plan::tables));
        tables.extend(self.python.iter().flat_map(python::Plan::tables));
        tables.extend(self.repo.iter().flat_map(repo::Plan::tables));
        tables.sort_by_key(|table| (table.extractor, table.table));
        tables
    }
}

impl std::fmt::Debug for ExtractorMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.tables()).finish()
    }
}
