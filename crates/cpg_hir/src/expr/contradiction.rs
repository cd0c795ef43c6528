//! Conditions that no row can satisfy together.

use std::cmp::Ordering;

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{BinaryOp, Expr, Literal, UnaryOp};

use super::Typed;
use crate::checker::Checker;
use crate::problem::{Anchor, Problem};

impl<'db> Checker<'db> {
    /// Reports a condition that never holds where those before it do; `held` are these with their places. One that is
    /// among them has no effect, which is a warning.
    pub(crate) fn consistent(
        &mut self,
        clause: &str,
        held: &[(Expr, TextRange)],
        condition: &Typed,
    ) {
        if self.has_errors() {
            return;
        }
        if let Some((_, before)) = held.iter().find(|(held, _)| exclude(held, &condition.expr)) {
            let message = format!("no pair passes this `{clause}`");
            let problem = Problem::error(Code::ConstantCondition, condition.range, message)
                .found("never true together with what stands before it")
                .label(Anchor::Here(*before), "this must hold, too")
                .help("say `or` where either is enough, or remove one of them");
            self.report(problem);
        } else if let Some((_, before)) = held.iter().find(|(held, _)| *held == condition.expr) {
            let message = format!("this `{clause}` changes nothing");
            let problem = Problem::error(Code::UnusedClause, condition.range, message)
                .label(Anchor::Here(*before), "this says so already")
                .help("remove it")
                .warning();
            self.report(problem);
        }
    }

    /// Reports a condition of which two parts never hold together.
    pub(super) fn satisfiable(&mut self, clause: &str, condition: &Typed) {
        let mut parts = Vec::new();
        conjuncts(&condition.expr, &mut parts);
        let pairs = parts.iter().enumerate();
        let mut pairs =
            pairs.flat_map(|(at, part)| parts[..at].iter().map(move |other| (other, part)));
        if !self.has_errors() && pairs.any(|(a, b)| exclude(a, b)) {
            let message = format!("no row passes this `{clause}`");
            let problem = Problem::error(Code::ConstantCondition, condition.range, message)
                .found("two parts of it are never true together")
                .help("say `or` where either is enough, or remove one of them");
            self.report(problem);
        }
    }
}

/// The parts of a condition, of which there are as many as an expression may be deep.
fn conjuncts<'a>(expr: &'a Expr, parts: &mut Vec<&'a Expr>) {
    let mut pending = vec![expr];
    while let Some(expr) = pending.pop() {
        match expr {
            Expr::Binary { op: BinaryOp::And, left, right } => {
                pending.push(right);
                pending.push(left);
            }
            part => parts.push(part),
        }
    }
}

/// Whether no row satisfies both, as far as that can be seen.
fn exclude(a: &Expr, b: &Expr) -> bool {
    let negates = |a: &Expr, b: &Expr| match a {
        Expr::Unary { op: UnaryOp::Not, operand } => **operand == *b,
        Expr::Unary { op: UnaryOp::IsNull, operand } => match b {
            Expr::Unary { op: UnaryOp::IsNotNull, operand: other } => operand == other,
            // What is null compares with nothing.
            other => Comparison::of(other).is_some_and(|one| one.left == &**operand),
        },
        _ => false,
    };
    if negates(a, b) || negates(b, a) {
        return true;
    }
    match (Comparison::of(a), Comparison::of(b)) {
        (Some(a), Some(b)) => a.excludes(&b) || a.turned().excludes(&b),
        _ => false,
    }
}

/// `left op right`, as what `left` may be to `right`.
#[derive(Clone, Copy)]
struct Comparison<'a> {
    left: &'a Expr,
    right: &'a Expr,
    less: bool,
    equal: bool,
    greater: bool,
}

impl<'a> Comparison<'a> {
    fn of(expr: &'a Expr) -> Option<Self> {
        let Expr::Binary { op, left, right } = expr else { return None };
        let (less, equal, greater) = match op {
            BinaryOp::Eq => (false, true, false),
            BinaryOp::NotEq => (true, false, true),
            BinaryOp::Lt => (true, false, false),
            BinaryOp::LtEq => (true, true, false),
            BinaryOp::Gt => (false, false, true),
            BinaryOp::GtEq => (false, true, true),
            _ => return None,
        };
        Some(Self { left, right, less, equal, greater })
    }

    /// The same with its sides exchanged.
    fn turned(self) -> Self {
        let Self { left, right, less, equal, greater } = self;
        Self { left: right, right: left, less: greater, equal, greater: less }
    }

    fn allows(&self, order: Ordering) -> bool {
        match order {
            Ordering::Less => self.less,
            Ordering::Equal => self.equal,
            Ordering::Greater => self.greater,
        }
    }

    /// Whether no value of the left side, which is that of both, does for both.
    fn excludes(&self, other: &Self) -> bool {
        use Ordering::{Equal, Greater, Less};
        if self.left != other.left {
            return false;
        }
        // What a value can be to the one right side and to the other, from the least value to the greatest.
        let places: &[(Ordering, Ordering)] = if self.right == other.right {
            &[(Less, Less), (Equal, Equal), (Greater, Greater)]
        } else {
            match constants(self.right, other.right) {
                Some(Less) => &[
                    (Less, Less),
                    (Equal, Less),
                    (Greater, Less),
                    (Greater, Equal),
                    (Greater, Greater),
                ],
                Some(Greater) => return other.excludes(self),
                Some(Equal) | None => return false,
            }
        };
        !places.iter().any(|(one, two)| self.allows(*one) && other.allows(*two))
    }
}

/// The order of two constants of one type.
fn constants(a: &Expr, b: &Expr) -> Option<Ordering> {
    let (Expr::Literal(a), Expr::Literal(b)) = (a, b) else { return None };
    match (a, b) {
        (Literal::Int(a), Literal::Int(b)) => Some(a.cmp(b)),
        (Literal::String(a), Literal::String(b)) => Some(a.cmp(b)),
        (Literal::Bool(a), Literal::Bool(b)) => Some(a.cmp(b)),
        (Literal::Float(a), Literal::Float(b)) => a.get().partial_cmp(&b.get()),
        _ => None,
    }
}
