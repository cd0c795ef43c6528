//! Numbers rows within groups of adjacent rows.
//!
//! DataFusion's window operator keeps a state for every group, which costs far more than a row does where groups have one
//! or two: and that is what `dedupe`, ranks and the pairs of relations are made of. Where its input is sorted by
//! the groups anyway, a row's number is how far it is from the first row of its group.

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::compute::partition;
use arrow::datatypes::SchemaRef;
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::tree_node::{
    Transformed, TransformedResult as _, TreeNode as _, TreeNodeRecursion,
};
use datafusion::common::{Result, plan_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::window::StandardWindowExpr;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowUDFExpr};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, InputOrderMode, PlanProperties,
};
use futures::StreamExt as _;

/// The same plan with [`RowNumberExec`] where it numbers rows of sorted input.
pub(crate) fn number_sorted_rows(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|node| {
        let replaced = node.downcast_ref::<BoundedWindowAggExec>().and_then(RowNumberExec::of);
        Ok(match replaced {
            Some(exec) => Transformed::yes(Arc::new(exec) as Arc<dyn ExecutionPlan>),
            None => Transformed::no(node),
        })
    })
    .data()
}

/// Adds to each row its number within its group, from 1. The rows of a group follow one another.
#[derive(Debug, Clone)]
pub struct RowNumberExec {
    input: Arc<dyn ExecutionPlan>,
    groups: Vec<Arc<dyn PhysicalExpr>>,
    schema: SchemaRef,
    /// Those of the operator that it stands for.
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl RowNumberExec {
    /// What gives the same as a window operator, if that only numbers rows of input that is sorted by groups.
    fn of(window: &BoundedWindowAggExec) -> Option<Self> {
        let [function] = window.window_expr() else { return None };
        let standard = function.as_any().downcast_ref::<StandardWindowExpr>()?;
        let called = standard.get_standard_func_expr().as_any().downcast_ref::<WindowUDFExpr>()?;
        let is_sorted = window.input_order_mode == InputOrderMode::Sorted;
        let groups = function.partition_by().to_vec();
        let fits = called.fun().name() == "row_number" && is_sorted && !groups.is_empty();
        fits.then(|| Self {
            input: Arc::clone(window.input()),
            groups,
            schema: window.schema(),
            properties: Arc::clone(window.properties()),
            metrics: ExecutionPlanMetricsSet::new(),
        })
    }
}

/// Numbers the rows of one partition.
struct Numbering {
    groups: Vec<Arc<dyn PhysicalExpr>>,
    schema: SchemaRef,
    converter: RowConverter,
    /// The group of the last row, and that row's number in it.
    last: Option<(OwnedRow, u64)>,
}

impl Numbering {
    fn number(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        let rows = batch.num_rows();
        let keys: Vec<ArrayRef> = self
            .groups
            .iter()
            .map(|group| {
                group.evaluate(batch).and_then(|value: ColumnarValue| value.into_array(rows))
            })
            .collect::<Result<_>>()?;
        let mut numbers = Vec::with_capacity(rows);
        for range in partition(&keys)?.ranges() {
            let before = match &self.last {
                Some((group, number)) if range.start == 0 => {
                    let first = self.group(&keys, 0)?;
                    if first == *group { *number } else { 0 }
                }
                _ => 0,
            };
            numbers.extend((before + 1..).take(range.len()));
        }
        if let (Some(last), Some(row)) = (numbers.last(), rows.checked_sub(1)) {
            self.last = Some((self.group(&keys, row)?, *last));
        }
        let mut columns = batch.columns().to_vec();
        columns.push(Arc::new(UInt64Array::from(numbers)));
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }

    fn group(&self, keys: &[ArrayRef], row: usize) -> Result<OwnedRow> {
        let keys: Vec<ArrayRef> = keys.iter().map(|key| key.slice(row, 1)).collect();
        Ok(self.converter.convert_columns(&keys)?.row(0).owned())
    }
}

impl ExecutionPlan for RowNumberExec {
    fn name(&self) -> &'static str {
        "RowNumberExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        let mut recursion = TreeNodeRecursion::Continue;
        for group in &self.groups {
            recursion = f(group)?;
        }
        Ok(recursion)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match <[_; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Self { input, ..self.as_ref().clone() })),
            Err(_) => plan_err!("numbering rows has one input"),
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
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let input = self.input.execute(partition, context)?;
        let schema = self.input.schema();
        let keys = self.groups.iter().map(|group| Ok(SortField::new(group.data_type(&schema)?)));
        let mut numbering = Numbering {
            groups: self.groups.clone(),
            schema: Arc::clone(&self.schema),
            converter: RowConverter::new(keys.collect::<Result<_>>()?)?,
            last: None,
        };
        let rows = input.map(move |batch| {
            let _timer = metrics.elapsed_compute().timer();
            let numbered = numbering.number(&batch?)?;
            metrics.record_output(numbered.num_rows());
            Ok(numbered)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

impl DisplayAs for RowNumberExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups: Vec<String> = self.groups.iter().map(ToString::to_string).collect();
        write!(f, "RowNumberExec: groups=[{}]", groups.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray as _, Int64Array, StringArray};
    use arrow::datatypes::UInt64Type;
    use datafusion::execution::SessionStateBuilder;
    use datafusion::functions_window::expr_fn::row_number;
    use datafusion::logical_expr::ExprFunctionExt as _;
    use datafusion::prelude::{SessionConfig, SessionContext, col};

    use super::*;

    const ROWS: usize = 500;

    /// Groups of many sizes, some of them null, in batches of a few rows.
    fn rows() -> Vec<RecordBatch> {
        let group = |row: usize| row * row % 61;
        let text = |row: usize| (group(row) % 5 > 0).then(|| format!("g{}", group(row) % 7));
        let batch = |rows: std::ops::Range<usize>| {
            let a: Int64Array = rows.clone().map(|row| Some(group(row) as i64 % 9)).collect();
            let b: StringArray = rows.clone().map(text).collect();
            let c: Int64Array = rows.map(|row| Some(row as i64)).collect();
            let columns: [(_, ArrayRef, _); 3] =
                [("a", Arc::new(a), true), ("b", Arc::new(b), true), ("c", Arc::new(c), true)];
            RecordBatch::try_from_iter_with_nullable(columns).expect("three columns")
        };
        (0..ROWS).step_by(10).map(|start| batch(start..start + 10)).collect()
    }

    /// The numbers by `c`, and the plan.
    async fn numbered(ours: bool) -> (Vec<u64>, String) {
        let config = SessionConfig::new().with_target_partitions(3).with_batch_size(4);
        let mut state = SessionStateBuilder::new().with_config(config).with_default_features();
        if ours {
            state = state.with_query_planner(crate::query_planner());
        }
        let session = SessionContext::new_with_state(state.build());
        let number = row_number()
            .partition_by(vec![col("a"), col("b")])
            .order_by(vec![col("c").sort(true, false)])
            .build()
            .expect("a window");
        let frame = session.read_batches(rows()).expect("rows");
        let frame = frame.window(vec![number.alias("number")]).expect("a window");
        let frame = frame.sort_by(vec![col("c")]).expect("sorted");
        let plan = frame.clone().create_physical_plan().await.expect("a plan");
        let plan = datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string();
        let batches = frame.collect().await.expect("rows");
        let numbers = batches.iter().flat_map(|batch| {
            let numbers = batch.column_by_name("number").expect("numbers");
            numbers.as_primitive::<UInt64Type>().values().to_vec()
        });
        (numbers.collect(), plan)
    }

    #[tokio::test]
    async fn rows_get_the_numbers_that_datafusion_gives_them() {
        let ((ours, plan), (theirs, _)) = (numbered(true).await, numbered(false).await);
        assert!(plan.contains("RowNumberExec"), "{plan}");
        assert_eq!(ours.len(), ROWS);
        assert_eq!(ours, theirs);
    }
}
