//! Rows held to a contract while they are read: each column becomes what the contract says, and what it says is never
//! null is not.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array as _, RecordBatch, RecordBatchOptions};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err, plan_err, project_schema};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterDescription, FilterPushdownPhase, FilterPushdownPropagation,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _, PlanProperties,
};
use futures::StreamExt as _;

/// A file of evidence that breaks while it is read.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct BrokenEvidence {
    /// The relation.
    pub(crate) evidence: String,
    /// What is wrong.
    pub(crate) reason: String,
}

/// A table that gives another's columns as `schema` says them, by name.
#[derive(Debug)]
pub(super) struct Contract {
    evidence: String,
    rows: Arc<dyn TableProvider>,
    schema: SchemaRef,
}

impl Contract {
    pub(super) fn new(evidence: String, rows: Arc<dyn TableProvider>, schema: SchemaRef) -> Self {
        Self { evidence, rows, schema }
    }
}

#[async_trait]
impl TableProvider for Contract {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Filters go down where they mean below what they mean here: on columns that are stored as they are wanted.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let stored = self.rows.schema();
        let below = self.rows.supports_filters_pushdown(filters)?;
        let alike = |filter: &Expr| {
            filter.column_refs().into_iter().all(|column| {
                let types = [&stored, &self.schema].map(|schema| {
                    schema.field_with_name(&column.name).map(|field| field.data_type()).ok()
                });
                types[0].is_some() && types[0] == types[1]
            })
        };
        Ok(filters
            .iter()
            .zip(below)
            .map(|(filter, below)| match below {
                // What a filter leaves out is not looked at, so the filter stays above, too.
                TableProviderFilterPushDown::Exact | TableProviderFilterPushDown::Inexact
                    if alike(filter) =>
                {
                    TableProviderFilterPushDown::Inexact
                }
                _ => TableProviderFilterPushDown::Unsupported,
            })
            .collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = project_schema(&self.schema, projection)?;
        let stored = self.rows.schema();
        let places = schema
            .fields()
            .iter()
            .map(|field| Ok(stored.index_of(field.name())?))
            .collect::<Result<Vec<_>>>()?;
        let input = self.rows.scan(state, Some(&places), filters, limit).await?;
        Ok(Arc::new(ContractExec::new(self.evidence.clone(), input, schema)))
    }
}

/// Gives its input's columns, which are the same in the same order, as `schema` says them.
#[derive(Debug)]
struct ContractExec {
    evidence: String,
    input: Arc<dyn ExecutionPlan>,
    /// Whether every column is stored as it is wanted.
    alike: bool,
    properties: Arc<PlanProperties>,
}

impl ContractExec {
    fn new(evidence: String, input: Arc<dyn ExecutionPlan>, schema: SchemaRef) -> Self {
        let stored = input.schema();
        let mut pairs = stored.fields().iter().zip(schema.fields());
        let alike = pairs.all(|(stored, wanted)| stored.data_type() == wanted.data_type());
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            input.output_partitioning().clone(),
            input.pipeline_behavior(),
            input.boundedness(),
        );
        Self { evidence, input, alike, properties: Arc::new(properties) }
    }
}

impl DisplayAs for ContractExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContractExec: {}", self.evidence)
    }
}

impl ExecutionPlan for ContractExec {
    fn name(&self) -> &'static str {
        "ContractExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match (children.pop(), children.is_empty()) {
            (Some(input), true) => {
                Ok(Arc::new(Self::new(self.evidence.clone(), input, self.schema())))
            }
            _ => internal_err!("a contract has one input"),
        }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let (schema, evidence) = (self.schema(), self.evidence.clone());
        let rows = self.input.execute(partition, context)?;
        let held = rows.map(move |batch| {
            batch.and_then(|batch| hold(&batch, &schema)).map_err(|error| broken(&evidence, error))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), held)))
    }

    fn gather_filters_for_pushdown(
        &self,
        _: FilterPushdownPhase,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        _: &ConfigOptions,
    ) -> Result<FilterDescription> {
        if self.alike {
            FilterDescription::from_children(filters, &self.children())
        } else {
            Ok(FilterDescription::all_unsupported(&filters, &self.children()))
        }
    }

    fn handle_child_pushdown_result(
        &self,
        _: FilterPushdownPhase,
        result: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        Ok(FilterPushdownPropagation::if_all(result))
    }
}

/// A batch as the contract says it.
fn hold(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    // A value that the type cannot hold is an error, not a null.
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (column, field) in batch.columns().iter().zip(schema.fields()) {
        let column = if column.data_type() == field.data_type() {
            Arc::clone(column)
        } else {
            cast_with_options(column, field.data_type(), &strict)?
        };
        if !field.is_nullable() && column.logical_null_count() > 0 {
            return plan_err!(
                "`{}` is null in a row, and the contract says it never is",
                field.name()
            );
        }
        columns.push(column);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

/// The error of a file; a lack of memory stays what it is.
fn broken(evidence: &str, error: DataFusionError) -> DataFusionError {
    let reason = match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => return error,
        DataFusionError::Plan(reason) => reason.clone(),
        root => root.to_string(),
    };
    let broken = BrokenEvidence { evidence: evidence.to_owned(), reason };
    DataFusionError::External(Box::new(broken))
}
