//! Expressions and types. Parentheses are the author's: they stay as they are.

use super::document::{Document, List, Separator};
use crate::ast::{BinaryOp, Expr, ExprKind, TypeArg, TypeExpr, UnaryOp};

/// Elements in parentheses.
pub(super) const ARGUMENTS: List =
    List { padded: false, filled: false, between: Separator::Comma, last: Separator::Broken };

/// Cases in braces, which need their commas on lines of their own, too.
const CASES: List = List { padded: true, ..ARGUMENTS };

impl Document<'_> {
    /// An expression behind the first word of a clause or behind a column's name.
    pub(super) fn value(&mut self, expr: &Expr) {
        if self.is_bracketed(expr) {
            self.expr(expr);
        } else {
            self.indent();
            self.expr(expr);
            self.dedent();
        }
    }

    /// An expression whose lines begin where the lines around it do.
    pub(super) fn expr(&mut self, expr: &Expr) {
        self.expression(expr, false);
    }

    /// An expression whose lines begin to the right of those around it.
    pub(super) fn operand(&mut self, expr: &Expr) {
        self.expression(expr, true);
    }

    /// Expressions with commas between them; lines break before those that do not fit.
    pub(super) fn exprs(&mut self, exprs: &[Expr]) {
        self.filled(exprs.len(), |document, index| document.part(exprs.get(index)));
    }

    fn part(&mut self, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    /// Whether its last line stands where its first one does when it breaks.
    fn is_bracketed(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Call { .. } | ExprKind::Cast { .. } | ExprKind::In { .. } => true,
            ExprKind::Case { .. } => self.next() == "case" || self.next() == "(",
            _ => self.has_parentheses(expr),
        }
    }

    /// Whether the next token is a parenthesis around the whole expression.
    fn has_parentheses(&self, expr: &Expr) -> bool {
        self.next() == "("
            && first_part(expr).is_none_or(|part| self.next_start() < part.range.start())
    }

    /// An operand of another operator is `nested`: its lines stand to the right of the operator's.
    fn expression(&mut self, expr: &Expr, nested: bool) {
        if self.has_parentheses(expr) {
            self.open();
            self.word("(");
            self.indent();
            self.soft_line();
            self.expression(expr, false);
            self.inner();
            self.dedent();
            self.soft_line();
            self.word(")");
            self.close();
            return;
        }
        match &expr.kind {
            ExprKind::Int(_) => {
                // The least integer has its sign in it.
                self.word_if("-");
                self.any();
            }
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Float(_)
            | ExprKind::Text(_)
            | ExprKind::Name(_) => self.any(),
            ExprKind::Field { base, .. } => {
                self.expression(base, nested);
                self.word(".");
                self.any();
            }
            ExprKind::Call { args, .. } => {
                self.any();
                self.arguments(args, false);
            }
            ExprKind::Cast { value, ty } => {
                self.word("cast");
                let list = List { last: Separator::None, ..ARGUMENTS };
                self.bracketed(["(", ")"], list, 2, |document, index| match index {
                    0 => document.expr(value),
                    _ => document.type_expr(ty),
                });
            }
            ExprKind::Unary { op, operand, .. } => self.unary(*op, operand, nested),
            ExprKind::Binary { op, left, right, .. } => self.chain(*op, [left, right], nested),
            ExprKind::Between { value, low, high, negated } => {
                self.operand(value);
                self.space();
                if *negated {
                    self.words(&["not"]);
                }
                self.words(&["between"]);
                self.operand(low);
                self.space();
                self.words(&["and"]);
                self.operand(high);
            }
            ExprKind::In { value, list, negated } => {
                self.operand(value);
                self.space();
                if *negated {
                    self.words(&["not"]);
                }
                self.words(&["in"]);
                self.among(list);
            }
            ExprKind::Case { branches, otherwise } if self.next() == "case" => {
                self.case(branches, otherwise.as_deref());
            }
            ExprKind::Case { branches, otherwise } => {
                self.conditional(branches, otherwise.as_deref(), nested);
            }
        }
    }

    /// Values among which another one is looked for; short ones share lines.
    pub(super) fn among(&mut self, values: &[Expr]) {
        self.arguments(values, values.iter().all(is_literal));
    }

    fn arguments(&mut self, args: &[Expr], filled: bool) {
        let list = List { filled, ..ARGUMENTS };
        self.bracketed(["(", ")"], list, args.len(), |document, index| {
            document.part(args.get(index));
        });
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr, nested: bool) {
        match op {
            UnaryOp::Not => {
                self.words(&["not"]);
                self.expression(operand, nested);
            }
            UnaryOp::Neg => {
                self.word("-");
                self.expression(operand, nested);
            }
            UnaryOp::IsNull | UnaryOp::IsNotNull => {
                self.expression(operand, nested);
                self.space();
                self.words(&["is"]);
                if op == UnaryOp::IsNotNull {
                    self.words(&["not"]);
                }
                self.word("null");
            }
        }
    }

    /// Operators that bind equally, with a place to break before each.
    fn chain(&mut self, op: BinaryOp, [left, right]: [&Expr; 2], nested: bool) {
        self.open();
        let mut operators = vec![right];
        let mut first = left;
        while let ExprKind::Binary { op: inner, left, right, .. } = &first.kind
            && inner.precedence() == op.precedence()
            && first.range.start() == left.range.start()
        {
            operators.push(right);
            first = left;
        }
        self.operand(first);
        if nested {
            self.indent();
        }
        for operand in operators.into_iter().rev() {
            self.line();
            self.any();
            self.space();
            self.operand(operand);
        }
        if nested {
            self.dedent();
        }
        self.close();
    }

    /// `if … then … else …`.
    fn conditional(&mut self, branches: &[(Expr, Expr)], otherwise: Option<&Expr>, nested: bool) {
        self.open();
        if nested {
            self.indent();
        }
        for (index, (condition, value)) in branches.iter().enumerate() {
            if index > 0 {
                self.line();
                self.words(&["else"]);
            }
            self.words(&["if"]);
            self.operand(condition);
            self.indent();
            self.open_line();
            self.words(&["then"]);
            self.operand(value);
            self.close();
            self.dedent();
        }
        if let Some(otherwise) = otherwise {
            self.line();
            self.words(&["else"]);
            self.operand(otherwise);
        }
        if nested {
            self.dedent();
        }
        self.close();
    }

    /// `case { … }`.
    fn case(&mut self, branches: &[(Expr, Expr)], otherwise: Option<&Expr>) {
        self.words(&["case"]);
        let count = branches.len() + usize::from(otherwise.is_some());
        self.bracketed(["{", "}"], CASES, count, |document, index| {
            document.open();
            let value = match branches.get(index) {
                Some((condition, value)) => {
                    document.operand(condition);
                    Some(value)
                }
                None => {
                    document.word("else");
                    otherwise
                }
            };
            document.space();
            document.word("=>");
            document.indent();
            document.open_line();
            document.part(value);
            document.close();
            document.dedent();
            document.close();
        });
    }

    /// A type, on one line.
    pub(super) fn type_expr(&mut self, ty: &TypeExpr) {
        self.any();
        for (index, arg) in ty.args.iter().enumerate() {
            self.word(if index == 0 { "<" } else { "," });
            if index > 0 {
                self.space();
            }
            match arg {
                TypeArg::Int(..) => self.any(),
                TypeArg::Type(ty) => self.type_expr(ty),
            }
        }
        if !ty.args.is_empty() {
            self.word(">");
        }
        if ty.nullable {
            self.word("?");
        }
    }
}

/// The part with which an expression begins, when it begins with one.
fn first_part(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Field { base: part, .. }
        | ExprKind::Unary { op: UnaryOp::IsNull | UnaryOp::IsNotNull, operand: part, .. }
        | ExprKind::Binary { left: part, .. }
        | ExprKind::Between { value: part, .. }
        | ExprKind::In { value: part, .. } => Some(part),
        _ => None,
    }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Text(_)
            | ExprKind::Name(_)
    )
}
