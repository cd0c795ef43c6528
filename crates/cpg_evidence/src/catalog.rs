//! The extractors of this build, and what a program needs of them.

use cpg_ir::catalog::{COMMANDS, ExtractorCatalog};
use cpg_ir::manifest::EvidenceNeeds;

use crate::error::EvidenceError;
use crate::git::{self, blame, history};
use crate::options::ExternalCommands;
use crate::python::{bytecode, external as distributions};
use crate::run::EvidenceTable;
use crate::{errors, external, python, repo, scip, treesitter};

/// Every extractor of this build: pure data, taken from the declarations that the rows are built from.
pub fn catalog() -> ExtractorCatalog {
    let others = [
        (repo::KEY, repo::signature()),
        (bytecode::KEY, bytecode::signature()),
        (distributions::KEY, distributions::signature()),
        (errors::KEY, errors::signature()),
        (git::KEY, git::signature()),
        (history::KEY, history::signature()),
        (blame::KEY, blame::signature()),
        (scip::KEY, scip::signature()),
        (treesitter::KEY, treesitter::signature()),
    ];
    let extractors =
        others.into_iter().chain(python::KEYS.iter().copied().zip(python::signatures()));
    ExtractorCatalog {
        extractors: extractors.map(|(key, signature)| (key.to_owned(), signature)).collect(),
    }
}

/// The extractors of this build and the commands of the profile.
pub fn catalog_with(external: &ExternalCommands) -> ExtractorCatalog {
    let mut catalog = catalog();
    catalog.extractors.extend(
        external.iter().map(|(name, command)| {
            (format!("{COMMANDS}{name}"), external::signature(name, command))
        }),
    );
    catalog
}

/// The extractors that a program needs, with the tables and columns it reads. Immutable.
pub struct ExtractorMap {
    pub(crate) repo: Option<repo::Plan>,
    pub(crate) python: Option<python::Plan>,
    pub(crate) bytecode: Option<bytecode::Plan>,
    pub(crate) distributions: Option<distributions::Plan>,
    pub(crate) git: Option<git::Plan>,
    pub(crate) history: Option<history::Plan>,
    pub(crate) blame: Option<blame::Plan>,
    pub(crate) scip: Option<scip::Plan>,
    pub(crate) tree_sitter: Option<treesitter::Plan>,
    pub(crate) queries: treesitter::Queries,
    pub(crate) external: Vec<external::Plan>,
    pub(crate) errors: Option<errors::Plan>,
}

impl ExtractorMap {
    /// Checks the needs against what the extractors of this build emit.
    ///
    /// # Errors
    /// The first extractor, table or column that there is not.
    pub fn new(needs: &EvidenceNeeds) -> Result<Self, EvidenceError> {
        Self::with(needs, &ExternalCommands::default())
    }

    /// The same, with the commands of the profile beside them.
    ///
    /// # Errors
    /// As for [`ExtractorMap::new`].
    pub fn with(needs: &EvidenceNeeds, commands: &ExternalCommands) -> Result<Self, EvidenceError> {
        let mut external = Vec::new();
        for (name, command) in commands.iter() {
            if let Some(tables) = needs.get(&format!("{COMMANDS}{name}")) {
                external.extend(external::Plan::new(name, command, tables)?);
            }
        }
        let known = catalog_with(commands).extractors;
        if let Some(unknown) = needs.keys().find(|key| !known.contains_key(*key)) {
            return Err(EvidenceError::UnknownExtractor { extractor: unknown.clone() });
        }
        Ok(Self {
            repo: needs.get(repo::KEY).map(repo::Plan::new).transpose()?,
            python: python::Plan::new(needs)?,
            bytecode: needs.get(bytecode::KEY).map(bytecode::Plan::new).transpose()?,
            distributions: needs
                .get(distributions::KEY)
                .map(distributions::Plan::new)
                .transpose()?,
            git: needs.get(git::KEY).map(git::Plan::new).transpose()?,
            history: needs.get(history::KEY).map(history::Plan::new).transpose()?,
            blame: needs.get(blame::KEY).map(blame::Plan::new).transpose()?,
            scip: needs.get(scip::KEY).map(scip::Plan::new).transpose()?,
            tree_sitter: needs.get(treesitter::KEY).map(treesitter::Plan::new).transpose()?,
            queries: treesitter::Queries::default(),
            external,
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
        tables.extend(self.distributions.iter().flat_map(distributions::Plan::tables));
        tables.extend(self.git.iter().flat_map(git::Plan::tables));
        tables.extend(self.history.iter().flat_map(history::Plan::tables));
        tables.extend(self.blame.iter().flat_map(blame::Plan::tables));
        tables.extend(self.scip.iter().flat_map(scip::Plan::tables));
        tables.extend(self.tree_sitter.iter().flat_map(treesitter::Plan::tables));
        tables.extend(self.repo.iter().flat_map(repo::Plan::tables));
        tables.extend(self.external.iter().map(external::Plan::evidence_table));
        tables.sort_by(|a, b| (&a.extractor, &a.table).cmp(&(&b.extractor, &b.table)));
        tables
    }
}

impl std::fmt::Debug for ExtractorMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.tables()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    #[test]
    fn a_table_has_one_extractor() {
        let mut tables = BTreeMap::new();
        for (key, extractor) in super::catalog().extractors {
            for table in extractor.tables.into_keys() {
                let other = tables.insert(table.clone(), key.clone());
                assert_eq!(other, None, "`{table}` is a table of `{key}`, too");
            }
        }
    }
}
