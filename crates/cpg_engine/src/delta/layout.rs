//! How the files of a table are to be.

use std::num::NonZeroU64;

use cpg_plan::policy::WriteDecision;

/// The key under which a table says of which columns its log keeps the least and the greatest values.
const STATS_COLUMNS: &str = "delta.dataSkippingStatsColumns";

/// The key under which a table says after how many versions its log is summed up.
const CHECKPOINT_INTERVAL: &str = "delta.checkpointInterval";

/// The key under which a table says that its readers can ask what changed.
const CHANGE_FEED: &str = "delta.enableChangeDataFeed";

/// How a table's files are to be: what was decided, as writers take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The columns by whose values rows are kept apart.
    pub(crate) partition: Vec<String>,
    /// The size at which a file is ended.
    pub(crate) target_bytes: NonZeroU64,
    /// The columns whose least and greatest values the log keeps; the first ones when nothing is said.
    pub(crate) stats: Option<Vec<String>>,
    /// The greatest number of rows of a row group.
    pub(crate) row_group_rows: usize,
    /// After how many versions the log is summed up.
    checkpoint_every: Option<NonZeroU64>,
    /// Whether readers can ask the log what changed.
    pub(crate) change_feed: bool,
}

impl From<&WriteDecision> for Layout {
    fn from(decision: &WriteDecision) -> Self {
        Self {
            partition: decision.partition.value.clone(),
            target_bytes: decision.target_file_bytes.value,
            stats: decision.stats.value.clone(),
            row_group_rows: usize::try_from(decision.row_group_rows.value).unwrap_or(usize::MAX),
            checkpoint_every: decision.checkpoint_every.value,
            change_feed: decision.change_feed.value,
        }
    }
}

impl Layout {
    /// The properties that the table itself must have, for whoever else writes it; those without a value it must
    /// not have.
    pub(crate) fn properties(&self) -> [(&'static str, Option<String>); 3] {
        let quoted = |name: &String| match name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            true => name.clone(),
            false => format!("`{}`", name.replace('`', "``")),
        };
        let stats = self.stats.as_ref();
        let stats = stats.map(|names| names.iter().map(quoted).collect::<Vec<_>>().join(","));
        let every = self.checkpoint_every.map(|versions| versions.to_string());
        let feed = self.change_feed.then(|| true.to_string());
        [(STATS_COLUMNS, stats), (CHECKPOINT_INTERVAL, every), (CHANGE_FEED, feed)]
    }
}
