//! Policies: how tables are laid out, looked after and read, as far as the program says.
//!
//! What is here is declared. What a policy leaves open is decided by the engine; a decision of its own never
//! overrides one of these.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU64;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expr::SpanField;
use crate::spec::RelationId;

/// The policies of a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProgramPolicies {
    /// The effective ones by relation; a relation of which nothing is said is not among them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub relations: BTreeMap<RelationId, RelationPolicies>,
    /// What follows when a policy does not fit.
    pub validate: ValidateMode,
}

impl ProgramPolicies {
    /// Whether the program says nothing.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something is said of which only plans tell whether it fits: how a relation's own table is scanned, or that
    /// its columns must not change.
    pub fn ask_of_plans(&self) -> bool {
        self.relations.values().any(|said| {
            let scans = [&said.pruning, &said.pushdown].into_iter().flatten();
            let mut targets = scans.map(|one| &one.target);
            let fixed = said.schema.as_ref().is_some_and(|mode| mode.value != SchemaMode::Evolve);
            fixed || targets.any(|target| *target == PolicyTarget::Item)
        })
    }
}

/// What is declared for one relation, each setting by the most specific policy that says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RelationPolicies {
    /// The columns by whose values rows are kept in files of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition: Option<Declared<Vec<String>>>,
    /// The order of rows within files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Declared<Vec<SortColumn>>>,
    /// The size in bytes at which a file is ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_file_bytes: Option<Declared<NonZeroU64>>,
    /// The columns whose least and greatest values the log keeps for each file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stats: Option<Declared<Vec<String>>>,
    /// When small files are put together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optimize: Option<Declared<Condition>>,
    /// When files that no version needs any more are removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vacuum: Option<Declared<Vacuum>>,
    /// After how many versions the log is summed up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<Declared<NonZeroU64>>,
    /// What follows when the table would get other columns than it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Declared<SchemaMode>>,
    /// Whether its rows are kept for its readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<Declared<Keep>>,
    /// Whether readers leave out files and row groups by their statistics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pruning: Option<Declared<bool>>,
    /// Whether readers filter rows while they decode them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushdown: Option<Declared<bool>>,
    /// Whether readers of the table can ask its log what changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_feed: Option<Declared<bool>>,
}

impl RelationPolicies {
    /// What of it shapes a table's contents, as opposed to how fast they are written and read: such settings are
    /// part of what a task is.
    pub fn shape(&self) -> Option<Shape<'_>> {
        let shape = Shape {
            partition: self.partition.as_ref().map(|one| one.value.as_slice()),
            sort: self.sort.as_ref().map(|one| one.value.as_slice()),
        };
        (shape.partition.is_some() || shape.sort.is_some()).then_some(shape)
    }

    /// Every setting as programs write it, with what its policy holds for.
    pub fn described(&self) -> Vec<(String, &PolicyTarget)> {
        let mut said = Vec::new();
        if let Some(one) = &self.partition {
            said.push((format!("partition by {}", one.value.join(", ")), &one.target));
        }
        if let Some(one) = &self.sort {
            let keys: Vec<String> = one.value.iter().map(ToString::to_string).collect();
            said.push((format!("sort by {}", keys.join(", ")), &one.target));
        }
        if let Some(one) = &self.target_file_bytes {
            said.push((format!("target_file_size {}B", one.value), &one.target));
        }
        if let Some(one) = &self.stats {
            said.push((format!("stats on {}", one.value.join(", ")), &one.target));
        }
        if let Some(one) = &self.optimize {
            said.push((format!("optimize when {}", one.value), &one.target));
        }
        if let Some(one) = &self.vacuum {
            let Vacuum { when, retain_seconds } = &one.value;
            said.push((format!("vacuum when {when} retain {retain_seconds}s"), &one.target));
        }
        if let Some(one) = &self.checkpoint_every {
            said.push((format!("checkpoint every {}", one.value), &one.target));
        }
        if let Some(one) = &self.schema {
            said.push((format!("mode {}", one.value.word()), &one.target));
        }
        if let Some(one) = &self.keep {
            said.push((format!("keep {}", one.value.word()), &one.target));
        }
        let switch = |on: bool| if on { "on" } else { "off" };
        if let Some(one) = &self.pruning {
            said.push((format!("pruning {}", switch(one.value)), &one.target));
        }
        if let Some(one) = &self.pushdown {
            said.push((format!("pushdown {}", switch(one.value)), &one.target));
        }
        if let Some(one) = &self.change_feed {
            said.push((format!("change_feed {}", switch(one.value)), &one.target));
        }
        said
    }
}

/// What of a relation's policies shapes its table's contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shape<'a> {
    partition: Option<&'a [String]>,
    sort: Option<&'a [SortColumn]>,
}

/// A setting with what the policy that says it holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared<T> {
    /// What is said.
    pub value: T,
    /// What the policy holds for.
    pub target: PolicyTarget,
}

/// What a policy holds for, the most specific last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyTarget {
    /// Every relation.
    All,
    /// The relations of a kind of item.
    Kind(String),
    /// The relations that have a tag.
    Tag(String),
    /// This relation.
    Item,
}

impl PolicyTarget {
    /// Targets with a greater number are more specific; those with the same one are equally specific.
    pub fn specificity(&self) -> u8 {
        match self {
            Self::All => 0,
            Self::Kind(_) | Self::Tag(_) => 1,
            Self::Item => 2,
        }
    }
}

/// As programs write it.
impl fmt::Display for PolicyTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Kind(kind) => write!(f, "kind:{kind}"),
            Self::Tag(tag) => write!(f, "tag:{tag}"),
            Self::Item => f.write_str("this item"),
        }
    }
}

/// A column to sort by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SortColumn {
    /// The column.
    pub column: String,
    /// Which end of it, when it is a span.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<SpanField>,
    /// Largest first.
    pub descending: bool,
}

impl fmt::Display for SortColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.column)?;
        match self.end {
            Some(SpanField::Start) => f.write_str(".start")?,
            Some(SpanField::End) => f.write_str(".end")?,
            None => {}
        }
        if self.descending { f.write_str(" desc") } else { Ok(()) }
    }
}

/// When files are removed, and which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vacuum {
    /// When.
    pub when: Condition,
    /// How long, in seconds, a file stays after the last version that has it was replaced.
    pub retain_seconds: u64,
}

/// A condition on what is known of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// `metric > 10`.
    Compare {
        /// What is looked at.
        metric: Metric,
        /// How it is compared.
        op: Comparison,
        /// With what.
        value: u64,
    },
    /// Both.
    And(Box<Condition>, Box<Condition>),
    /// One of the two, or both.
    Or(Box<Condition>, Box<Condition>),
    /// Not.
    Not(Box<Condition>),
}

impl Condition {
    /// Whether it holds.
    pub fn holds(&self, metrics: &Metrics) -> bool {
        match self {
            Self::Compare { metric, op, value } => op.holds(metrics.get(*metric), *value),
            Self::And(left, right) => left.holds(metrics) && right.holds(metrics),
            Self::Or(left, right) => left.holds(metrics) || right.holds(metrics),
            Self::Not(inner) => !inner.holds(metrics),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |inner: &Self, f: &mut fmt::Formatter<'_>| match inner {
            Self::Compare { .. } => write!(f, "{inner}"),
            _ => write!(f, "({inner})"),
        };
        match self {
            Self::Compare { metric, op, value } => {
                write!(f, "{} {} {value}", metric.word(), op.word())
            }
            Self::And(left, right) | Self::Or(left, right) => {
                part(left, f)?;
                f.write_str(if matches!(self, Self::And(..)) { " and " } else { " or " })?;
                part(right, f)
            }
            Self::Not(inner) => {
                f.write_str("not ")?;
                part(inner, f)
            }
        }
    }
}

/// What is known of a table when a build has written it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Metrics {
    /// Files that the build wrote.
    pub files_created: u64,
    /// Files of the newest version.
    pub total_files: u64,
    /// Their size.
    pub total_bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// Versions that the log still has.
    pub versions: u64,
}

impl Metrics {
    fn get(&self, metric: Metric) -> u64 {
        match metric {
            Metric::FilesCreated => self.files_created,
            Metric::TotalFiles => self.total_files,
            Metric::TotalBytes => self.total_bytes,
            Metric::Rows => self.rows,
            Metric::Versions => self.versions,
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every one, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// How each is written, in order.
            pub const WORDS: &[&str] = &[$($word,)*];

            /// As programs write it.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The one that is written so.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    };
}

words! {
    /// What a condition looks at: see [`Metrics`].
    Metric {
        /// Files that the build wrote.
        FilesCreated = "files_created",
        /// Files of the newest version.
        TotalFiles = "total_files",
        /// Their size in bytes.
        TotalBytes = "total_bytes",
        /// Rows of the newest version.
        Rows = "rows",
        /// Versions that the log still has.
        Versions = "versions",
    }
}

words! {
    /// How a metric is compared.
    Comparison {
        /// More.
        Greater = ">",
        /// As many or more.
        GreaterOrEqual = ">=",
        /// Less.
        Less = "<",
        /// As many or less.
        LessOrEqual = "<=",
        /// As many.
        Equal = "==",
        /// More or less.
        NotEqual = "!=",
    }
}

impl Comparison {
    fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
        }
    }
}

words! {
    /// What follows when a table would get other columns than it has.
    SchemaMode {
        /// The build fails before it writes.
        Strict = "strict",
        /// The table gets them, and the record says so.
        Warn = "warn",
        /// The table gets them.
        Evolve = "evolve",
    }
}

words! {
    /// Whether a relation's rows are kept for its readers.
    Keep {
        /// In a table.
        Table = "table",
        /// Not: whoever reads them computes them.
        Inline = "inline",
    }
}

words! {
    /// What follows when a policy does not fit what it is for.
    #[derive(Default)]
    ValidateMode {
        /// The program is refused.
        #[default]
        Error = "error",
        /// It is told.
        Warn = "warn",
        /// Nothing.
        Off = "off",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(metric: Metric, op: Comparison, value: u64) -> Box<Condition> {
        Box::new(Condition::Compare { metric, op, value })
    }

    #[test]
    fn conditions_hold_as_they_are_written() {
        let many = compare(Metric::FilesCreated, Comparison::Greater, 10);
        let large = compare(Metric::TotalFiles, Comparison::GreaterOrEqual, 100);
        let either = Condition::Or(many.clone(), large.clone());
        let both = Condition::And(many.clone(), Box::new(Condition::Not(large)));
        assert_eq!(either.to_string(), "files_created > 10 or total_files >= 100");
        assert_eq!(both.to_string(), "files_created > 10 and (not total_files >= 100)");
        let metrics = |files_created, total_files| Metrics {
            files_created,
            total_files,
            ..Metrics::default()
        };
        for (created, total, one, all) in [
            (10, 99, false, false),
            (11, 0, true, true),
            (0, 100, true, false),
            (11, 100, true, false),
        ] {
            assert_eq!(either.holds(&metrics(created, total)), one);
            assert_eq!(both.holds(&metrics(created, total)), all);
        }
    }

    #[test]
    fn only_layout_shapes_contents() {
        let mut policies = RelationPolicies::default();
        let target = PolicyTarget::All;
        policies.stats = Some(Declared { value: vec!["a".to_owned()], target: target.clone() });
        assert_eq!(policies.shape(), None);
        policies.partition = Some(Declared { value: vec!["a".to_owned()], target });
        let shape = policies.shape();
        assert!(shape.is_some());
        // Where it is said does not matter.
        let mut elsewhere = policies.clone();
        if let Some(one) = &mut elsewhere.partition {
            one.target = PolicyTarget::Item;
        }
        assert_eq!(elsewhere.shape(), shape);
    }
}
