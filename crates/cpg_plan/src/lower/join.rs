//! Joins on conjuncts.

use std::sync::Arc;

use arrow::datatypes::DataType;
use cpg_ir::expr::{Expr as IrExpr, SpanOp};
use cpg_ir::spec::JoinKind;
use datafusion::common::{DFSchema, JoinType, NullEquality};
use datafusion::logical_expr::utils::split_conjunction_owned;
use datafusion::logical_expr::{
    BinaryExpr, Expr, ExprSchemable, Join, JoinConstraint, LogicalPlan, Operator,
};

use super::expr::{Scalars, all_of, call, span_compare};
use crate::error::Problem;
use crate::span_join::{SpanJoin, SpanJoinKind, SpanPredicate};

/// A condition of a join.
#[derive(Debug, Clone)]
pub(super) enum Conjunct {
    /// A truth value.
    Plain(Expr),
    /// `left op right` for two spans.
    Span { op: SpanOp, left: Expr, right: Expr },
}

impl Conjunct {
    pub(super) fn lower(expr: &IrExpr, scalars: &Scalars<'_>) -> Result<Self, Problem> {
        Ok(match expr {
            IrExpr::SpanCompare { op, left, right } => {
                Self::Span { op: *op, left: scalars.lower(left)?, right: scalars.lower(right)? }
            }
            other => Self::Plain(scalars.lower(other)?),
        })
    }

    /// The condition as one expression.
    pub(super) fn into_expr(self) -> Result<Expr, Problem> {
        match self {
            Self::Plain(expr) => Ok(expr),
            Self::Span { op, left, right } => span_compare(op, &left, &right),
        }
    }
}

/// Joins on every one of `conjuncts`.
///
/// Equalities between the sides become keys. Where all keys are integers and two spans must overlap or enclose each
/// other, the span join does it; else it is a hash join with what is left over as its filter. Without a key it
/// is a nested loop.
pub(super) fn join(
    left: LogicalPlan,
    right: LogicalPlan,
    conjuncts: Vec<Conjunct>,
    kind: JoinKind,
) -> Result<LogicalPlan, Problem> {
    let sides = Sides { left: left.schema().as_ref(), right: right.schema().as_ref() };
    let mut keys: Vec<(Expr, Expr)> = Vec::new();
    let mut spans: Vec<(SpanPredicate, Expr, Expr)> = Vec::new();
    let mut filters: Vec<Expr> = Vec::new();
    for conjunct in conjuncts {
        if let Some(span) = sides.sweepable(&conjunct) {
            spans.push(span);
            continue;
        }
        for part in split_conjunction_owned(conjunct.into_expr()?) {
            match sides.key(part)? {
                Side::Key(key) => keys.push(key),
                Side::Filter(filter) => filters.push(filter),
            }
        }
    }

    let mut swept = None;
    for (predicate, a, b) in spans {
        if swept.is_none() && !keys.is_empty() && sides.all_integers(&keys)? {
            swept = Some((predicate, a, b));
        } else {
            let op = match predicate {
                SpanPredicate::Overlaps => SpanOp::Overlaps,
                SpanPredicate::Contains(_) => SpanOp::Contains,
                SpanPredicate::Within(_) => SpanOp::Within,
            };
            filters.push(span_compare(op, &a, &b)?);
        }
    }
    let filter = (!filters.is_empty()).then(|| all_of(filters));
    match swept {
        Some((predicate, a, b)) => {
            let join = SpanJoin::try_new(
                left,
                right,
                keys,
                ends(a)?,
                ends(b)?,
                predicate,
                match kind {
                    JoinKind::Inner => SpanJoinKind::Inner,
                    JoinKind::Left => SpanJoinKind::Left,
                    JoinKind::Semi => SpanJoinKind::LeftSemi,
                    JoinKind::Anti => SpanJoinKind::LeftAnti,
                },
            )?;
            Ok(match filter {
                Some(filter) => join.with_filter(filter)?,
                None => join,
            }
            .into_plan())
        }
        None => {
            let kind = match kind {
                JoinKind::Inner => JoinType::Inner,
                JoinKind::Left => JoinType::Left,
                JoinKind::Semi => JoinType::LeftSemi,
                JoinKind::Anti => JoinType::LeftAnti,
            };
            Ok(LogicalPlan::Join(Join::try_new(
                Arc::new(left),
                Arc::new(right),
                keys,
                filter,
                kind,
                JoinConstraint::On,
                NullEquality::NullEqualsNothing,
                false,
            )?))
        }
    }
}

fn ends(span: Expr) -> Result<(Expr, Expr), Problem> {
    Ok((call("span_start", vec![span.clone()])?, call("span_end", vec![span])?))
}

/// The rows of the two sides of a join.
struct Sides<'a> {
    left: &'a DFSchema,
    right: &'a DFSchema,
}

/// What a condition is to a join.
enum Side {
    /// A left and a right expression that must be equal.
    Key((Expr, Expr)),
    /// Anything else.
    Filter(Expr),
}

impl Sides<'_> {
    fn key(&self, condition: Expr) -> Result<Side, Problem> {
        let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = condition else {
            return Ok(Side::Filter(condition));
        };
        let (a, b) = (*left, *right);
        Ok(if reads_only(&a, self.left) && reads_only(&b, self.right) {
            Side::Key((a, b))
        } else if reads_only(&b, self.left) && reads_only(&a, self.right) {
            Side::Key((b, a))
        } else {
            Side::Filter(a.eq(b))
        })
    }

    /// A comparison of a left and a right span that the span join can do, the left one first.
    fn sweepable(&self, conjunct: &Conjunct) -> Option<(SpanPredicate, Expr, Expr)> {
        let Conjunct::Span { op, left, right } = conjunct else {
            return None;
        };
        if reads_only(left, self.left) && reads_only(right, self.right) {
            return Some((SpanPredicate::from_op(*op)?, left.clone(), right.clone()));
        }
        let turned = match op {
            SpanOp::Contains => SpanOp::Within,
            SpanOp::Within => SpanOp::Contains,
            other => *other,
        };
        (reads_only(right, self.left) && reads_only(left, self.right))
            .then(|| Some((SpanPredicate::from_op(turned)?, right.clone(), left.clone())))?
    }

    fn all_integers(&self, keys: &[(Expr, Expr)]) -> Result<bool, Problem> {
        for (a, b) in keys {
            if a.get_type(self.left)? != DataType::Int64
                || b.get_type(self.right)? != DataType::Int64
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether `expr` reads columns, and only of `schema`.
fn reads_only(expr: &Expr, schema: &DFSchema) -> bool {
    let columns = expr.column_refs();
    !columns.is_empty() && columns.into_iter().all(|column| schema.has_column(column))
}
