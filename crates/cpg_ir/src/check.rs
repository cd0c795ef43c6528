//! Checks: what must hold of the rows that a build gives.
//!
//! A check has no part in what is computed, so it is in no relation's spec and in no task's fingerprint; it
//! is in the manifest and in the manifest's fingerprint.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expr::{Expr, Finite, Literal};
use crate::spec::RelationId;

/// A property that rows must have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Check {
    /// What must hold.
    #[serde(flatten)]
    pub rule: CheckRule,
    /// What follows when it does not.
    pub severity: CheckSeverity,
}

/// What follows when a check fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckSeverity {
    /// The build is not published.
    Error,
    /// It is told.
    Warn,
}

/// What must hold. Null never breaks a rule but `not_null`, as in SQL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum CheckRule {
    /// No two rows agree in all of these columns, rows with a null in one of them left out.
    Unique {
        /// Whose rows.
        relation: RelationId,
        /// The columns.
        columns: BTreeSet<String>,
    },
    /// None of these columns is ever null.
    NotNull {
        /// Whose rows.
        relation: RelationId,
        /// The columns.
        columns: BTreeSet<String>,
    },
    /// Each value of each of these columns is a value of another column.
    References {
        /// Whose rows.
        relation: RelationId,
        /// The columns that refer.
        columns: BTreeSet<String>,
        /// The relation that they refer to.
        target: RelationId,
        /// Its column.
        target_column: String,
    },
    /// Each value of this column is one of these.
    Accepted {
        /// Whose rows.
        relation: RelationId,
        /// The column.
        column: String,
        /// The values as the column carries them, each once, in the order of their canonical forms.
        values: Vec<Literal>,
    },
    /// This condition is false for no row.
    Expect {
        /// Whose rows; the condition's row source 0.
        relation: RelationId,
        /// The condition.
        condition: Expr,
    },
    /// There are no rows.
    Empty {
        /// Whose rows.
        relation: RelationId,
    },
    /// So many of an entity's ids stand in one of these columns.
    Coverage {
        /// The entity.
        entity: RelationId,
        /// The column of its ids.
        id: String,
        /// Where they are looked for.
        sources: BTreeSet<CoverageSource>,
        /// The least share in percent, between 0 and 100.
        percent: Finite,
    },
}

/// A column in which ids of an entity are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CoverageSource {
    /// The relation.
    pub relation: RelationId,
    /// Its column.
    pub column: String,
}

impl CheckRule {
    /// The relation that it is about.
    pub fn relation(&self) -> &RelationId {
        match self {
            Self::Unique { relation, .. }
            | Self::NotNull { relation, .. }
            | Self::References { relation, .. }
            | Self::Accepted { relation, .. }
            | Self::Expect { relation, .. }
            | Self::Empty { relation } => relation,
            Self::Coverage { entity, .. } => entity,
        }
    }

    /// The relations whose rows it looks at, each once, by identity.
    pub fn relations(&self) -> BTreeSet<&RelationId> {
        let mut relations = BTreeSet::from([self.relation()]);
        match self {
            Self::References { target, .. } => relations.extend([target]),
            Self::Coverage { sources, .. } => {
                relations.extend(sources.iter().map(|source| &source.relation));
            }
            _ => {}
        }
        relations
    }

    /// The word that names it in programs.
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Unique { .. } => "unique",
            Self::NotNull { .. } => "not_null",
            Self::References { .. } => "references",
            Self::Accepted { .. } => "accepted",
            Self::Expect { .. } => "expect",
            Self::Empty { .. } => "empty",
            Self::Coverage { .. } => "coverage",
        }
    }
}

/// As programs write it, with relations by their whole names; an expected condition is left out.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |columns: &BTreeSet<String>| {
            columns.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        let keyword = self.rule.keyword();
        match &self.rule {
            CheckRule::Unique { relation, columns } | CheckRule::NotNull { relation, columns } => {
                write!(f, "{keyword} {relation}({})", list(columns))
            }
            CheckRule::References { relation, columns, target, target_column } => {
                write!(f, "{keyword} {relation}({}) -> {target}({target_column})", list(columns))
            }
            CheckRule::Accepted { relation, column, .. } => {
                write!(f, "{keyword} {relation}({column})")
            }
            CheckRule::Expect { relation, .. } | CheckRule::Empty { relation } => {
                write!(f, "{keyword} {relation}")
            }
            CheckRule::Coverage { entity, sources, percent, .. } => {
                let sources: Vec<String> = sources
                    .iter()
                    .map(|source| format!("{}({})", source.relation, source.column))
                    .collect();
                let (sources, percent) = (sources.join(", "), percent.get());
                write!(f, "{keyword} {entity} in {sources} >= {percent}%")
            }
        }
    }
}

/// Each check once, in the order of their canonical forms, and so the values that one accepts: where, how often
/// and in which order a program says something never shows.
pub(crate) fn canonical(mut checks: Vec<Check>) -> serde_json::Result<Vec<Check>> {
    for check in &mut checks {
        if let CheckRule::Accepted { values, .. } = &mut check.rule {
            *values = each_once(std::mem::take(values))?;
        }
    }
    each_once(checks)
}

fn each_once<T: Serialize>(values: Vec<T>) -> serde_json::Result<Vec<T>> {
    let mut encoded = values
        .into_iter()
        .map(|value| Ok((serde_json::to_string(&value)?, value)))
        .collect::<serde_json::Result<Vec<_>>>()?;
    encoded.sort_by(|(a, _), (b, _)| a.cmp(b));
    encoded.dedup_by(|(a, _), (b, _)| a == b);
    Ok(encoded.into_iter().map(|(_, value)| value).collect())
}
