//! What builds leave for their readers beside tables: JSON documents, each of a kind that is listed here.
//!
//! A document says its kind and its version, and its payload is of exactly one type. So what is unknown, of a later
//! version or not whole is refused instead of half understood. [`ArtifactKind`] is the registry: the pages and JSON
//! Schemas in `docs/` are written from it.

mod store;

use std::collections::BTreeMap;

use cpg_ir::canon::Fingerprint;
use cpg_plan::policy::{CacheDecision, ScanDecision, WriteDecision};
use cpg_plan::signals::PlanSignals;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::capabilities::Capabilities;
use crate::record::{
    MaintenanceDecision, ManifestDocument, PlanRecord, PolicyValidation, RunRecord, ScheduledWork,
    SchemaDivergence,
};

pub(crate) use store::{any, document, document_of, name, read, write};

/// The payload of a kind of documents.
pub trait Artifact: Serialize + DeserializeOwned + JsonSchema {
    /// Which kind.
    const KIND: ArtifactKind;
}

macro_rules! artifacts {
    ($($variant:ident = $name:literal, version $version:literal, $payload:ty: $description:literal;)*) => {
        /// Every kind of documents that builds leave.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum ArtifactKind {
            $(#[doc = $description] $variant,)*
        }

        impl ArtifactKind {
            /// Every one, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As documents and files are called.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The version of the payload's form that this build writes.
            pub fn version(self) -> u32 {
                match self { $(Self::$variant => $version,)* }
            }

            /// What such a document says.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)* }
            }

            /// The payload's form, as a JSON Schema.
            pub fn schema(self) -> Value {
                match self { $(Self::$variant => schema_of::<$payload>(),)* }
            }

            /// Whether a payload has this form.
            ///
            /// # Errors
            /// What is wrong with it.
            pub fn check(self, payload: Value) -> Result<(), serde_json::Error> {
                match self { $(Self::$variant => serde_json::from_value::<$payload>(payload).map(drop),)* }
            }
        }

        $(impl Artifact for $payload {
            const KIND: ArtifactKind = ArtifactKind::$variant;
        })*
    };
}

artifacts! {
    Run = "run", version 1, RunRecord:
        "Which versions of which tables belong together, and how they came to be.";
    Manifest = "manifest", version 1, ManifestDocument:
        "The compiled program: its relations, where their rows lie, its checks and its policies.";
    Sources = "sources", version 1, BTreeMap<String, String>:
        "The files that were read, each with half of the BLAKE3 hash of what it held.";
    Follows = "follows", version 1, BTreeMap<String, Vec<Fingerprint>>:
        "What the rows of tables follow from that were found to be as an earlier run wrote them, by table and segment.";
    Capabilities = "capabilities", version 1, Capabilities:
        "What this build of cpglang and the host could do.";
    Functions = "functions", version 1, BTreeMap<String, Option<String>>:
        "The functions of the session with their versions, where they count.";
    PlanSignals = "plan_signals", version 1, Vec<PlanSignals>:
        "What was known of every table and its plan when decisions were made.";
    PlanBundle = "plan_bundle", version 1, Vec<PlanRecord>:
        "The plans of all tables, for later builds to compare with.";
    PolicyValidation = "policy_validation", version 1, PolicyValidation:
        "What the program asks for and cannot have, or had better not ask for.";
    ScanPolicyDecision = "scan_policy_decision", version 1, Vec<ScanDecision>:
        "How each plan scans each of its inputs, and why.";
    WritePolicyDecision = "write_policy_decision", version 1, Vec<WriteDecision>:
        "How each table is written, and why.";
    CachePolicyDecision = "cache_policy_decision", version 1, Vec<CacheDecision>:
        "Where the rows of each relation are kept for its readers, and why.";
    Schedule = "schedule", version 1, Vec<ScheduledWork>:
        "In which order work began, and why.";
    SchemaDivergence = "schema_divergence", version 1, Vec<SchemaDivergence>:
        "How columns changed of tables whose policies ask for that to be told.";
    MaintenanceDecision = "maintenance_decision", version 2, Vec<MaintenanceDecision>:
        "What was due of looking after tables, and what was not.";
}

impl ArtifactKind {
    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

fn schema_of<T: JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}
