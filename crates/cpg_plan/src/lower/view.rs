//! `view`: a pipeline of relational steps.

use std::collections::BTreeSet;
use std::sync::Arc;

use cpg_ir::expr::{Aggregate, AggregateFunction, SortKey};
use cpg_ir::spec::{AggregateColumn, Arm, JoinKind, OutputColumn, Step, ViewSpec};
use datafusion::common::Column;
use datafusion::logical_expr::expr::{AggregateFunction as AggregateCall, Sort};
use datafusion::logical_expr::{
    AggregateUDF, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, lit,
};

use super::Lowering;
use super::expr::{Scalars, alias, conjuncts, sort_by};
use super::join::{Conjunct, join};
use super::output::{select, shape, value};
use super::relate::first_of_each;
use super::union;
use super::window::{add_window, unnest};
use crate::aggregates;
use crate::error::Problem;

impl Lowering<'_> {
    pub(super) fn view(&self, spec: &ViewSpec) -> Result<LogicalPlan, Problem> {
        let arms = spec
            .pipeline
            .arms
            .iter()
            .map(|arm| shape(self.arm(arm)?, self.schema()))
            .collect::<Result<Vec<_>, _>>()?;
        union::all(arms)
    }

    pub(super) fn arm(&self, arm: &Arm) -> Result<LogicalPlan, Problem> {
        let mut rows = Rows { plan: self.input(&arm.from, 0)?, sources: 1 };
        for (index, step) in arm.steps.iter().enumerate() {
            let following = arm.steps.get(index + 1..).unwrap_or_default();
            rows = self.step(rows, step, following)?;
        }
        Ok(rows.plan)
    }

    fn step(&self, rows: Rows, step: &Step, following: &[Step]) -> Result<Rows, Problem> {
        let Rows { plan, sources } = rows;
        let scalars = Scalars::over(plan.schema());
        let plan = match step {
            Step::Join { join: kind, relation, on } => {
                let right = self.input(relation, sources)?;
                let both = plan.schema().join(right.schema())?;
                let on = on
                    .iter()
                    .flat_map(conjuncts)
                    .map(|conjunct| Conjunct::lower(conjunct, &Scalars::over(&both)))
                    .collect::<Result<Vec<_>, _>>()?;
                let added = u32::from(matches!(kind, JoinKind::Inner | JoinKind::Left));
                let plan = join(plan, right, on, *kind)?;
                return Ok(Rows { plan, sources: sources + added });
            }
            Step::Select { columns } => {
                return Ok(Rows { plan: select(plan, columns)?, sources: 1 });
            }
            Step::GroupBy { keys, aggregates } => {
                let keys = keys
                    .iter()
                    .map(|key| Ok((key.name.as_str(), value(key, &scalars, plan.schema())?)))
                    .collect::<Result<Vec<_>, Problem>>()?;
                return Ok(Rows { plan: group(plan, keys, aggregates)?, sources: 1 });
            }
            Step::Where { predicate } => {
                let predicate = scalars.lower(predicate)?;
                LogicalPlanBuilder::from(plan).filter(predicate)?.build()?
            }
            Step::Derive { columns } => derive(plan, columns, sources - 1)?,
            Step::Window(window) => add_window(plan, window, sources - 1)?,
            Step::Unnest(list) => unnest(plan, list, sources - 1)?,
            Step::Distinct => LogicalPlanBuilder::from(plan).distinct()?.build()?,
            Step::Dedupe { keys, by } => {
                let keys = scalars.lower_all(keys)?;
                let order = then_looked_at(&plan, by, following)?;
                first_of_each(plan, keys, order)?
            }
            Step::Limit { by, count } => {
                let order = then_looked_at(&plan, by, following)?;
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                LogicalPlanBuilder::from(plan).sort_with_limit(order, Some(count))?.build()?
            }
        };
        Ok(Rows { plan, sources })
    }
}

/// Rows within a pipeline.
struct Rows {
    plan: LogicalPlan,
    /// How many row sources they have; at least one.
    sources: u32,
}

/// Adds columns to row source `last`.
fn derive(plan: LogicalPlan, columns: &[OutputColumn], last: u32) -> Result<LogicalPlan, Problem> {
    let scalars = Scalars::over(plan.schema());
    let mut row: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
    for column in columns {
        let value = value(column, &scalars, plan.schema())?;
        row.push(value.alias_qualified(Some(alias(last)), &column.name));
    }
    Ok(LogicalPlanBuilder::from(plan).project(row)?.build()?)
}

/// By `by`, then by every column in order: rows that still tie are equal.
pub(super) fn then_all_columns(plan: &LogicalPlan, by: &[SortKey]) -> Result<Vec<Sort>, Problem> {
    then_columns(plan, by, |_| true)
}

/// By `by`, then by every column in order that the steps behind look at: of rows that still tie it does not matter which
/// is kept. Columns that nothing looks at are not read, and which row is kept does not change with them.
fn then_looked_at(
    plan: &LogicalPlan,
    by: &[SortKey],
    following: &[Step],
) -> Result<Vec<Sort>, Problem> {
    match looked_at(following) {
        Some(columns) => then_columns(plan, by, |column| columns.contains(column)),
        None => then_all_columns(plan, by),
    }
}

fn then_columns(
    plan: &LogicalPlan,
    by: &[SortKey],
    counts: impl Fn(&Column) -> bool,
) -> Result<Vec<Sort>, Problem> {
    let mut order = Scalars::over(plan.schema()).sort(by)?;
    for column in plan.schema().columns().into_iter().filter(counts) {
        order.extend(sort_by(Expr::Column(column), false, plan.schema())?);
    }
    Ok(order)
}

/// The columns that steps look at; none where they look at all.
fn looked_at(steps: &[Step]) -> Option<BTreeSet<Column>> {
    let mut columns = BTreeSet::new();
    let mut look = |value: &cpg_ir::expr::Expr| {
        value.walk(&mut |value| {
            if let cpg_ir::expr::Expr::Column { source, name } = value {
                columns.insert(Column::new(Some(alias(*source)), name));
            }
        });
    };
    for step in steps {
        match step {
            Step::Join { on, .. } => on.iter().for_each(&mut look),
            Step::Where { predicate } => look(predicate),
            Step::Derive { columns } => columns.iter().for_each(|column| look(&column.value)),
            Step::Dedupe { keys, by } => {
                keys.iter().chain(by.iter().map(|key| &key.expr)).for_each(&mut look);
            }
            Step::Limit { by, .. } => by.iter().for_each(|key| look(&key.expr)),
            Step::Select { columns: row } => {
                row.iter().for_each(|column| look(&column.value));
                return Some(columns);
            }
            Step::GroupBy { keys, aggregates } => {
                keys.iter().for_each(|column| look(&column.value));
                aggregates.iter().flat_map(|column| &column.value.args).for_each(look);
                return Some(columns);
            }
            Step::Window(_) | Step::Unnest(_) | Step::Distinct => return None,
        }
    }
    None
}

/// One row per distinct `keys`, as row source 0: the keys under their names, then the aggregates.
pub(super) fn group(
    plan: LogicalPlan,
    keys: Vec<(&str, Expr)>,
    aggregates: &[AggregateColumn],
) -> Result<LogicalPlan, Problem> {
    let scalars = Scalars::over(plan.schema());
    // Every operand is a column of its own below the grouping, so that no two expressions of it share a name.
    let mut operands: Vec<Expr> = Vec::new();
    let mut operand = |value: Expr| {
        let name = format!("#{}", operands.len());
        operands.push(value.alias(&name));
        Expr::Column(Column::from_name(name))
    };
    let (names, keys): (Vec<&str>, Vec<Expr>) =
        keys.into_iter().map(|(name, key)| (name, operand(key))).unzip();
    let mut calls: Vec<Expr> = Vec::new();
    let mut call_of: Vec<usize> = Vec::new();
    for AggregateColumn { value, .. } in aggregates {
        let call = aggregate(value, &scalars, plan.schema(), &mut operand)?;
        let place = calls.iter().position(|known| *known == call).unwrap_or_else(|| {
            calls.push(call);
            calls.len() - 1
        });
        call_of.push(place);
    }
    let grouped = LogicalPlanBuilder::from(plan)
        .project(operands)?
        .aggregate(keys.clone(), calls)?
        .build()?;

    let computed = grouped.schema().columns();
    let names = names.into_iter().chain(aggregates.iter().map(|column| column.name.as_str()));
    let places = (0..keys.len()).chain(call_of.into_iter().map(|place| keys.len() + place));
    let row: Vec<Expr> = names
        .zip(places)
        .filter_map(|(name, place)| Some(Expr::Column(computed.get(place)?.clone()).alias(name)))
        .collect();
    Ok(LogicalPlanBuilder::from(grouped).project(row)?.alias(alias(0))?.build()?)
}

fn aggregate(
    aggregate: &Aggregate,
    scalars: &Scalars<'_>,
    schema: &datafusion::common::DFSchema,
    operand: &mut impl FnMut(Expr) -> Expr,
) -> Result<Expr, Problem> {
    let (function, arguments, distinct) = aggregate_call(aggregate, scalars, schema, operand)?;
    Ok(Expr::AggregateFunction(AggregateCall::new_udf(
        function,
        arguments,
        distinct,
        None,
        vec![],
        None,
    )))
}

/// The implementation of an aggregate, its arguments, of which `operand` makes what stands in the call, and whether equal
/// arguments count once.
pub(super) fn aggregate_call(
    aggregate: &Aggregate,
    scalars: &Scalars<'_>,
    schema: &datafusion::common::DFSchema,
    operand: &mut impl FnMut(Expr) -> Expr,
) -> Result<(Arc<AggregateUDF>, Vec<Expr>, bool), Problem> {
    let function = aggregate.function;
    let arguments = scalars.lower_all(&aggregate.args)?;
    let float = match arguments.first() {
        Some(first) => first.get_type(schema)?.is_floating(),
        None => false,
    };
    let arguments = match arguments.is_empty() {
        true if function == AggregateFunction::Count => vec![lit(1_i64)],
        true => return Err(Problem::MissingArgument(format!("{function:?}"))),
        false => arguments.into_iter().map(operand).collect(),
    };
    let distinct = function == AggregateFunction::CountDistinct;
    Ok((aggregates::implementation(function, float), arguments, distinct))
}
