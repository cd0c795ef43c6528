//! Decisions about how plans are carried out, each with its reason.
//!
//! What a program declares holds; what it leaves open is derived from [`PlanSignals`](crate::signals::PlanSignals), which
//! is all that is known here of plans. No decision changes what rows a table has.

mod cache;
mod features;
mod scan;
mod validate;
mod write;

use std::fmt;

use cpg_ir::policy::{Declared, PolicyTarget};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use cache::{CacheDecision, CacheTier, cache};
pub use features::{Availability, Feature, Features};
pub use scan::{SMALL_INPUT_ROWS, ScanDecision, scan};
pub use validate::{IssueCode, PolicyIssue, Severity, validate};
pub use write::{WriteDecision, write};

/// A setting, who says so, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decided<T> {
    /// What is to be done.
    pub value: T,
    /// Who says so.
    pub origin: Origin,
    /// Why.
    pub because: String,
}

/// Who says how something is to be done. What comes first is asked first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// This build or this host cannot do otherwise, or the runtime profile forbids it.
    Runtime,
    /// A policy of the program.
    Declared,
    /// What is known of the plan and its tables.
    Derived,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Runtime => "runtime",
            Self::Declared => "declared",
            Self::Derived => "derived",
        })
    }
}

impl<T> Decided<T> {
    fn derived(value: T, because: impl Into<String>) -> Self {
        Self { value, origin: Origin::Derived, because: because.into() }
    }

    fn declared<U>(said: &Declared<U>, value: impl FnOnce(&U) -> T) -> Self {
        let because = match &said.target {
            PolicyTarget::Item => "a policy for it".to_owned(),
            target => format!("a policy for {target}"),
        };
        Self { value: value(&said.value), origin: Origin::Declared, because }
    }
}
