//! The fixpoint in a physical plan.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch, new_null_array};
use arrow::datatypes::SchemaRef;
use cpg_ir::spec::RelationId;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, assert_or_internal_err, plan_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{Distribution, EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{
    Boundedness, ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::metrics::{
    BaselineMetrics, Count, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, InputDistributionRequirements, PlanProperties,
};
use futures::{TryStreamExt as _, stream};

use super::ReachedBound;
use super::logical::{Part, RowsOf};
use super::rounds::{Ended, Rounds};

const ROUNDS: &str = "rounds";
const CUT_OFF: &str = "cut_off";

/// The plans of a view's rules, over rows that each run gives them.
#[derive(Debug)]
pub(super) struct MemberPlans {
    pub(super) schema: SchemaRef,
    /// Those that read no view.
    pub(super) first: Vec<Arc<dyn ExecutionPlan>>,
    /// The others.
    pub(super) further: Vec<Rule>,
}

/// A rule with a view's newest rows in one place.
#[derive(Debug)]
pub(super) struct Rule {
    /// That view.
    pub(super) reads: usize,
    pub(super) plan: Arc<dyn ExecutionPlan>,
}

/// Computes the views of a fixpoint and gives their rows, one view after the other.
///
/// Inputs, and all rows of all views, are held in memory that is reserved; a pool that has none left ends it with an
/// error.
#[derive(Debug, Clone)]
pub struct FixpointExec {
    id: RelationId,
    bound: u32,
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    members: Arc<Vec<MemberPlans>>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl FixpointExec {
    pub(super) fn try_new(
        id: RelationId,
        bound: u32,
        inputs: Vec<Arc<dyn ExecutionPlan>>,
        members: Vec<MemberPlans>,
        schema: SchemaRef,
    ) -> Result<Self> {
        let columns: usize = members.iter().map(|member| member.schema.fields().len()).sum();
        if schema.fields().len() != columns + 1 {
            return plan_err!("the row of a fixpoint does not hold the rows of its views");
        }
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Ok(Self {
            id,
            bound,
            inputs,
            members: Arc::new(members),
            schema,
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
        })
    }

    /// That it found less than all of its rows in its last run.
    pub(super) fn reached_bound(&self) -> Option<ReachedBound> {
        let cut_off = self.metrics.clone_inner().sum_by_name(CUT_OFF)?.as_usize() > 0;
        cut_off.then(|| ReachedBound { fixpoint: self.id.clone(), rounds: self.bound })
    }

    /// A view's rows as rows of the fixpoint.
    fn widened(&self, number: usize, batch: &RecordBatch) -> Result<RecordBatch> {
        let rows = batch.num_rows();
        let tag = i64::try_from(number).unwrap_or(i64::MAX);
        let mut columns: Vec<arrow::array::ArrayRef> =
            vec![Arc::new(Int64Array::from_value(tag, rows))];
        for (other, member) in self.members.iter().enumerate() {
            if other == number {
                columns.extend(batch.columns().iter().cloned());
            } else {
                let fields = member.schema.fields().iter();
                columns.extend(fields.map(|field| new_null_array(field.data_type(), rows)));
            }
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

impl ExecutionPlan for FixpointExec {
    fn name(&self) -> &'static str {
        "FixpointExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![Distribution::SinglePartition; self.inputs.len()])
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false; self.inputs.len()]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.inputs.iter().collect()
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
        if children.len() != self.inputs.len() {
            return plan_err!("a fixpoint with {} inputs", children.len());
        }
        Ok(Arc::new(Self {
            inputs: children,
            metrics: ExecutionPlanMetricsSet::new(),
            ..Self::clone(&self)
        }))
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
        assert_or_internal_err!(partition == 0, "a fixpoint has one partition");
        let metrics = Metrics {
            baseline: BaselineMetrics::new(&self.metrics, partition),
            rounds: MetricBuilder::new(&self.metrics).counter(ROUNDS, partition),
            cut_off: MetricBuilder::new(&self.metrics).counter(CUT_OFF, partition),
        };
        let exec = self.clone();
        let rows = async move {
            let mut rounds = Rounds::new(exec.inputs.len(), &exec.members, context)?;
            for (number, input) in exec.inputs.iter().enumerate() {
                rounds.read(number, input).await?;
            }
            let ended = rounds.run(exec.bound).await?;
            metrics.rounds.add(ended.rounds as usize);
            metrics.cut_off.add(usize::from(ended.cut_off));
            Ok::<_, DataFusionError>(exec.batches(ended, metrics.baseline))
        };
        let batches = stream::once(rows).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

struct Metrics {
    baseline: BaselineMetrics,
    rounds: Count,
    cut_off: Count,
}

impl FixpointExec {
    fn batches(
        self,
        ended: Ended,
        metrics: BaselineMetrics,
    ) -> impl stream::Stream<Item = Result<RecordBatch>> + Send {
        let Ended { store, reservations, .. } = ended;
        let mut pending = Vec::new();
        for number in 0..self.members.len() {
            match store.rows(RowsOf::Member(number, Part::All)) {
                Ok(rows) => pending.extend(rows.into_iter().map(|rows| Ok((number, rows)))),
                Err(error) => pending.push(Err(error)),
            }
        }
        stream::iter(pending.into_iter().map(move |rows| {
            // Held until the last row is given.
            let _held = &reservations;
            let (number, rows) = rows?;
            metrics.record_output(rows.num_rows());
            self.widened(number, &rows)
        }))
    }
}

impl DisplayAs for FixpointExec {
    fn fmt_as(&self, format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: usize =
            self.members.iter().map(|member| member.first.len() + member.further.len()).sum();
        let views = self.members.len();
        match format {
            DisplayFormatType::Default | DisplayFormatType::Verbose => {
                write!(f, "FixpointExec: views={views}, rules={rules}, bound={}", self.bound)
            }
            DisplayFormatType::TreeRender => {
                writeln!(f, "views={views}")?;
                writeln!(f, "rules={rules}")?;
                writeln!(f, "bound={}", self.bound)
            }
        }
    }
}
