//! Rules are evaluated in every round; what does not change between rounds is kept.
//!
//! A hash join holds what it built from its left side for as long as it lives, so a join whose left side is an input
//! builds once if it is executed again as it is. Everything else that holds state is made anew for each round.

use std::sync::Arc;

use datafusion::common::{JoinType, Result};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::execution_plan::{
    ChildrenPropertiesMode, ReplaceChildrenOptions, reset_plan_states,
};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::projection::ProjectionExec;

use super::logical::{Part, RowsOf};
use super::rows::RowsExec;

/// Whether a leaf of the plan is one of those.
fn has(plan: &Arc<dyn ExecutionPlan>, wanted: &impl Fn(RowsOf) -> bool) -> bool {
    match plan.downcast_ref::<RowsExec>() {
        Some(rows) => wanted(rows.of()),
        None => plan.children().into_iter().any(|child| has(child, wanted)),
    }
}

/// Whether its rows differ between rounds.
fn grows(plan: &Arc<dyn ExecutionPlan>) -> bool {
    has(plan, &|rows| matches!(rows, RowsOf::Member(..)))
}

fn is_newest(plan: &Arc<dyn ExecutionPlan>) -> bool {
    has(plan, &|rows| matches!(rows, RowsOf::Member(_, Part::Newest)))
}

/// Turns joins so that they build from what is the same in every round, and else from the newest rows, which are few.
pub(super) fn arranged(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let children: Vec<_> = plan.children().into_iter().cloned().collect();
    let plan = if children.is_empty() {
        plan
    } else {
        let children = children.into_iter().map(arranged).collect::<Result<_>>()?;
        replaced(plan, children)?
    };
    let Some(join) = plan.downcast_ref::<HashJoinExec>() else { return Ok(plan) };
    if *join.partition_mode() != PartitionMode::CollectLeft || join.null_aware {
        return Ok(plan);
    }
    let turn = match (grows(join.left()), grows(join.right())) {
        (true, false) => true,
        (true, true) => is_newest(join.right()) && *join.join_type() == JoinType::Inner,
        (false, _) => false,
    };
    if turn { join.swap_inputs(PartitionMode::CollectLeft) } else { Ok(plan) }
}

/// Whether what such a join built serves any number of executions: joins that tell which rows of the left side had no
/// partner keep that with it.
fn is_reusable(join: &HashJoinExec) -> bool {
    *join.partition_mode() == PartitionMode::CollectLeft
        && !grows(join.left())
        && matches!(
            join.join_type(),
            JoinType::Inner | JoinType::Right | JoinType::RightSemi | JoinType::RightAnti
        )
}

/// The plan for another execution.
pub(super) fn renewed(plan: &Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    if let Some(join) = plan.downcast_ref::<HashJoinExec>()
        && is_reusable(join)
    {
        let right = renewed(join.right())?;
        if Arc::ptr_eq(&right, join.right()) {
            return Ok(Arc::clone(plan));
        }
        return replaced(Arc::clone(plan), vec![Arc::clone(join.left()), right]);
    }
    if !is_stateless(plan) {
        let children: Vec<_> = plan.children().into_iter().map(renewed).collect::<Result<_>>()?;
        return replaced(Arc::clone(plan), children)?.reset_state();
    }
    let mut changed = false;
    let mut children = Vec::new();
    for child in plan.children() {
        let renewed = renewed(child)?;
        changed |= !Arc::ptr_eq(&renewed, child);
        children.push(renewed);
    }
    if changed { replaced(Arc::clone(plan), children) } else { Ok(Arc::clone(plan)) }
}

fn replaced(
    plan: Arc<dyn ExecutionPlan>,
    children: Vec<Arc<dyn ExecutionPlan>>,
) -> Result<Arc<dyn ExecutionPlan>> {
    plan.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
}

fn is_stateless(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.is::<RowsExec>()
        || plan.is::<FilterExec>()
        || plan.is::<ProjectionExec>()
        || plan.is::<CooperativeExec>()
}

/// The plan for the first execution of a run.
pub(super) fn fresh(plan: &Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    reset_plan_states(Arc::clone(plan))
}
