//! The closure in a physical plan.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, assert_or_internal_err, plan_err};
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{Distribution, EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::coop::cooperative;
use datafusion::physical_plan::execution_plan::{
    Boundedness, ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions, SchedulingType,
};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, InputDistributionRequirements, PlanProperties,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::reach::{Reach, Reached};
use super::steps::{Reader, Steps};

/// Reads all steps, then searches from each value and gives what it reaches as it finds it.
///
/// It holds the steps, each value once, and a mark for each value, all of it reserved.
#[derive(Debug, Clone)]
pub struct ClosureExec {
    input: Arc<dyn ExecutionPlan>,
    depth: Option<u32>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl ClosureExec {
    pub(super) fn new(
        input: Arc<dyn ExecutionPlan>,
        depth: Option<u32>,
        schema: SchemaRef,
    ) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        )
        .with_scheduling_type(SchedulingType::Cooperative);
        let metrics = ExecutionPlanMetricsSet::new();
        Self { input, depth, schema, properties: Arc::new(properties), metrics }
    }

    async fn steps(&self, context: Arc<TaskContext>) -> Result<Steps> {
        let reservation = MemoryConsumer::new("Closure steps").register(context.memory_pool());
        let mut reader = Reader::new(self.schema.field(0), reservation)?;
        let mut batches = self.input.execute(0, context)?;
        while let Some(batch) = batches.next().await.transpose()? {
            reader.read(&batch)?;
        }
        reader.finish()
    }

    fn batch(&self, steps: &Steps, pairs: &[Reached]) -> Result<RecordBatch> {
        let from = UInt32Array::from_iter_values(pairs.iter().map(|pair| pair.from));
        let to = UInt32Array::from_iter_values(pairs.iter().map(|pair| pair.to));
        let depth = Int64Array::from_iter_values(pairs.iter().map(|pair| pair.depth));
        let columns = vec![
            take(&steps.values, &from, None)?,
            take(&steps.values, &to, None)?,
            Arc::new(depth),
        ];
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

impl ExecutionPlan for ClosureExec {
    fn name(&self) -> &'static str {
        "ClosureExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![Distribution::SinglePartition])
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match <[_; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Self::new(input, self.depth, Arc::clone(&self.schema)))),
            Err(_) => plan_err!("a closure has one input"),
        }
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(
            children,
            ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute),
        )
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        assert_or_internal_err!(partition == 0, "a closure has one partition");
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let exec = self.clone();
        let rows = async move {
            let most = context.session_config().batch_size();
            let marks = MemoryConsumer::new("Closure marks").register(context.memory_pool());
            let steps = Arc::new(exec.steps(context).await?);
            let all = 0..steps.count();
            let mut reach = Reach::new(Arc::clone(&steps), exec.depth, all, marks)?;
            let mut pairs = Vec::with_capacity(most);
            let batches = std::iter::from_fn(move || {
                let _timer = metrics.elapsed_compute().timer();
                reach.next_pairs(most, &mut pairs);
                metrics.record_output(pairs.len());
                (!pairs.is_empty()).then(|| exec.batch(&steps, &pairs))
            });
            Ok::<_, DataFusionError>(stream::iter(batches))
        };
        let batches = stream::once(rows).try_flatten();
        let schema = Arc::clone(&self.schema);
        let batches = RecordBatchStreamAdapter::new(schema, Box::pin(batches));
        Ok(Box::pin(cooperative(batches)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

impl DisplayAs for ClosureExec {
    fn fmt_as(&self, format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match format {
            DisplayFormatType::Default | DisplayFormatType::Verbose => {
                f.write_str("ClosureExec")?;
                self.depth.map_or(Ok(()), |depth| write!(f, ": depth <= {depth}"))
            }
            DisplayFormatType::TreeRender => {
                self.depth.map_or(Ok(()), |depth| writeln!(f, "depth={depth}"))
            }
        }
    }
}
