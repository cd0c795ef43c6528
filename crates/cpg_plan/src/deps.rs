//! What a plan needs: told by the plan itself and by nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cpg_ir::spec::RelationId;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::optimizer::optimize_projections::OptimizeProjections;
use datafusion::optimizer::{Optimizer, OptimizerContext};

use crate::aggregates;
use crate::error::Problem;
use crate::functions;
use crate::scan::scanned;

/// What a plan needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InferredDeps {
    /// By relation, the columns that the plan reads of it. A relation of which only the number of rows matters
    /// has none.
    pub inputs: BTreeMap<RelationId, BTreeSet<String>>,
    /// The functions it calls, with their versions.
    pub functions: BTreeMap<String, String>,
}

/// The same plan with scans that read only what is used.
///
/// # Errors
/// When DataFusion refuses the plan.
pub(crate) fn narrow(plan: LogicalPlan) -> Result<LogicalPlan, Problem> {
    let optimizer = Optimizer::with_rules(vec![Arc::new(OptimizeProjections::new())]);
    let context = OptimizerContext::new().without_query_execution_start_time();
    Ok(optimizer.optimize(plan, &context, |_, _| {})?)
}

/// What a plan needs, columns as its scans project them.
///
/// # Errors
/// When it calls a function that programs may not call.
pub(crate) fn infer(plan: &LogicalPlan) -> Result<InferredDeps, Problem> {
    let mut deps = InferredDeps::default();
    let mut unknown = None;
    plan.apply(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(id) = scanned(scan)
        {
            let columns = scan.projected_schema.fields().iter().map(|f| f.name().clone());
            deps.inputs.entry(id.clone()).or_default().extend(columns);
        }
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Some(name) = called(expr) {
                    match version(name) {
                        Some(version) => {
                            deps.functions.insert(name.to_owned(), version);
                        }
                        None => unknown = Some(name.to_owned()),
                    }
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    match unknown {
        Some(name) => Err(Problem::UnknownFunction(name)),
        None => Ok(deps),
    }
}

fn called(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::ScalarFunction(call) => Some(call.name()),
        Expr::AggregateFunction(call) => Some(call.func.name()),
        _ => None,
    }
}

/// Functions of the language have their own versions; those that lowering itself uses are DataFusion's.
fn version(name: &str) -> Option<String> {
    functions::function(name)
        .map(|function| function.version.clone())
        .or_else(|| aggregates::version(name))
        .or_else(|| Some(datafusion::DATAFUSION_VERSION.to_owned()))
}
