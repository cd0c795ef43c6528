//! The tables of a program.

use std::fmt;

use cpg_ir::spec::{EvidenceSpec, RelationId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A table of a program, by where its rows come from.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TableKey {
    /// An extractor's table.
    Evidence {
        /// The extractor's key.
        extractor: String,
        /// The table's name.
        table: String,
    },
    /// A computed relation.
    Relation(RelationId),
}

impl TableKey {
    /// The extractor of what the others could not read: its rows depend on which others run.
    pub const ERRORS: &str = "errors";

    /// The table of a contract.
    pub fn evidence(spec: &EvidenceSpec) -> Self {
        Self::Evidence { extractor: spec.extractor.clone(), table: spec.table.clone() }
    }

    /// Whether its rows depend on which other evidence is extracted.
    pub fn is_errors(&self) -> bool {
        matches!(self, Self::Evidence { extractor, .. } if extractor == Self::ERRORS)
    }

    /// Whether an extractor fills it.
    pub fn is_evidence(&self) -> bool {
        matches!(self, Self::Evidence { .. })
    }
}

/// For people: the relation, or the extractor's table.
impl fmt::Display for TableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Evidence { extractor, table } => write!(f, "{table} of {extractor}"),
            Self::Relation(id) => id.fmt(f),
        }
    }
}
