//! The steps `window` and `unnest` of a view: columns are added to the last row source.

use arrow::datatypes::DataType;
use cpg_ir::types::{Column as IrColumn, ColumnType, SemanticType};
use cpg_ir::window::{Neighbour, Unnest, Window, WindowFunction};
use datafusion::common::{Column, UnnestOptions};
use datafusion::functions_window::lead_lag::{lag_udwf, lead_udwf};
use datafusion::functions_window::nth_value::{first_value_udwf, last_value_udwf};
use datafusion::functions_window::rank::{dense_rank_udwf, rank_udwf};
use datafusion::functions_window::row_number::row_number_udwf;
use datafusion::logical_expr::expr::{Sort, WindowFunction as Call};
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, WindowFrame, WindowFrameBound,
    WindowFrameUnits, WindowFunctionDefinition, cast, lit,
};

use super::expr::{Scalars, alias, call, constant, parts};
use super::output::typed;
use super::view::{aggregate_call, then_all_columns};
use crate::error::Problem;
use crate::scan::own;

/// How the rows of a partition are ordered for a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Not at all.
    None,
    /// By the written keys, so that rows may tie.
    Written,
    /// By the written keys and then by all columns: rows that still tie are equal.
    Total,
}

/// Adds the columns of a window to row source `last`.
pub(super) fn add_window(
    plan: LogicalPlan,
    window: &Window,
    last: u32,
) -> Result<LogicalPlan, Problem> {
    let row: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
    let scalars = Scalars::over(plan.schema());
    // Partitions, keys and arguments are columns of their own below the window, so that each is computed once.
    let mut below = row.clone();
    let mut helper = |value: Expr| {
        let name = format!("#{}", below.len());
        below.push(value.alias(&name));
        own(name)
    };
    let mut per = Vec::new();
    for key in &window.per {
        for part in parts(scalars.lower(key)?, plan.schema())? {
            per.push(helper(part));
        }
    }
    let mut total = Vec::new();
    if window.is_ordered() {
        total = then_all_columns(&plan, &window.by)?;
    }
    let written = scalars.sort(&window.by)?.len();
    for sort in total.iter_mut().take(written) {
        sort.expr = helper(sort.expr.clone());
    }
    let mut functions: Vec<(Order, Expr)> = Vec::with_capacity(window.columns.len());
    for column in &window.columns {
        functions.push(function(&column.value, window.is_ordered(), &scalars, &plan, &mut helper)?);
    }
    let mut plan = LogicalPlanBuilder::from(plan).project(below)?.build()?;

    // Functions that look at the same order are computed together.
    let mut names: Vec<Option<Column>> = vec![None; functions.len()];
    for order in [Order::Total, Order::Written, Order::None] {
        let sorts: &[Sort] = match order {
            Order::None => &[],
            Order::Written => total.get(..written).unwrap_or_default(),
            Order::Total => &total,
        };
        let mut calls: Vec<Expr> = Vec::new();
        let mut places: Vec<(usize, usize)> = Vec::new();
        for (at, (_, function)) in functions.iter().enumerate().filter(|(_, f)| f.0 == order) {
            let call = framed(function.clone(), &per, sorts)?;
            let place = calls.iter().position(|known| *known == call).unwrap_or(calls.len());
            if place == calls.len() {
                calls.push(call);
            }
            places.push((at, place));
        }
        if calls.is_empty() {
            continue;
        }
        let width = plan.schema().fields().len();
        plan = LogicalPlanBuilder::from(plan).window(calls)?.build()?;
        let computed = plan.schema().columns();
        for (at, place) in places {
            names[at] = computed.get(width + place).cloned();
        }
    }

    let mut row = row;
    for (column, name) in window.columns.iter().zip(names) {
        let name = name.ok_or_else(|| Problem::MissingColumn(column.name.clone()))?;
        let ty = IrColumn { name: column.name.clone(), ty: column.ty.clone() };
        let value = typed(Expr::Column(name), &ty, plan.schema())?;
        row.push(value.alias_qualified(Some(alias(last)), &column.name));
    }
    Ok(LogicalPlanBuilder::from(plan).project(row)?.build()?)
}

/// A window function without its partitions and order, and the order that it needs.
fn function(
    function: &WindowFunction,
    ordered: bool,
    scalars: &Scalars<'_>,
    plan: &LogicalPlan,
    helper: &mut impl FnMut(Expr) -> Expr,
) -> Result<(Order, Expr), Problem> {
    Ok(match function {
        WindowFunction::RowNumber => (Order::Total, row_number_udwf().call(vec![])),
        WindowFunction::Rank => (Order::Written, rank_udwf().call(vec![])),
        WindowFunction::DenseRank => (Order::Written, dense_rank_udwf().call(vec![])),
        WindowFunction::Lag(neighbour) => {
            (Order::Total, lag_udwf().call(neighbour_args(neighbour, scalars, helper)?))
        }
        WindowFunction::Lead(neighbour) => {
            (Order::Total, lead_udwf().call(neighbour_args(neighbour, scalars, helper)?))
        }
        WindowFunction::FirstValue(value) => {
            (Order::Total, first_value_udwf().call(vec![helper(scalars.lower(value)?)]))
        }
        WindowFunction::LastValue(value) => {
            (Order::Total, last_value_udwf().call(vec![helper(scalars.lower(value)?)]))
        }
        WindowFunction::Aggregate(aggregate) => {
            let (udaf, arguments, distinct) =
                aggregate_call(aggregate, scalars, plan.schema(), helper)?;
            let definition = WindowFunctionDefinition::AggregateUDF(udaf);
            let mut call = Call::new(definition, arguments);
            call.params.distinct = distinct;
            let call = Expr::from(call);
            (if ordered { Order::Total } else { Order::None }, call)
        }
    })
}

fn neighbour_args(
    neighbour: &Neighbour,
    scalars: &Scalars<'_>,
    helper: &mut impl FnMut(Expr) -> Expr,
) -> Result<Vec<Expr>, Problem> {
    let mut args =
        vec![helper(scalars.lower(&neighbour.value)?), lit(i64::from(neighbour.distance))];
    if let Some(otherwise) = &neighbour.otherwise {
        args.push(constant(otherwise));
    }
    Ok(args)
}

/// A call with its partitions, its order and its frame: from the first row to this one where an aggregate has an
/// order, and else the whole partition.
fn framed(function: Expr, per: &[Expr], order: &[Sort]) -> Result<Expr, Problem> {
    let grows = !order.is_empty()
        && matches!(&function, Expr::WindowFunction(call)
            if matches!(call.fun, WindowFunctionDefinition::AggregateUDF(_)));
    let unbounded = || datafusion::common::ScalarValue::UInt64(None);
    let frame = WindowFrame::new_bounds(
        WindowFrameUnits::Rows,
        WindowFrameBound::Preceding(unbounded()),
        if grows { WindowFrameBound::CurrentRow } else { WindowFrameBound::Following(unbounded()) },
    );
    Ok(function.partition_by(per.to_vec()).order_by(order.to_vec()).window_frame(frame).build()?)
}

/// A row for each element of a list; the element and its place are added to row source `last`.
pub(super) fn unnest(
    plan: LogicalPlan,
    unnest: &Unnest,
    last: u32,
) -> Result<LogicalPlan, Problem> {
    let mut row: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
    let list = Scalars::over(plan.schema()).lower(&unnest.list)?;
    let mut below = row.clone();
    let mut lists = vec![Column::from_name("#element")];
    below.push(list.clone().alias("#element"));
    if unnest.place.is_some() {
        lists.push(Column::from_name("#place"));
        let length = cast(call("array_length", vec![list])?, DataType::Int64);
        let places = datafusion::functions_nested::range::gen_series_udf();
        below.push(places.call(vec![lit(1_i64), length]).alias("#place"));
    }
    let options = UnnestOptions::new().with_preserve_nulls(false);
    let plan = LogicalPlanBuilder::from(plan)
        .project(below)?
        .unnest_columns_with_options(lists, options)?
        .build()?;
    let element = IrColumn { name: unnest.element.clone(), ty: unnest.ty.clone() };
    let value = typed(own("#element"), &element, plan.schema())?;
    row.push(value.alias_qualified(Some(alias(last)), &unnest.element));
    if let Some(place) = &unnest.place {
        let column = IrColumn { name: place.clone(), ty: ColumnType::required(SemanticType::Int) };
        let value = typed(own("#place"), &column, plan.schema())?;
        row.push(value.alias_qualified(Some(alias(last)), place));
    }
    Ok(LogicalPlanBuilder::from(plan).project(row)?.build()?)
}
