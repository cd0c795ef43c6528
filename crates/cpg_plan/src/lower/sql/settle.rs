//! Makes a plan depend on rows alone: what would look at the order in which they come gets an order of all columns, or
//! is refused.

use std::sync::Arc;

use cpg_ir::expr::AggregateFunction;
use cpg_ir::sql::SqlProblem;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{
    AggregateUDF, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, Volatility, Window,
    WindowFrameUnits, WindowFunctionDefinition,
};

use super::super::expr::sort_by;
use crate::aggregates;

/// The functions of windows whose value depends on how rows tie.
const LOOK_AT_ROWS: [&str; 4] = ["row_number", "ntile", "lag", "lead"];

/// The plan, its rows decided.
pub(super) fn settle(plan: LogicalPlan) -> std::result::Result<LogicalPlan, SqlProblem> {
    let mut refused = None;
    let settled = plan.transform_up(|node| {
        if refused.is_none()
            && let Err(problem) = accepted(&node)
        {
            refused = Some(problem);
        }
        if refused.is_some() {
            return Ok(Transformed::no(node));
        }
        match node {
            LogicalPlan::Limit(mut limit) => {
                match ordered(&limit.input)? {
                    Some(input) => limit.input = Arc::new(input),
                    None => {
                        let problem = SqlProblem::refused(
                            "which rows a `limit` keeps depends on how they happen to come",
                        );
                        refused = Some(problem.help("say `order by` before it"));
                    }
                }
                Ok(Transformed::yes(LogicalPlan::Limit(limit)))
            }
            LogicalPlan::Window(window) => windows(window).map(Transformed::yes),
            LogicalPlan::Aggregate(node) => {
                let exact = node
                    .aggr_expr
                    .iter()
                    .map(|expr| exact(expr.clone(), &node.input))
                    .collect::<Result<Vec<_>>>()?;
                if exact == node.aggr_expr {
                    return Ok(Transformed::no(LogicalPlan::Aggregate(node)));
                }
                let before = LogicalPlan::Aggregate(node.clone());
                let after = LogicalPlanBuilder::from(Arc::unwrap_or_clone(node.input))
                    .aggregate(node.group_expr, exact)?
                    .build()?;
                renamed(after, &before).map(Transformed::yes)
            }
            other => Ok(Transformed::no(other)),
        }
    });
    let settled = settled.map_err(|error| SqlProblem::wrong(error.find_root().to_string()))?;
    match refused {
        None => Ok(settled.data),
        Some(problem) => Err(problem),
    }
}

/// Whether a node's expressions are of kinds that a plan may hold.
fn accepted(node: &LogicalPlan) -> std::result::Result<(), SqlProblem> {
    let mut problem = None;
    let walked = node.apply_expressions(|root| {
        root.apply(|expr| {
            problem = match expr {
                Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::SetComparison(_) => {
                    let problem =
                        SqlProblem::refused("a query within an expression has no form here");
                    Some(problem.help("join it: `with x as (…) select … from a join x on …`"))
                }
                Expr::ScalarFunction(call)
                    if call.func.signature().volatility != Volatility::Immutable =>
                {
                    let name = call.func.name();
                    let message = format!("`{name}` gives another value at another time");
                    Some(SqlProblem::refused(message))
                }
                // DataFusion counts equal values in windows again and again.
                Expr::WindowFunction(call) if call.params.distinct => {
                    Some(SqlProblem::refused("`distinct` has no form in a window"))
                }
                _ => return Ok(TreeNodeRecursion::Continue),
            };
            Ok(TreeNodeRecursion::Stop)
        })
    });
    match (problem, walked) {
        (Some(problem), _) => Err(problem),
        (None, Err(error)) => Err(SqlProblem::wrong(error.find_root().to_string())),
        (None, Ok(_)) => Ok(()),
    }
}

/// A plan whose rows come in an order that all of their columns decide; `None` where they come in no order.
fn ordered(plan: &LogicalPlan) -> Result<Option<LogicalPlan>> {
    Ok(match plan {
        LogicalPlan::Sort(sort) => {
            let mut sort = sort.clone();
            complete(&mut sort.expr, &sort.input)?;
            Some(LogicalPlan::Sort(sort))
        }
        LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_) | LogicalPlan::Limit(_) => {
            let [input] = plan.inputs()[..] else { return Ok(None) };
            match ordered(input)? {
                Some(input) => Some(plan.with_new_exprs(plan.expressions(), vec![input])?),
                None => None,
            }
        }
        _ => None,
    })
}

/// Orders rows that tie by all of their columns.
fn complete(order: &mut Vec<Sort>, input: &LogicalPlan) -> Result<()> {
    for column in input.schema().columns() {
        let more = sort_by(Expr::Column(column), false, input.schema())
            .map_err(|problem| DataFusionError::Plan(problem.to_string()))?;
        order.extend(
            more.into_iter()
                .filter(|sort| !order.iter().any(|o| o.expr == sort.expr))
                .collect::<Vec<_>>(),
        );
    }
    Ok(())
}

/// The windows one by one, since they may come to have different orders.
fn windows(window: Window) -> Result<LogicalPlan> {
    let before = LogicalPlan::Window(window.clone());
    let Window { input, window_expr, .. } = window;
    let mut plan = Arc::unwrap_or_clone(Arc::clone(&input));
    for expr in window_expr {
        let expr = expr
            .transform(|expr| {
                let Expr::WindowFunction(mut call) = expr else {
                    return Ok(Transformed::no(expr));
                };
                let rows = call.params.window_frame.units == WindowFrameUnits::Rows;
                let looks = match &call.fun {
                    WindowFunctionDefinition::WindowUDF(function) => {
                        LOOK_AT_ROWS.contains(&function.name())
                    }
                    WindowFunctionDefinition::AggregateUDF(_) => {
                        rows && !call.params.order_by.is_empty()
                    }
                };
                if looks {
                    complete(&mut call.params.order_by, &input)?;
                }
                Ok(Transformed::yes(Expr::WindowFunction(call)))
            })?
            .data;
        plan = LogicalPlanBuilder::from(plan).window(vec![exact(expr, &input)?])?.build()?;
    }
    renamed(plan, &before)
}

/// Sums of floating-point numbers without rounding.
fn exact(expr: Expr, input: &LogicalPlan) -> Result<Expr> {
    let sum = |function: &AggregateUDF, args: &[Expr]| -> Result<bool> {
        let [argument] = args else { return Ok(false) };
        Ok(function.name() == "sum" && argument.get_type(input.schema())?.is_floating())
    };
    let ours = || aggregates::implementation(AggregateFunction::Sum, true);
    let replaced = expr.transform(|expr| {
        Ok(match expr {
            Expr::AggregateFunction(mut call) if sum(&call.func, &call.params.args)? => {
                call.func = ours();
                Transformed::yes(Expr::AggregateFunction(call))
            }
            Expr::WindowFunction(mut call) => match &call.fun {
                WindowFunctionDefinition::AggregateUDF(function)
                    if sum(function, &call.params.args)? =>
                {
                    call.fun = WindowFunctionDefinition::AggregateUDF(ours());
                    Transformed::yes(Expr::WindowFunction(call))
                }
                _ => Transformed::no(Expr::WindowFunction(call)),
            },
            other => Transformed::no(other),
        })
    })?;
    Ok(replaced.data)
}

/// A plan with the names of another that has as many columns.
fn renamed(plan: LogicalPlan, like: &LogicalPlan) -> Result<LogicalPlan> {
    let own = plan.schema().columns();
    let names = like.schema().iter();
    let columns = own.into_iter().zip(names).map(|(column, (qualifier, field))| {
        Expr::Column(column).alias_qualified(qualifier.cloned(), field.name())
    });
    LogicalPlanBuilder::from(plan).project(columns.collect::<Vec<_>>())?.build()
}
