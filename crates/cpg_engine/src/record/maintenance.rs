//! What a build decided about looking after its tables.

use cpg_ir::policy::Metrics;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether an operation was due on a table, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceDecision {
    /// Area and name, as in `graph/cpg_nodes`.
    pub table: String,
    /// What the policy speaks of.
    pub operation: Operation,
    /// When it is due, as programs write it.
    pub when: String,
    /// What was known of the table.
    pub metrics: Metrics,
    /// What follows.
    pub decision: Decision,
}

/// An operation on a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Putting small files together.
    Optimize,
    /// Removing files that no version needs any more.
    Vacuum,
    /// Summing up a log that grew since it last was.
    Checkpoint,
}

/// What follows from a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The condition does not hold.
    NotDue,
    /// It holds, and nothing would be better for it.
    Needless,
    /// It holds: the operation is done.
    Due,
}
