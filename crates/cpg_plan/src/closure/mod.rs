//! Transitive reach: a breadth-first search from every value at which a step begins.
//!
//! A fixpoint would hold every pair it has found, to know what is new. The search holds the steps and one mark for each
//! value instead, and gives pairs as it finds them: the memory that it takes grows with its input and not with its
//! output, which may have as many rows as there are pairs of values.
//!
//! [`Closure`] is the node of a logical plan, [`ClosureExec`] that of a physical plan.

mod exec;
mod logical;
mod planner;
mod reach;
mod steps;

pub use exec::ClosureExec;
pub use logical::Closure;
pub use planner::ClosurePlanner;
