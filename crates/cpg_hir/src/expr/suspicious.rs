//! Expressions that are right and cannot be meant: what is always the same, and tests of what never is null.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::{BinaryOp, Expr};
use cpg_ir::types::SemanticType;

use super::{Scope, Typed};
use crate::checker::Checker;
use crate::problem::Problem;
use crate::ty::Ty;

/// Whether it reads a column.
fn reads(expr: &Expr) -> bool {
    let mut reads = false;
    expr.walk(&mut |part| reads |= matches!(part, Expr::Column { .. }));
    reads
}

impl<'db> Checker<'db> {
    /// Reports a condition that is the same for every row, or that none satisfies; `clause` is the word that begins it.
    pub(crate) fn varying(&mut self, scope: &Scope, clause: &str, condition: &Typed) {
        if self.is_unsure(scope, condition) {
            return;
        }
        if reads(&condition.expr) {
            self.satisfiable(clause, condition);
            return;
        }
        let message = format!("the `{clause}` condition reads no column");
        let problem = Problem::error(Code::ConstantCondition, condition.range, message)
            .found("the same for every row")
            .help("name a column, or remove the clause");
        self.report(problem);
    }

    /// Reports a key that is the same for every row.
    pub(crate) fn varying_key(&mut self, scope: &Scope, clause: &str, key: &Typed) {
        if self.is_unsure(scope, key) || reads(&key.expr) {
            return;
        }
        let message = format!("a key of `{clause}` reads no column");
        let problem = Problem::error(Code::ConstantKey, key.range, message)
            .found("the same for every row")
            .help("name a column");
        self.report(problem);
    }

    /// Whether an error that was told already may be why a value reads nothing.
    fn is_unsure(&self, scope: &Scope, value: &Typed) -> bool {
        value.ty == Ty::Unknown || scope.is_open() || self.has_errors()
    }

    /// Warns of a comparison whose result is known.
    pub(super) fn same_result(
        &mut self,
        op: BinaryOp,
        left: &Typed,
        right: &Typed,
        range: TextRange,
    ) {
        if self.has_errors() {
            return;
        }
        if left.literal().is_some() && right.literal().is_some() {
            let problem =
                Problem::error(Code::ConstantCondition, range, "both sides are constants")
                    .found("the same for every row")
                    .warning();
            self.report(problem);
        } else if left.expr == right.expr && reads(&left.expr) && left.ty != Ty::Unknown {
            let always = match op {
                BinaryOp::Eq | BinaryOp::LtEq | BinaryOp::GtEq => "true",
                _ => "false",
            };
            let unless = if left.ty.is_nullable() { ", or null where the value is" } else { "" };
            let problem =
                Problem::error(Code::SelfComparison, range, "a value is compared with itself")
                    .found(format!("always {always}{unless}"))
                    .help("compare two columns, or write `is not null`")
                    .warning();
            self.report(problem);
        }
    }

    /// Warns of `value is [not] null` where that is known.
    pub(super) fn known_presence(
        &mut self,
        scope: &Scope,
        value: &Typed,
        negated: bool,
        range: TextRange,
    ) {
        if !is_always_there(scope, value) {
            return;
        }
        let text = self.text_at(value.range);
        let always = if negated { "true" } else { "false" };
        let problem = Problem::error(Code::NeverNull, range, format!("`{text}` is never null"))
            .found(format!("always {always}"))
            .help("remove the test")
            .warning();
        self.report(problem);
    }

    /// Warns of a default for what is always there.
    pub(super) fn needless_default(&mut self, scope: &Scope, value: &Typed, default: &Typed) {
        if !is_always_there(scope, value) {
            return;
        }
        let text = self.text_at(value.range);
        let range = TextRange::new(value.range.end(), default.range.end());
        let problem =
            Problem::error(Code::NeverNull, default.range, format!("`{text}` is never null"))
                .found("never used")
                .fix("remove the default", range, "")
                .warning();
        self.report(problem);
    }

    /// Warns of values that a list names twice.
    pub(super) fn repeated_values(&mut self, values: &[Typed]) {
        for (at, value) in values.iter().enumerate() {
            let before = values.get(..at).unwrap_or_default();
            let same =
                |other: &&Typed| value.literal().is_some() && other.literal() == value.literal();
            let (Some(first), Some(previous)) = (before.iter().find(same), before.last()) else {
                continue;
            };
            let text = self.text_at(value.range);
            let gap = TextRange::new(previous.range.end(), value.range.end());
            let problem = Problem::error(
                Code::DuplicateValue,
                value.range,
                format!("the list has `{text}` twice"),
            )
            .label(crate::problem::Anchor::Here(first.range), "the first time")
            .fix("remove it", gap, "")
            .warning();
            self.report(problem);
        }
    }
}

/// Whether a value that is no constant is null nowhere, as its type says. A second test of what a condition tests
/// already is a habit, and no mistake.
fn is_always_there(scope: &Scope, value: &Typed) -> bool {
    let known = value.ty.semantic().is_some_and(|semantic| *semantic != SemanticType::Null);
    let mut tested = false;
    value.expr.walk(&mut |part| tested |= scope.is_present(part));
    known && !tested && !value.ty.is_nullable() && reads(&value.expr)
}
