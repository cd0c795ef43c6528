//! Operators that are no comparisons.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{BinaryOp, Expr, Finite, Literal, SpanOp, UnaryOp};
use cpg_ir::types::{PhysicalType, SemanticType};
use cpg_syntax::ast;

use super::compare::same_physical;
use super::facts::facts_otherwise;
use super::meaning::{Clash, Meaning};
use super::{Scope, Typed, constant, facts_when_true};
use crate::checker::Checker;
use crate::problem::Problem;
use crate::ty::{SemanticRules, Ty};

impl<'db> Checker<'db> {
    pub(super) fn unary(
        &mut self,
        scope: &mut Scope,
        op: ast::UnaryOp,
        operand: &ast::Expr,
        range: TextRange,
    ) -> Typed {
        let operand = self.expr(scope, operand);
        let (op, ty) = match op {
            ast::UnaryOp::IsNull => {
                self.known_presence(scope, &operand, false, range);
                (UnaryOp::IsNull, Ty::required(SemanticType::Bool))
            }
            ast::UnaryOp::IsNotNull => {
                self.known_presence(scope, &operand, true, range);
                (UnaryOp::IsNotNull, Ty::required(SemanticType::Bool))
            }
            ast::UnaryOp::Not => {
                self.expect_bool(&operand);
                (UnaryOp::Not, Ty::new(SemanticType::Bool, operand.ty.is_nullable()))
            }
            ast::UnaryOp::Neg => return self.negate(operand, range),
        };
        Typed::new(Expr::Unary { op, operand: Box::new(operand.expr) }, ty, range)
    }

    fn negate(&mut self, operand: Typed, range: TextRange) -> Typed {
        match operand.literal() {
            Some(Literal::Int(value)) if *value != i64::MIN => {
                return constant(Literal::Int(-value), SemanticType::Int, range);
            }
            Some(Literal::Float(value)) => {
                if let Some(value) = Finite::new(-value.get()) {
                    return constant(Literal::Float(value), SemanticType::Float, range);
                }
            }
            _ => {}
        }
        let ty = match operand.ty.semantic() {
            None => Ty::Unknown,
            Some(semantic) if semantic.is_number() => {
                let plain = if *semantic == SemanticType::Int {
                    semantic.clone()
                } else {
                    SemanticType::Float
                };
                Ty::new(plain, operand.ty.is_nullable())
            }
            Some(semantic) => {
                let message = format!("`{semantic}` values have no negative");
                self.error(Code::TypeMismatch, range, message);
                Ty::Unknown
            }
        };
        let operand = Box::new(operand.expr);
        Typed::new(Expr::Unary { op: UnaryOp::Neg, operand }, ty, range)
    }

    pub(super) fn binary(
        &mut self,
        scope: &mut Scope,
        op: ast::BinaryOp,
        op_range: TextRange,
        left: &ast::Expr,
        right: &ast::Expr,
        range: TextRange,
    ) -> Typed {
        use ast::BinaryOp as Op;
        let sides = [left, right];
        match op {
            Op::Or => self.logical(scope, BinaryOp::Or, sides, range),
            Op::And => self.logical(scope, BinaryOp::And, sides, range),
            Op::Eq => self.compare(scope, BinaryOp::Eq, op_range, sides, range),
            Op::NotEq => self.compare(scope, BinaryOp::NotEq, op_range, sides, range),
            Op::Lt => self.compare(scope, BinaryOp::Lt, op_range, sides, range),
            Op::LtEq => self.compare(scope, BinaryOp::LtEq, op_range, sides, range),
            Op::Gt => self.compare(scope, BinaryOp::Gt, op_range, sides, range),
            Op::GtEq => self.compare(scope, BinaryOp::GtEq, op_range, sides, range),
            Op::Coalesce => self.coalesce(scope, sides, range),
            Op::Add => self.arithmetic(scope, BinaryOp::Add, sides, range),
            Op::Sub => self.arithmetic(scope, BinaryOp::Sub, sides, range),
            Op::Mul => self.arithmetic(scope, BinaryOp::Mul, sides, range),
            Op::Div => self.arithmetic(scope, BinaryOp::Div, sides, range),
            Op::Rem => self.arithmetic(scope, BinaryOp::Rem, sides, range),
            Op::Overlaps => self.span_compare(scope, SpanOp::Overlaps, sides, range),
            Op::Contains => self.span_compare(scope, SpanOp::Contains, sides, range),
            Op::Within => self.span_compare(scope, SpanOp::Within, sides, range),
            Op::Before => self.span_compare(scope, SpanOp::Before, sides, range),
            Op::After => self.span_compare(scope, SpanOp::After, sides, range),
            Op::Touches => self.span_compare(scope, SpanOp::Touches, sides, range),
        }
    }

    /// `and` and `or`: the right side counts only where the left does not decide.
    fn logical(
        &mut self,
        scope: &mut Scope,
        op: BinaryOp,
        [left, right]: [&ast::Expr; 2],
        range: TextRange,
    ) -> Typed {
        let left = self.condition(scope, left);
        let facts = match op {
            BinaryOp::And => facts_when_true(&left.expr),
            _ => facts_otherwise(&left.expr),
        };
        let right = scope.assuming(facts, |scope| self.condition(scope, right));
        let nullable = left.ty.is_nullable() || right.ty.is_nullable();
        let expr = Expr::Binary { op, left: Box::new(left.expr), right: Box::new(right.expr) };
        Typed::bool(expr, nullable, range)
    }

    fn coalesce(&mut self, scope: &mut Scope, sides: [&ast::Expr; 2], range: TextRange) -> Typed {
        let sides = sides.map(|side| self.expr(scope, side));
        let Some(semantic) = self.unify(&sides) else {
            return Typed::unknown(range);
        };
        let [left, right] = sides;
        self.needless_default(scope, &left, &right);
        let carried = semantic.physical();
        let mut operands = match left.physical(&carried) {
            // `a ?? b ?? c` is one choice among three.
            Expr::Coalesce(operands) => operands,
            operand => vec![operand],
        };
        operands.push(right.physical(&carried));
        let nullable = left.ty.is_nullable() && right.ty.is_nullable();
        Typed::new(Expr::Coalesce(operands), Ty::new(semantic, nullable), range)
    }

    /// What a value means that is one of several; `None` when there is no such meaning, which is reported, and
    /// when one of them is unknown.
    pub(super) fn unify(&mut self, values: &[Typed]) -> Option<SemanticType> {
        let mut common: Option<Meaning> = None;
        let mut known = true;
        for value in values {
            let Some(meaning) = Meaning::of(value) else {
                known = false;
                continue;
            };
            let Some(so_far) = &common else {
                common = Some(meaning);
                continue;
            };
            match so_far.unified(&meaning) {
                Ok(unified) => common = Some(unified),
                Err(clash) => {
                    let message = format!(
                        "one value cannot be `{}` at times and `{}` at others",
                        so_far.semantic, meaning.semantic
                    );
                    self.error(clash.code(Code::TypeMismatch), value.range, message);
                    known = false;
                }
            }
        }
        common.filter(|_| known).map(|meaning| meaning.semantic)
    }

    fn arithmetic(
        &mut self,
        scope: &mut Scope,
        op: BinaryOp,
        sides: [&ast::Expr; 2],
        range: TextRange,
    ) -> Typed {
        let [left, right] = sides.map(|side| self.expr(scope, side));
        if let (Some(a), Some(b)) = (left.literal(), right.literal())
            && let Some(folded) = self.fold(op, a, b, range)
        {
            return folded;
        }
        let semantic = match (left.ty.semantic(), right.ty.semantic()) {
            (Some(a), Some(b)) => match result(op, a, b) {
                Ok(semantic) => semantic,
                Err(clash) => {
                    self.no_arithmetic(op, clash, &left, &right, range);
                    return Typed::unknown(range);
                }
            },
            _ => return Typed::unknown(range),
        };
        let nullable = left.ty.is_nullable() || right.ty.is_nullable();
        let (a, b) = same_physical(&left, &right);
        let divides = matches!(op, BinaryOp::Div | BinaryOp::Rem);
        let value = Expr::Binary { op, left: Box::new(a), right: Box::new(b.clone()) };
        if !divides || semantic.physical() != PhysicalType::Int64 {
            return Typed::new(value, Ty::new(semantic, nullable), range);
        }
        match right.literal() {
            Some(Literal::Int(0)) => {
                self.error(Code::OutOfRange, right.range, "division by zero");
                Typed::unknown(range)
            }
            Some(_) => Typed::new(value, Ty::new(semantic, nullable), range),
            None => {
                // An integer division by zero would end the build; it is null instead.
                let zero = Expr::Binary {
                    op: BinaryOp::Eq,
                    left: Box::new(b),
                    right: Box::new(Expr::Literal(Literal::Int(0))),
                };
                let branches = vec![(zero, Expr::Literal(Literal::Null))];
                let expr = Expr::Case { branches, otherwise: Some(Box::new(value)) };
                Typed::new(expr, Ty::new(semantic, true), range)
            }
        }
    }

    fn no_arithmetic(
        &mut self,
        op: BinaryOp,
        clash: Clash,
        left: &Typed,
        right: &Typed,
        range: TextRange,
    ) {
        let (a, b) = (&left.ty, &right.ty);
        let sign = match op {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            _ => "%",
        };
        let code = clash.code(Code::TypeMismatch);
        let message = format!("`{a}` {sign} `{b}` has no meaning");
        let problem = Problem::error(code, range, message);
        let text = [left, right]
            .into_iter()
            .all(|side| side.ty.semantic().is_some_and(SemanticRules::is_string_like));
        let problem = match code {
            Code::UnitMismatch => problem.help("both sides must be counted in one unit"),
            _ if text && op == BinaryOp::Add => problem.help("join strings with `concat(a, b)`"),
            _ => problem,
        };
        self.report(problem);
    }

    /// The value of an operation on two constants.
    fn fold(
        &mut self,
        op: BinaryOp,
        left: &Literal,
        right: &Literal,
        range: TextRange,
    ) -> Option<Typed> {
        let value = match (left, right) {
            (Literal::Int(a), Literal::Int(b)) => match op {
                BinaryOp::Add => a.checked_add(*b),
                BinaryOp::Sub => a.checked_sub(*b),
                BinaryOp::Mul => a.checked_mul(*b),
                BinaryOp::Div => a.checked_div(*b),
                _ => a.checked_rem(*b),
            }
            .map(|value| (Literal::Int(value), SemanticType::Int)),
            _ => {
                let (a, b) = (number(left)?, number(right)?);
                let value = match op {
                    BinaryOp::Add => a + b,
                    BinaryOp::Sub => a - b,
                    BinaryOp::Mul => a * b,
                    BinaryOp::Div => a / b,
                    _ => a % b,
                };
                Finite::new(value).map(|value| (Literal::Float(value), SemanticType::Float))
            }
        };
        Some(match value {
            Some((value, semantic)) => constant(value, semantic, range),
            None => {
                let divides = matches!(op, BinaryOp::Div | BinaryOp::Rem);
                let why = match number(right) {
                    Some(divisor) if divides && divisor == 0.0 => "division by zero",
                    _ => "the value of this constant is too large",
                };
                self.error(Code::OutOfRange, range, why);
                Typed::unknown(range)
            }
        })
    }
}

/// The number a constant is.
pub(crate) fn number(literal: &Literal) -> Option<f64> {
    match literal {
        #[allow(clippy::cast_precision_loss, reason = "as every cast of an integer does")]
        Literal::Int(value) => Some(*value as f64),
        Literal::Float(value) => Some(value.get()),
        Literal::Null | Literal::Bool(_) | Literal::String(_) => None,
    }
}

/// What the result of an operation means.
fn result(op: BinaryOp, a: &SemanticType, b: &SemanticType) -> Result<SemanticType, Clash> {
    use SemanticType as S;
    match (a, b) {
        (S::Int, S::Int) => Ok(S::Int),
        _ if a.is_number() && b.is_number() => Ok(S::Float),
        (place, S::Int) if place.is_position() && matches!(op, BinaryOp::Add | BinaryOp::Sub) => {
            Ok(place.clone())
        }
        (S::Int, place) if place.is_position() && op == BinaryOp::Add => Ok(place.clone()),
        _ if a == b && a.is_position() && op == BinaryOp::Sub => Ok(S::Int),
        _ if a != b => Err(super::meaning::clash(a, b)),
        _ => Err(Clash::Meaning),
    }
}
