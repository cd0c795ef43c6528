//! Runs a compiled program: source code becomes evidence, evidence becomes a graph, in Delta tables.
//!
//! ```text
//! ProgramManifest, ProgramPlans ─┐
//! sources ─scan─► fingerprints ──┴─► what is stale ─► schedule ─► data files ─► audits ─► commits ─► run record
//!                                                     extract ┘ plan                                    │
//!                                                                              PublishedBuild ◄─────────┘
//! ```
//!
//! Architecture invariants: locations and names come from the manifest's resolver and from nowhere else. Data files
//! are written first and commits last, so whatever happens before leaves the previous build whole. A table holds its
//! own state, in the metadata of its newest commit. Nobody above this crate sees an async function.

mod artifact;
mod audit;
mod authority;
mod build;
mod cache;
mod cancel;
mod capabilities;
mod clean;
mod clock;
mod delta;
mod diff;
mod error;
mod evidence;
mod explain;
mod files;
mod fingerprint;
mod foresight;
mod inspect;
mod lock;
mod observer;
mod plan;
mod profile;
mod publish;
mod published;
mod query;
mod record;
mod resolver;
mod rollback;
mod root;
mod runtime;
mod schedule;
mod scope;
mod session;
mod standing;
mod test;

pub use artifact::{Artifact, ArtifactKind};
pub use audit::{Audit, TELLING, Unaudited, audit};
pub use build::{BuildReport, Effect, LeftAlone, Maintained, Maintenance, build, maintain};
pub use cancel::Cancel;
pub use capabilities::Capabilities;
pub use clean::{Needless, clean};
pub use diff::{Before, BuildDiff, Change, ChangedRows, Fate, RowChange, TableDiff};
pub use error::{EngineError, Result};
pub use evidence::extract;
pub use explain::physical_plan;
pub use files::describe_files;
pub use foresight::{Foresight, PublishedColumns, PublishedTables, foresee};
pub use inspect::{Inspection, inspect};
pub use observer::{BuildEvent, BuildObserver, Silent};
pub use plan::{Action, BuildPlan, ChangedSources, PlannedTable, plan};
pub use profile::{CacheProfile, PlanLevel, RuntimeProfile, Selection};
pub use query::{PublishedBuild, Rows};
pub use record::{
    BoundRecord, CheckRecord, Decision, MaintenanceDecision, ManifestDocument, Operation,
    PlanRecord, PolicyValidation, RunRecord, ScheduledWork, SchemaDivergence, SourceRecord,
    TableRecord, TableStatus,
};
pub use resolver::{Dataset, RUNS};
pub use rollback::{Rollback, rollback};
pub use root::{BucketLocation, Location, Patience};
pub use test::{TestOutcome, TestRunner};
