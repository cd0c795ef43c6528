//! `relate`: candidates are joined, scored, ranked and kept.
//!
//! The plan, from the bottom: the join ([`candidates`]) → one row of values per candidate → `score` → rank and
//! number of candidates per group → the kept → one row per pair → the relation's row ([`confidence`] among it).

use arrow::datatypes::DataType;
use cpg_ir::spec::{RankKey, RelateSpec};
use datafusion::common::{Column, DFSchema};
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_window::row_number::row_number_udwf;
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, cast, lit, when,
};

use super::Lowering;
use super::expr::{Scalars, call, column, parts, sort_by};
use super::output::value;
use crate::error::Problem;

mod candidates;
pub(super) mod confidence;
mod unique;

use confidence::Confidence;

/// The helper column that holds a candidate's place in its group, from 1.
const PLACE: &str = "#place";

impl Lowering<'_> {
    pub(super) fn relate(&self, spec: &RelateSpec) -> Result<LogicalPlan, Problem> {
        let values = Values::of(spec, self.candidates(spec)?)?;
        let order = values.order(spec, self.candidates_are_unique(spec))?;
        let pairs_unique = self.pairs_are_unique(spec);

        let mut plan = values.plan;
        if let Some(rank) = &spec.rank {
            plan = ranked(plan, &values.groups, &order)?;
            if let Some(keep) = rank.keep {
                let kept = own(PLACE).lt_eq(lit(u64::from(keep)));
                plan = LogicalPlanBuilder::from(plan).filter(kept)?.build()?;
            }
        }
        if !pairs_unique {
            plan = first_of_each(plan, vec![own("src"), own("dst")], order)?;
        }
        let group = match &spec.rank {
            Some(_) => values.groups,
            None => vec![own("src"), own("dst")],
        };
        let mut row = vec![
            own("src"),
            own("dst"),
            own("kind"),
            own("path"),
            own("span"),
            own("score"),
            values
                .confidence
                .expr(spec.rank.is_some().then(|| own("candidates")))
                .alias("confidence"),
            group_id(spec, group)?.alias("ambiguity_group_id"),
            lit(spec.provider.as_str()).alias("provider"),
            lit(spec.rule.as_str()).alias("rule"),
        ];
        row.push(match &spec.rank {
            Some(_) => own("candidates"),
            None => lit(1_i64).alias("candidates"),
        });
        row.extend(values.properties.iter().map(|(helper, name)| own(helper).alias(*name)));
        Ok(LogicalPlanBuilder::from(plan).project(row)?.build()?)
    }
}

/// Every candidate's values, computed once, one column each.
struct Values<'a> {
    plan: LogicalPlan,
    /// What candidates compete in; spans by their ends.
    groups: Vec<Expr>,
    /// The columns of `rank.by` that are not the score, in order; spans by their ends.
    keys: Vec<Vec<Sort>>,
    confidence: Confidence,
    /// The edge's further columns: their helper columns and their names.
    properties: Vec<(String, &'a str)>,
}

impl<'a> Values<'a> {
    fn of(spec: &'a RelateSpec, candidates: LogicalPlan) -> Result<Self, Problem> {
        let schema = candidates.schema();
        let scalars = Scalars::over(schema);
        let mut row = vec![
            column(0, &spec.from_id).alias("src"),
            column(1, &spec.to_id).alias("dst"),
            optional(&spec.from_path, DataType::Utf8).alias("path"),
            optional(&spec.from_span, span_type()).alias("span"),
            match &spec.edge {
                Some(edge) => scalars.lower(&edge.kind)?,
                None => typed_null(DataType::Utf8),
            }
            .alias("kind"),
            cast(scalars.lower(&spec.score)?, DataType::Float64).alias("#score"),
        ];
        let mut helper = |name: String, value: Expr| {
            row.push(value.alias(&name));
            name
        };

        let mut groups = Vec::new();
        let mut keys = Vec::new();
        if let Some(rank) = &spec.rank {
            for value in rank.per.iter() {
                for part in parts(scalars.lower(value)?, schema)? {
                    groups.push(own(helper(format!("#group{}", groups.len()), part)));
                }
            }
            for (index, key) in rank.by.iter().enumerate() {
                let RankKey::Key(key) = key else {
                    keys.push(Vec::new());
                    continue;
                };
                let sorts = scalars.sort(std::slice::from_ref(key))?;
                let sorts = sorts.into_iter().enumerate().map(|(part, sort)| {
                    let name = helper(format!("#key{index}_{part}"), sort.expr);
                    Sort::new(own(name), sort.asc, sort.nulls_first)
                });
                keys.push(sorts.collect());
            }
        }
        let mut properties = Vec::new();
        for (index, property) in spec.edge.iter().flat_map(|edge| &edge.properties).enumerate() {
            let value = value(property, &scalars, schema)?;
            properties.push((helper(format!("#property{index}"), value), property.name.as_str()));
        }

        let mut features = Vec::new();
        for (index, feature) in spec.features.iter().enumerate() {
            let value = scalars.lower(&feature.value)?;
            let value = if feature.boolean {
                when(value, lit(1.0)).otherwise(lit(0.0))?
            } else {
                or_zero(value)
            };
            let weight = or_zero(scalars.lower(&feature.weight)?);
            features.push((
                own(helper(format!("#feature{index}"), value)),
                own(helper(format!("#weight{index}"), weight)),
            ));
        }
        let base = own(helper("#confidence".to_owned(), scalars.lower(&spec.confidence)?));
        let confidence = Confidence { base, features };

        let rows = LogicalPlanBuilder::from(candidates.clone()).project(row)?.build()?;
        let score = own("#score") + confidence.weighted_sum();
        let mut row: Vec<Expr> = rows.schema().columns().into_iter().map(Expr::Column).collect();
        row.push(score.alias("score"));
        let plan = LogicalPlanBuilder::from(rows).project(row)?.build()?;
        Ok(Self { plan, groups, keys, confidence, properties })
    }

    /// Best first: the keys of `rank.by`, then both ids. Where several candidates may
    /// have the same ids, then by everything else that shows, so that the order is total.
    fn order(&self, spec: &RelateSpec, unique: bool) -> Result<Vec<Sort>, Problem> {
        let by = spec.rank.iter().flat_map(|rank| &rank.by);
        let mut order: Vec<Sort> = Vec::new();
        for (key, sorts) in by.zip(&self.keys) {
            match key {
                RankKey::Score { descending } => order.push(own("score").sort(!descending, false)),
                RankKey::Key(_) => order.extend(sorts.iter().cloned()),
            }
        }
        order.push(own("src").sort(true, false));
        order.push(own("dst").sort(true, false));
        order.push(own("score").sort(false, false));
        let schema: &DFSchema = self.plan.schema();
        let shown = ["kind", "path", "span"]
            .map(own)
            .into_iter()
            .chain(self.properties.iter().map(|(helper, _)| own(helper)))
            .chain([self.confidence.base.clone()])
            .chain(self.confidence.features.iter().flat_map(|(f, w)| [f.clone(), w.clone()]));
        if !unique {
            for value in shown {
                order.extend(sort_by(value, false, schema)?);
            }
        }
        Ok(order)
    }
}

/// Adds each candidate's place in its group and the number of candidates there. The second needs no sorting beyond
/// the first's.
fn ranked(plan: LogicalPlan, groups: &[Expr], order: &[Sort]) -> Result<LogicalPlan, Problem> {
    let place = row_number_udwf()
        .call(vec![])
        .partition_by(groups.to_vec())
        .order_by(order.to_vec())
        .build()?;
    let candidates =
        window(count_udaf(), vec![lit(1_i64)]).partition_by(groups.to_vec()).build()?;
    let plan = with_window(plan, place, PLACE)?;
    with_window(plan, candidates, "candidates")
}

fn window(
    function: std::sync::Arc<datafusion::logical_expr::AggregateUDF>,
    args: Vec<Expr>,
) -> Expr {
    use datafusion::logical_expr::WindowFunctionDefinition;
    use datafusion::logical_expr::expr::WindowFunction;
    Expr::from(WindowFunction::new(WindowFunctionDefinition::AggregateUDF(function), args))
}

/// The first row by `order` of each group that agrees in `keys`.
pub(super) fn first_of_each(
    plan: LogicalPlan,
    keys: Vec<Expr>,
    order: Vec<Sort>,
) -> Result<LogicalPlan, Problem> {
    let columns: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
    let place = row_number_udwf().call(vec![]).partition_by(keys).order_by(order).build()?;
    let numbered = with_window(plan, place, "#first")?;
    Ok(LogicalPlanBuilder::from(numbered)
        .filter(own("#first").eq(lit(1_u64)))?
        .project(columns)?
        .build()?)
}

/// Adds the value of a window function as the unqualified column `name`.
fn with_window(plan: LogicalPlan, function: Expr, name: &str) -> Result<LogicalPlan, Problem> {
    let mut row: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
    let plan = LogicalPlanBuilder::from(plan).window(vec![function])?.build()?;
    if let Some(computed) = plan.schema().columns().pop() {
        row.push(Expr::Column(computed).alias(name));
    }
    Ok(LogicalPlanBuilder::from(plan).project(row)?.build()?)
}

/// The id that candidates which compete have in common.
fn group_id(spec: &RelateSpec, group: Vec<Expr>) -> Result<Expr, Problem> {
    let mut args = vec![lit("ambiguity"), lit(spec.rule.as_str())];
    args.extend(group);
    call("group_id", args)
}

/// An unqualified column.
fn own(name: impl Into<String>) -> Expr {
    Expr::Column(Column::from_name(name))
}

fn or_zero(value: Expr) -> Expr {
    let value = cast(value, DataType::Float64);
    datafusion::functions::core::coalesce().call(vec![value, lit(0.0)])
}

/// A column of `from`, or null where it has none.
fn optional(name: &Option<String>, ty: DataType) -> Expr {
    match name {
        Some(name) => column(0, name),
        None => typed_null(ty),
    }
}

fn typed_null(ty: DataType) -> Expr {
    cast(lit(datafusion::common::ScalarValue::Null), ty)
}

fn span_type() -> DataType {
    crate::schema::arrow_type(&cpg_ir::types::PhysicalType::Span)
}
