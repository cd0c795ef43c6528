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
    pub(super) reads: BTreeSet<RelationId>,
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
    pub fn reads(&self) -> &BTreeSet<RelationId> {
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
        Ok::<_, Problem>(CheckPlan {
            check: check.clone(),
            breaking: pruned(breaking)?,
            all: all.map(pruned).transpose()?,
            reads: BTreeSet::new(),
        })
    };
    let checks = manifest.checks().iter();
    checks.map(|check| plan(check).map_err(|why| in_check(check, why))).collect()
}

/// The columns that a check reads, by relation.
pub(super) fn required(
    check: &CheckPlan,
) -> Result<BTreeMap<RelationId, BTreeSet<String>>, PlanError> {
    let mut required: BTreeMap<RelationId, BTreeSet<String>> = BTreeMap::new();
    for plan in [Some(&check.breaking), check.all.as_ref()].into_iter().flatten() {
        for read in deps::reads(plan).map_err(|why| in_check(&check.check, why))? {
            required.entry(read.relation).or_default().extend(read.columns);
        }
    }
    Ok(required)
}

fn in_check(check: &Check, why: Problem) -> PlanError {
    PlanError::new(check.rule.relation(), why)
}
