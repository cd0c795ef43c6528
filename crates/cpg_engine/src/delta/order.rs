//! The order in which rows are written.

use std::sync::Arc;

use cpg_ir::expr::SpanField;
use cpg_ir::policy::{RelationPolicies, SortColumn};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Sort, SortExpr};

/// A plan that gives its rows in the order that policies ask for: those of one partition together. The plan itself
/// when they ask for none.
///
/// # Errors
/// When the plan lacks a column.
pub(crate) fn ordered(
    plan: LogicalPlan,
    policies: Option<&RelationPolicies>,
) -> Result<LogicalPlan> {
    let Some(policies) = policies else { return Ok(plan) };
    let partition = policies.partition.as_ref().map(|one| one.value.as_slice()).unwrap_or_default();
    let sort = policies.sort.as_ref().map(|one| one.value.as_slice()).unwrap_or_default();
    if partition.is_empty() && sort.is_empty() {
        return Ok(plan);
    }
    // Under a name of their own: what the plan reads may have columns that are called like those it gives.
    let plan = LogicalPlanBuilder::from(plan).alias("sorted")?.build()?;
    let mut keys = Vec::with_capacity(partition.len() + sort.len());
    for name in partition {
        keys.push(column(&plan, name)?.sort(true, true));
    }
    for key in sort {
        keys.push(sort_key(&plan, key)?);
    }
    Ok(LogicalPlan::Sort(Sort { expr: keys, input: Arc::new(plan), fetch: None }))
}

/// Nulls count as less than everything else.
fn sort_key(plan: &LogicalPlan, key: &SortColumn) -> Result<SortExpr> {
    let column = column(plan, &key.column)?;
    let value = match key.end {
        Some(SpanField::Start) => part("span_start", column)?,
        Some(SpanField::End) => part("span_end", column)?,
        None => column,
    };
    Ok(value.sort(!key.descending, !key.descending))
}

/// An end of a span, by the language's own function: fields that are taken out are moved towards tables, where names may
/// meet.
fn part(function: &str, span: Expr) -> Result<Expr> {
    match cpg_plan::functions::function(function) {
        Some(function) => Ok(function.udf.call(vec![span])),
        None => internal_err!("there is no `{function}`"),
    }
}

fn column(plan: &LogicalPlan, name: &str) -> Result<Expr> {
    let (qualifier, field) = plan.schema().qualified_field_with_unqualified_name(name)?;
    Ok(Expr::from((qualifier, field)))
}
