//! How the files of a table are to be: what the program's policies say of them, and what holds where they are silent.

use std::num::NonZeroU64;

use cpg_ir::policy::RelationPolicies;

/// A file is closed and the next one begun at this size. Large enough that a graph of a million rows is a few
/// files, small enough that several cores can read it.
const TARGET_FILE_BYTES: NonZeroU64 = NonZeroU64::new(64 * 1024 * 1024).expect("not zero");

/// The key under which a table says of which columns its log keeps the least and the greatest values.
const STATS_COLUMNS: &str = "delta.dataSkippingStatsColumns";

/// The key under which a table says after how many versions its log is summed up.
const CHECKPOINT_INTERVAL: &str = "delta.checkpointInterval";

/// How a table's files are to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The columns by whose values rows are kept apart.
    pub(crate) partition: Vec<String>,
    /// The size at which a file is ended.
    pub(crate) target_bytes: NonZeroU64,
    /// The columns whose least and greatest values the log keeps; the first ones when nothing is said.
    pub(crate) stats: Option<Vec<String>>,
    /// After how many versions the log is summed up.
    checkpoint_every: Option<NonZeroU64>,
}

impl Layout {
    /// What is said of a relation, if anything is.
    pub(crate) fn of(policies: Option<&RelationPolicies>) -> Self {
        let none = RelationPolicies::default();
        let said = policies.unwrap_or(&none);
        Self {
            partition: said.partition.as_ref().map(|one| one.value.clone()).unwrap_or_default(),
            target_bytes: said
                .target_file_bytes
                .as_ref()
                .map_or(TARGET_FILE_BYTES, |one| one.value),
            stats: said.stats.as_ref().map(|one| one.value.clone()),
            checkpoint_every: said.checkpoint_every.as_ref().map(|one| one.value),
        }
    }

    /// The properties that the table itself must have, for whoever else writes it; those without a value it must
    /// not have.
    pub(crate) fn properties(&self) -> [(&'static str, Option<String>); 2] {
        let quoted = |name: &String| match name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            true => name.clone(),
            false => format!("`{}`", name.replace('`', "``")),
        };
        let stats = self.stats.as_ref();
        let stats = stats.map(|names| names.iter().map(quoted).collect::<Vec<_>>().join(","));
        let every = self.checkpoint_every.map(|versions| versions.to_string());
        [(STATS_COLUMNS, stats), (CHECKPOINT_INTERVAL, every)]
    }
}
