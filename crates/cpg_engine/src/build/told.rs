//! What the newest build says of tables, beyond what their commits say.
//!
//! A table gets no version from a build that finds its rows to be as they are. That build's record says what they follow from
//! then, and its document of the kind [`ArtifactKind::Follows`](crate::artifact::ArtifactKind::Follows) says it by segment.

use std::collections::BTreeMap;

use cpg_ir::canon::Fingerprint;

use crate::artifact;
use crate::delta::state::Commit;
use crate::record::{RunRecord, TableRecord};
use crate::resolver::Dataset;
use crate::root::Place;

/// What rows follow from, by table and segment.
pub(super) type Follows = BTreeMap<String, Vec<Fingerprint>>;

/// What the newest build says of its tables.
#[derive(Debug, Default)]
pub(super) struct Told<'a> {
    tables: BTreeMap<String, &'a TableRecord>,
    follows: Follows,
}

impl<'a> Told<'a> {
    /// What `record` says, whose documents lie in `runs`. A document that cannot be read costs time, and nothing else: rows are
    /// computed of which it is not known what they follow from.
    pub(super) fn read(runs: &Place, record: Option<&'a RunRecord>) -> Self {
        let Some(record) = record else { return Self::default() };
        let name = |table: &TableRecord| format!("{}/{}", table.area.folder(), table.table);
        let tables = record.tables.iter().map(|table| (name(table), table)).collect();
        let follows = artifact::document_of(runs, record).unwrap_or_default();
        Self { tables, follows }
    }

    /// Makes a table's newest commit say what its rows follow from by now; whether it said something else.
    pub(super) fn update(&self, dataset: &Dataset, commit: &mut Commit) -> bool {
        let name = dataset.to_string();
        let Some(record) = self.tables.get(&name).filter(|record| record.is_at(commit)) else {
            return false;
        };
        commit.task = record.task;
        let Some(follows) = self.follows.get(&name) else { return false };
        commit.contents.follows.clone_from(follows);
        true
    }

    /// What it says of tables that a build is not about.
    pub(super) fn of_others(&self, is_here: impl Fn(&str) -> bool) -> Follows {
        let others = self.follows.iter().filter(|(table, _)| !is_here(table));
        others.map(|(table, follows)| (table.clone(), follows.clone())).collect()
    }
}

impl TableRecord {
    /// Whether a commit is the one that the record is about, and not another of that number in a table made anew.
    pub(crate) fn is_at(&self, commit: &Commit) -> bool {
        self.version == commit.version && self.written_by == commit.run
    }
}
