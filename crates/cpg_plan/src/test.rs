//! A test as plans: the rows that are given, the program that reads them, and the rows that are expected.

use std::collections::BTreeMap;

use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::RelationId;
use cpg_ir::test::Test;
use cpg_ir::types::Column;
use datafusion::logical_expr::LogicalPlan;

use crate::error::{PlanError, Problem};
use crate::lower;
use crate::program::ProgramPlans;

/// What running a test takes.
#[derive(Debug, Clone)]
pub struct TestPlan {
    target: RelationId,
    plans: ProgramPlans,
    given: BTreeMap<RelationId, LogicalPlan>,
    columns: Vec<String>,
    expected: LogicalPlan,
}

impl TestPlan {
    /// Plans a test. `manifest` is of [`Test::program`].
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn new(test: &Test, manifest: &ProgramManifest) -> Result<Self, PlanError> {
        let schema = |id: &RelationId| {
            let found = manifest.ir().relation(id).map(|found| &found.relation.schema);
            found.ok_or_else(|| PlanError::new(id, Problem::UnknownRelation(id.clone())))
        };
        let in_target = |why: Problem| PlanError::new(&test.target, why);
        let mut given = BTreeMap::new();
        for (id, rows) in &test.given {
            let plan = lower::rows(&schema(id)?.columns, rows);
            given.insert(id.clone(), plan.map_err(|why| PlanError::new(id, why))?);
        }
        let row = schema(&test.target)?;
        let columns: Vec<Column> = match test.expected.rows.as_slice() {
            // Where no row is expected, every column says what is there instead.
            [] => row.columns.clone(),
            _ => {
                let named = test.expected.columns.iter().map(|name| {
                    let column = row.column(name).cloned();
                    column.ok_or_else(|| in_target(Problem::MissingColumn(name.clone())))
                });
                named.collect::<Result<_, _>>()?
            }
        };
        let expected = lower::rows(&columns, &test.expected.rows).map_err(in_target)?;
        Ok(Self {
            target: test.target.clone(),
            plans: ProgramPlans::new(manifest)?,
            given,
            columns: columns.into_iter().map(|column| column.name).collect(),
            expected,
        })
    }

    /// The relation whose rows are compared: a task of [`Self::plans`].
    pub fn target(&self) -> &RelationId {
        &self.target
    }

    /// How the target is computed. All that its tasks read is evidence: what is given, and what has no rows.
    pub fn plans(&self) -> &ProgramPlans {
        &self.plans
    }

    /// The rows of a relation that is given.
    pub fn given(&self, id: &RelationId) -> Option<&LogicalPlan> {
        self.given.get(id)
    }

    /// The columns that are compared.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The rows that are expected, of exactly these columns.
    pub fn expected(&self) -> &LogicalPlan {
        &self.expected
    }
}
