//! What those who decide how a plan runs may know of it: the only window on plans.
//!
//! A policy takes [`PlanSignals`] and nothing else, so what it decides can be said again from the signals that a build
//! leaves beside its tables.

mod conditions;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::canon::{Domain, Fingerprint};
use cpg_ir::spec::RelationId;
use cpg_ir::types::{Column, RowSchema};
use datafusion::logical_expr::LogicalPlan;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{PlanError, Problem};
use crate::lineage::{Origins, lineage};
use crate::program::{Division, Materialisation, ProgramPlans, RelationPlan, TableKey, Task};

pub use shape::PlanShape;

/// What is known of a table and of the plan that fills it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanSignals {
    /// The table.
    pub table: TableKey,
    /// Its row.
    pub schema: RowSchema,
    /// Why its rows are kept.
    pub kept: String,
    /// Whether it is an output.
    pub is_output: bool,
    /// How its rows are made anew.
    pub made: Made,
    /// What its columns mean, down to evidence; absent for evidence itself.
    pub plan_fingerprint: Option<Fingerprint>,
    /// The functions that its plan calls, with their versions.
    pub functions: BTreeMap<String, String>,
    /// What its plan consists of.
    pub shape: PlanShape,
    /// What its plan scans.
    pub scans: Vec<ScanSignals>,
    /// The tables whose plans scan it.
    pub readers: BTreeSet<RelationId>,
    /// Its columns that decide which rows its readers have: in conditions, joins, groups and ranks.
    pub deciding: BTreeSet<String>,
    /// What its newest version holds.
    pub statistics: Statistics,
    /// Of all of the above.
    pub fingerprint: Fingerprint,
}

/// How a table's rows are made anew after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// All of them, into as few files as they need.
    Whole,
    /// All of them, written for the source files whose rows change.
    Split,
    /// Those of the source files that change.
    ByFile,
}

impl From<&Division> for Made {
    fn from(division: &Division) -> Self {
        match division {
            Division::Whole => Self::Whole,
            Division::Split { .. } => Self::Split,
            Division::Local { .. } => Self::ByFile,
        }
    }
}

/// A table or files that a plan scans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanSignals {
    /// The scanned relation.
    pub relation: RelationId,
    /// The columns that matter.
    pub columns: BTreeSet<String>,
    /// Those of them that conditions on the scan alone look at.
    pub conditions: BTreeSet<String>,
    /// What is known of its rows.
    pub statistics: Statistics,
    /// Whether this build can read it.
    pub protocol: Protocol,
}

/// How much a table holds, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Statistics {
    /// Its log does.
    Committed {
        /// In which version.
        version: u64,
        /// How many rows.
        rows: u64,
        /// In how many files.
        files: u64,
        /// Of how many bytes.
        bytes: u64,
    },
    /// Nobody: it was never written, or it lies in files of which only the size is known.
    Unknown,
}

impl Statistics {
    /// How many rows, where somebody knows.
    pub fn rows(&self) -> Option<u64> {
        match self {
            Self::Committed { rows, .. } => Some(*rows),
            Self::Unknown => None,
        }
    }

    /// How many bytes, where somebody knows.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::Committed { bytes, .. } => Some(*bytes),
            Self::Unknown => None,
        }
    }
}

/// Whether a table can be read and written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// It can.
    #[default]
    Compatible,
    /// It asks for what this build does not know.
    Incompatible {
        /// The features' names, as the protocol spells them.
        features: Vec<String>,
    },
}

/// What an engine knows that plans do not.
pub trait Known {
    /// What a table holds.
    fn table(&self, table: &TableKey) -> Statistics;

    /// Whether files that the program reads can be read.
    fn protocol(&self, relation: &RelationId) -> Protocol;
}

/// Nothing, as before there is a build.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingKnown;

impl Known for NothingKnown {
    fn table(&self, _: &TableKey) -> Statistics {
        Statistics::Unknown
    }

    fn protocol(&self, _: &RelationId) -> Protocol {
        Protocol::Compatible
    }
}

/// The signals of every table of a program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProgramSignals(BTreeMap<TableKey, PlanSignals>);

impl ProgramSignals {
    /// What plans and an engine know together.
    ///
    /// # Errors
    /// When a plan holds something whose meaning is not defined, which would be a defect.
    pub fn new(plans: &ProgramPlans, known: &dyn Known) -> Result<Self, PlanError> {
        let mut tables: BTreeMap<TableKey, PlanSignals> = BTreeMap::new();
        for relation in plans.relations() {
            if let Some(evidence) = given(relation, known) {
                match tables.get_mut(&evidence.table) {
                    // Contracts that share a table.
                    Some(known) => known.unite(evidence.schema),
                    None => drop(tables.insert(evidence.table.clone(), evidence)),
                }
            }
        }
        let mut deciding = Vec::with_capacity(plans.tasks().len());
        for task in plans.tasks() {
            let plan = plans.inlined(&task.relation)?;
            let lineage = lineage(&plan).map_err(|why| PlanError::new(&task.relation, why))?;
            deciding.push((task, lineage.rows));
            let signals = of_task(plans, task, plan, known)?;
            tables.insert(signals.table.clone(), signals);
        }
        for (task, rows) in deciding {
            read_by(plans, task, rows, &mut tables);
        }
        for signals in tables.values_mut() {
            signals.fingerprint = fingerprint(signals)?;
        }
        Ok(Self(tables))
    }

    /// Of one table.
    pub fn get(&self, table: &TableKey) -> Option<&PlanSignals> {
        self.0.get(table)
    }

    /// Of all tables, evidence first.
    pub fn iter(&self) -> impl Iterator<Item = &PlanSignals> {
        self.0.values()
    }
}

impl PlanSignals {
    fn unite(&mut self, more: RowSchema) {
        let more = more.columns.into_iter();
        let new: Vec<Column> =
            more.filter(|column| self.schema.column(&column.name).is_none()).collect();
        self.schema.columns.extend(new);
    }
}

/// Of what an extractor finds.
fn given(relation: &RelationPlan, known: &dyn Known) -> Option<PlanSignals> {
    let table = TableKey::evidence(relation.evidence()?);
    Some(PlanSignals {
        statistics: known.table(&table),
        table,
        schema: relation.schema().clone(),
        kept: Materialisation::Evidence.to_string(),
        is_output: false,
        made: Made::ByFile,
        plan_fingerprint: None,
        functions: BTreeMap::new(),
        shape: PlanShape::default(),
        scans: Vec::new(),
        readers: BTreeSet::new(),
        deciding: BTreeSet::new(),
        fingerprint: nothing(),
    })
}

/// Of what a task fills; `plan` is its plan over tables.
fn of_task(
    plans: &ProgramPlans,
    task: &Task,
    plan: LogicalPlan,
    known: &dyn Known,
) -> Result<PlanSignals, PlanError> {
    let id = &task.relation;
    let failed = |why| PlanError::new(id, why);
    let relation =
        plans.relation(id).ok_or_else(|| failed(Problem::UnknownRelation(id.clone())))?;
    let shape = shape::of(&plan);
    let mut scans: BTreeMap<RelationId, ScanSignals> = BTreeMap::new();
    let found = conditions::scans(plan).map_err(failed)?;
    for scan in found {
        let held = scans.entry(scan.relation.clone()).or_insert_with(|| ScanSignals {
            columns: BTreeSet::new(),
            conditions: BTreeSet::new(),
            statistics: plans
                .table(&scan.relation)
                .map_or(Statistics::Unknown, |table| known.table(&table)),
            protocol: match task.files.contains(&scan.relation) {
                true => known.protocol(&scan.relation),
                false => Protocol::Compatible,
            },
            relation: scan.relation,
        });
        held.columns.extend(scan.columns);
        held.conditions.extend(scan.conditions);
    }
    let table = TableKey::Relation(id.clone());
    let materialisation = plans.materialisation(id);
    let kept = materialisation.map(ToString::to_string).unwrap_or_default();
    Ok(PlanSignals {
        statistics: known.table(&table),
        table,
        schema: relation.schema().clone(),
        kept,
        is_output: materialisation == Some(&Materialisation::Output),
        made: Made::from(&task.division),
        plan_fingerprint: Some(relation.deps().plan_fingerprint),
        functions: relation.deps().functions.clone(),
        shape,
        scans: scans.into_values().collect(),
        readers: BTreeSet::new(),
        deciding: BTreeSet::new(),
        fingerprint: nothing(),
    })
}

/// Says of tables that a task reads them, and what decides about its `rows`.
fn read_by(
    plans: &ProgramPlans,
    task: &Task,
    rows: Origins,
    tables: &mut BTreeMap<TableKey, PlanSignals>,
) {
    for input in task.evidence.iter().chain(&task.reads) {
        if let Some(signals) = plans.table(input).and_then(|table| tables.get_mut(&table)) {
            signals.readers.insert(task.relation.clone());
        }
    }
    for origin in rows {
        let table = plans.table(&origin.relation);
        if let Some(signals) = table.and_then(|table| tables.get_mut(&table)) {
            signals.deciding.insert(origin.column);
        }
    }
}

/// Taken over the rest when that is complete.
fn nothing() -> Fingerprint {
    Fingerprint::of_bytes(Domain::Plan, &[])
}

fn fingerprint(signals: &PlanSignals) -> Result<Fingerprint, PlanError> {
    let of = PlanSignals { fingerprint: nothing(), ..signals.clone() };
    Fingerprint::of(Domain::Artifact, &of).map_err(|error| {
        let relation = RelationId::new("", &signals.table.to_string());
        PlanError::new(&relation, Problem::Unsupported(error.to_string()))
    })
}
