//! Expressions: names resolved, types inferred, lowered.
//!
//! Each function gives a [`Typed`] even where something is wrong: an unknown type then keeps what surrounds it
//! quiet, and the placeholder beside it is never built, since an item with an error has no spec.

mod aggregate;
mod call;
mod case;
mod compare;
mod contradiction;
mod convert;
mod facts;
mod inline;
mod map;
mod meaning;
mod name;
mod operator;
mod pattern;
mod position;
mod scope;
mod suspicious;

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{Expr, Finite, Literal};
use cpg_ir::types::SemanticType;
use cpg_syntax::ast::{self, ExprKind};

pub(crate) use aggregate::TypedAggregate;
pub(crate) use call::{WINDOW_FUNCTIONS, is_reserved_function, plain_meaning};
pub(crate) use convert::Misfit;
pub(crate) use facts::{facts_otherwise, facts_when_true};
pub(crate) use inline::{is_too_large, too_large};
pub(crate) use meaning::either;
pub(crate) use operator::number;
pub(crate) use position::{Lines, POSITION, is_position, line_index};
pub(crate) use scope::Scope;
pub use scope::Source;

use crate::checker::Checker;
use crate::ty::Ty;

/// A lowered expression with its type.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    /// The expression; a placeholder when the type is unknown.
    pub expr: Expr,
    /// Its type.
    pub ty: Ty,
    /// Where it is written.
    pub range: TextRange,
}

impl Typed {
    pub fn new(expr: Expr, ty: Ty, range: TextRange) -> Self {
        Self { expr, ty, range }
    }

    /// What stands for an expression that is wrong.
    pub fn unknown(range: TextRange) -> Self {
        Self { expr: Expr::Literal(Literal::Null), ty: Ty::Unknown, range }
    }

    pub fn bool(expr: Expr, nullable: bool, range: TextRange) -> Self {
        Self { expr, ty: Ty::new(SemanticType::Bool, nullable), range }
    }

    /// The constant it is, if it is one. A constant takes the meaning of what it meets, until a cast gives it
    /// one of its own.
    pub fn literal(&self) -> Option<&Literal> {
        let Expr::Literal(literal) = &self.expr else {
            return None;
        };
        let natural = match literal {
            Literal::Null => SemanticType::Null,
            Literal::Bool(_) => SemanticType::Bool,
            Literal::Int(_) => SemanticType::Int,
            Literal::Float(_) => SemanticType::Float,
            Literal::String(_) => SemanticType::String,
        };
        (self.ty.semantic() == Some(&natural)).then_some(literal)
    }

    /// Whether it is the bare `null`.
    pub fn is_null(&self) -> bool {
        self.literal() == Some(&Literal::Null)
    }
}

impl<'db> Checker<'db> {
    /// Lowers `expr`, whose names `scope` gives.
    pub fn expr(&mut self, scope: &mut Scope, expr: &ast::Expr) -> Typed {
        self.note_scope(expr.range, scope);
        let typed = self.lowered(scope, expr);
        self.note_type(expr.range, &typed.ty);
        if self.is_given_wrong(&typed) { Typed::unknown(typed.range) } else { typed }
    }

    fn lowered(&mut self, scope: &mut Scope, expr: &ast::Expr) -> Typed {
        let range = expr.range;
        match &expr.kind {
            ExprKind::Null => constant(Literal::Null, SemanticType::Null, range),
            ExprKind::Bool(value) => constant(Literal::Bool(*value), SemanticType::Bool, range),
            ExprKind::Int(value) => constant(Literal::Int(*value), SemanticType::Int, range),
            ExprKind::Text(value) => {
                constant(Literal::String(value.clone()), SemanticType::String, range)
            }
            ExprKind::Float(text) => match text.parse().ok().and_then(Finite::new) {
                Some(value) => constant(Literal::Float(value), SemanticType::Float, range),
                None => {
                    self.error(Code::OutOfRange, range, "the number is too large");
                    Typed::unknown(range)
                }
            },
            ExprKind::Name(name) => self.name(scope, name, range),
            ExprKind::Field { base, field } => self.field(scope, base, field, range),
            ExprKind::Call { function, args } => self.call(scope, function, args, range),
            ExprKind::Unary { op, operand, .. } => self.unary(scope, *op, operand, range),
            ExprKind::Binary { op, op_range, left, right } => {
                self.binary(scope, *op, *op_range, left, right, range)
            }
            ExprKind::Between { value, low, high, negated } => {
                self.between(scope, [value, low, high], *negated, range)
            }
            ExprKind::In { value, list, negated } => {
                self.in_list(scope, value, list, *negated, range)
            }
            ExprKind::Case { branches, otherwise } => {
                self.case(scope, branches, otherwise.as_deref(), range)
            }
            ExprKind::Cast { value, ty } => self.cast(scope, value, ty, range),
        }
    }

    /// Lowers a condition, which must be a truth value; null counts as false.
    pub fn condition(&mut self, scope: &mut Scope, expr: &ast::Expr) -> Typed {
        let typed = self.expr(scope, expr);
        self.expect_bool(&typed);
        typed
    }

    pub(super) fn expect_bool(&mut self, typed: &Typed) {
        if !typed.ty.is(&SemanticType::Bool) {
            let message = format!("expected a condition (`bool`), found `{}`", typed.ty);
            self.error(Code::TypeMismatch, typed.range, message);
        }
    }
}

fn constant(value: Literal, semantic: SemanticType, range: TextRange) -> Typed {
    let nullable = semantic == SemanticType::Null;
    Typed::new(Expr::Literal(value), Ty::new(semantic, nullable), range)
}

/// The conjuncts of a condition, in order.
pub(crate) fn conjuncts(expr: &ast::Expr) -> Vec<&ast::Expr> {
    let mut found = Vec::new();
    let mut pending = vec![expr];
    while let Some(expr) = pending.pop() {
        match &expr.kind {
            ExprKind::Binary { op: ast::BinaryOp::And, left, right, .. } => {
                pending.push(right);
                pending.push(left);
            }
            _ => found.push(expr),
        }
    }
    found
}
