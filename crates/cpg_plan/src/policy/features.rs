//! What an engine can do that makes builds faster and changes no row.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that can be left off.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Rows are filtered while files are decoded.
    FilterPushdown,
    /// Row groups of files are left out by their statistics.
    RowGroupPruning,
    /// Only the columns that readers ask for get statistics in a table's log.
    DerivedStatistics,
    /// The size of files follows from the size of their table.
    AdaptiveFileSize,
    /// Rows that do not fit into memory move to disk.
    Spilling,
    /// Logs of tables are summed up now and then.
    Checkpoints,
    /// Work is ordered by how long it took in the build before.
    MeasuredSchedule,
}

impl Feature {
    /// Every one, in order.
    pub const ALL: [Self; 7] = [
        Self::FilterPushdown,
        Self::RowGroupPruning,
        Self::DerivedStatistics,
        Self::AdaptiveFileSize,
        Self::Spilling,
        Self::Checkpoints,
        Self::MeasuredSchedule,
    ];

    /// How profiles call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::FilterPushdown => "filter_pushdown",
            Self::RowGroupPruning => "row_group_pruning",
            Self::DerivedStatistics => "derived_statistics",
            Self::AdaptiveFileSize => "adaptive_file_size",
            Self::Spilling => "spilling",
            Self::Checkpoints => "checkpoints",
            Self::MeasuredSchedule => "measured_schedule",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Whether a feature can be used, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Availability {
    /// Whether it can.
    pub available: bool,
    /// Why, or why not.
    pub because: String,
}

/// What can be used. A feature of which nothing is said can.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Features(pub BTreeMap<Feature, Availability>);

impl Features {
    /// Why a feature cannot be used; nothing when it can.
    pub fn missing(&self, feature: Feature) -> Option<&str> {
        let found = self.0.get(&feature).filter(|found| !found.available)?;
        Some(&found.because)
    }
}
