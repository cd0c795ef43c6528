//! The checks of a program as plans.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::check::Check;
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::RelationId;
use datafusion::logical_expr::LogicalPlan;

use crate::deps;
use crate::error::{PlanError, Problem};
use crate::lower::{Lowered, lower_check};

/// A check, and how what breaks it is found.
#[derive(Debug, Clone)]
pub struct CheckPlan {
    pub(super) check: Check,
    pub(super) breaking: LogicalPlan,
    pub(super) all: Option<LogicalPlan>,
    pub(super) reads: BTreeMap<RelationId, BTreeSet<String>>,
}

impl CheckPlan {
    /// What must hold.
    pub fn check(&self) -> &Check {
        &self.check
    }

    /// What breaks it: rows, with columns that tell which, or values with the number of rows that share them.
    pub fn breaking(&self) -> &LogicalPlan {
        &self.breaking
    }

    /// What the share of a coverage is taken of; `None` where nothing may break the check.
    pub fn all(&self) -> Option<&LogicalPlan> {
        self.all.as_ref()
    }

    /// The tables and the evidence that it reads.
    pub fn reads(&self) -> impl Iterator<Item = &RelationId> {
        self.reads.keys()
    }

    /// The same with the columns that it reads of each.
    pub fn columns(&self) -> &BTreeMap<RelationId, BTreeSet<String>> {
        &self.reads
    }
}

/// Every check over scans of relations, which say what columns they read.
pub(super) fn plans(manifest: &ProgramManifest) -> Result<Vec<CheckPlan>, PlanError> {
    let plan = |check: &Check| {
        let Lowered { breaking, all } = lower_check(manifest.ir(), check)?;
        let pruned = |plan: LogicalPlan| {
            deps::check(&plan)?;
            deps::prune(plan)
        };
        let (breaking, all) = (pruned(breaking)?, all.map(pruned).transpose()?);
        let reads = reads(&breaking, all.as_ref())?;
        Ok::<_, Problem>(CheckPlan { check: check.clone(), breaking, all, reads })
    };
    let checks = manifest.checks().iter();
    checks.map(|check| plan(check).map_err(|why| in_check(check, why))).collect()
}

/// The columns that a check's plans read, by relation.
pub(super) fn reads(
    breaking: &LogicalPlan,
    all: Option<&LogicalPlan>,
) -> Result<BTreeMap<RelationId, BTreeSet<String>>, Problem> {
    let mut columns: BTreeMap<RelationId, BTreeSet<String>> = BTreeMap::new();
    for plan in std::iter::once(breaking).chain(all) {
        for read in deps::reads(plan)? {
            columns.entry(read.relation).or_default().extend(read.columns);
        }
    }
    Ok(columns)
}

fn in_check(check: &Check, why: Problem) -> PlanError {
    PlanError::new(check.rule.relation(), why)
}
