//! `if` and `case`.

use cpg_base::TextRange;
use cpg_ir::expr::{Expr, Literal};
use cpg_ir::types::SemanticType;
use cpg_syntax::ast;

use super::facts::{facts_otherwise, facts_when_true};
use super::{Scope, Typed};
use crate::checker::Checker;
use crate::ty::Ty;

impl<'db> Checker<'db> {
    /// Each value sees what its condition tells, and that the conditions before it do not hold.
    pub(super) fn case(
        &mut self,
        scope: &mut Scope,
        branches: &[(ast::Expr, ast::Expr)],
        otherwise: Option<&ast::Expr>,
        range: TextRange,
    ) -> Typed {
        let mut known: Vec<Expr> = Vec::new();
        let mut conditions = Vec::with_capacity(branches.len());
        let mut values = Vec::with_capacity(branches.len() + 1);
        for (condition, value) in branches {
            let condition = scope.assuming(known.clone(), |scope| self.condition(scope, condition));
            let facts = known.iter().cloned().chain(facts_when_true(&condition.expr));
            values.push(scope.assuming(facts.collect::<Vec<_>>(), |scope| self.expr(scope, value)));
            known.extend(facts_otherwise(&condition.expr));
            conditions.push(condition.expr);
        }
        match otherwise {
            Some(value) => values.push(scope.assuming(known, |scope| self.expr(scope, value))),
            None => {
                let null = Expr::Literal(Literal::Null);
                values.push(Typed::new(null, Ty::new(SemanticType::Null, true), range));
            }
        }
        let Some(semantic) = self.unify(&values) else {
            return Typed::unknown(range);
        };
        let nullable = values.iter().any(|value| value.ty.is_nullable());
        let carried = semantic.physical();
        let mut lowered: Vec<Expr> = values.iter().map(|value| value.physical(&carried)).collect();
        let last = lowered.pop().map(Box::new);
        let expr = Expr::Case {
            branches: conditions.into_iter().zip(lowered).collect(),
            otherwise: if otherwise.is_some() { last } else { None },
        };
        Typed::new(expr, Ty::new(semantic, nullable), range)
    }
}
