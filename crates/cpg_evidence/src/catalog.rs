//! The extractors of this build, and what a program needs of them.

use cpg_ir::catalog::ExtractorCatalog;
use cpg_ir::manifest::EvidenceNeeds;

use crate::error::EvidenceError;
use crate::python::bytecode;
use crate::run::EvidenceTable;
use crate::{errors, python, repo};

/// Every extractor of this build: pure data, taken from the declarations that the rows are built from.
pub fn catalog() -> ExtractorCatalog {
    let others = [
        (repo::KEY, repo::signature()),
        (bytecode::KEY, bytecode::signature()),
        (errors::KEY, errors::signature()),
    ];
    let extractors =
        others.into_iter().chain(python::KEYS.iter().copied().zip(python::signatures()));
    ExtractorCatalog {
        extractors: extractors.map(|(key, signature)| (key.to_owned(), signature)).collect(),
    }
}

/// The extractors that a program needs, with the tables and columns it reads. Immutable.
pub struct ExtractorMap {
    pub(crate) repo: Option<repo::Plan>,
    pub(crate) python: Option<python::Plan>,
    pub(crate) bytecode: Option<bytecode::Plan>,
    pub(crate) errors: Option<errors::Plan>,
}

impl ExtractorMap {
    /// Checks the needs against what the extractors emit.
    ///
    /// # Errors
    /// The first extractor, table or column that this build does not have.
    pub fn new(needs: &EvidenceNeeds) -> Result<Self, EvidenceError> {
        let others = [repo::KEY, bytecode::KEY, errors::KEY];
        let is_known = |key: &str| others.contains(&key) || python::KEYS.contains(&key);
        if let Some(unknown) = needs.keys().find(|key| !is_known(key)) {
            return Err(EvidenceError::UnknownExtractor { extractor: unknown.clone() });
        }
        Ok(Self {
            repo: needs.get(repo::KEY).map(repo::Plan::new).transpose()?,
            python: python::Plan::new(needs)?,
            bytecode: needs.get(bytecode::KEY).map(bytecode::Plan::new).transpose()?,
            errors: needs.get(errors::KEY).map(errors::Plan::new).transpose()?,
        })
    }

    /// The needed tables with the schemas of their batches, in the order of the catalogue. A table may turn out
    /// to have no rows, and then no batches.
    pub fn tables(&self) -> Vec<EvidenceTable> {
        let mut tables = Vec::new();
        tables.extend(self.errors.iter().flat_map(errors::Plan::tables));
        tables.extend(self.python.iter().flat_map(python::Plan::tables));
        tables.extend(self.bytecode.iter().flat_map(bytecode::Plan::tables));
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
