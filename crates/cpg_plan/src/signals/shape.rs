//! What a plan consists of, counted.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Distinct, LogicalPlan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::closure::Closure;
use crate::fixpoint::Fixpoint;
use crate::span_join::SpanJoin;

/// How many operators of each kind a plan has. What costs no more than passing rows on is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanShape {
    /// Joins on equal values.
    pub joins: u64,
    /// Joins of spans.
    pub span_joins: u64,
    /// Groupings, and removals of rows that are equal.
    pub aggregates: u64,
    /// Windows: ranks, running values.
    pub windows: u64,
    /// Sorts.
    pub sorts: u64,
    /// Inputs of unions.
    pub union_inputs: u64,
    /// Closures.
    pub closures: u64,
    /// Rules of fixpoints.
    pub fixpoint_rules: u64,
}

/// Of a plan.
pub(super) fn of(plan: &LogicalPlan) -> PlanShape {
    let mut shape = PlanShape::default();
    let walked = plan.apply(|node| {
        match node {
            LogicalPlan::Join(_) => shape.joins += 1,
            LogicalPlan::Aggregate(_) | LogicalPlan::Distinct(Distinct::All(_)) => {
                shape.aggregates += 1;
            }
            LogicalPlan::Window(_) => shape.windows += 1,
            LogicalPlan::Sort(_) => shape.sorts += 1,
            LogicalPlan::Union(union) => shape.union_inputs += union.inputs.len() as u64,
            LogicalPlan::Extension(extension) => {
                let node = extension.node.as_any();
                if node.is::<SpanJoin>() {
                    shape.span_joins += 1;
                } else if node.is::<Closure>() {
                    shape.closures += 1;
                } else if let Some(fixpoint) = node.downcast_ref::<Fixpoint>() {
                    let rules = fixpoint.members().iter().map(|member| member.arms.len() as u64);
                    shape.fixpoint_rules += rules.sum::<u64>();
                }
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    });
    // The walk above has no way to fail.
    drop(walked);
    shape
}
