//! How a relation's plan would run.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use cpg_ir::spec::RelationId;
use cpg_plan::schema::arrow_schema;
use cpg_plan::{Input, ProgramPlans, bind};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::{DataFusionError, internal_err};
use datafusion::datasource::provider_as_source;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::physical_plan::{EmptyRecordBatchStream, displayable};

use crate::error::{EngineError, Result};
use crate::{runtime, session};

/// The physical plan of a relation on `threads` threads, as an indented text: of all that is computed with it, over
/// tables of which nothing is known but their columns. So it says the same on every machine and of every source.
///
/// # Errors
/// When the relation is not in the program, or its plan cannot be prepared.
pub fn physical_plan(plans: &ProgramPlans, id: &RelationId, threads: usize) -> Result<String> {
    let what = format!("planning `{id}`");
    let failed = |error: &dyn std::fmt::Display| EngineError::internal(&what, error);
    let inlined = plans.inlined(id).map_err(|error| failed(&error))?;
    let bound = bind(inlined, |input| {
        let Some(relation) = plans.relation(input) else {
            return internal_err!("`{input}` is not in the program");
        };
        let schema = arrow_schema(relation.schema());
        let partition = Arc::new(Unread(Arc::clone(&schema)));
        let table = StreamingTable::try_new(schema, vec![partition])?;
        Ok(Input::Table(provider_as_source(Arc::new(table))))
    })
    .map_err(|error| failed(&error))?;
    let runtime = runtime::start(threads)?;
    let session = session::open(threads, usize::MAX >> 1, &std::env::temp_dir())?;
    // On a thread of the runtime, whose stack is deep enough for any plan.
    let planned = runtime.spawn(async move {
        let plan = session.state().create_physical_plan(&bound).await?;
        Ok::<_, DataFusionError>(displayable(plan.as_ref()).indent(false).to_string())
    });
    let planned = runtime.block_on(planned).map_err(|error| failed(&error))?;
    planned.map_err(|error| failed(&error))
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
