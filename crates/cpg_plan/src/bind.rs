//! Scans of relations become what gives their rows.

use std::sync::Arc;

use cpg_ir::spec::RelationId;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, Result, plan_err};
use datafusion::logical_expr::{
    Expr, LogicalPlan, LogicalPlanBuilder, TableScan, TableScanBuilder, TableSource,
};

use crate::scan::scanned;

/// What gives a relation's rows.
#[derive(Clone)]
pub enum Input {
    /// A plan with at least the columns that are read of the relation, found by name.
    Plan(LogicalPlan),
    /// A table with at least those columns, found by name.
    Table(Arc<dyn TableSource>),
}

/// Replaces every scan of a relation in `plan` by what `resolve` gives for it. The plan's columns stay the same; a
/// column may turn out not to be nullable after all.
///
/// Scans of other tables stay as they are.
///
/// # Errors
/// Those of `resolve`, and when what it gives lacks a column that is read or has it in another type.
pub fn bind(
    plan: LogicalPlan,
    mut resolve: impl FnMut(&RelationId) -> Result<Input>,
) -> Result<LogicalPlan> {
    substitute(plan, |id| resolve(id).map(Some))
}

/// As [`bind`], but scans for which `resolve` gives nothing stay.
pub(crate) fn substitute(
    plan: LogicalPlan,
    mut resolve: impl FnMut(&RelationId) -> Result<Option<Input>>,
) -> Result<LogicalPlan> {
    let bound = plan.transform_up(|node| match node {
        LogicalPlan::TableScan(scan) => {
            let input = scanned(&scan).map(&mut resolve).transpose()?.flatten();
            match input {
                Some(input) => replace(&scan, input).map(Transformed::yes),
                None => Ok(Transformed::no(LogicalPlan::TableScan(scan))),
            }
        }
        // Nodes keep a schema of their own, which holds what their inputs say of nulls.
        other => other.recompute_schema().map(Transformed::yes),
    })?;
    Ok(bound.data)
}

fn replace(scan: &TableScan, input: Input) -> Result<LogicalPlan> {
    if !scan.filters.is_empty() || scan.fetch.is_some() {
        return plan_err!("the scan of `{}` filters rows before it is bound", scan.table_name);
    }
    let read = scan.projected_schema.fields();
    let plan = match input {
        Input::Table(source) => {
            let schema = source.schema();
            let columns = read
                .iter()
                .map(|field| Ok(schema.index_of(field.name())?))
                .collect::<Result<_>>()?;
            let bound = TableScanBuilder::new(scan.table_name.clone(), source)
                .with_projection(Some(columns))
                .build()?;
            LogicalPlan::TableScan(bound)
        }
        Input::Plan(plan) => {
            let columns = read
                .iter()
                .map(|field| {
                    let at = plan.schema().index_of_column_by_name(None, field.name());
                    match at {
                        Some(at) => {
                            let column = Column::from(plan.schema().qualified_field(at));
                            Ok(Expr::Column(column).alias(field.name()))
                        }
                        None => plan_err!("`{}` has no column `{}`", scan.table_name, field.name()),
                    }
                })
                .collect::<Result<Vec<_>>>()?;
            LogicalPlanBuilder::from(plan)
                .project(columns)?
                .alias(scan.table_name.clone())?
                .build()?
        }
    };
    for (found, wanted) in plan.schema().fields().iter().zip(read) {
        if found.data_type() != wanted.data_type() {
            return plan_err!(
                "column `{}` of `{}` is {}, not {}",
                wanted.name(),
                scan.table_name,
                found.data_type(),
                wanted.data_type()
            );
        }
    }
    Ok(plan)
}
