//! Runs a program's tests: rows in memory, the same plans as a build's, nothing written.

mod compare;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use cpg_ir::spec::RelationId;
use cpg_plan::schema::arrow_schema;
use cpg_plan::{Input, TestPlan, bind};
use datafusion::catalog::MemTable;
use datafusion::common::{DataFusionError, internal_err};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use tokio::runtime::Runtime;

use crate::error::{EngineError, Result};
use crate::{runtime, session};

pub use compare::TestOutcome;

type Engine<T> = std::result::Result<T, DataFusionError>;
type Tables = BTreeMap<RelationId, Arc<MemTable>>;

/// Runs tests, one after the other.
pub struct TestRunner {
    memory_bytes: usize,
    // Declared before the runtime: what runs on it must end first.
    session: SessionContext,
    runtime: Runtime,
}

impl TestRunner {
    /// A runner that uses `threads` threads and `memory_bytes` bytes.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(threads: usize, memory_bytes: usize) -> Result<Self> {
        let runtime = runtime::start(threads)?;
        let session = session::open(threads, memory_bytes, Some(&std::env::temp_dir()))?;
        Ok(Self { memory_bytes, session, runtime })
    }

    /// Computes the target of a test and compares its rows with those that are expected.
    ///
    /// # Errors
    /// When rows cannot be computed, or do not fit into memory. That a test fails is none.
    pub fn run(&self, plan: Arc<TestPlan>) -> Result<TestOutcome> {
        let what = format!("the test of `{}`", plan.target());
        let session = self.session.clone();
        // On a thread of the runtime, whose stack is deep enough for any plan.
        let outcome = self.runtime.spawn(async move { run(&session, &plan).await });
        self.runtime
            .block_on(outcome)
            .map_err(|error| EngineError::internal(&what, error))?
            .map_err(|error| EngineError::execution(&what, self.memory_bytes, &error))
    }
}

impl std::fmt::Debug for TestRunner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestRunner")
            .field("memory_bytes", &self.memory_bytes)
            .finish_non_exhaustive()
    }
}

async fn run(session: &SessionContext, plan: &TestPlan) -> Engine<TestOutcome> {
    let mut tables = Tables::new();
    for relation in plan.plans().relations().iter().filter(|one| one.is_given()) {
        let rows = match plan.given(relation.id()) {
            Some(given) => collect(session, given.clone()).await?,
            None => (arrow_schema(relation.schema()), Vec::new()),
        };
        tables.insert(relation.id().clone(), table(rows)?);
    }
    for task in plan.plans().tasks() {
        let inlined = plan.plans().inlined(&task.relation);
        let inlined = inlined.map_err(|error| DataFusionError::External(Box::new(error)))?;
        let bound = bind(inlined, |input| match tables.get(input) {
            Some(table) => Ok(Input::Table(provider_as_source(Arc::<MemTable>::clone(table)))),
            None => internal_err!("`{input}` has no rows"),
        })?;
        let rows = collect(session, bound).await?;
        tables.insert(task.relation.clone(), table(rows)?);
    }
    let Some(computed) = tables.get(plan.target()) else {
        return internal_err!("`{}` is not computed", plan.target());
    };
    let columns: Vec<&str> = plan.columns().iter().map(String::as_str).collect();
    let computed = session.read_table(Arc::<MemTable>::clone(computed))?;
    let computed = computed.select_columns(&columns)?.collect().await?;
    let (schema, expected) = collect(session, plan.expected().clone()).await?;
    compare::compare(&schema, &expected, &computed)
}

async fn collect(
    session: &SessionContext,
    plan: LogicalPlan,
) -> Engine<(SchemaRef, Vec<RecordBatch>)> {
    let frame = session.execute_logical_plan(plan).await?;
    let schema = Arc::clone(frame.schema().inner());
    Ok((schema, frame.collect().await?))
}

fn table((schema, batches): (SchemaRef, Vec<RecordBatch>)) -> Engine<Arc<MemTable>> {
    Ok(Arc::new(MemTable::try_new(schema, vec![batches])?))
}
