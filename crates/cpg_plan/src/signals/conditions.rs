//! Which columns of a scan conditions look at that look at nothing else.

use std::collections::BTreeSet;

use cpg_ir::spec::RelationId;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{LogicalPlan, TableScan};

use crate::deps;
use crate::error::Problem;
use crate::lineage::lineage;
use crate::scan::scanned;

/// A scan of a relation.
pub(super) struct Scan {
    pub(super) relation: RelationId,
    pub(super) columns: BTreeSet<String>,
    pub(super) conditions: BTreeSet<String>,
}

/// Every scan of a plan, with its conditions as far down as they can be.
pub(super) fn scans(plan: LogicalPlan) -> Result<Vec<Scan>, Problem> {
    let plan = deps::prune_rule(plan)?;
    let mut found = Vec::new();
    let mut conditions = BTreeSet::new();
    let mut problem = None;
    plan.apply(|node| {
        match node {
            LogicalPlan::Filter(_) if below(node).is_some() => {
                match lineage(node) {
                    // What decides about the rows of conditions over one scan are columns of that scan.
                    Ok(lineage) => {
                        conditions.extend(lineage.rows.into_iter().map(|from| from.column));
                    }
                    Err(why) => problem = Some(why),
                }
            }
            LogicalPlan::TableScan(scan) => {
                let columns = scan.projected_schema.fields().iter().map(|f| f.name().clone());
                if let Some(relation) = scanned(scan) {
                    found.push(Scan {
                        relation: relation.clone(),
                        columns: columns.collect(),
                        conditions: std::mem::take(&mut conditions),
                    });
                }
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    match problem {
        None => Ok(found),
        Some(problem) => Err(problem),
    }
}

/// The one scan that lies below a node with nothing but conditions and choices of columns between. Such a scan is the
/// next one that a walk from the node meets.
fn below(node: &LogicalPlan) -> Option<&TableScan> {
    match node {
        LogicalPlan::Filter(node) => below(&node.input),
        LogicalPlan::Projection(node) => below(&node.input),
        LogicalPlan::SubqueryAlias(node) => below(&node.input),
        LogicalPlan::TableScan(scan) => Some(scan),
        _ => None,
    }
}
