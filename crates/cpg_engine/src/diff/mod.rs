//! What differs between two published builds, row by row.
//!
//! Files that both builds have hold the same rows and are not read: comparing costs what changed.

mod rows;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use cpg_ir::manifest::Area;
use cpg_ir::types::{Column, RowSchema};
use cpg_plan::schema::arrow_schema;
use datafusion::catalog::TableProvider;
use datafusion::prelude::SessionContext;
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::delta::DataFile;
use crate::delta::read;
use crate::error::{EngineError, Result};
use crate::published::PublishedTable;
use crate::record::{RunRecord, TableRecord};
use crate::resolver::Dataset;
use crate::root::{Location, Place};
use crate::{publish, resolver, runtime, session};

pub use rows::{Change, ChangedRows, RowChange};

/// Two published builds, side by side.
pub struct BuildDiff {
    root: Place,
    before: Option<RunRecord>,
    after: RunRecord,
    memory_bytes: usize,
    // Declared before the runtime: what runs on it must end first.
    session: SessionContext,
    runtime: Runtime,
}

/// A table of either build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableDiff {
    /// Area and name, as in `graph/cpg_nodes`.
    pub table: String,
    /// What became of it.
    pub fate: Fate,
    /// Columns that only the later build has.
    pub columns_added: Vec<String>,
    /// Columns that only the earlier build has.
    pub columns_removed: Vec<String>,
    /// Columns that both have, of another type.
    pub columns_retyped: Vec<String>,
    /// The columns in which no two rows agree, where that is known.
    pub key: Vec<String>,
    /// The columns that are compared: those that both have.
    #[serde(skip)]
    columns: Vec<Column>,
    /// The rows that only one of the builds may have.
    #[serde(skip)]
    sides: [Side; 2],
}

/// What became of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Only the later build has it.
    New,
    /// Only the earlier build has it.
    Gone,
    /// Both have it, in the same version or with the same files.
    Same,
    /// Both have it, in other files. Its rows may be the same all the same.
    Rewritten,
}

/// The part of a table that one of the builds has alone.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Side {
    dataset: Dataset,
    row: RowSchema,
    files: Vec<DataFile>,
}

impl BuildDiff {
    /// Opens the build `after` below an output root, the newest one unless it is said, and the one that `before` means.
    /// `threads` and `memory_bytes` bound what comparing uses.
    ///
    /// # Errors
    /// [`EngineError::NoBuild`] where there is none, [`EngineError::UnknownRun`] for a run that there is not.
    pub fn open(
        out: &Location,
        before: &Before,
        after: Option<&str>,
        threads: usize,
        memory_bytes: usize,
    ) -> Result<Self> {
        let no_build = || EngineError::NoBuild { out: out.clone() };
        let root = Place::existing(out)?;
        let runs = resolver::runs(&root);
        let newest = publish::latest(&runs)?.ok_or_else(no_build)?;
        let after = after.map_or(Ok(newest), |said| publish::find(&runs, said))?;
        let before = match before {
            Before::Nothing => None,
            Before::Run(said) => Some(publish::find(&runs, said)?),
            Before::Previous => publish::before(&runs, &after.run)?,
        };
        let runtime = runtime::start(threads)?;
        let session = session::open(threads, memory_bytes, Some(&std::env::temp_dir()))?;
        root.register(&session);
        Ok(Self { root, before, after, memory_bytes, session, runtime })
    }

    /// The earlier build; absent where the later one is compared with nothing.
    pub fn before(&self) -> Option<&RunRecord> {
        self.before.as_ref()
    }

    /// The later build.
    pub fn after(&self) -> &RunRecord {
        &self.after
    }

    /// The outputs of both builds, by name.
    ///
    /// # Errors
    /// [`EngineError::BuildGone`] when a version is not there any more.
    pub fn tables(&self) -> Result<Vec<TableDiff>> {
        let mut pairs: BTreeMap<&str, [Option<&TableRecord>; 2]> = BTreeMap::new();
        let sides = [self.before.as_ref(), Some(&self.after)];
        for (place, run) in sides.into_iter().enumerate() {
            let tables = run.into_iter().flat_map(|run| &run.tables);
            for table in tables.filter(|table| table.area == Area::Graph) {
                let pair = pairs.entry(&table.table).or_default();
                if let Some(side) = pair.get_mut(place) {
                    *side = Some(table);
                }
            }
        }
        pairs.into_values().map(|[before, after]| self.table(before, after)).collect()
    }

    fn table(
        &self,
        before: Option<&TableRecord>,
        after: Option<&TableRecord>,
    ) -> Result<TableDiff> {
        let either = after.or(before).ok_or_else(|| EngineError::internal("a table", "of none"))?;
        let old = before.map_or(&either.schema, |record| &record.schema);
        let new = after.map_or(&either.schema, |record| &record.schema);
        let is_common = |column: &&Column| {
            old.column(&column.name).is_some_and(|before| before.ty.semantic == column.ty.semantic)
        };
        let columns: Vec<Column> = new.columns.iter().filter(is_common).cloned().collect();
        let retyped = new.columns.iter().filter(|column| old.column(&column.name).is_some());
        let retyped = retyped.filter(|column| !is_common(column));
        let columns_retyped = retyped.map(|column| column.name.clone()).collect();
        let same_columns = columns.len() == old.columns.len() && columns.len() == new.columns.len();

        let dataset = resolver::locate(&self.root, either.area, &either.table);
        let mut sides = [
            self.side(&dataset, self.before.as_ref(), before, old)?,
            self.side(&dataset, Some(&self.after), after, new)?,
        ];
        let fate = match (before, after) {
            (None, _) => Fate::New,
            (_, None) => Fate::Gone,
            _ => {
                if same_columns {
                    without_common(&mut sides);
                }
                let same = same_columns && sides.iter().all(|side| side.files.is_empty());
                if same { Fate::Same } else { Fate::Rewritten }
            }
        };
        let is_there = |name: &&String| columns.iter().any(|column| column.name == **name);
        let key = either.key.iter().all(|name| is_there(&name)).then(|| either.key.clone());
        Ok(TableDiff {
            table: dataset.to_string(),
            fate,
            columns_added: new.names_beyond(old),
            columns_removed: old.names_beyond(new),
            columns_retyped,
            key: key.unwrap_or_default(),
            columns,
            sides,
        })
    }

    fn side(
        &self,
        dataset: &Dataset,
        run: Option<&RunRecord>,
        record: Option<&TableRecord>,
        row: &RowSchema,
    ) -> Result<Side> {
        let (Some(run), Some(record)) = (run, record) else {
            let dataset = dataset.clone();
            return Ok(Side { dataset, row: row.clone(), files: Vec::new() });
        };
        let PublishedTable { dataset, commit } = PublishedTable::open(&self.root, run, record)?;
        Ok(Side { dataset, row: row.clone(), files: commit.files })
    }

    /// The rows of a table that only one of the builds has, by key or else by their values. A row that changed in columns
    /// that are not its key is one change.
    ///
    /// # Errors
    /// When the rows cannot be read or do not fit into memory.
    pub fn rows(&self, table: &TableDiff) -> Result<ChangedRows<'_>> {
        ChangedRows::start(self, table)
    }
}

impl std::fmt::Debug for BuildDiff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = |run: &RunRecord| run.run.clone();
        f.debug_struct("BuildDiff")
            .field("before", &self.before.as_ref().map(name))
            .field("after", &self.after.run)
            .finish_non_exhaustive()
    }
}

/// What a build is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nothing: all of its rows are new.
    Nothing,
    /// That run, by its name or its number.
    Run(String),
    /// The run before it, if there is one.
    Previous,
}

impl Side {
    fn provider(&self) -> Result<Arc<dyn TableProvider>> {
        let schema = arrow_schema(&self.row);
        read::table(&self.dataset, schema, &self.files, read::Scanning::default())
    }
}

/// Leaves the files out that both have.
fn without_common(sides: &mut [Side; 2]) {
    let paths = |side: &Side| -> BTreeSet<String> {
        side.files.iter().map(|file| file.path().to_owned()).collect()
    };
    let [before, after] = &*sides;
    let common: HashSet<String> = paths(before).intersection(&paths(after)).cloned().collect();
    for side in sides {
        side.files.retain(|file| !common.contains(file.path()));
    }
}
