//! Tables on disk: data files first, the log last.
//!
//! Every commit of ours names all files of its version, those that it keeps too, so the newest commit's JSON says
//! everything: which files the version has, and which task made it. Data files lie in a folder named after the
//! run that wrote them, which tells what a dead run left behind.

pub(crate) mod commit;
pub(crate) mod content;
pub(crate) mod layout;
pub(crate) mod maintain;
pub(crate) mod order;
pub(crate) mod orphans;
mod partitions;
pub(crate) mod protocol;
pub(crate) mod provenance;
pub(crate) mod read;
pub(crate) mod restore;
pub(crate) mod segmented;
pub(crate) mod state;
pub(crate) mod write;

use std::collections::HashMap;

use cpg_ir::canon::Fingerprint;
use deltalake::kernel::Add;
use serde_json::Value;

/// The tag of a data file that says which segment's rows it holds.
const SEGMENT: &str = "cpglang.segment";

/// A data file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataFile {
    add: Add,
    rows: u64,
}

impl DataFile {
    pub(crate) fn new(add: Add) -> Self {
        let rows = add
            .stats
            .as_deref()
            .and_then(|stats| serde_json::from_str::<Value>(stats).ok())
            .and_then(|stats| stats.get("numRecords").and_then(Value::as_u64));
        Self { add, rows: rows.unwrap_or_default() }
    }

    /// All that its table's log says of it.
    pub(crate) fn to_json(&self) -> Value {
        // It has no keys that are no strings.
        serde_json::to_value(&self.add).unwrap_or_default()
    }

    /// A file of which a log said that; none for what no log says.
    pub(crate) fn from_json(said: Value) -> Option<Self> {
        serde_json::from_value(said).ok().map(Self::new)
    }

    /// The same content at another place.
    pub(crate) fn at(mut self, path: String) -> Self {
        self.add.path = path;
        self
    }

    /// Relative to the table's folder.
    pub(crate) fn path(&self) -> &str {
        &self.add.path
    }

    /// Its size in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        u64::try_from(self.add.size).unwrap_or_default()
    }

    /// How many rows it holds.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// The values of the partition columns that its rows share.
    pub(crate) fn partition(&self) -> &HashMap<String, Option<String>> {
        &self.add.partition_values
    }

    /// What the segment holds whose rows it has.
    pub(crate) fn segment(&self) -> Option<Fingerprint> {
        let text = self.add.tags.as_ref()?.get(SEGMENT)?.as_deref()?;
        text.parse().ok()
    }

    /// The same file, known to hold rows of a segment.
    pub(crate) fn in_segment(mut self, segment: Fingerprint) -> Self {
        let tag = (SEGMENT.to_owned(), Some(segment.to_string()));
        self.add.tags = Some(HashMap::from([tag]));
        self
    }

    /// The action that makes it part of a version; `is_new` unless the version before has it.
    fn into_add(self, is_new: bool) -> Add {
        Add { data_change: is_new, ..self.add }
    }
}
