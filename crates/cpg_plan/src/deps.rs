//! What a relation needs, derived from its plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cpg_ir::canon::Fingerprint;
use cpg_ir::spec::RelationId;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::analyzer::Analyzer;
use datafusion::optimizer::analyzer::type_coercion::TypeCoercion;
use datafusion::optimizer::optimize_projections::OptimizeProjections;
use datafusion::optimizer::push_down_filter::PushDownFilter;
use datafusion::optimizer::{Optimizer, OptimizerContext, OptimizerRule};

use crate::error::Problem;
use crate::scan::scanned;

/// What a relation's plan needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferredDeps {
    /// The relations it reads and, of each, the columns that matter. A relation of which only the number of rows
    /// matters has none.
    pub inputs: BTreeMap<RelationId, BTreeSet<String>>,
    /// The functions it calls, by name, with their versions.
    pub functions: BTreeMap<String, String>,
    /// What its columns mean: its plan, and what the columns that it reads mean, down to evidence. Changes when what
    /// is computed changes, and not by names, by columns that it does not read, or by what else is computed.
    pub plan_fingerprint: Fingerprint,
}

/// The same plan without the columns that nothing above them reads. Its scans say which columns they read.
pub(crate) fn prune(plan: LogicalPlan) -> Result<LogicalPlan, Problem> {
    optimized(plan, vec![Arc::new(OptimizeProjections::new())])
}

/// The same with conditions as far down as they can be: a fixpoint reads once what lies below its views.
pub(crate) fn prune_rule(plan: LogicalPlan) -> Result<LogicalPlan, Problem> {
    optimized(plan, vec![Arc::new(PushDownFilter::new()), Arc::new(OptimizeProjections::new())])
}

fn optimized(
    plan: LogicalPlan,
    rules: Vec<Arc<dyn OptimizerRule + Send + Sync>>,
) -> Result<LogicalPlan, Problem> {
    let rules = Optimizer::with_rules(rules);
    // One pass finds all columns that are read. Others would tidy projections, which is done again before a plan runs.
    let context = OptimizerContext::new()
        .without_query_execution_start_time()
        .with_skip_failing_rules(false)
        .with_max_passes(1);
    Ok(rules.optimize(plan, &context, |_, _| {})?)
}

/// Finds types that do not fit, which DataFusion looks for only when a plan is about to run.
pub(crate) fn check(plan: &LogicalPlan) -> Result<(), Problem> {
    let rules = Analyzer::with_rules(vec![Arc::new(TypeCoercion::new())]);
    rules.execute_and_check(plan.clone(), &ConfigOptions::default(), |_, _| {})?;
    Ok(())
}

/// A scan of one relation.
pub(crate) struct Read {
    pub(crate) relation: RelationId,
    pub(crate) columns: BTreeSet<String>,
}

/// The scans of a plan, one after the other.
pub(crate) fn reads(plan: &LogicalPlan) -> Result<Vec<Read>, Problem> {
    let mut reads = Vec::new();
    let mut foreign = None;
    plan.apply(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let columns = scan.projected_schema.fields().iter().map(|field| field.name().clone());
            match scanned(scan) {
                Some(relation) => {
                    reads.push(Read { relation: relation.clone(), columns: columns.collect() });
                }
                None => foreign = Some(scan.table_name.to_string()),
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    match foreign {
        None => Ok(reads),
        Some(table) => Err(Problem::Unsupported(format!("the table `{table}`"))),
    }
}
