//! `normalize`: the rows of one source that pass a filter, as an entity's.

use cpg_ir::expr::Expr as IrExpr;
use cpg_ir::spec::NormalizeSpec;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};

use super::Lowering;
use super::expr::Scalars;
use super::output::select;
use crate::error::Problem;

impl Lowering<'_> {
    pub(super) fn normalize(&self, spec: &NormalizeSpec) -> Result<LogicalPlan, Problem> {
        let source = self.input(&spec.source, 0)?;
        select(filtered(source, spec.filter.as_ref())?, &spec.columns)
    }
}

/// The rows that satisfy `filter`.
pub(super) fn filtered(plan: LogicalPlan, filter: Option<&IrExpr>) -> Result<LogicalPlan, Problem> {
    let Some(filter) = filter else {
        return Ok(plan);
    };
    let predicate = Scalars::over(plan.schema()).lower(filter)?;
    Ok(LogicalPlanBuilder::from(plan).filter(predicate)?.build()?)
}
