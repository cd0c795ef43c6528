//! Which columns of tables are read by tasks that look across files.
//!
//! Such a task is computed anew when what it reads changed. Of most tables it reads a few columns, and an edit that moves
//! lines changes others: so a table says what its segments hold in the columns that some such task reads, too.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::canon::Fingerprint;
use cpg_plan::program::{Division, ProgramPlans};

use crate::delta::content::RowsHash;
use crate::delta::segmented::SegmentedWriter;
use crate::delta::state::Contents;
use crate::error::Result;
use crate::fingerprint::{self, TableKey};

/// Columns of a table, by name.
type Columns = BTreeSet<String>;

/// Who reads what.
#[derive(Debug, Default)]
pub(super) struct Readers {
    columns: BTreeMap<TableKey, BTreeSet<Columns>>,
}

impl Readers {
    pub(super) fn new(plans: &ProgramPlans) -> Self {
        let mut readers = Self::default();
        for task in plans.tasks() {
            let none = BTreeMap::new();
            let (some, others) = match &task.division {
                Division::Whole => (&task.columns, &none),
                Division::Split { by_file, whole, .. } => (by_file, whole),
                Division::Local { .. } => continue,
            };
            for (relation, columns) in some.iter().chain(others) {
                let table = plans.table(relation).filter(|_| !columns.is_empty());
                if let Some(table) = table {
                    readers.columns.entry(table).or_default().insert(columns.clone());
                }
            }
        }
        readers
    }

    fn of(&self, table: &TableKey) -> impl Iterator<Item = &Columns> {
        self.columns.get(table).into_iter().flatten()
    }

    /// A writer of a table that hashes rows for these readers, behind what it hashes already.
    ///
    /// # Errors
    /// As [`SegmentedWriter::hashing`].
    pub(super) fn hashing<'a>(
        &self,
        table: &TableKey,
        writer: SegmentedWriter<'a>,
    ) -> Result<SegmentedWriter<'a>> {
        self.of(table)
            .try_fold(writer, |writer, columns| writer.hashing(|column| columns.contains(column)))
    }

    /// What the segments of a table hold for these readers. Of those that were `made`, `hashes` has for each segment with
    /// rows what [`Self::hashing`] gave; of the others, `before` says it. Where it does not, nobody knows.
    ///
    /// # Errors
    /// When it cannot be encoded, which would be a defect.
    pub(super) fn contents(
        &self,
        table: &TableKey,
        contents: &[Fingerprint],
        made: impl Fn(usize) -> bool,
        hashes: &BTreeMap<usize, Vec<RowsHash>>,
        before: Option<&Contents>,
    ) -> Result<BTreeMap<String, Vec<Fingerprint>>> {
        let mut in_columns = BTreeMap::new();
        for (number, columns) in self.of(table).enumerate() {
            let name = name(columns);
            let kept = before.map(|before| before.in_columns(&name)).unwrap_or_default();
            let held = contents.iter().enumerate().map(|(place, content)| {
                if made(place) {
                    let hash = hashes.get(&place).and_then(|hashes| hashes.get(number));
                    return fingerprint::in_columns(&name, hash.copied().unwrap_or_default())
                        .map(Some);
                }
                Ok(kept.get(content).copied())
            });
            if let Some(held) = held.collect::<Result<Option<Vec<_>>>>()? {
                in_columns.insert(name, held);
            }
        }
        Ok(in_columns)
    }
}

/// Under which name a table keeps what its segments hold in some columns.
pub(super) fn name(columns: &Columns) -> String {
    columns.iter().map(String::as_str).collect::<Vec<_>>().join(",")
}

impl Contents {
    /// By content of segments, what each holds in the columns of that name, where it is known.
    fn in_columns(&self, name: &str) -> BTreeMap<Fingerprint, Fingerprint> {
        let held = self.in_columns.get(name).into_iter().flatten();
        self.segments.iter().copied().zip(held.copied()).collect()
    }
}
