//! Rows of inputs and views in the plans of rules.

use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, assert_or_internal_err, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{
    Boundedness, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::stream;

use super::logical::{Part, RowsOf};

/// The rows of one run of a fixpoint.
#[derive(Debug)]
pub(super) struct Store {
    inputs: Vec<OnceLock<Vec<RecordBatch>>>,
    members: Vec<RwLock<Found>>,
}

/// The rows of a view.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Those of the rounds before the last one.
    pub(super) before: Vec<RecordBatch>,
    /// Those of the last round.
    pub(super) newest: Vec<RecordBatch>,
}

impl Store {
    pub(super) fn new(inputs: usize, members: usize) -> Self {
        Self {
            inputs: (0..inputs).map(|_| OnceLock::new()).collect(),
            members: (0..members).map(|_| RwLock::default()).collect(),
        }
    }

    /// Sets the rows of an input, once.
    pub(super) fn set_input(&self, number: usize, rows: Vec<RecordBatch>) -> Result<()> {
        match self.inputs.get(number).map(|input| input.set(rows)) {
            Some(Ok(())) => Ok(()),
            _ => internal_err!("input {number} of a fixpoint is set twice or is not there"),
        }
    }

    /// Changes the rows of a view, between rounds.
    pub(super) fn update<T>(
        &self,
        number: usize,
        change: impl FnOnce(&mut Found) -> Result<T>,
    ) -> Result<T> {
        match self.members.get(number) {
            // Nobody panics while he holds it; rows are whole in any case.
            Some(member) => change(&mut member.write().unwrap_or_else(PoisonError::into_inner)),
            None => internal_err!("a fixpoint has no view {number}"),
        }
    }

    pub(super) fn rows(&self, of: RowsOf) -> Result<Vec<RecordBatch>> {
        match of {
            RowsOf::Input(number) => match self.inputs.get(number).and_then(OnceLock::get) {
                Some(rows) => Ok(rows.clone()),
                None => internal_err!("input {number} of a fixpoint was not read yet"),
            },
            RowsOf::Member(number, part) => {
                let Some(member) = self.members.get(number) else {
                    return internal_err!("a fixpoint has no view {number}");
                };
                let found = member.read().unwrap_or_else(PoisonError::into_inner);
                Ok(match part {
                    Part::All => found.before.iter().chain(&found.newest).cloned().collect(),
                    Part::Newest => found.newest.clone(),
                    Part::Before => found.before.clone(),
                })
            }
        }
    }
}

/// A leaf of a rule. Rules are planned before there are rows; [`bound`] gives a plan its rows.
#[derive(Debug, Clone)]
pub(super) struct RowsExec {
    of: RowsOf,
    schema: SchemaRef,
    store: Option<Arc<Store>>,
    properties: Arc<PlanProperties>,
}

impl RowsExec {
    pub(super) fn new(of: RowsOf, schema: SchemaRef) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { of, schema, store: None, properties: Arc::new(properties) }
    }

    pub(super) fn of(&self) -> RowsOf {
        self.of
    }
}

/// The plan with leaves that give the rows of `store`.
pub(super) fn bound(
    plan: Arc<dyn ExecutionPlan>,
    store: &Arc<Store>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let bound = plan.transform_up(|node| {
        Ok(match node.downcast_ref::<RowsExec>() {
            Some(rows) => {
                let rows = RowsExec { store: Some(Arc::clone(store)), ..rows.clone() };
                Transformed::yes(Arc::new(rows) as Arc<dyn ExecutionPlan>)
            }
            None => Transformed::no(node),
        })
    })?;
    Ok(bound.data)
}

impl ExecutionPlan for RowsExec {
    fn name(&self) -> &'static str {
        "FixpointRowsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        assert_or_internal_err!(partition == 0, "rows of a fixpoint have one partition");
        let Some(store) = &self.store else {
            return internal_err!("rows of a fixpoint outside of it");
        };
        let batches = store.rows(self.of)?.into_iter().map(Ok);
        let schema = Arc::clone(&self.schema);
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream::iter(batches))))
    }
}

impl DisplayAs for RowsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FixpointRowsExec: {}", self.of)
    }
}
