//! From the logical to the physical span join.

use std::sync::Arc;

use arrow::datatypes::Schema;
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{DFSchema, Result, plan_err};
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNode};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_planner::{ExtensionPlanner, PhysicalPlanner};

use super::{SpanColumns, SpanJoin, SpanJoinExec};

/// Plans [`SpanJoin`] nodes as [`SpanJoinExec`].
#[derive(Debug, Clone, Copy, Default)]
pub struct SpanJoinPlanner;

#[async_trait]
impl ExtensionPlanner for SpanJoinPlanner {
    async fn plan_extension(
        &self,
        planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let Some(join) = node.as_any().downcast_ref::<SpanJoin>() else {
            return Ok(None);
        };
        let ([left, right], [left_exec, right_exec]) = (logical_inputs, physical_inputs) else {
            return plan_err!("a span join has two inputs");
        };
        let columns = |keys: Vec<&Expr>, span: &(Expr, Expr), schema: &DFSchema| {
            let plan = |expr| planner.create_physical_expr(expr, schema, session, context);
            Ok::<_, datafusion::error::DataFusionError>(SpanColumns {
                keys: keys.into_iter().map(plan).collect::<Result<_>>()?,
                start: plan(&span.0)?,
                end: plan(&span.1)?,
            })
        };
        let (left_keys, right_keys) = join.keys().iter().map(|(a, b)| (a, b)).unzip();
        let filter = match join.filter() {
            None => None,
            Some(filter) => {
                let scope = FilterScope::new(filter, left.schema(), right.schema())?;
                let expr = planner.create_physical_expr(filter, &scope.schema, session, context)?;
                Some(scope.into_filter(expr))
            }
        };
        Ok(Some(Arc::new(SpanJoinExec::try_new(
            Arc::clone(left_exec),
            Arc::clone(right_exec),
            columns(left_keys, join.left_span(), left.schema())?,
            columns(right_keys, join.right_span(), right.schema())?,
            join.predicate(),
            join.kind(),
            filter,
        )?)))
    }
}

/// The columns that a filter reads.
struct FilterScope {
    schema: DFSchema,
    left: Vec<usize>,
    right: Vec<usize>,
}

impl FilterScope {
    fn new(filter: &Expr, left: &DFSchema, right: &DFSchema) -> Result<Self> {
        let read = filter.column_refs();
        let positions = |schema: &DFSchema| {
            let mut positions: Vec<usize> =
                read.iter().filter_map(|column| schema.index_of_column(column).ok()).collect();
            positions.sort_unstable();
            positions
        };
        let (left_positions, right_positions) = (positions(left), positions(right));
        let sides = [(left, &left_positions), (right, &right_positions)];
        let fields = sides.into_iter().flat_map(|(schema, positions)| {
            positions.iter().map(move |position| {
                let (qualifier, field) = schema.qualified_field(*position);
                (qualifier.cloned(), Arc::clone(field))
            })
        });
        Ok(Self {
            schema: DFSchema::new_with_metadata(fields.collect(), Default::default())?,
            left: left_positions,
            right: right_positions,
        })
    }

    fn into_filter(self, expr: Arc<dyn datafusion::physical_expr::PhysicalExpr>) -> JoinFilter {
        let schema = Schema::new(self.schema.fields().clone());
        let columns = JoinFilter::build_column_indices(self.left, self.right);
        JoinFilter::new(expr, columns, Arc::new(schema))
    }
}
