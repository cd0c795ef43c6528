//! Which segments of a table a build makes.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;
use cpg_ir::canon::Fingerprint;
use cpg_ir::spec::RelationId;
use cpg_ir::stable_id::file_id;
use datafusion::logical_expr::{Expr, lit};

use super::Run;
use super::survey::Table;
use crate::error::Result;

/// The segments of a table by what they follow from: what they hold is known where the newest version has the same.
#[derive(Debug)]
pub(crate) struct Anew {
    follows: Vec<Fingerprint>,
    known: Vec<Option<Fingerprint>>,
}

impl Anew {
    /// Of a `table` whose segments are to follow from these.
    ///
    /// # Errors
    /// When the files of the newest version cannot be looked at.
    pub(super) fn new(table: &Table, follows: Vec<Fingerprint>) -> Result<Self> {
        let there = table.segments_there()?;
        let newest = table.newest.as_ref().map(|newest| &newest.contents);
        let before = newest.filter(|before| before.follows.len() == before.segments.len());
        let before: BTreeMap<_, _> = before
            .into_iter()
            .flat_map(|before| before.follows.iter().copied().zip(before.segments.iter().copied()))
            .filter(|(_, content)| there.contains(content))
            .collect();
        let known = follows.iter().map(|follows| before.get(follows).copied()).collect();
        Ok(Self { follows, known })
    }

    /// What each follows from.
    pub(super) fn follows(&self) -> &[Fingerprint] {
        &self.follows
    }

    /// What each holds, where it is known.
    pub(super) fn known(&self) -> &[Option<Fingerprint>] {
        &self.known
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.known.len()
    }

    /// Those that are made.
    pub(crate) fn made(&self) -> impl Iterator<Item = usize> {
        (0..self.count()).filter(|place| self.is_made(*place))
    }

    /// Whether a segment is made.
    pub(super) fn is_made(&self, place: usize) -> bool {
        self.known.get(place).is_some_and(Option::is_none)
    }

    /// Whether none is.
    pub(super) fn is_nothing(&self) -> bool {
        self.known.iter().all(Option::is_some)
    }

    /// Those that are made, where their files alone need to be read. The last one has the rows of no file.
    pub(super) fn some(&self) -> Option<BTreeSet<usize>> {
        let last = self.known.len().checked_sub(1)?;
        let made = (0..last).filter(|place| self.is_made(*place)).collect();
        (last > 0 && !self.is_made(last)).then_some(made)
    }
}

/// The condition that a column which names files names one of some segments.
pub(super) struct OfSegments {
    ids: Vec<Expr>,
    paths: Vec<Expr>,
    /// The relations of whose rows more are there than those of the segments.
    of: BTreeSet<RelationId>,
}

impl OfSegments {
    pub(super) fn new(run: &Run, segments: &BTreeSet<usize>, of: BTreeSet<RelationId>) -> Self {
        let paths = || segments.iter().flat_map(|segment| run.scan.segment_paths(*segment));
        Self {
            ids: paths().map(|path| lit(file_id(path))).collect(),
            paths: paths().map(lit).collect(),
            of,
        }
    }

    /// That of a scan of `relation`.
    pub(super) fn condition(
        &self,
        relation: &RelationId,
        column: Expr,
        of_type: &DataType,
    ) -> Option<Expr> {
        let values = if *of_type == DataType::Int64 { &self.ids } else { &self.paths };
        self.of.contains(relation).then(|| column.in_list(values.clone(), false))
    }
}
