//! How a relation's plan would run.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use cpg_ir::spec::RelationId;
use cpg_plan::schema::arrow_schema;
use cpg_plan::{Input, ProgramPlans, bind};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{DataFusionError, internal_err};
use datafusion::datasource::provider_as_source;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::physical_plan::{EmptyRecordBatchStream, displayable};

use crate::error::{EngineError, Result};
use crate::{runtime, session};

/// On how many threads plans are looked at, whatever the machine has.
const THREADS: usize = 2;

/// The physical plan of a relation, as an indented text: of all that is computed with it, over
/// tables of which nothing is known but their columns. So it says the same on every machine and of every source.
///
/// # Errors
/// When the relation is not in the program, or its plan cannot be prepared.
pub fn physical_plan(plans: &ProgramPlans, id: &RelationId) -> Result<String> {
    let plan = physical_plans(plans, std::slice::from_ref(id))?.pop();
    plan.map(|plan| plan.text).ok_or_else(|| EngineError::internal(format!("`{id}`"), "no plan"))
}

/// How a plan runs.
pub(crate) struct Physical {
    /// How many operators of each kind.
    pub(crate) operators: BTreeMap<String, u64>,
    /// All of it, indented.
    pub(crate) text: String,
}

/// The same of several relations, in their order.
///
/// # Errors
/// As [`physical_plan`].
pub(crate) fn physical_plans(plans: &ProgramPlans, ids: &[RelationId]) -> Result<Vec<Physical>> {
    let runtime = runtime::start(THREADS)?;
    let session = session::open(THREADS, usize::MAX >> 1, Some(&std::env::temp_dir()))?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let what = format!("planning `{id}`");
        let failed = |error: &dyn std::fmt::Display| EngineError::internal(&what, error);
        let bound = unread(plans, id).map_err(|error| failed(&error))?;
        let session = session.clone();
        // On a thread of the runtime, whose stack is deep enough for any plan.
        let planned = runtime.spawn(async move {
            let plan = session.state().create_physical_plan(&bound).await?;
            let mut operators = BTreeMap::new();
            plan.apply(|operator| {
                *operators.entry(operator.name().to_owned()).or_default() += 1;
                Ok(TreeNodeRecursion::Continue)
            })?;
            let text = displayable(plan.as_ref()).indent(false).to_string();
            Ok::<_, DataFusionError>(Physical { operators, text })
        });
        let planned = runtime.block_on(planned).map_err(|error| failed(&error))?;
        found.push(planned.map_err(|error| failed(&error))?);
    }
    Ok(found)
}

/// The plan of a relation over tables without rows.
fn unread(plans: &ProgramPlans, id: &RelationId) -> datafusion::common::Result<LogicalPlan> {
    let inlined = plans.inlined(id).map_err(|error| DataFusionError::External(error.into()))?;
    bind(inlined, |input| {
        let Some(relation) = plans.relation(input) else {
            return internal_err!("`{input}` is not in the program");
        };
        let schema = arrow_schema(relation.schema());
        let partition = Arc::new(Unread(Arc::clone(&schema)));
        let table = StreamingTable::try_new(schema, vec![partition])?;
        Ok(Input::Table(provider_as_source(Arc::new(table))))
    })
}

/// A table that is only ever planned with.
#[derive(Debug)]
struct Unread(SchemaRef);

impl PartitionStream for Unread {
    fn schema(&self) -> &SchemaRef {
        &self.0
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        Box::pin(EmptyRecordBatchStream::new(Arc::clone(&self.0)))
    }
}
