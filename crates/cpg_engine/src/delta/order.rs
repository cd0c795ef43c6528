//! The order in which rows are written.

use std::sync::Arc;

use cpg_ir::expr::SpanField;
use cpg_ir::policy::{RelationPolicies, SortColumn};
use datafusion::common::{DFSchema, Result, internal_err};
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, SortExpr};
use datafusion::physical_expr::{LexOrdering, create_physical_sort_exprs};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use datafusion::prelude::ident;

/// Operators that give the rows of `operators` in the order that policies ask for, those of one partition together;
/// `operators` themselves when they ask for none.
///
/// Sorts what the optimizer has done with: moved into a plan, the keys could meet columns of its inputs that have
/// their names.
///
/// # Errors
/// When the rows lack a column.
pub(crate) fn ordered(
    operators: Arc<dyn ExecutionPlan>,
    policies: Option<&RelationPolicies>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let Some(policies) = policies else { return Ok(operators) };
    let partition = policies.partition.as_ref().map(|one| one.value.as_slice()).unwrap_or_default();
    let sort = policies.sort.as_ref().map(|one| one.value.as_slice()).unwrap_or_default();
    let partition = partition.iter().map(|name| Ok(ident(name).sort(true, true)));
    let keys: Vec<SortExpr> = partition.chain(sort.iter().map(sort_key)).collect::<Result<_>>()?;

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
