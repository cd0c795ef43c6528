//! What there is and what there should be: which tables a build must write.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::SchemaRef;
use cpg_evidence::Scan;
use cpg_ir::canon::Fingerprint;
use cpg_ir::types::RowSchema;
use cpg_plan::program::Division;
use cpg_plan::schema::arrow_schema;
use cpg_plan::signals::Statistics;

use crate::audit;
use crate::authority::ExecutionAuthority;
use crate::delta::state::{self, Commit, TableState};
use crate::delta::{DataFile, read};
use crate::error::{EngineError, Result};
use crate::files::GivenFiles;
use crate::fingerprint::{self, TableKey};
use crate::record::{RunRecord, TableRecord};
use crate::resolver::Dataset;

use super::anew::Anew;
use super::told::{Follows, Told};

/// A table of the program, as it is and as it should be.
#[derive(Debug)]
pub(crate) struct Table {
    /// Where it lies.
    pub(crate) dataset: Dataset,
    /// Its row.
    pub(crate) row: RowSchema,
    /// The same for Arrow.
    pub(crate) schema: SchemaRef,
    /// The columns in which no two of its rows agree, where that is known.
    pub(crate) key: Vec<String>,
    /// What its rows should have been computed from.
    pub(crate) task: Fingerprint,
    /// Its newest version.
    pub(crate) newest: Option<Commit>,
    /// Whether the newest version is not what it should be.
    pub(crate) stale: bool,
    /// How many segments it should have.
    pub(crate) segments_wanted: usize,
    /// Whether nothing of the newest version is taken over.
    refresh: bool,
    /// Whether the newest build says what its rows follow from, and not the newest version.
    pub(super) is_told: bool,
    /// Of evidence, which segments are to be made; absent where nothing is stale, and where that shows when its inputs are
    /// done.
    pub(crate) anew: Option<Anew>,
}

/// Every table of a program that the build is about.
#[derive(Debug)]
pub(crate) struct Survey {
    tables: BTreeMap<TableKey, Table>,
    findings: BTreeMap<String, Fingerprint>,
    files: GivenFiles,
    /// What is told of tables that the build is not about.
    others: Follows,
}

impl Survey {
    /// Compares what the program would compute from `scan` with the newest commits and what the newest build says of them.
    ///
    /// # Errors
    /// [`EngineError::ForeignTable`] when something else wrote a table of the program; when a log cannot be read.
    pub(crate) fn new(
        authority: &ExecutionAuthority,
        scan: &Scan,
        previous: Option<&RunRecord>,
    ) -> Result<Self> {
        let told = Told::read(&authority.resolver().runs(), previous);
        let findings = fingerprint::findings(authority.needs().keys(), scan)?;
        let plans = authority.plans().relations().iter();
        let named = plans.filter_map(|plan| Some((plan.id().clone(), plan.files()?.clone())));
        let files = GivenFiles::look(authority.resolver().project(), named.collect())?;
        let mut tables = BTreeMap::new();
        let root = authority.resolver().root();
        let _seen = root.look().map_err(|error| EngineError::io(root.to_string(), error))?;
        let wanted = fingerprint::tables(authority, &findings, &files)?;
        for (key, task) in wanted.into_iter().filter(|(key, _)| authority.scope().holds(key)) {
            let is_whole = match &key {
                TableKey::Evidence { .. } => false,
                TableKey::Relation(id) => authority.task(id)?.division == Division::Whole,
            };
            let segments = if is_whole { 1 } else { scan.segments() + 1 };
            let table = Table::look(authority, &key, task, segments, &told)?;
            tables.insert(key, table);
        }
        let here: BTreeSet<String> =
            tables.values().map(|table: &Table| table.dataset.to_string()).collect();
        let others = match authority.scope().said() {
            Some(_) => told.of_others(|table| here.contains(table)),
            None => Follows::new(),
        };
        let mut survey = Self { tables, findings, files, others };
        if survey.stale().next().is_some() {
            survey.divide(authority, scan)?;
        }
        Ok(survey)
    }

    /// Finds which segments of the evidence are there already.
    fn divide(&mut self, authority: &ExecutionAuthority, scan: &Scan) -> Result<()> {
        for (key, follows) in fingerprint::evidence_segments(authority, scan)? {
            if let Some(table) = self.tables.get_mut(&key) {
                table.anew = Some(Anew::new(table, follows)?);
            }
        }
        Ok(())
    }

    /// What extractors find, by extractor.
    pub(crate) fn findings(&self) -> &BTreeMap<String, Fingerprint> {
        &self.findings
    }

    /// What is told of tables that the build is not about.
    pub(super) fn others(&self) -> &Follows {
        &self.others
    }

    /// The files that the program reads.
    pub(crate) fn files(&self) -> &GivenFiles {
        &self.files
    }

    /// All tables.
    pub(crate) fn tables(&self) -> &BTreeMap<TableKey, Table> {
        &self.tables
    }

    /// The table of `key`.
    ///
    /// # Errors
    /// When the program has none, which would be a defect.
    pub(crate) fn table(&self, key: &TableKey) -> Result<&Table> {
        self.tables
            .get(key)
            .ok_or_else(|| EngineError::internal(format!("{key:?}"), "the program has no table"))
    }

    /// The tables to write.
    pub(crate) fn stale(&self) -> impl Iterator<Item = (&TableKey, &Table)> {
        self.tables.iter().filter(|(_, table)| table.stale)
    }

    /// The fingerprints to commit when files changed between listing and extracting them: none that a later build
    /// could take for what it would compute.
    ///
    /// # Errors
    /// As [`fingerprint::tables`].
    pub(crate) fn unrepeatable(
        &self,
        authority: &ExecutionAuthority,
        run: &str,
    ) -> Result<BTreeMap<TableKey, Fingerprint>> {
        let findings = self
            .findings
            .iter()
            .map(|(key, finding)| Ok((key.clone(), fingerprint::unrepeatable(*finding, run)?)))
            .collect::<Result<_>>()?;
        fingerprint::tables(authority, &findings, &self.files)
    }
}

impl Table {
    fn look(
        authority: &ExecutionAuthority,
        key: &TableKey,
        task: Fingerprint,
        segments_wanted: usize,
        told: &Told<'_>,
    ) -> Result<Self> {
        let (dataset, row) = match key {
            TableKey::Evidence { extractor, table } => {
                (authority.resolver().evidence(table), evidence_row(authority, extractor, table)?)
            }
            TableKey::Relation(id) => {
                let plan = authority.plans().relation(id).ok_or_else(|| {
                    EngineError::internal(format!("relation `{id}`"), "it has no plan")
                })?;
                (authority.resolver().dataset(id)?, plan.schema().clone())
            }
        };
        let mut newest = match state::newest(&dataset)? {
            TableState::Absent => None,
            TableState::Ours(commit) => Some(commit),
            TableState::Foreign { version, operation } => {
                let table = dataset.to_string();
                return Err(EngineError::ForeignTable { table, version, operation });
            }
        };
        let is_told = newest.as_mut().is_some_and(|newest| told.update(&dataset, newest));
        let schema = arrow_schema(&row);
        let unique = match key {
            TableKey::Relation(id) => audit::key(authority, id),
            TableKey::Evidence { .. } => Vec::new(),
        };
        let mut table = Self {
            dataset,
            row,
            schema,
            key: unique,
            task,
            newest,
            stale: true,
            refresh: authority.profile().refresh,
            segments_wanted,
            is_told,
            anew: None,
        };
        table.stale = match &table.newest {
            Some(newest) if !table.refresh && newest.task == task => !table.is_complete(newest)?,
            _ => true,
        };
        Ok(table)
    }

    /// A table of which `newest` is what it should be.
    pub(super) fn settled(dataset: Dataset, record: &TableRecord, newest: Commit) -> Self {
        Self {
            dataset,
            row: record.schema.clone(),
            schema: arrow_schema(&record.schema),
            key: record.key.clone(),
            task: record.task,
            segments_wanted: newest.contents.segments.len(),
            newest: Some(newest),
            stale: false,
            refresh: false,
            is_told: false,
            anew: None,
        }
    }

    /// Whether a version of it has all its files, and as many segments as it should have.
    ///
    /// # Errors
    /// When the files cannot be looked at.
    pub(crate) fn is_complete(&self, version: &Commit) -> Result<bool> {
        Ok(version.contents.segments.len() == self.segments_wanted
            && read::is_whole(&self.dataset, &version.files)?)
    }

    /// Of stale evidence, which segments are to be made.
    ///
    /// # Errors
    /// Of other tables, which would be a defect.
    pub(super) fn made(&self) -> Result<&Anew> {
        let missing = || EngineError::internal(self.dataset.to_string(), "it has no segments");
        self.anew.as_ref().ok_or_else(missing)
    }

    /// What the segments of the newest version hold of which all files are there; none where nothing of it is taken over.
    ///
    /// # Errors
    /// When the files cannot be looked at.
    pub(crate) fn segments_there(&self) -> Result<BTreeSet<Fingerprint>> {
        let Some(newest) = self.newest.as_ref().filter(|_| !self.refresh) else {
            return Ok(BTreeSet::new());
        };
        let mut there: BTreeSet<_> = newest.contents.segments.iter().copied().collect();
        for (file, _) in read::missing(&self.dataset, &newest.files)? {
            if let Some(segment) = file.segment() {
                there.remove(&segment);
            }
        }
        Ok(there)
    }

    /// How much its newest version holds.
    pub(crate) fn statistics(&self) -> Statistics {
        let Some(newest) = &self.newest else { return Statistics::Unknown };
        Statistics::Committed {
            version: newest.version,
            rows: newest.files.iter().map(DataFile::rows).sum(),
            files: newest.files.len() as u64,
            bytes: newest.files.iter().map(DataFile::bytes).sum(),
        }
    }
}

/// The needed columns of an extractor's table, in the order in which it gives them.
fn evidence_row(authority: &ExecutionAuthority, extractor: &str, table: &str) -> Result<RowSchema> {
    let missing = || EngineError::internal(format!("table `{table}` of `{extractor}`"), "unknown");
    let given = authority
        .extractors()
        .tables()
        .into_iter()
        .find(|given| given.extractor == extractor && given.table == table)
        .ok_or_else(missing)?;
    let signature = authority.catalog().extractors.get(extractor).ok_or_else(missing)?;
    let row = signature.tables.get(table).ok_or_else(missing)?;
    let columns = given
        .schema
        .fields()
        .iter()
        .map(|field| row.column(field.name()).cloned().ok_or_else(missing))
        .collect::<Result<_>>()?;
    Ok(RowSchema { columns })
}
