//! `policy`.

use cpg_base::TextRange;

use super::{Expr, Name, SortKey};

/// `policy KIND for TARGETS { settings }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyItem {
    /// `write`, `maintain`, …: whatever name stands there.
    pub kind: Name,
    /// What it holds for; every relation when empty.
    pub targets: Vec<PolicyTarget>,
    /// In order.
    pub settings: Vec<Setting>,
}

/// What a policy holds for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyTarget {
    /// `*`: every relation.
    All(TextRange),
    /// `tag:core`, `kind:relate`: those that have that.
    Selector {
        /// `tag` or `kind`: whatever name stands there.
        key: Name,
        /// Its value.
        value: Name,
    },
    /// One item.
    Item(Name),
}

/// A setting of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// What it says.
    pub kind: SettingKind,
    /// The whole setting.
    pub range: TextRange,
}

/// The settings of all kinds of policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingKind {
    /// `partition by a, b`.
    Partition(Vec<Name>),
    /// `sort by a, b.start desc`.
    Sort(Vec<SortKey>),
    /// `target_file_size 128MiB`.
    TargetFileSize(Quantity),
    /// `stats on a, b`.
    Stats(Vec<Name>),
    /// `optimize when CONDITION`.
    Optimize(Expr),
    /// `vacuum when CONDITION retain 7d`.
    Vacuum {
        /// When.
        when: Expr,
        /// How long what is replaced stays.
        retain: Quantity,
    },
    /// `checkpoint every 10`.
    Checkpoint(Quantity),
    /// `mode strict`.
    Mode(Name),
    /// `keep table`.
    Keep(Name),
    /// `pruning off`.
    Pruning(Name),
    /// `pushdown off`.
    Pushdown(Name),
    /// `change_feed off`.
    ChangeFeed(Name),
}

impl SettingKind {
    /// The word that begins it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Partition(_) => "partition",
            Self::Sort(_) => "sort",
            Self::TargetFileSize(_) => "target_file_size",
            Self::Stats(_) => "stats",
            Self::Optimize(_) => "optimize",
            Self::Vacuum { .. } => "vacuum",
            Self::Checkpoint(_) => "checkpoint",
            Self::Mode(_) => "mode",
            Self::Keep(_) => "keep",
            Self::Pruning(_) => "pruning",
            Self::Pushdown(_) => "pushdown",
            Self::ChangeFeed(_) => "change_feed",
        }
    }
}

/// A number with the unit behind it: `128MiB`, `7d`, `10`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// The number.
    pub number: u64,
    /// The unit as written; empty when there is none.
    pub unit: String,
    /// The whole.
    pub range: TextRange,
}
