//! Operands.

use pest::iterators::Pair;

use super::super::{Lower, Lowered};
use super::Tree;
use crate::ast::{Expr, ExprKind};
use crate::grammar::Rule;

impl Lower<'_> {
    /// An atom and the fields that are taken of it. `negated` says that a sign stands before it.
    pub(super) fn operand(&mut self, pair: Pair<'_, Rule>, negated: bool) -> Lowered<Tree> {
        let range = self.range(&pair);
        let mut children = self.children(pair);
        let atom = children.any()?;
        let fields = self.names(children.rest_of(Rule::any_name)?);
        let mut tree = self.atom(atom, negated && fields.is_empty())?;
        tree.compares = false;
        tree.depth += fields.len();
        self.nested(tree.depth, range)?;
        for field in fields {
            let range = tree.expr.range.cover(field.range);
            let base = Box::new(tree.expr);
            tree.expr = Expr { kind: ExprKind::Field { base, field }, range };
        }
        Ok(tree)
    }

    fn atom(&mut self, pair: Pair<'_, Rule>, negated: bool) -> Lowered<Tree> {
        let range = self.range(&pair);
        let kind = match pair.as_rule() {
            Rule::number => self.number(range, negated)?,
            Rule::string => ExprKind::Text(self.string(&pair).value),
            Rule::k_null => ExprKind::Null,
            Rule::k_true => ExprKind::Bool(true),
            Rule::k_false => ExprKind::Bool(false),
            Rule::variable => ExprKind::Name(self.name(&pair).text),
            Rule::parens => {
                let mut children = self.children(pair);
                let mut tree = self.tree(children.want(Rule::expr)?)?;
                children.end()?;
                tree.expr.range = range;
                return Ok(tree);
            }
            Rule::call => return self.call(pair),
            Rule::cast_expr => return self.cast(pair),
            Rule::case_expr => return self.case(pair),
            _ => return Err(self.children(pair).defect()),
        };
        Ok(Tree { expr: Expr { kind, range }, depth: 1, compares: false })
    }

    fn call(&mut self, pair: Pair<'_, Rule>) -> Lowered<Tree> {
        let range = self.range(&pair);
        let mut children = self.children(pair);
        let function = self.name(&children.want(Rule::call_name)?);
        let mut depth = 1;
        let mut args = Vec::new();
        for pair in children.rest_of(Rule::expr)? {
            args.push(self.part(pair, &mut depth)?);
        }
        self.finish(ExprKind::Call { function, args }, range, depth)
    }

    fn cast(&mut self, pair: Pair<'_, Rule>) -> Lowered<Tree> {
        let range = self.range(&pair);
        let mut children = self.children(pair);
        let mut depth = 1;
        let value = Box::new(self.part(children.want(Rule::expr)?, &mut depth)?);
        let ty = self.type_expr(children.want(Rule::type_expr)?)?;
        children.end()?;
        self.finish(ExprKind::Cast { value, ty }, range, depth)
    }

    /// `if c then a else b`; a chain of `else if` is one list of branches.
    pub(super) fn if_expr(&mut self, pair: Pair<'_, Rule>) -> Lowered<Tree> {
        let range = self.range(&pair);
        let mut children = self.children(pair);
        let mut depth = 1;
        let mut branches = Vec::new();
        let otherwise = loop {
            // The first condition, or what follows an `else`.
            let first = self.part(children.want(Rule::expr)?, &mut depth)?;
            let Some(value) = children.take_if(Rule::expr) else { break first };
            branches.push((first, self.part(value, &mut depth)?));
            children.want(Rule::k_else)?;
        };
        children.end()?;
        let otherwise = Some(Box::new(otherwise));
        self.finish(ExprKind::Case { branches, otherwise }, range, depth)
    }

    fn case(&mut self, pair: Pair<'_, Rule>) -> Lowered<Tree> {
        let range = self.range(&pair);
        let mut children = self.children(pair);
        let mut depth = 1;
        let mut branches = Vec::new();
        let mut before = None;
        for arm in children.all_of(Rule::case_arm) {
            let place = self.range(&arm);
            self.separated(before.replace(place), place);
            let mut parts = self.children(arm);
            let condition = self.part(parts.want(Rule::expr)?, &mut depth)?;
            let value = self.part(parts.want(Rule::expr)?, &mut depth)?;
            parts.end()?;
            branches.push((condition, value));
        }
        let mut otherwise = None;
        if let Some(arm) = children.take_if(Rule::case_else) {
            let place = self.range(&arm);
            self.separated(before, place);
            let mut parts = self.children(arm);
            parts.want(Rule::k_else)?;
            otherwise = Some(Box::new(self.part(parts.want(Rule::expr)?, &mut depth)?));
            parts.end()?;
        }
        children.end()?;
        self.finish(ExprKind::Case { branches, otherwise }, range, depth)
    }

    /// A part of an expression; `depth` grows to its depth.
    fn part(&mut self, pair: Pair<'_, Rule>, depth: &mut usize) -> Lowered<Expr> {
        let tree = self.tree(pair)?;
        *depth = tree.depth.max(*depth);
        Ok(tree.expr)
    }

    /// An expression whose parts are at most so deep.
    fn finish(
        &mut self,
        kind: ExprKind,
        range: cpg_base::TextRange,
        depth: usize,
    ) -> Lowered<Tree> {
        self.nested(depth + 1, range)?;
        Ok(Tree { expr: Expr { kind, range }, depth: depth + 1, compares: false })
    }
}
