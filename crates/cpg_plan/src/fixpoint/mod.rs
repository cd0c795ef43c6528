//! Fixpoints: rows that follow from one another until nothing new follows.
//!
//! The views of a fixpoint are rules, each a plan whose leaves are rows of the fixpoint's inputs and rows of its own
//! views. Evaluation is semi-naive: what is new in a round follows from something that was new in the round before, so
//! each rule is evaluated once for every place in which it reads a view, with that view's newest rows in that place,
//! all its rows in the places before and its rows without the newest in the places behind. All of these plans are made
//! once. What a join builds from inputs, it builds once, too, so that a round takes time in its new rows.
//!
//! Views see each other's rows of the round before, never of the same round: after `n` rounds there are exactly the
//! rows that have a derivation of depth `n`, whatever the order of views, rules and rows.
//!
//! - [`Fixpoint`] is the node of a logical plan, [`FixpointExec`] that of a physical plan.
//! - [`reached_bounds`] tells after a run which fixpoints would have gone on.

mod exec;
mod logical;
mod member;
mod planner;
mod reuse;
mod rounds;
mod rows;

use cpg_ir::spec::RelationId;
use datafusion::physical_plan::ExecutionPlan;

pub use exec::FixpointExec;
pub use logical::{Fixpoint, Part, Rows, RowsOf};
pub use planner::FixpointPlanner;

/// A fixpoint that ended before all of its rows were found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReachedBound {
    /// Which fixpoint.
    pub fixpoint: RelationId,
    /// How many rounds it went through.
    pub rounds: u32,
}

/// The fixpoints of a plan that was run to its end that had found less than all of their rows when they ended.
pub fn reached_bounds(plan: &dyn ExecutionPlan) -> Vec<ReachedBound> {
    let own = plan.downcast_ref::<FixpointExec>().and_then(FixpointExec::reached_bound);
    let below = plan.children().into_iter().flat_map(|child| reached_bounds(child.as_ref()));
    let mut reached: Vec<ReachedBound> = own.into_iter().chain(below).collect();
    reached.sort();
    reached.dedup();
    reached
}
