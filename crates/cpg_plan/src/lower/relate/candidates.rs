//! The join that a relation's candidates come from.

use std::collections::BTreeSet;

use cpg_ir::expr::{BinaryOp, Expr as IrExpr, SpanOp};
use cpg_ir::spec::{JoinKind, RelateSpec, RelationId};
use cpg_ir::types::SemanticType;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};

use super::super::Lowering;
use super::super::expr::{Scalars, all_of, conjuncts};
use super::super::join::{Conjunct, join};
use crate::error::Problem;

/// A conjunct of `on` or `require` and the row sources that it reads.
struct Condition<'a> {
    expr: &'a IrExpr,
    reads: BTreeSet<u32>,
}

impl Lowering<'_> {
    /// The rows that satisfy every conjunct of `on` and of `require`, over all row sources.
    ///
    /// Sources are joined one after the other, always the one that the strongest conditions bind to those already
    /// joined; a condition takes part as soon as all that it reads is there.
    pub(super) fn candidates(&self, spec: &RelateSpec) -> Result<LogicalPlan, Problem> {
        let sources: Vec<&RelationId> =
            [&spec.from, &spec.to].into_iter().chain(&spec.via).collect();
        let mut pending: Vec<Condition<'_>> = spec
            .on
            .iter()
            .chain(&spec.require)
            .flat_map(conjuncts)
            .map(|expr| Condition { expr, reads: reads(expr) })
            .collect();

        let mut joined = BTreeSet::from([0]);
        let mut waiting: BTreeSet<u32> = (1..).take(sources.len() - 1).collect();
        let mut plan = self.alone(sources[0], 0, &mut pending)?;
        while !waiting.is_empty() {
            let mut best = None;
            for next in &waiting {
                let bond = self.bond(&sources, &pending, &joined, *next);
                // The first of several equally strong ones.
                if best.is_none_or(|(strongest, _)| bond > strongest) {
                    best = Some((bond, *next));
                }
            }
            let Some((_, next)) = best else { break };
            waiting.remove(&next);
            joined.insert(next);
            let right = self.alone(sources[next as usize], next, &mut pending)?;
            let both = plan.schema().join(right.schema())?;
            let on = take(&mut pending, |condition| condition.reads.is_subset(&joined))
                .into_iter()
                .map(|condition| Conjunct::lower(condition.expr, &Scalars::over(&both)))
                .collect::<Result<Vec<_>, _>>()?;
            plan = join(plan, right, on, JoinKind::Inner)?;
        }
        // What reads no relation that is there; lowering it says what it reads.
        filter(plan, pending)
    }

    /// One source with the conditions that read nothing else.
    fn alone<'a>(
        &self,
        id: &RelationId,
        index: u32,
        pending: &mut Vec<Condition<'a>>,
    ) -> Result<LogicalPlan, Problem> {
        let own = BTreeSet::from([index]);
        filter(self.input(id, index)?, take(pending, |condition| condition.reads == own))
    }

    /// How strongly `next` is bound to what is joined: few pairs should come out. The id of one row is worth more than
    /// a value that many may share, that more than a span, and that more than the file alone.
    fn bond(
        &self,
        sources: &[&RelationId],
        pending: &[Condition<'_>],
        joined: &BTreeSet<u32>,
        next: u32,
    ) -> u32 {
        let usable = pending.iter().filter(|condition| {
            condition.reads.contains(&next)
                && condition.reads.len() > 1
                && condition.reads.iter().all(|read| *read == next || joined.contains(read))
        });
        usable
            .map(|condition| match condition.expr {
                IrExpr::Binary { op: BinaryOp::Eq, left, right } => {
                    let both = |is: fn(&SemanticType) -> bool| {
                        let column = |expr| self.semantic(sources, expr).is_some_and(is);
                        column(left) && column(right)
                    };
                    if both(|ty| matches!(ty, SemanticType::FileId | SemanticType::Path)) {
                        1
                    } else if both(|ty| matches!(ty, SemanticType::Id(_))) {
                        1000
                    } else {
                        100
                    }
                }
                IrExpr::SpanCompare { op: SpanOp::Equals, .. } => 100,
                IrExpr::SpanCompare { .. } => 10,
                _ => 0,
            })
            .sum()
    }

    /// What `expr` means, if it is a column.
    fn semantic(&self, sources: &[&RelationId], expr: &IrExpr) -> Option<&SemanticType> {
        let IrExpr::Column { source, name } = expr else { return None };
        let id = sources.get(*source as usize)?;
        let column = self.ir.relation(id)?.relation.schema.column(name)?;
        Some(&column.ty.semantic)
    }
}

/// The row sources that an expression reads.
fn reads(expr: &IrExpr) -> BTreeSet<u32> {
    let mut reads = BTreeSet::new();
    expr.walk(&mut |part| {
        if let IrExpr::Column { source, .. } = part {
            reads.insert(*source);
        }
    });
    reads
}

/// Takes out those that are `wanted`, both halves in order.
fn take<'a>(
    conditions: &mut Vec<Condition<'a>>,
    wanted: impl Fn(&Condition<'a>) -> bool,
) -> Vec<Condition<'a>> {
    conditions.extract_if(.., |condition| wanted(condition)).collect()
}

fn filter(plan: LogicalPlan, conditions: Vec<Condition<'_>>) -> Result<LogicalPlan, Problem> {
    if conditions.is_empty() {
        return Ok(plan);
    }
    let scalars = Scalars::over(plan.schema());
    let predicates = conditions
        .iter()
        .map(|condition| scalars.lower(condition.expr))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(LogicalPlanBuilder::from(plan).filter(all_of(predicates))?.build()?)
}
