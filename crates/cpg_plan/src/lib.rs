//! From the semantic IR to DataFusion's logical plans, and what those plans tell.
//!
//! ```text
//! ProgramManifest ──► lower, one relation at a time ──► plans over scans of relations
//!                                                          │
//!         lineage, required columns, functions, fingerprint, granularity ◄─┤
//!                                                          ▼
//!                                   bind: scans become other plans, or tables with rows
//! ```
//!
//! Architecture invariants: nothing here reads or writes data, knows where data lies or has a clock. The same IR
//! gives the same plans and fingerprints in every process.

pub mod aggregates;
pub mod bind;
pub mod closure;
pub mod deps;
mod drivers;
mod error;
mod fingerprint;
pub mod fixpoint;
pub mod functions;
pub mod granularity;
pub mod lineage;
pub mod lower;
mod planner;
pub mod policy;
pub mod program;
mod row_number;
pub mod scan;
pub mod schema;
pub mod signals;
pub mod span_join;
mod test;

pub use bind::{Input, bind};
pub use deps::InferredDeps;
pub use error::{PlanError, Problem};
pub use granularity::Granularity;
pub use lineage::Lineage;
pub use lower::Sql;
pub use planner::query_planner;
pub use program::{
    CheckPlan, Division, InlineReason, Materialisation, ProgramPlans, RelationPlan, StageReason,
    TableKey, Task,
};
pub use test::TestPlan;
