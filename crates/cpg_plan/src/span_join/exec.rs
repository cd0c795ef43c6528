//! The span join in a physical plan.

use std::fmt;
use std::sync::Arc;

use arrow::compute::SortOptions;
use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, assert_or_internal_err, plan_err, project_schema};
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::equivalence::{ProjectionMapping, join_equivalence_properties};
use datafusion::physical_expr::{
    Distribution, LexOrdering, OrderingRequirements, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::execution_plan::{
    Boundedness, ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::joins::utils::{ColumnIndex, JoinFilter, build_join_schema};
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::projection::{
    EmbeddedProjection, ProjectionExec, try_embed_projection,
};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, PlanProperties, apply_expression_roots,
};

use super::group::Condition;
use super::input::SpanInput;
use super::joiner::Joiner;
use super::output::Output;
use super::stream::{JoinMetrics, join_stream};
use super::{SpanJoinKind, SpanPredicate};

/// Where one side of the join has its keys and its span. All are int64.
#[derive(Debug, Clone)]
pub struct SpanColumns {
    /// What must equal the other side's keys, in the same order.
    pub keys: Vec<Arc<dyn PhysicalExpr>>,
    /// The first offset of the span.
    pub start: Arc<dyn PhysicalExpr>,
    /// One past its last offset.
    pub end: Arc<dyn PhysicalExpr>,
}

impl SpanColumns {
    /// The keys, the start and the end.
    pub(super) fn exprs(&self) -> impl Iterator<Item = &Arc<dyn PhysicalExpr>> {
        self.keys.iter().chain([&self.start, &self.end])
    }

    /// The order by keys, start and descending end. Rows with nulls match nothing wherever they are.
    fn ordering(&self) -> Option<LexOrdering> {
        let ascending = SortOptions::new(false, false);
        let up = self.keys.iter().chain([&self.start]);
        let down = SortOptions::new(true, false);
        LexOrdering::new(
            up.map(|expr| PhysicalSortExpr::new(Arc::clone(expr), ascending))
                .chain([PhysicalSortExpr::new(Arc::clone(&self.end), down)]),
        )
    }
}

/// Joins sorted, co-partitioned inputs group by group.
///
/// A group is the rows of both sides with the same keys, such as those of one file; it is held in memory, and nothing else
/// is but the batches around it. The rows come out group by group in ascending order of the keys, within a group in the
/// order of the [sweep](super::sweep), left rows without a match last; those with a null among keys and span come when
/// they are read. The output is thus a function of the inputs' rows and batches alone.
#[derive(Debug, Clone)]
pub struct SpanJoinExec {
    left: Arc<dyn ExecutionPlan>,
    right: Arc<dyn ExecutionPlan>,
    left_columns: SpanColumns,
    right_columns: SpanColumns,
    orderings: [LexOrdering; 2],
    predicate: SpanPredicate,
    kind: SpanJoinKind,
    filter: Option<JoinFilter>,
    /// The columns of the join that are output, all without.
    projection: Option<Vec<usize>>,
    /// Where each output column comes from.
    output: Vec<ColumnIndex>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl SpanJoinExec {
    /// Errors when the sides have different numbers of keys, or none.
    pub fn try_new(
        left: Arc<dyn ExecutionPlan>,
        right: Arc<dyn ExecutionPlan>,
        left_columns: SpanColumns,
        right_columns: SpanColumns,
        predicate: SpanPredicate,
        kind: SpanJoinKind,
        filter: Option<JoinFilter>,
    ) -> Result<Self> {
        if left_columns.keys.is_empty() || left_columns.keys.len() != right_columns.keys.len() {
            return plan_err!("a span join needs the same keys on both sides");
        }
        let (Some(left_order), Some(right_order)) =
            (left_columns.ordering(), right_columns.ordering())
        else {
            return plan_err!("a span join without an order");
        };
        let (schema, output) =
            build_join_schema(&left.schema(), &right.schema(), &kind.join_type());
        let mut join = Self {
            properties: Arc::clone(left.properties()),
            left,
            right,
            left_columns,
            right_columns,
            orderings: [left_order, right_order],
            predicate,
            kind,
            filter,
            projection: None,
            output,
            metrics: ExecutionPlanMetricsSet::new(),
        };
        join.properties = Arc::new(join.derive_properties(Arc::new(schema))?);
        Ok(join)
    }

    fn derive_properties(&self, schema: SchemaRef) -> Result<PlanProperties> {
        let on: Vec<_> = (self.left_columns.keys.iter().cloned())
            .zip(self.right_columns.keys.iter().cloned())
            .collect();
        let mut equivalences = join_equivalence_properties(
            self.left.equivalence_properties().clone(),
            self.right.equivalence_properties().clone(),
            &self.kind.join_type(),
            schema,
            &self.maintains_input_order(),
            None,
            &on,
        )?;
        if self.kind == SpanJoinKind::Inner {
            // Groups come in the order of their keys, which are the same on both sides.
            let keys = self.orderings[0].iter().take(self.left_columns.keys.len());
            equivalences.add_ordering(keys.cloned());
        }
        let bounded = [&self.left, &self.right].map(|input| input.boundedness());
        let boundedness = match bounded {
            [Boundedness::Bounded, right] => right,
            [left, _] => left,
        };
        // Every output row has its left row's columns and stays in its left row's partition.
        Ok(PlanProperties::new(
            equivalences,
            self.left.output_partitioning().clone(),
            EmissionType::Incremental,
            boundedness,
        ))
    }

    /// How the spans must relate.
    pub fn predicate(&self) -> SpanPredicate {
        self.predicate
    }

    /// What the join yields.
    pub fn kind(&self) -> SpanJoinKind {
        self.kind
    }
}

impl EmbeddedProjection for SpanJoinExec {
    /// Narrows the output to some of its columns.
    fn with_projection(&self, projection: Option<Vec<usize>>) -> Result<Self> {
        let Some(projection) = projection else {
            return Ok(self.clone());
        };
        let schema = self.schema();
        assert_or_internal_err!(
            projection.iter().all(|column| *column < self.output.len()),
            "a projection of columns that a span join does not have"
        );
        let mapping = ProjectionMapping::from_indices(&projection, &schema)?;
        let narrowed = project_schema(&schema, Some(&projection))?;
        let equivalences = self.properties.equivalence_properties();
        let partitioning = self.properties.output_partitioning();
        let properties = PlanProperties::new(
            equivalences.project(&mapping, narrowed),
            partitioning.project(&mapping, equivalences),
            self.properties.emission_type,
            self.properties.boundedness,
        );
        let columns = projection.iter().map(|column| self.output[*column].clone());
        Ok(Self {
            output: columns.collect(),
            projection: Some(match &self.projection {
                None => projection,
                Some(earlier) => projection.iter().map(|column| earlier[*column]).collect(),
            }),
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
            ..self.clone()
        })
    }
}

impl ExecutionPlan for SpanJoinExec {
    fn name(&self) -> &'static str {
        "SpanJoinExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::co_partitioned(vec![
            Distribution::KeyPartitioned(self.left_columns.keys.clone()),
            Distribution::KeyPartitioned(self.right_columns.keys.clone()),
        ])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        let required = |ordering: &LexOrdering| Some(OrderingRequirements::from(ordering.clone()));
        self.orderings.iter().map(required).collect()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![self.kind == SpanJoinKind::LeftSemi, false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.left, &self.right]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        let columns = self.left_columns.exprs().chain(self.right_columns.exprs());
        let filter = self.filter.iter().map(|filter| filter.expression());
        apply_expression_roots(columns.chain(filter), f)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Ok([left, right]) = <[_; 2]>::try_from(children) else {
            return plan_err!("a span join has two inputs");
        };
        if options.children_properties == ChildrenPropertiesMode::Keep {
            return Ok(Arc::new(Self {
                left,
                right,
                metrics: ExecutionPlanMetricsSet::new(),
                ..Self::clone(&self)
            }));
        }
        let join = Self::try_new(
            left,
            right,
            self.left_columns.clone(),
            self.right_columns.clone(),
            self.predicate,
            self.kind,
            self.filter.clone(),
        )?;
        Ok(Arc::new(join.with_projection(self.projection.clone())?))
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
        let partitions =
            [&self.left, &self.right].map(|input| input.output_partitioning().partition_count());
        assert_or_internal_err!(
            partitions[0] == partitions[1],
            "the inputs of a span join have {} and {} partitions",
            partitions[0],
            partitions[1]
        );
        let input = |name, columns: &SpanColumns| {
            let consumer = MemoryConsumer::new(format!("SpanJoin {name} [{partition}]"));
            let reservation = consumer.register(context.memory_pool());
            SpanInput::new(name, columns.clone(), reservation)
        };
        let condition =
            Condition { predicate: self.predicate, kind: self.kind, filter: self.filter.clone() };
        let output = Output::new(
            self.schema(),
            self.output.clone(),
            self.kind == SpanJoinKind::Left,
            context.session_config().batch_size(),
        );
        let left = input("left", &self.left_columns);
        let right = input("right", &self.right_columns);
        let joiner = Joiner::new(left, right, condition, output);
        Ok(join_stream(
            self.schema(),
            joiner,
            self.left.execute(partition, Arc::clone(&context))?,
            self.right.execute(partition, context)?,
            JoinMetrics::new(&self.metrics, partition),
        ))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    /// Takes over a projection above, so that columns nobody reads are not copied.
    fn try_swapping_with_projection(
        &self,
        projection: &ProjectionExec,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        try_embed_projection(projection, self)
    }
}

impl DisplayAs for SpanJoinExec {
    fn fmt_as(&self, format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = (self.left_columns.keys.iter())
            .zip(&self.right_columns.keys)
            .map(|(left, right)| format!("({left}, {right})"))
            .collect::<Vec<_>>()
            .join(", ");
        let (left, right) = (&self.left_columns, &self.right_columns);
        let span = format!(
            "{}..{} {} {}..{}",
            left.start, left.end, self.predicate, right.start, right.end
        );
        match format {
            DisplayFormatType::Default | DisplayFormatType::Verbose => {
                let kind = self.kind.join_type();
                write!(f, "SpanJoinExec: join_type={kind}, on=[{on}], span=[{span}]")?;
                if let Some(filter) = &self.filter {
                    write!(f, ", filter={}", filter.expression())?;
                }
                if self.projection.is_some() {
                    let schema = self.schema();
                    let names: Vec<_> =
                        schema.fields().iter().map(|field| field.name().as_str()).collect();
                    write!(f, ", projection=[{}]", names.join(", "))?;
                }
                Ok(())
            }
            DisplayFormatType::TreeRender => {
                writeln!(f, "join_type={}", self.kind.join_type())?;
                writeln!(f, "on={on}")?;
                writeln!(f, "span={span}")
            }
        }
    }
}
