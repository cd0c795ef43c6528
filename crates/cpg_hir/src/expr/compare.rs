//! Comparisons.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{BinaryOp, Expr, SpanOp, UnaryOp};
use cpg_ir::types::{PhysicalType, SemanticType};
use cpg_syntax::ast;

use super::meaning::{Clash, comparable};
use super::{Scope, Typed};
use crate::checker::Checker;
use crate::problem::Problem;
use crate::ty::{SemanticRules, Ty};

impl<'db> Checker<'db> {
    /// `left op right`, where `op` is one of `== != < <= > >=`.
    pub(super) fn compare(
        &mut self,
        scope: &mut Scope,
        op: BinaryOp,
        op_range: TextRange,
        sides: [&ast::Expr; 2],
        range: TextRange,
    ) -> Typed {
        let [left, right] = sides.map(|side| self.expr(scope, side));
        if left.is_null() || right.is_null() {
            self.null_comparison(op, op_range, [&left, &right], range);
            return Typed::unknown(range);
        }
        let compared = self.compared(op, &left, &right, range);
        if compared.ty != Ty::Unknown {
            self.same_result(op, &left, &right, range);
        }
        compared
    }

    /// The comparison of two values that are lowered already.
    pub(super) fn compared(
        &mut self,
        op: BinaryOp,
        left: &Typed,
        right: &Typed,
        range: TextRange,
    ) -> Typed {
        if !self.has_equality(left) || !self.has_equality(right) {
            return Typed::unknown(range);
        }
        if let Err(clash) = comparable(left, right) {
            self.incomparable(clash, left, right, range);
            return Typed::unknown(range);
        }
        let nullable = left.ty.is_nullable() || right.ty.is_nullable();
        let equality = matches!(op, BinaryOp::Eq | BinaryOp::NotEq);
        let unordered = [left, right]
            .into_iter()
            .find(|side| side.ty.semantic().is_some_and(|s| !s.is_ordered()));
        if let Some(side) = unordered.filter(|_| !equality) {
            let message =
                format!("`{}` values are neither less nor greater than one another", side.ty);
            let problem = Problem::error(Code::Incomparable, range, message);
            let problem = match side.ty.semantic() {
                Some(SemanticType::Span) => problem.help("compare `.start` or `.end`"),
                _ => problem,
            };
            self.report(problem);
            return Typed::unknown(range);
        }
        if left.ty.semantic() == Some(&SemanticType::Span) && equality {
            let compared = Expr::SpanCompare {
                op: SpanOp::Equals,
                left: Box::new(left.expr.clone()),
                right: Box::new(right.expr.clone()),
            };
            let expr = match op {
                BinaryOp::NotEq => Expr::Unary { op: UnaryOp::Not, operand: Box::new(compared) },
                _ => compared,
            };
            return Typed::bool(expr, nullable, range);
        }
        let (left, right) = same_physical(left, right);
        let expr = Expr::Binary { op, left: Box::new(left), right: Box::new(right) };
        Typed::bool(expr, nullable, range)
    }

    fn null_comparison(
        &mut self,
        op: BinaryOp,
        op_range: TextRange,
        [left, right]: [&Typed; 2],
        range: TextRange,
    ) {
        let test = match op {
            BinaryOp::Eq => "is null",
            BinaryOp::NotEq => "is not null",
            _ => {
                let message = "nothing is less or greater than null";
                self.error(Code::NullComparison, range, message);
                return;
            }
        };
        let message = "a comparison with null is never true";
        let problem =
            Problem::error(Code::NullComparison, range, message).help(format!("write `{test}`"));
        let problem = if right.is_null() && !left.is_null() {
            problem.fix(format!("write `{test}`"), op_range.cover(right.range), test)
        } else {
            problem
        };
        self.report(problem);
    }

    fn incomparable(&mut self, clash: Clash, left: &Typed, right: &Typed, range: TextRange) {
        let (a, b) = (&left.ty, &right.ty);
        let problem = match clash {
            Clash::Unit => {
                let message = format!("`{a}` and `{b}` are counted differently");
                let problem = Problem::error(Code::UnitMismatch, range, message);
                match (a.semantic(), b.semantic()) {
                    (Some(SemanticType::Line { base: 0 }), Some(SemanticType::Line { .. })) => {
                        problem.help(self.counted_from_one(left))
                    }
                    (Some(SemanticType::Line { .. }), Some(SemanticType::Line { base: 0 })) => {
                        problem.help(self.counted_from_one(right))
                    }
                    _ => problem.help(
                        "compare columns of one unit and base; the span of an entity is in bytes, whatever its places were counted in",
                    ),
                }
            }
            Clash::Id => {
                let message = format!("`{a}` and `{b}` are ids of different entities");
                Problem::error(Code::IdMismatch, range, message)
                    .help("compare ids of one entity; a key column (`key NAME -> ENTITY`) holds another entity's id")
            }
            Clash::Meaning => {
                let message = format!("`{a}` and `{b}` have no common meaning");
                Problem::error(Code::Incomparable, range, message)
                    .help("`cast(x, TYPE)` drops a meaning where that is wanted")
            }
        };
        self.report(problem);
    }

    /// How a line that is counted from 0 is counted from 1.
    fn counted_from_one(&self, line: &Typed) -> String {
        format!("write `cast({} + 1, Line<1>)`", self.text_at(line.range))
    }

    /// `value between low and high`.
    pub(super) fn between(
        &mut self,
        scope: &mut Scope,
        parts: [&ast::Expr; 3],
        negated: bool,
        range: TextRange,
    ) -> Typed {
        let [value, low, high] = parts.map(|part| self.expr(scope, part));
        if let Some(null) = [&low, &high].into_iter().find(|end| end.is_null()) {
            let message = "nothing lies between null and something";
            self.error(Code::NullComparison, null.range, message);
            return Typed::unknown(range);
        }
        let above = self.compared(BinaryOp::GtEq, &value, &low, range);
        let below = self.compared(BinaryOp::LtEq, &value, &high, range);
        let nullable = above.ty.is_nullable() || below.ty.is_nullable();
        let both = Expr::Binary {
            op: BinaryOp::And,
            left: Box::new(above.expr),
            right: Box::new(below.expr),
        };
        let expr =
            if negated { Expr::Unary { op: UnaryOp::Not, operand: Box::new(both) } } else { both };
        Typed::bool(expr, nullable, range)
    }

    /// `value in (a, b)`.
    pub(super) fn in_list(
        &mut self,
        scope: &mut Scope,
        value: &ast::Expr,
        list: &[ast::Expr],
        negated: bool,
        range: TextRange,
    ) -> Typed {
        let value = self.expr(scope, value);
        if !self.has_equality(&value) {
            return Typed::unknown(range);
        }
        let mut nullable = value.ty.is_nullable();
        let mut elements = Vec::with_capacity(list.len());
        for element in list {
            let element = self.expr(scope, element);
            if element.is_null() {
                let problem =
                    Problem::error(Code::NullComparison, element.range, "nothing equals null")
                        .help("test with `is null` beside the list");
                self.report(problem);
                continue;
            }
            match comparable(&value, &element) {
                Ok(()) if value.ty.is(&SemanticType::Span) && value.ty.semantic().is_some() => {
                    let message = "spans cannot be looked up in a list";
                    self.error(Code::Incomparable, element.range, message);
                }
                Ok(()) => {}
                Err(clash) => self.incomparable(clash, &value, &element, element.range),
            }
            nullable |= element.ty.is_nullable();
            elements.push(element);
        }
        self.repeated_values(&elements);
        let float = elements.iter().chain([&value]).any(carried_as_float);
        let carried = |side: &Typed| match float {
            true => side.physical(&PhysicalType::Float64),
            false => side.expr.clone(),
        };
        let expr = Expr::InList {
            value: Box::new(carried(&value)),
            list: elements.iter().map(carried).collect(),
            negated,
        };
        Typed::bool(expr, nullable, range)
    }

    /// `left op right` on spans.
    pub(super) fn span_compare(
        &mut self,
        scope: &mut Scope,
        op: SpanOp,
        sides: [&ast::Expr; 2],
        range: TextRange,
    ) -> Typed {
        let [left, right] = sides.map(|side| {
            let side = self.expr(scope, side);
            if !side.ty.is(&SemanticType::Span) {
                let message = format!("expected a `Span`, found `{}`", side.ty);
                let problem = Problem::error(Code::TypeMismatch, side.range, message)
                    .help("make a span of two offsets with `span(start, end)`");
                self.report(problem);
                return Typed::unknown(side.range);
            }
            side
        });
        let nullable = left.ty.is_nullable() || right.ty.is_nullable();
        let expr = Expr::SpanCompare { op, left: Box::new(left.expr), right: Box::new(right.expr) };
        Typed::bool(expr, nullable, range)
    }
}

fn carried_as_float(side: &Typed) -> bool {
    side.ty.semantic().is_some_and(|s| s.physical() == PhysicalType::Float64)
}

/// Both sides carried alike: an integer beside a float becomes a float.
pub(super) fn same_physical(left: &Typed, right: &Typed) -> (Expr, Expr) {
    if carried_as_float(left) || carried_as_float(right) {
        (left.physical(&PhysicalType::Float64), right.physical(&PhysicalType::Float64))
    } else {
        (left.expr.clone(), right.expr.clone())
    }
}
