//! Giving a plan's scans their rows.

use std::sync::Arc;

use cpg_ir::spec::RelationId;
use datafusion::common::DataFusionError;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, TableScan, TableSource};

use crate::scan::{scanned, table_name};

/// The same plan over tables that `resolve` gives for the relations it scans. A table's columns are found by
/// name; it may have others, and in another order.
///
/// # Errors
/// What `resolve` says, and [`DataFusionError::SchemaError`] when a table lacks a column that the plan reads.
pub fn bind<E: From<DataFusionError>>(
    plan: LogicalPlan,
    mut resolve: impl FnMut(&RelationId) -> Result<Arc<dyn TableSource>, E>,
) -> Result<LogicalPlan, E> {
    replace(plan, |scan, id| {
        let source = resolve(id)?;
        let schema = source.schema();
        let projection = scan
            .projected_schema
            .fields()
            .iter()
            .map(|field| schema.index_of(field.name()).map_err(DataFusionError::from))
            .collect::<Result<Vec<_>, _>>()?;
        let filters = scan.filters.clone();
        let scan = TableScan::try_new(
            scan.table_name.clone(),
            source,
            Some(projection),
            filters,
            scan.fetch,
        )?;
        Ok(LogicalPlan::TableScan(scan))
    })
}

/// The same plan with the plans that `inline` gives in place of the relations it scans.
pub(crate) fn inline<E: From<DataFusionError>>(
    plan: LogicalPlan,
    mut inline: impl FnMut(&RelationId) -> Result<Option<LogicalPlan>, E>,
) -> Result<LogicalPlan, E> {
    replace(plan, |scan, id| {
        Ok(match inline(id)? {
            Some(plan) => LogicalPlanBuilder::from(plan).alias(table_name(id))?.build()?,
            None => LogicalPlan::TableScan(scan.clone()),
        })
    })
}

/// Replaces every scan of a relation. What stands above is told about its new inputs, which may promise less or
/// more about nulls.
fn replace<E: From<DataFusionError>>(
    plan: LogicalPlan,
    mut replacement: impl FnMut(&TableScan, &RelationId) -> Result<LogicalPlan, E>,
) -> Result<LogicalPlan, E> {
    let mut failed = None;
    let replaced = plan.transform_up(|node| {
        let LogicalPlan::TableScan(scan) = &node else {
            return node.recompute_schema().map(Transformed::yes);
        };
        let Some(id) = scanned(scan) else { return Ok(Transformed::no(node)) };
        match replacement(scan, id) {
            Ok(plan) => Ok(Transformed::yes(plan)),
            Err(error) => {
                failed = Some(error);
                Err(DataFusionError::Internal("a table was refused".to_owned()))
            }
        }
    });
    match (replaced, failed) {
        (_, Some(error)) => Err(error),
        (replaced, None) => Ok(replaced?.data),
    }
}
