//! Whether what a program asks for can be had, found before any work is done.

use std::collections::BTreeMap;
use std::fmt;

use cpg_ir::policy::{PolicyTarget, ProgramPolicies, RelationPolicies};
use cpg_ir::spec::RelationId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SMALL_INPUT_ROWS;
use crate::program::{Materialisation, ProgramPlans, TableKey};
use crate::signals::{PlanSignals, ProgramSignals, Protocol};

/// Something that a program asks for and cannot have, or had better not ask for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyIssue {
    /// What kind.
    pub code: IssueCode,
    /// Of which relation.
    pub relation: RelationId,
    /// What is wrong.
    pub message: String,
}

/// Kinds of issues.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IssueCode {
    /// A plan calls a function that the session does not have.
    UdfMissing,
    /// A plan calls a function of another version than the session has.
    UdfVersion,
    /// A table asks its readers or writers for what this build cannot do.
    DeltaProtocolIncompatible,
    /// A policy says how a table is scanned that no plan scans.
    ScanPolicyWithoutScan,
    /// A policy says how a table is scanned that is too small for it to matter.
    SmallInputScanPolicy,
}

/// What follows from an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The build is refused, unless the program says that this is no error.
    Error,
    /// It is told.
    Warning,
}

impl IssueCode {
    /// As records spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::UdfMissing => "UDF_MISSING",
            Self::UdfVersion => "UDF_VERSION",
            Self::DeltaProtocolIncompatible => "DELTA_PROTOCOL_INCOMPATIBLE",
            Self::ScanPolicyWithoutScan => "SCAN_POLICY_WITHOUT_SCAN",
            Self::SmallInputScanPolicy => "SMALL_INPUT_SCAN_POLICY",
        }
    }

    /// What follows from it.
    pub fn severity(self) -> Severity {
        match self {
            Self::UdfMissing
            | Self::UdfVersion
            | Self::DeltaProtocolIncompatible
            | Self::ScanPolicyWithoutScan => Severity::Error,
            Self::SmallInputScanPolicy => Severity::Warning,
        }
    }
}

impl fmt::Display for PolicyIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)
    }
}

/// Looks for all issues, in the order of their codes. `functions` are those of the session, with their versions; those
/// of which it knows no version are the engine's own.
pub fn validate(
    plans: &ProgramPlans,
    signals: &ProgramSignals,
    policies: &ProgramPolicies,
    functions: &BTreeMap<String, Option<String>>,
) -> Vec<PolicyIssue> {
    let mut issues = Vec::new();
    for table in signals.iter() {
        if let TableKey::Relation(id) = &table.table {
            calls(id, table, functions, &mut issues);
            reads(id, table, &mut issues);
        }
    }
    for (id, said) in &policies.relations {
        scans(id, said, plans, signals, &mut issues);
    }
    issues.sort();
    issues.dedup();
    issues
}

fn calls(
    id: &RelationId,
    signals: &PlanSignals,
    functions: &BTreeMap<String, Option<String>>,
    issues: &mut Vec<PolicyIssue>,
) {
    for (name, version) in &signals.functions {
        let (code, message) = match functions.get(name) {
            None => (
                IssueCode::UdfMissing,
                format!("`{id}` calls `{name}`, which this session does not have"),
            ),
            Some(Some(there)) if there != version => (
                IssueCode::UdfVersion,
                format!("`{id}` calls version {version} of `{name}`; this session has {there}"),
            ),
            Some(_) => continue,
        };
        issues.push(PolicyIssue { code, relation: id.clone(), message });
    }
}

fn reads(id: &RelationId, signals: &PlanSignals, issues: &mut Vec<PolicyIssue>) {
    for scan in &signals.scans {
        if let Protocol::Incompatible { features } = &scan.protocol {
            let features = features.join(", ");
            issues.push(PolicyIssue {
                code: IssueCode::DeltaProtocolIncompatible,
                relation: scan.relation.clone(),
                message: format!(
                    "`{id}` reads `{}`, whose table asks its readers for {features}",
                    scan.relation
                ),
            });
        }
    }
}

fn scans(
    id: &RelationId,
    said: &RelationPolicies,
    plans: &ProgramPlans,
    signals: &ProgramSignals,
    issues: &mut Vec<PolicyIssue>,
) {
    let of_scans = [("pruning", &said.pruning), ("pushdown", &said.pushdown)];
    let for_it = of_scans.into_iter().filter_map(|(name, one)| Some((name, one.as_ref()?)));
    for (name, one) in for_it.filter(|(_, one)| one.target == PolicyTarget::Item) {
        if let Some(inline @ Materialisation::Inline(_)) = plans.materialisation(id) {
            issues.push(PolicyIssue {
                code: IssueCode::ScanPolicyWithoutScan,
                relation: id.clone(),
                message: format!("no files of `{id}` are scanned, {inline}"),
            });
            return;
        }
        let key = plans.table(id);
        let rows = key.and_then(|key| signals.get(&key)?.statistics.rows());
        if let Some(rows) = rows.filter(|rows| one.value && *rows < SMALL_INPUT_ROWS) {
            issues.push(PolicyIssue {
                code: IssueCode::SmallInputScanPolicy,
                relation: id.clone(),
                message: format!(
                    "`{name} on` for `{id}` gains nothing: it has {rows} rows, fewer than {SMALL_INPUT_ROWS}"
                ),
            });
        }
    }
}
