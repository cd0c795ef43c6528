//! What a build would say of a program before it works: what follows from its plans, and from the newest build where
//! there is one. Nothing is written, and no table is opened.

use std::collections::BTreeMap;

use cpg_ir::manifest::{Area, ProgramManifest};
use cpg_ir::policy::{SchemaMode, ValidateMode};
use cpg_ir::spec::RelationId;
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

/// Looks at the plans of a program, and at the newest build below `out`. Where nothing was published, that is no
/// mistake.
///
/// # Errors
/// When the newest record cannot be read, or a plan cannot be looked at, which would be a defect.
pub fn foresee(
    manifest: &ProgramManifest,
    plans: &ProgramPlans,
    out: &Location,
) -> Result<Foresight> {
    let record = match Place::existing(out) {
        Ok(root) => publish::latest(&resolver::runs(&root))?,
        Err(EngineError::NoBuild { .. }) => None,
        Err(error) => return Err(error),
    };
    let policies = manifest.policies();
    let known = Recorded::new(manifest, plans, record.as_ref());
    let issues = match policies.validate {
        ValidateMode::Off => Vec::new(),
        _ => {
            let signals = ProgramSignals::new(plans, &known)
                .map_err(|error| EngineError::internal("looking at plans", error))?;
            let session = session::open(THREADS, usize::MAX >> 1, None)?;
            policy::validate(plans, &signals, policies, &session::functions(&session))
        }
    };
    let published = record.as_ref().map(|record| PublishedTables {
        run: record.run.clone(),
        tables: plans.relations().iter().filter_map(|one| known.columns(one.id())).collect(),
    });
    Ok(Foresight { issues, published })
}

/// What the record of the newest build says of a program's tables.
struct Recorded<'a> {
    manifest: &'a ProgramManifest,
    plans: &'a ProgramPlans,
    tables: BTreeMap<TableKey, &'a TableRecord>,
}

impl<'a> Recorded<'a> {
    fn new(
        manifest: &'a ProgramManifest,
        plans: &'a ProgramPlans,
        record: Option<&'a RunRecord>,
    ) -> Self {
        let there: BTreeMap<(Area, &str), &TableRecord> = record
            .into_iter()
            .flat_map(|record| &record.tables)
            .map(|table| ((table.area, table.table.as_str()), table))
            .collect();
        let table = |id: &RelationId| {
            let binding = manifest.binding(id)?;
            let found = there.get(&(binding.area, binding.table.as_str()))?;
            Some((plans.table(id)?, *found))
        };
        let tables = plans.relations().iter().filter_map(|one| table(one.id())).collect();
        Self { manifest, plans, tables }
    }

    fn columns(&self, id: &RelationId) -> Option<(RelationId, PublishedColumns)> {
        let (relation, there) =
            (self.plans.relation(id)?, self.tables.get(&self.plans.table(id)?)?);
        let table = format!("{}/{}", there.area.folder(), there.table);
        let wanted = match relation.evidence() {
            // An extractor's table has the columns that somebody needs: only what both name can differ.
            Some(_) => &said(relation.schema(), &there.schema),
            None => relation.schema(),
        };
        let divergence = SchemaDivergence::between(table.clone(), &there.schema, wanted);
        let declared = self.manifest.policies().relations.get(id);
        let mode = declared.and_then(|declared| declared.schema.as_ref());
        let mode = match relation.evidence() {
            Some(_) => SchemaMode::Warn,
            None => mode.map_or(SchemaMode::Evolve, |mode| mode.value),
        };
        Some((id.clone(), PublishedColumns { table, rows: there.rows, divergence, mode }))
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
        match self.tables.get(key) {
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
