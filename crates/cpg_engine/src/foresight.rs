//! What a build would say of a program before it works: what follows from its plans, and from the newest build where
//! there is one. Nothing is written, and no table is opened.

use std::collections::BTreeMap;

use cpg_ir::manifest::{Area, DatasetBinding, ProgramManifest};
use cpg_ir::policy::{ProgramPolicies, SchemaMode, ValidateMode};
use cpg_ir::spec::{RelationId, Spec};
use cpg_ir::types::{ColumnType, RowSchema};
use cpg_plan::policy::{self, PolicyIssue};
use cpg_plan::signals::{Known, ProgramSignals, Protocol, Statistics};
use cpg_plan::{ProgramPlans, TableKey};

use crate::error::{EngineError, Result};
use crate::record::{RunRecord, SchemaDivergence, TableRecord};
use crate::root::{Location, Place};
use crate::{publish, resolver, session};

/// On how many threads the session counts whose functions are looked at; none of them works.
const THREADS: usize = 1;

/// What is known of a program before it is built.
#[derive(Debug, Default)]
pub struct Foresight {
    /// What it asks for and cannot have, or had better not ask for.
    pub issues: Vec<PolicyIssue>,
    /// The newest build, where one was published.
    pub published: Option<PublishedTables>,
}

/// What readers of a program's tables have now.
#[derive(Debug)]
pub struct PublishedTables {
    /// The run that published them.
    pub run: String,
    /// The tables that the program would fill again, by relation; contracts of one extractor's table share it.
    pub tables: BTreeMap<RelationId, PublishedColumns>,
}

/// What readers of a table have now, and what they would have.
#[derive(Debug)]
pub struct PublishedColumns {
    /// Area and name, as in `graph/cpg_nodes`.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// How its columns would change, if they would.
    pub divergence: Option<SchemaDivergence>,
    /// What the program says should follow then.
    pub mode: SchemaMode,
}

/// Looks at a program's plans, where they were made, and at the newest build below `out`. Where nothing was published,
/// that is no mistake. Without plans, only what needs none is looked at: see [`ProgramPolicies::ask_of_plans`].
///
/// # Errors
/// When the newest record cannot be read, or a plan cannot be looked at, which would be a defect.
pub fn foresee(
    manifest: &ProgramManifest,
    plans: Option<&ProgramPlans>,
    out: &Location,
) -> Result<Foresight> {
    let record = match Place::existing(out) {
        Ok(root) => publish::latest(&resolver::runs(&root))?,
        Err(EngineError::NoBuild { .. }) => None,
        Err(error) => return Err(error),
    };
    let there = there(record.as_ref());
    let issues = match plans {
        Some(plans) => {
            let known = Recorded::new(manifest, plans, record.as_ref());
            issues(manifest.policies(), plans, &known)?
        }
        None => Vec::new(),
    };
    let published = record.as_ref().map(|record| {
        let relations = manifest.ir().relations().iter();
        let tables = relations.filter_map(|relation| {
            let id = &relation.relation.id;
            let wanted = match (&relation.relation.spec, plans) {
                (Spec::Evidence(_), _) => Wanted::Contract(&relation.relation.schema),
                (_, Some(plans)) => Wanted::Row(plans.task(id).and(plans.relation(id))?.schema()),
                (_, None) => return None,
            };
            Some((id.clone(), columns(manifest, id, wanted, &there)?))
        });
        PublishedTables { run: record.run.clone(), tables: tables.collect() }
    });
    Ok(Foresight { issues, published })
}

/// The tables that readers have, by area and name.
type There<'a> = BTreeMap<(Area, &'a str), &'a TableRecord>;

fn there(record: Option<&RunRecord>) -> There<'_> {
    let tables = record.into_iter().flat_map(|record| &record.tables);
    tables.map(|table| ((table.area, table.table.as_str()), table)).collect()
}

/// What plans tell of what a program declares.
fn issues(
    policies: &ProgramPolicies,
    plans: &ProgramPlans,
    known: &Recorded<'_>,
) -> Result<Vec<PolicyIssue>> {
    if policies.validate == ValidateMode::Off {
        return Ok(Vec::new());
    }
    let signals = ProgramSignals::new(plans, known)
        .map_err(|error| EngineError::internal("looking at plans", error))?;
    let session = session::open(THREADS, usize::MAX >> 1, None)?;
    Ok(policy::validate(plans, &signals, policies, &session::functions(&session)))
}

/// The columns that a table should have.
enum Wanted<'a> {
    /// Exactly these.
    Row(&'a RowSchema),
    /// Those of these that somebody needs: an extractor's table has no others.
    Contract(&'a RowSchema),
}

fn columns(
    manifest: &ProgramManifest,
    id: &RelationId,
    wanted: Wanted<'_>,
    there: &There<'_>,
) -> Option<PublishedColumns> {
    let binding = manifest.binding(id)?;
    let there = there.get(&(binding.area, binding.table.as_str()))?;
    let table = format!("{}/{}", there.area.folder(), there.table);
    let declared = manifest.policies().relations.get(id);
    let declared = declared.and_then(|declared| declared.schema.as_ref());
    let (wanted, mode) = match wanted {
        Wanted::Row(row) => (row, declared.map_or(SchemaMode::Evolve, |mode| mode.value)),
        // Only what both name can differ.
        Wanted::Contract(contract) => (&said(contract, &there.schema), SchemaMode::Warn),
    };
    let divergence = SchemaDivergence::between(table.clone(), &there.schema, wanted);
    Some(PublishedColumns { table, rows: there.rows, divergence, mode })
}

/// What the record of the newest build says of a program's tables.
pub(crate) struct Recorded<'a>(BTreeMap<TableKey, &'a TableRecord>);

impl<'a> Recorded<'a> {
    /// The tables of `record` that `plans` fill.
    pub(crate) fn new(
        manifest: &ProgramManifest,
        plans: &ProgramPlans,
        record: Option<&'a RunRecord>,
    ) -> Self {
        let there = there(record);
        let table = |(id, binding): (&RelationId, &DatasetBinding)| {
            let found = there.get(&(binding.area, binding.table.as_str()))?;
            Some((plans.table(id)?, *found))
        };
        Self(manifest.bindings().iter().filter_map(table).collect())
    }
}

/// The columns that a table has, as a contract says them where it does.
fn said(contract: &RowSchema, there: &RowSchema) -> RowSchema {
    let mut all = there.clone();
    for column in &mut all.columns {
        let ty: Option<&ColumnType> = contract.column(&column.name).map(|own| &own.ty);
        column.ty = ty.unwrap_or(&column.ty).clone();
    }
    all
}

impl Known for Recorded<'_> {
    fn table(&self, key: &TableKey) -> Statistics {
        match self.0.get(key) {
            Some(TableRecord { version, rows, files, bytes, .. }) => {
                let (version, rows, files, bytes) = (*version, *rows, *files, *bytes);
                Statistics::Committed { version, rows, files, bytes }
            }
            None => Statistics::Unknown,
        }
    }

    /// Files are opened by who reads them: what they cannot be read for is told there.
    fn protocol(&self, _: &RelationId) -> Protocol {
        Protocol::Compatible
    }
}
