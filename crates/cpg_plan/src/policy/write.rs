//! How tables are written.

use std::num::NonZeroU64;

use cpg_ir::canon::Fingerprint;
use cpg_ir::policy::{RelationPolicies, SortColumn};
use cpg_ir::types::{Column, SemanticType as T};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decided, Feature, Features, Origin};
use crate::program::TableKey;
use crate::signals::{Made, PlanSignals};

const MIB: u64 = 1024 * 1024;

/// The least size at which a file is ended: large enough that a graph of a million rows is a few files, small enough that
/// several cores can read it.
const LEAST_FILE_BYTES: u64 = 64 * MIB;

/// The greatest such size: what a reader of one file can be made to wait for.
const GREATEST_FILE_BYTES: u64 = 1024 * MIB;

/// About how many files a large table is to have: enough for every core, few enough for its log.
const FILES_WANTED: u64 = 32;

/// Rows per row group of a table that has one writer, and of one that has many at a time: the unit in which readers skip
/// and share work, and that a writer holds in memory.
const LARGE_ROW_GROUP: u64 = 128 * 1024;
/// See [`LARGE_ROW_GROUP`].
const SMALL_ROW_GROUP: u64 = 16 * 1024;

/// How a table is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteDecision {
    /// The table.
    pub table: TableKey,
    /// The size in bytes at which a file is ended.
    pub target_file_bytes: Decided<NonZeroU64>,
    /// The columns whose least and greatest values the log keeps for each file. Nothing stands for the first 32, as the
    /// protocol has it.
    pub stats: Decided<Option<Vec<String>>>,
    /// The columns by whose values rows are kept in files of their own.
    pub partition: Decided<Vec<String>>,
    /// The order of rows within files.
    pub sort: Decided<Vec<SortColumn>>,
    /// The greatest number of rows of a row group.
    pub row_group_rows: Decided<u64>,
    /// After how many versions the log is summed up. Nothing stands for what the protocol has.
    pub checkpoint_every: Decided<Option<NonZeroU64>>,
    /// Whether readers of the table can ask its log what changed between two versions.
    pub change_feed: Decided<bool>,
    /// The signals that it follows from.
    pub signals: Fingerprint,
}

/// Decides how a table is written.
pub fn write(
    signals: &PlanSignals,
    said: Option<&RelationPolicies>,
    features: &Features,
) -> WriteDecision {
    let none = RelationPolicies::default();
    let said = said.unwrap_or(&none);
    WriteDecision {
        table: signals.table.clone(),
        target_file_bytes: match &said.target_file_bytes {
            Some(said) => Decided::declared(said, |bytes| *bytes),
            None => target_file_bytes(signals, features),
        },
        stats: match &said.stats {
            Some(said) => Decided::declared(said, |columns| Some(columns.clone())),
            None => stats(signals, said.sort.as_ref().map(|one| one.value.as_slice()), features),
        },
        partition: match &said.partition {
            Some(said) => Decided::declared(said, Clone::clone),
            None => Decided::derived(Vec::new(), "files hold the rows of few source files already"),
        },
        sort: match &said.sort {
            Some(said) => Decided::declared(said, Clone::clone),
            None => Decided::derived(
                Vec::new(),
                "as they are computed: sorting costs, and no reader asks for it",
            ),
        },
        row_group_rows: match signals.made {
            Made::Whole => Decided::derived(LARGE_ROW_GROUP, "one writer at a time holds one"),
            Made::Split | Made::ByFile => {
                Decided::derived(SMALL_ROW_GROUP, "many writers at a time hold one each")
            }
        },
        checkpoint_every: match (&said.checkpoint_every, features.missing(Feature::Checkpoints)) {
            (_, Some(why)) => {
                Decided { value: None, origin: Origin::Runtime, because: why.to_owned() }
            }
            (Some(said), None) => Decided::declared(said, |every| Some(*every)),
            (None, None) => Decided::derived(None, "as the protocol has it"),
        },
        change_feed: match (&said.change_feed, signals.is_output) {
            (Some(said), _) => Decided::declared(said, |on| *on),
            (None, true) => Decided::derived(true, "its readers may follow it"),
            (None, false) => Decided::derived(false, "only tasks read it"),
        },
        signals: signals.fingerprint,
    }
}

fn target_file_bytes(signals: &PlanSignals, features: &Features) -> Decided<NonZeroU64> {
    let least = NonZeroU64::MIN.saturating_add(LEAST_FILE_BYTES - 1);
    if let Some(why) = features.missing(Feature::AdaptiveFileSize) {
        return Decided { value: least, origin: Origin::Runtime, because: why.to_owned() };
    }
    let Some(bytes) = signals.statistics.bytes() else {
        return Decided::derived(least, "its size is not known yet");
    };
    // Powers of two, so that a table that grows a little keeps its files.
    let target = (bytes / FILES_WANTED).next_power_of_two();
    let target = target.clamp(LEAST_FILE_BYTES, GREATEST_FILE_BYTES);
    let because = format!("it had {} MiB, for about {FILES_WANTED} files", bytes / MIB);
    Decided::derived(NonZeroU64::new(target).unwrap_or(least), because)
}

fn stats(
    signals: &PlanSignals,
    sorted: Option<&[SortColumn]>,
    features: &Features,
) -> Decided<Option<Vec<String>>> {
    if let Some(why) = features.missing(Feature::DerivedStatistics) {
        return Decided { value: None, origin: Origin::Runtime, because: why.to_owned() };
    }
    let is_sorted = |name: &str| sorted.unwrap_or_default().iter().any(|one| one.column == name);
    let wanted = |column: &&Column| match use_of(&column.ty.semantic) {
        Use::Always => true,
        Use::WhenAsked => is_sorted(&column.name) || signals.deciding.contains(&column.name),
        Use::Never => false,
    };
    let columns = signals.schema.columns.iter().filter(wanted);
    let columns: Vec<String> = columns.map(|column| column.name.clone()).collect();
    match columns.is_empty() {
        true => Decided::derived(None, "no column has values that a reader would look for"),
        false => Decided::derived(
            Some(columns),
            "keys, places and kinds, and what its readers' conditions and joins look at; no long texts",
        ),
    }
}

/// Whether the least and greatest value of a column help to leave files out.
enum Use {
    Always,
    WhenAsked,
    Never,
}

fn use_of(ty: &T) -> Use {
    match ty {
        T::FileId | T::Id(_) | T::Path | T::Int | T::Line { .. } | T::Hash => Use::Always,
        T::Bool
        | T::Float
        | T::String
        | T::Offset(_)
        | T::Col { .. }
        | T::Score
        | T::Confidence
        | T::Symbol => Use::WhenAsked,
        T::Text | T::Span | T::List(_) | T::Map(..) | T::Null => Use::Never,
    }
}
