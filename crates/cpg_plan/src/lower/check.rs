//! A check as the plan of what breaks it. What rules mean is written down at [`cpg_ir::check`].

use std::collections::BTreeSet;

use cpg_ir::check::{Check, CheckRule, CoverageSource};
use cpg_ir::expr::Expr as IrExpr;
use cpg_ir::ir::SemanticIr;
use cpg_ir::spec::RelationId;
use datafusion::common::JoinType;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit, not};

use super::Lowering;
use super::expr::{Scalars, column};
use crate::error::Problem;
use crate::scan::own;

/// The column that says how many rows agree where one may.
const ROWS: &str = "rows";

/// The columns that tell people what a row is. Shown where a relation keeps all of its columns.
const TELLING: [&str; 4] = ["kind", "name", "qualified_name", "path"];

/// What a check looks at.
#[derive(Debug, Clone)]
pub(crate) struct Lowered {
    /// What breaks it: rows, or groups of them.
    pub(crate) breaking: LogicalPlan,
    /// What a share is taken of; `None` where nothing may break it.
    pub(crate) all: Option<LogicalPlan>,
}

/// Lowers a check over scans of relations.
pub(crate) fn lower_check(ir: &SemanticIr, check: &Check) -> Result<Lowered, Problem> {
    let of = |id: &RelationId| {
        let found = ir.relation(id).ok_or_else(|| Problem::UnknownRelation(id.clone()))?;
        let lowering = Lowering { ir, relation: &found.relation, block: None };
        Ok::<_, Problem>(Checked { lowering, keeps_all: found.exported })
    };
    let breaking = match &check.rule {
        CheckRule::Unique { relation, columns } => of(relation)?.repeated(columns.iter())?,
        CheckRule::NotNull { relation, columns } => {
            let null = columns.iter().map(|name| column(0, name).is_null());
            of(relation)?.rows(any(null), columns.iter())?
        }
        CheckRule::References { relation, columns, target, target_column } => {
            let checked = of(relation)?;
            let mut dangling: Option<LogicalPlan> = None;
            for name in columns {
                let rows = checked.dangling(name, columns, (target, target_column))?;
                dangling = Some(match dangling {
                    Some(others) => LogicalPlanBuilder::from(others).union(rows)?.build()?,
                    None => rows,
                });
            }
            dangling.ok_or(Problem::Empty)?
        }
        CheckRule::Accepted { relation, column: name, values } => {
            let checked = of(relation)?;
            let input = checked.input(0)?;
            let scalars = Scalars::over(input.schema());
            let values: Vec<IrExpr> = values.iter().cloned().map(IrExpr::Literal).collect();
            let unknown = column(0, name).in_list(scalars.lower_all(&values)?, true);
            checked.rows(unknown, [name])?
        }
        CheckRule::Expect { relation, condition } => {
            let checked = of(relation)?;
            let input = checked.input(0)?;
            let holds = Scalars::over(input.schema()).lower(condition)?;
            let mut read = BTreeSet::new();
            condition.walk(&mut |part| {
                if let IrExpr::Column { name, .. } = part {
                    read.insert(name.clone());
                }
            });
            checked.rows(not(holds), read.iter())?
        }
        CheckRule::Empty { relation } => {
            let checked = of(relation)?;
            let columns = &checked.lowering.schema().columns;
            checked.rows(lit(true), columns.iter().map(|column| &column.name))?
        }
        CheckRule::Coverage { entity, id, sources, .. } => {
            let checked = of(entity)?;
            let breaking = checked.uncovered(id, sources)?;
            let all = LogicalPlanBuilder::from(checked.input(0)?).project([column(0, id)])?;
            return Ok(Lowered { breaking, all: Some(all.build()?) });
        }
    };
    Ok(Lowered { breaking, all: None })
}

/// The relation that a check is about.
struct Checked<'a> {
    lowering: Lowering<'a>,
    /// Whether it has all its columns at run time, whoever reads them.
    keeps_all: bool,
}

impl Checked<'_> {
    fn input(&self, index: u32) -> Result<LogicalPlan, Problem> {
        self.lowering.input(&self.lowering.relation.id, index)
    }

    /// These columns, and what tells people which rows they are of, unqualified.
    fn shown<'n>(&self, columns: impl IntoIterator<Item = &'n String>) -> Vec<Expr> {
        let mut names: Vec<&str> = columns.into_iter().map(String::as_str).collect();
        let schema = self.lowering.schema();
        let telling = TELLING.into_iter().filter(|name| schema.column(name).is_some());
        for name in telling.filter(|_| self.keeps_all) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.into_iter().map(|name| column(0, name).alias(name)).collect()
    }

    fn rows<'n>(
        &self,
        breaking: Expr,
        columns: impl IntoIterator<Item = &'n String>,
    ) -> Result<LogicalPlan, Problem> {
        let rows = LogicalPlanBuilder::from(self.input(0)?).filter(breaking)?;
        Ok(rows.project(self.shown(columns))?.build()?)
    }

    /// The values that several rows have, without those in which one is null, and how many have them.
    fn repeated<'n>(
        &self,
        columns: impl Iterator<Item = &'n String> + Clone,
    ) -> Result<LogicalPlan, Problem> {
        let mut rows = LogicalPlanBuilder::from(self.input(0)?);
        for name in columns.clone() {
            rows = rows.filter(column(0, name).is_not_null())?;
        }
        let keys: Vec<Expr> = columns.clone().map(|name| column(0, name)).collect();
        let grouped = rows.aggregate(keys, [count(lit(1_i64)).alias(ROWS)])?;
        let repeated = grouped.filter(own(ROWS).gt(lit(1_i64)))?;
        let named = columns.map(|name| column(0, name).alias(name)).chain([own(ROWS)]);
        Ok(repeated.project(named.collect::<Vec<_>>())?.build()?)
    }

    /// Rows whose value of one column is no value of the target's column.
    fn dangling(
        &self,
        name: &str,
        columns: &BTreeSet<String>,
        (target, target_column): (&RelationId, &str),
    ) -> Result<LogicalPlan, Problem> {
        let rows =
            LogicalPlanBuilder::from(self.input(0)?).filter(column(0, name).is_not_null())?;
        let target = self.lowering.input(target, 1)?;
        let on = [column(0, name).eq(column(1, target_column))];
        let rows = rows.join_on(target, JoinType::LeftAnti, on)?;
        Ok(rows.project(self.shown(columns))?.build()?)
    }

    /// The ids that stand in none of the sources.
    fn uncovered(
        &self,
        id: &String,
        sources: &BTreeSet<CoverageSource>,
    ) -> Result<LogicalPlan, Problem> {
        let mut rows = LogicalPlanBuilder::from(self.input(0)?);
        for (index, source) in (1..).zip(sources) {
            let found = self.lowering.input(&source.relation, index)?;
            let on = [column(0, id).eq(column(index, &source.column))];
            rows = rows.join_on(found, JoinType::LeftAnti, on)?;
        }
        Ok(rows.project(self.shown([id]))?.build()?)
    }
}

fn any(conditions: impl Iterator<Item = Expr>) -> Expr {
    conditions.reduce(Expr::or).unwrap_or_else(|| lit(false))
}
