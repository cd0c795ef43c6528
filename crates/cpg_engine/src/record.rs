//! What a published build consists of.

mod divergence;
mod documents;
mod maintenance;

use std::collections::BTreeMap;
use std::fmt;

use cpg_ir::canon::Fingerprint;
use cpg_ir::check::CheckSeverity;
use cpg_ir::manifest::Area;
use cpg_ir::spec::RelationId;
use cpg_ir::types::RowSchema;
use cpg_plan::fixpoint::ReachedBound;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::artifact::ArtifactKind;
use crate::resolver::Dataset;

pub use divergence::SchemaDivergence;
pub use documents::{ManifestDocument, PlanRecord, PolicyValidation, ScheduledWork};
pub use maintenance::{Decision, MaintenanceDecision, Operation};

/// A published build: which versions of which tables belong together, and how they came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// The run that published it. Later runs sort after earlier ones.
    pub run: String,
    /// The version of the program that ran.
    pub engine: String,
    /// The manifest it ran.
    pub manifest: Fingerprint,
    /// Of all that what it did depended on: the manifest, what extractors found, what the host could do, and what of
    /// the program's policies did not fit.
    pub fingerprint: Fingerprint,
    /// The documents that lie beside the record, by kind.
    pub artifacts: BTreeMap<ArtifactKind, Fingerprint>,
    /// When it began, in milliseconds since 1970-01-01 UTC.
    pub started_unix_ms: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What it read.
    pub sources: SourceRecord,
    /// What a later build compares with to see, before it plans anything, that it would do nothing; absent where files
    /// changed while they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// Which part of the program it was about, as that was said; absent where it was about all. Tables that it was not about
    /// are as an earlier run left them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selected: Option<String>,
    /// The earlier run whose tables this one put back, where that is what it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<String>,
    /// How many errors extractors met, by kind.
    pub errors: BTreeMap<String, u64>,
    /// What became of the program's checks of tables that it was about, in the manifest's order.
    pub checks: Vec<CheckRecord>,
    /// Its tables, by area and name.
    pub tables: Vec<TableRecord>,
}

/// What the tables of a run follow from, beside its manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// The sources of cpglang that plan programs, as a hash.
    pub build: String,
    /// What extractors found, by extractor.
    pub findings: BTreeMap<String, Fingerprint>,
    /// What files hold that are evidence themselves, by the relation that reads them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<RelationId, Fingerprint>,
}

/// What became of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRecord {
    /// The check, as programs write it, with relations by their whole names.
    pub check: String,
    /// What follows when it fails.
    pub severity: CheckSeverity,
    /// Whether it holds.
    pub passed: bool,
    /// How many rows, or values that rows share, break it.
    pub broken: u64,
    /// How many ids there are, where it asks for a share of them.
    pub all: Option<u64>,
    /// The first few of what breaks it, where it does not hold.
    pub examples: Vec<String>,
}

/// How much `part` is of `all`, in percent.
pub(crate) fn share(part: u64, all: u64) -> f64 {
    100.0 * part as f64 / all as f64
}

/// What is wrong with it; examples follow on lines of their own.
impl fmt::Display for CheckRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: ", self.check)?;
        match self.all {
            Some(all) => {
                let found = all.saturating_sub(self.broken);
                write!(f, "{found} of {all} are covered, {:.1} %", share(found, all.max(1)))?;
            }
            None if self.broken == 1 => f.write_str("1 row or value breaks it")?,
            None => write!(f, "{} rows or values break it", self.broken)?,
        }
        for example in &self.examples {
            write!(f, "\n  {example}")?;
        }
        Ok(())
    }
}

/// What a run read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceRecord {
    /// How many files the sources hold.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// A table of a published build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableRecord {
    /// Which folder of the output root.
    pub area: Area,
    /// Its name within that folder.
    pub table: String,
    /// Its row.
    pub schema: RowSchema,
    /// The columns in which no two of its rows agree, where that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// The Delta version that belongs to the build.
    pub version: u64,
    /// The run that wrote that version. Later runs that find the rows to be as they are leave it.
    pub written_by: String,
    /// How many rows that version has.
    pub rows: u64,
    /// In how many files.
    pub files: u64,
    /// Of how many bytes together.
    pub bytes: u64,
    /// The fingerprint of what the rows follow from.
    pub task: Fingerprint,
    /// Whether this run wrote the version, or found it there.
    pub status: TableStatus,
    /// How long its rows took to compute and write, in seconds; 0 for what was there.
    pub seconds: f64,
    /// The fixpoints computed for it that ended before all of their rows were found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bound_reached: Vec<BoundRecord>,
}

impl TableRecord {
    /// Whether that is the table.
    pub(crate) fn is_of(&self, dataset: &Dataset) -> bool {
        self.area == dataset.area() && self.table == dataset.table()
    }
}

/// A fixpoint that ended at its bound, before all of its rows were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoundRecord {
    /// Its whole name.
    pub fixpoint: String,
    /// How many rounds it went through.
    pub rounds: u32,
}

impl From<ReachedBound> for BoundRecord {
    fn from(reached: ReachedBound) -> Self {
        Self { fixpoint: reached.fixpoint.to_string(), rounds: reached.rounds }
    }
}

impl TableStatus {
    /// As records spell it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Updated => "updated",
            Self::Reused => "reused",
            Self::Left => "left",
            Self::Restored => "restored",
        }
    }
}

/// How a table came into a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableStatus {
    /// The run wrote all of it.
    Written,
    /// The run wrote the rows of files that changed, and kept the others.
    Updated,
    /// It was there, equal to what the run would have written.
    Reused,
    /// It was there, and the run was not about it.
    Left,
    /// The run put it back as an earlier run had left it.
    Restored,
}
