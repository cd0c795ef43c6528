//! Expressions: which parts are evaluated, in which order, and where they branch.

use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor};
use ruff_python_ast::{
    AtomicNodeIndex, BoolOp, Comprehension, Expr, ExprBoolOp, ExprCompare, ExprContext, ExprIf,
    ExprLambda, ExprName, Number, Pattern, UnaryOp,
};
use ruff_text_size::{Ranged, TextRange};

use super::graph::{Act, Leave};
use super::unit::{Body, Element, Unit};
use super::walk::Walk;

/// The ways out of a condition.
pub(super) struct Branches {
    pub(super) yes: Vec<Leave>,
    pub(super) no: Vec<Leave>,
}

impl<'a> SourceOrderVisitor<'a> for Walk<'_, 'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        self.expr(expr);
    }
}

impl<'a> Walk<'_, 'a> {
    /// A value that is needed, or a target that is stored to or deleted.
    pub(super) fn expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                self.evaluated(name.range);
                self.name(name, name.ctx);
            }
            Expr::BoolOp(operation) => self.short_circuit(operation),
            Expr::If(choice) => self.choice(choice),
            Expr::Compare(comparison) if comparison.ops.len() > 1 => {
                let done = self.chain(comparison);
                let mut open = self.take_open();
                open.extend(done);
                self.open = open;
            }
            Expr::Named(named) => {
                self.expr(&named.value);
                self.expr(&named.target);
            }
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::ListComp(comp) => {
                self.comprehension(
                    (comp.range, &comp.node_index),
                    Element::One(&comp.elt),
                    &comp.generators,
                );
            }
            Expr::SetComp(comp) => {
                self.comprehension(
                    (comp.range, &comp.node_index),
                    Element::One(&comp.elt),
                    &comp.generators,
                );
            }
            Expr::Generator(comp) => {
                self.comprehension(
                    (comp.range, &comp.node_index),
                    Element::One(&comp.elt),
                    &comp.generators,
                );
            }
            Expr::DictComp(comp) => {
                let element = Element::Pair(comp.key.as_deref(), &comp.value);
                self.comprehension((comp.range, &comp.node_index), element, &comp.generators);
            }
            expr if expr.is_literal_expr() => self.passed(expr.range()),
            // Stores happen when there is something to store.
            Expr::Tuple(_) | Expr::List(_) | Expr::Starred(_) if is_target(expr) => {
                source_order::walk_expr(self, expr);
            }
            _ => {
                source_order::walk_expr(self, expr);
                self.evaluated(expr.range());
            }
        }
    }

    pub(super) fn name(&mut self, name: &'a ExprName, context: ExprContext) {
        let Some(variable) = self.model.variable_of(name, self.scope) else {
            return;
        };
        match context {
            ExprContext::Load => self.act(variable, Act::Use(name.range)),
            ExprContext::Store => self.act(variable, Act::Bind(name.range)),
            ExprContext::Del => {
                self.act(variable, Act::Use(name.range));
                self.act(variable, Act::Unbind);
            }
            ExprContext::Invalid => {}
        }
    }

    /// The ways out of an expression by its truth.
    pub(super) fn condition(&mut self, expr: &'a Expr) -> Branches {
        // What is known is not evaluated.
        if let Some(is_true) = truth(expr) {
            let (open, none) = (self.take_open(), Vec::new());
            let (yes, no) = if is_true { (open, none) } else { (none, open) };
            return Branches { yes, no };
        }
        match expr {
            Expr::UnaryOp(operation) if operation.op == UnaryOp::Not => {
                let Branches { yes, no } = self.condition(&operation.operand);
                Branches { yes: no, no: yes }
            }
            Expr::BoolOp(operation) => self.combined(operation, Self::condition),
            Expr::If(choice) => {
                let Branches { yes, no } = self.condition(&choice.test);
                self.open = yes;
                let mut branches = self.condition(&choice.body);
                self.open = no;
                let Branches { yes, no } = self.condition(&choice.orelse);
                branches.yes.extend(yes);
                branches.no.extend(no);
                branches
            }
            Expr::Compare(comparison) if comparison.ops.len() > 1 => {
                let done = self.chain(comparison);
                let mut branches = self.decided(expr.range());
                branches.no.extend(done);
                branches
            }
            _ => {
                self.expr(expr);
                self.decided(expr.range())
            }
        }
    }

    /// The block that is evaluated now ends with a decision.
    fn decided(&mut self, test: TextRange) -> Branches {
        let block = self.here();
        self.take_open();
        Branches {
            yes: vec![Leave::tested(block, true, test)],
            no: vec![Leave::tested(block, false, test)],
        }
    }

    /// The ways out of `and` and `or`, with `part` for the ways out of an operand.
    fn combined(
        &mut self,
        operation: &'a ExprBoolOp,
        part: fn(&mut Self, &'a Expr) -> Branches,
    ) -> Branches {
        let is_and = operation.op == BoolOp::And;
        let mut done = Vec::new();
        for value in &operation.values {
            let Branches { yes, no } = part(self, value);
            let (open, stops) = if is_and { (yes, no) } else { (no, yes) };
            done.extend(stops);
            self.open = open;
        }
        let open = self.take_open();
        let (yes, no) = if is_and { (open, done) } else { (done, open) };
        Branches { yes, no }
    }

    /// The ways out of an operand whose value may be that of the whole.
    fn operand(&mut self, value: &'a Expr) -> Branches {
        match value {
            Expr::BoolOp(operation) => self.combined(operation, Self::operand),
            _ => {
                self.expr(value);
                self.decided(value.range())
            }
        }
    }

    fn short_circuit(&mut self, operation: &'a ExprBoolOp) {
        let Some((last, values)) = operation.values.split_last() else {
            return;
        };
        let mut done = Vec::new();
        for value in values {
            let Branches { yes, no } = self.operand(value);
            let (open, stops) = if operation.op == BoolOp::And { (yes, no) } else { (no, yes) };
            done.extend(stops);
            self.open = open;
        }
        self.expr(last);
        done.extend(self.take_open());
        self.open = done;
    }

    fn choice(&mut self, choice: &'a ExprIf) {
        let Branches { yes, no } = self.condition(&choice.test);
        self.open = yes;
        self.expr(&choice.body);
        let mut done = self.take_open();
        self.open = no;
        self.expr(&choice.orelse);
        done.extend(self.take_open());
        self.open = done;
    }

    /// A chain of comparisons, which ends at the first that does not hold. Gives the ways out before the last.
    fn chain(&mut self, comparison: &'a ExprCompare) -> Vec<Leave> {
        let mut done = Vec::new();
        self.expr(&comparison.left);
        for (position, operand) in comparison.comparators.iter().enumerate() {
            self.expr(operand);
            self.evaluated(TextRange::new(comparison.start(), operand.end()));
            if position + 1 < comparison.comparators.len() {
                let Branches { yes, no } = self.decided(comparison.range);
                done.extend(no);
                self.open = yes;
            }
        }
        done
    }

    fn lambda(&mut self, lambda: &'a ExprLambda) {
        lambda.parameters.iter().for_each(|parameters| self.defaults(parameters));
        self.passed(lambda.range);
        if let Some(scope) = self.model.opened_by(&lambda.node_index) {
            self.inner.push(Unit { scope, body: Body::Lambda(lambda) });
        }
    }

    /// The first iterable is evaluated here, all else in a scope of its own.
    fn comprehension(
        &mut self,
        (range, opened): (TextRange, &AtomicNodeIndex),
        element: Element<'a>,
        generators: &'a [Comprehension],
    ) {
        if let Some(first) = generators.first() {
            self.expr(&first.iter);
        }
        self.evaluated(range);
        let Some(scope) = self.model.opened_by(opened) else {
            return;
        };
        self.inner.push(Unit { scope, body: Body::Comprehension { element, generators } });
        for (variable, range) in self.around.get(&scope).into_iter().flatten() {
            self.act(*variable, Act::MayBind(*range));
        }
    }

    /// What a pattern that fits binds.
    pub(super) fn captures(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(pattern) => pattern.name.as_ref(),
            Pattern::MatchStar(pattern) => pattern.name.as_ref(),
            Pattern::MatchMapping(pattern) => pattern.rest.as_ref(),
            _ => None,
        };
        match pattern {
            Pattern::MatchAs(inner) => inner.pattern.iter().for_each(|inner| self.captures(inner)),
            Pattern::MatchSequence(inner) => {
                inner.patterns.iter().for_each(|inner| self.captures(inner));
            }
            Pattern::MatchMapping(inner) => {
                inner.patterns.iter().for_each(|inner| self.captures(inner));
            }
            Pattern::MatchClass(inner) => {
                let keywords = inner.arguments.keywords.iter().map(|keyword| &keyword.pattern);
                let patterns = inner.arguments.patterns.iter().chain(keywords);
                patterns.for_each(|inner| self.captures(inner));
            }
            // Each alternative binds the same names.
            Pattern::MatchOr(inner) => {
                let mut done = Vec::new();
                let before = self.take_open();
                for inner in &inner.patterns {
                    self.open.clone_from(&before);
                    self.captures(inner);
                    done.extend(self.take_open());
                }
                self.open = done;
            }
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) | Pattern::MatchStar(_) => {}
        }
        if let Some(name) = name {
            self.passed(name.range);
            self.bind(name.as_str(), name.range);
        }
    }
}

fn is_target(expr: &Expr) -> bool {
    let context = match expr {
        Expr::Tuple(tuple) => tuple.ctx,
        Expr::List(list) => list.ctx,
        Expr::Starred(starred) => starred.ctx,
        _ => ExprContext::Load,
    };
    context != ExprContext::Load
}

/// Whether a literal is true; none for what has to be evaluated.
pub(super) fn truth(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::BooleanLiteral(literal) => Some(literal.value),
        Expr::NoneLiteral(_) => Some(false),
        Expr::EllipsisLiteral(_) => Some(true),
        Expr::StringLiteral(literal) => Some(!literal.value.is_empty()),
        Expr::BytesLiteral(literal) => Some(!literal.value.is_empty()),
        Expr::NumberLiteral(literal) => Some(match &literal.value {
            Number::Int(int) => *int != 0,
            Number::Float(float) => *float != 0.0,
            Number::Complex { real, imag } => *real != 0.0 || *imag != 0.0,
        }),
        _ => None,
    }
}
