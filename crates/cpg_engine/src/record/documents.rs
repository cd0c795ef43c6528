//! What a build leaves beside its record.

use std::collections::BTreeMap;

use cpg_ir::canon::Fingerprint;
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::policy::ValidateMode;
use cpg_plan::TableKey;
use cpg_plan::policy::PolicyIssue;
use cpg_plan::signals::PlanShape;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The manifest as its readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestDocument {
    /// Of everything below, as the compiler took it.
    pub fingerprint: Fingerprint,
    /// The whole manifest. Its form has a version of its own, `manifest_version`.
    pub manifest: BTreeMap<String, Value>,
}

impl ManifestDocument {
    /// The document of a manifest.
    ///
    /// # Errors
    /// When the manifest has no JSON form, which would be a defect.
    pub(crate) fn new(manifest: &ProgramManifest) -> serde_json::Result<Self> {
        let fields = serde_json::to_value(manifest).and_then(serde_json::from_value)?;
        Ok(Self { fingerprint: manifest.fingerprint(), manifest: fields })
    }
}

/// Whether a program could have what it asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyValidation {
    /// What the program says is to follow from issues.
    pub mode: ValidateMode,
    /// What was found, in the order of codes.
    pub issues: Vec<PolicyIssue>,
    /// What this build and the host could do: [`crate::Capabilities`].
    pub runtime: Fingerprint,
}

/// The plan of a table, as far as it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRecord {
    /// The table.
    pub table: TableKey,
    /// What its plan means.
    pub plan_fingerprint: Fingerprint,
    /// Level 0: what it consists of.
    pub shape: PlanShape,
    /// Level 0: how many columns it reads of each input.
    pub columns: BTreeMap<String, u64>,
    /// Level 1: how many operators of each kind carry it out, on two threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operators: Option<BTreeMap<String, u64>>,
    /// Level 2: these operators with all that they are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Work that a build did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduledWork {
    /// The table that it fills; nothing for all evidence together.
    pub relation: Option<String>,
    /// Why it began when it did.
    pub because: String,
    /// When it began, in seconds since the build did.
    pub began: f64,
}
