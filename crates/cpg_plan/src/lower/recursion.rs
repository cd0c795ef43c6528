//! `fixpoint`, its views, and `closure`.

use cpg_ir::spec::{ClosureSpec, FixpointSpec, MemberSpec, Spec};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, lit};

use super::Lowering;
use super::expr::{alias, column};
use super::normalize::filtered;
use super::output::shape;
use crate::closure::Closure;
use crate::deps;
use crate::error::Problem;
use crate::fixpoint::Fixpoint;
use crate::scan::{self, own};

impl Lowering<'_> {
    pub(super) fn fixpoint(&self, spec: &FixpointSpec) -> Result<LogicalPlan, Problem> {
        let within = Lowering { block: Some(spec), ..*self };
        let mut rules = Vec::with_capacity(spec.members.len());
        for member in &spec.members {
            let rule = |arm| {
                let plan = shape(within.arm(arm)?, &member.schema)?;
                // What is inside of a fixpoint is no part of the plan that is looked at later.
                deps::check(&plan)?;
                deps::prune_rule(plan)
            };
            let arms = member.pipeline.arms.iter();
            rules.push(arms.map(rule).collect::<Result<_, Problem>>()?);
        }
        Ok(Fixpoint::try_new(&self.relation.id, spec, rules)?.into_plan())
    }

    /// Picks a view's rows and columns from those of its fixpoint.
    pub(super) fn member(&self, spec: &MemberSpec) -> Result<LogicalPlan, Problem> {
        let unknown = || Problem::UnknownRelation(spec.block.clone());
        let block = self.find(&spec.block)?;
        let Spec::Fixpoint(fixpoint) = &block.spec else { return Err(unknown()) };
        let number = fixpoint.position(&self.relation.id).ok_or_else(unknown)?;
        let tag = i64::try_from(number).map_err(|_| unknown())?;
        let columns = self
            .schema()
            .columns
            .iter()
            .map(|column| own(FixpointSpec::column(number, &column.name)).alias(&column.name));
        let rows = LogicalPlanBuilder::from(scan::scan(block)?).alias(alias(0))?.build()?;
        let is_row = self::column(0, FixpointSpec::MEMBER).eq(lit(tag));
        Ok(LogicalPlanBuilder::from(rows).filter(is_row)?.project(columns)?.build()?)
    }

    pub(super) fn closure(&self, spec: &ClosureSpec) -> Result<LogicalPlan, Problem> {
        let rows = filtered(self.input(&spec.source, 0)?, spec.filter.as_ref())?;
        let ends = [column(0, &spec.from), column(0, &spec.to)];
        let steps = LogicalPlanBuilder::from(rows).project(ends)?.build()?;
        Ok(Closure::try_new(steps, spec.depth)?.into_plan())
    }
}
