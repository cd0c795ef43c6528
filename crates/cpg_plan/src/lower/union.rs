//! `union`: the rows of many relations, fused where the spec says so.

use std::sync::Arc;

use cpg_ir::spec::{Fuse, UnionSpec};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, Union};

use super::Lowering;
use super::expr::{alias, column};
use super::normalize::filtered;
use super::output::select;
use super::view::group;
use crate::error::Problem;

impl Lowering<'_> {
    pub(super) fn union(&self, spec: &UnionSpec) -> Result<LogicalPlan, Problem> {
        let branches = spec
            .branches
            .iter()
            .map(|branch| {
                let source = self.input(&branch.source, 0)?;
                select(filtered(source, branch.filter.as_ref())?, &branch.columns)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let rows = all(branches)?;
        match &spec.fuse {
            None => Ok(rows),
            Some(fuse) => fused(rows, fuse),
        }
    }
}

/// The rows of every branch, as row source 0. The branches have the same columns.
pub(super) fn all(mut branches: Vec<LogicalPlan>) -> Result<LogicalPlan, Problem> {
    let plan = match branches.len() {
        0 => return Err(Problem::Empty),
        1 => branches.remove(0),
        _ => {
            let inputs = branches.into_iter().map(Arc::new).collect();
            LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?)
        }
    };
    Ok(LogicalPlanBuilder::from(plan).alias(alias(0))?.build()?)
}

fn fused(rows: LogicalPlan, fuse: &Fuse) -> Result<LogicalPlan, Problem> {
    let keys = fuse.keys.iter().map(|key| (key.as_str(), column(0, key))).collect();
    group(rows, keys, &fuse.aggregates)
}
