//! What a condition tells about nulls.

use cpg_ir::expr::{BinaryOp, Expr, UnaryOp};

/// The columns that are not null where `condition` holds.
pub(crate) fn facts_when_true(condition: &Expr) -> Vec<Expr> {
    match condition {
        Expr::Unary { op: UnaryOp::IsNotNull, operand } => columns(operand),
        Expr::Unary { op: UnaryOp::Not, operand } => facts_when_false(operand),
        Expr::Binary { op: BinaryOp::And, left, right } => {
            let mut facts = facts_when_true(left);
            facts.extend(facts_when_true(right));
            facts
        }
        _ => facts_when_known(condition),
    }
}

/// The columns that are not null where `condition` is false, which is less than where it does not hold.
fn facts_when_false(condition: &Expr) -> Vec<Expr> {
    match condition {
        Expr::Binary { op: BinaryOp::Or, left, right } => {
            let mut facts = facts_when_false(left);
            facts.extend(facts_when_false(right));
            facts
        }
        Expr::Unary { op: UnaryOp::IsNull, operand } => columns(operand),
        Expr::Unary { op: UnaryOp::Not, operand } => facts_when_true(operand),
        _ => facts_when_known(condition),
    }
}

/// The columns that are not null where `condition` is false or null.
pub(crate) fn facts_otherwise(condition: &Expr) -> Vec<Expr> {
    match condition {
        Expr::Unary { op: UnaryOp::IsNull, operand } => columns(operand),
        Expr::Unary { op: UnaryOp::Not, operand } => match &**operand {
            Expr::Unary { op: UnaryOp::IsNotNull, operand } => columns(operand),
            _ => Vec::new(),
        },
        Expr::Binary { op: BinaryOp::Or, left, right } => {
            let mut facts = facts_otherwise(left);
            facts.extend(facts_otherwise(right));
            facts
        }
        _ => Vec::new(),
    }
}

/// The columns that are not null where a comparison has an answer at all.
fn facts_when_known(condition: &Expr) -> Vec<Expr> {
    match condition {
        Expr::Binary { op, left, right } if !matches!(op, BinaryOp::And | BinaryOp::Or) => {
            let mut facts = columns(left);
            facts.extend(columns(right));
            facts
        }
        Expr::SpanCompare { left, right, .. } => {
            let mut facts = columns(left);
            facts.extend(columns(right));
            facts
        }
        Expr::InList { value, .. } => columns(value),
        Expr::Column { .. } => columns(condition),
        _ => Vec::new(),
    }
}

/// The columns without which `value` is null.
fn columns(value: &Expr) -> Vec<Expr> {
    match value {
        Expr::Column { .. } => vec![value.clone()],
        Expr::Field { base, .. } => columns(base),
        Expr::Cast { value, .. } => columns(value),
        Expr::Unary { op: UnaryOp::Neg, operand } => columns(operand),
        Expr::Binary { op, left, right } if !matches!(op, BinaryOp::And | BinaryOp::Or) => {
            let mut facts = columns(left);
            facts.extend(columns(right));
            facts
        }
        _ => Vec::new(),
    }
}
