//! Which columns of a query are columns of its relations, unchanged.

use cpg_ir::spec::RelationId;
use datafusion::common::JoinType;
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan};

use super::relation_of;

/// The relation and the column that the column at `place` copies; `None` where it is computed.
pub(super) fn copied(plan: &LogicalPlan, place: usize) -> Option<(RelationId, String)> {
    match plan {
        LogicalPlan::TableScan(scan) => {
            let relation = relation_of(plan)?;
            Some((relation.clone(), scan.projected_schema.field(place).name().clone()))
        }
        LogicalPlan::Projection(node) => of(node.expr.get(place)?, &node.input),
        LogicalPlan::SubqueryAlias(node) => copied(&node.input, place),
        LogicalPlan::Filter(node) => copied(&node.input, place),
        LogicalPlan::Sort(node) => copied(&node.input, place),
        LogicalPlan::Limit(node) => copied(&node.input, place),
        LogicalPlan::Distinct(Distinct::All(input)) => copied(input, place),
        LogicalPlan::Aggregate(node) => of(node.group_expr.get(place)?, &node.input),
        LogicalPlan::Window(node) => {
            let width = node.input.schema().fields().len();
            (place < width).then(|| copied(&node.input, place))?
        }
        LogicalPlan::Join(node) => {
            let width = node.left.schema().fields().len();
            match place.checked_sub(width) {
                None => copied(&node.left, place),
                Some(right) if matches!(node.join_type, JoinType::Inner | JoinType::Left) => {
                    copied(&node.right, right)
                }
                Some(_) => None,
            }
        }
        LogicalPlan::Union(node) => {
            // One meaning only where every input gives the same column.
            let mut inputs = node.inputs.iter().map(|input| copied(input, place));
            let first = inputs.next()??;
            inputs.all(|input| input.as_ref() == Some(&first)).then_some(first)
        }
        _ => None,
    }
}

fn of(expr: &Expr, input: &LogicalPlan) -> Option<(RelationId, String)> {
    match expr {
        Expr::Column(column) => copied(input, input.schema().maybe_index_of_column(column)?),
        Expr::Alias(alias) => of(&alias.expr, input),
        _ => None,
    }
}
