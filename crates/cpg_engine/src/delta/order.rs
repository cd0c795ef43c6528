//! The order in which rows are written.

use std::sync::Arc;

use cpg_ir::expr::SpanField;
use cpg_ir::policy::SortColumn;
use cpg_plan::policy::WriteDecision;
use datafusion::common::{DFSchema, Result, internal_err};
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, SortExpr};
use datafusion::physical_expr::{LexOrdering, create_physical_sort_exprs};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use datafusion::prelude::ident;

/// Operators that give the rows of `operators` in the order that was decided, those of one partition together;
/// `operators` themselves where there is none.
///
/// Sorts what the optimizer has done with: moved into a plan, the keys could meet columns of its inputs that have
/// their names.
///
/// # Errors
/// When the rows lack a column.
pub(crate) fn ordered(
    operators: Arc<dyn ExecutionPlan>,
    decision: &WriteDecision,
) -> Result<Arc<dyn ExecutionPlan>> {
    let partition = decision.partition.value.iter().map(|name| Ok(ident(name).sort(true, true)));
    let sort = decision.sort.value.iter().map(sort_key);
    let keys: Vec<SortExpr> = partition.chain(sort).collect::<Result<_>>()?;

    let context = PhysicalPlanningContext::default();
    let schema = DFSchema::try_from(operators.schema())?;
    let keys = create_physical_sort_exprs(&keys, &schema, &ExecutionProps::new(), &context)?;
    let Some(ordering) = LexOrdering::new(keys) else { return Ok(operators) };
    let many = operators.output_partitioning().partition_count() > 1;
    let sorted = SortExec::new(ordering.clone(), operators).with_preserve_partitioning(many);
    Ok(if many {
        Arc::new(SortPreservingMergeExec::new(ordering, Arc::new(sorted)))
    } else {
        Arc::new(sorted)
    })
}

/// Nulls count as less than everything else.
fn sort_key(key: &SortColumn) -> Result<SortExpr> {
    let column = ident(&key.column);
    let value = match key.end {
        Some(SpanField::Start) => part("span_start", column)?,
        Some(SpanField::End) => part("span_end", column)?,
        None => column,
    };
    Ok(value.sort(!key.descending, !key.descending))
}

/// An end of a span, by the language's own function.
fn part(function: &str, span: Expr) -> Result<Expr> {
    match cpg_plan::functions::function(function) {
        Some(function) => Ok(function.udf.call(vec![span])),
        None => internal_err!("there is no `{function}`"),
    }
}
