//! Values where a type is said: assignments, casts and physical conversions.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{Expr, Finite, Literal};
use cpg_ir::types::{ColumnType, PhysicalType, SemanticType};
use cpg_syntax::ast;

use super::meaning::{Clash, adapts, clash, widens};
use super::{Scope, Typed};
use crate::checker::Checker;
use crate::ty::{SemanticRules, Ty};

/// Why a value does not fit a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It means something else; the code says what.
    Meaning(Code),
    /// It may be null and must not.
    Null,
}

impl Misfit {
    /// The code that reports it.
    pub fn code(self) -> Code {
        match self {
            Self::Meaning(code) => code,
            Self::Null => Code::UnguardedNull,
        }
    }
}

impl Typed {
    /// The value as one of type `to`.
    pub fn fit(&self, to: &ColumnType) -> Result<Expr, Misfit> {
        let Some(own) = self.ty.known() else {
            return Ok(self.expr.clone());
        };
        let fits = widens(&own.semantic, &to.semantic)
            || self.literal().is_some_and(|literal| adapts(literal, &to.semantic));
        if !fits {
            return Err(Misfit::Meaning(
                clash(&own.semantic, &to.semantic).code(Code::TypeMismatch),
            ));
        }
        if own.nullable && !to.nullable {
            return Err(Misfit::Null);
        }
        Ok(self.physical(&to.semantic.physical()))
    }

    /// The value carried as `to`.
    pub fn physical(&self, to: &PhysicalType) -> Expr {
        match (&self.expr, self.ty.semantic().map(SemanticType::physical)) {
            (Expr::Literal(Literal::Null), _) | (_, None) => self.expr.clone(),
            (_, Some(own)) if own == *to => self.expr.clone(),
            (Expr::Literal(Literal::Int(value)), _) if *to == PhysicalType::Float64 => {
                #[allow(clippy::cast_precision_loss, reason = "as every cast of an integer does")]
                let float = Finite::new(*value as f64);
                float
                    .map_or_else(|| self.expr.clone(), |value| Expr::Literal(Literal::Float(value)))
            }
            _ => Expr::Cast { value: Box::new(self.expr.clone()), to: to.clone() },
        }
    }
}

impl Clash {
    /// The code that reports it, where `other` is said of values with nothing in common.
    pub(super) fn code(self, other: Code) -> Code {
        match self {
            Self::Unit => Code::UnitMismatch,
            Self::Id => Code::IdMismatch,
            Self::Meaning => other,
        }
    }
}

impl<'db> Checker<'db> {
    /// The value as one that means `semantic`, null or not; `what` says in words what it is for.
    pub fn expect(&mut self, typed: &Typed, semantic: &SemanticType, what: &str) -> Expr {
        match typed.fit(&ColumnType::optional(semantic.clone())) {
            Ok(expr) => expr,
            Err(misfit) => {
                let message = format!("{what} must be `{semantic}`, found `{}`", typed.ty);
                self.error(misfit.code(), typed.range, message);
                typed.expr.clone()
            }
        }
    }

    /// `cast(value, T)`.
    pub(super) fn cast(
        &mut self,
        scope: &mut Scope,
        value: &ast::Expr,
        ty: &ast::TypeExpr,
        range: TextRange,
    ) -> Typed {
        let value = self.expr(scope, value);
        let target = self.declared_type(ty);
        let (Some(from), Some(to)) = (value.ty.semantic(), target.semantic()) else {
            return Typed::new(value.expr, target, range);
        };
        let (from, to) = (from.clone(), to.clone());
        if !castable(&from.physical(), &to.physical()) && from != SemanticType::Null {
            let message = format!("`{from}` cannot be made `{to}`");
            self.error(Code::TypeMismatch, range, message);
            return Typed::new(value.expr, target, range);
        }
        // Text that is no number gives null instead of ending the build.
        let may_fail = from.is_string_like() && !to.is_string_like();
        let nullable = value.ty.is_nullable() || may_fail || ty.nullable;
        let expr = value.physical(&to.physical());
        Typed::new(expr, Ty::new(to, nullable), range)
    }
}

fn castable(from: &PhysicalType, to: &PhysicalType) -> bool {
    use PhysicalType as P;
    match (from, to) {
        (P::Span | P::List(_) | P::Map(..), _) | (_, P::Span | P::List(_) | P::Map(..)) => {
            from == to
        }
        (P::Bool, P::Float64) | (P::Float64, P::Bool) => false,
        _ => true,
    }
}
