//! How tables are scanned.

use std::collections::BTreeMap;

use cpg_ir::policy::{Declared, RelationPolicies};
use cpg_ir::spec::RelationId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decided, Feature, Features, Origin};
use crate::program::TableKey;
use crate::signals::{PlanSignals, ScanSignals};

/// Fewer rows are read faster than it is found out which of them are needed: about one batch of the engine.
pub const SMALL_INPUT_ROWS: u64 = 8192;

/// How a table's plan scans one of its inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanDecision {
    /// Whose plan it is.
    pub table: TableKey,
    /// What is scanned.
    pub relation: RelationId,
    /// Whether files and row groups are left out by their statistics.
    pub pruning: Decided<bool>,
    /// Whether rows are filtered while they are decoded.
    pub pushdown: Decided<bool>,
    /// The signals that it follows from.
    pub signals: cpg_ir::canon::Fingerprint,
}

/// Decides for every scan of a plan. What a policy says of how a relation is read holds for whoever reads it.
pub fn scan(
    signals: &PlanSignals,
    policies: &BTreeMap<RelationId, RelationPolicies>,
    features: &Features,
) -> Vec<ScanDecision> {
    let decide = |scan: &ScanSignals| {
        let said = policies.get(&scan.relation);
        let one = |said, feature| one(scan, said, features.missing(feature));
        ScanDecision {
            table: signals.table.clone(),
            relation: scan.relation.clone(),
            pruning: one(said.and_then(|said| said.pruning.as_ref()), Feature::RowGroupPruning),
            pushdown: one(said.and_then(|said| said.pushdown.as_ref()), Feature::FilterPushdown),
            signals: signals.fingerprint,
        }
    };
    signals.scans.iter().map(decide).collect()
}

fn one(scan: &ScanSignals, said: Option<&Declared<bool>>, missing: Option<&str>) -> Decided<bool> {
    if let Some(why) = missing {
        return Decided { value: false, origin: Origin::Runtime, because: why.to_owned() };
    }
    if let Some(said) = said {
        return Decided::declared(said, |value| *value);
    }
    if scan.conditions.is_empty() {
        return Decided::derived(false, "no condition looks at it alone");
    }
    let columns: Vec<&str> = scan.conditions.iter().map(String::as_str).collect();
    let columns = columns.join(", ");
    match scan.statistics.rows() {
        Some(rows) if rows < SMALL_INPUT_ROWS => {
            Decided::derived(false, format!("it has {rows} rows, fewer than {SMALL_INPUT_ROWS}"))
        }
        Some(rows) => Decided::derived(
            true,
            format!("of its {rows} rows, those are read that {columns} ask for"),
        ),
        None => Decided::derived(true, format!("conditions look at {columns}")),
    }
}
