//! What else a visit finds, each with the scope it stands in: attributes, assignments, what functions give, and types.

use ruff_python_ast::{CmpOp, Expr, ExprAttribute, ExprCompare, WithItem};
use ruff_text_size::{Ranged, TextRange};

use super::build::Builder;
use super::{Position, ScopeId};

/// An attribute that is loaded, stored or deleted.
#[derive(Debug)]
pub(in crate::python) struct AttributeUse<'a> {
    /// The node, as an expression and as an attribute.
    pub(in crate::python) expr: &'a Expr,
    pub(in crate::python) node: &'a ExprAttribute,
    pub(in crate::python) scope: ScopeId,
    pub(in crate::python) position: Position,
}

/// How a target gets its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::python) enum AssignmentKind {
    /// `a = b`.
    Assign,
    /// `a += b`, with the operator as written.
    Augmented(&'static str),
    /// `a: b = c` or `a: b`.
    Annotated,
    /// `a := b`.
    Walrus,
    /// `for a in b`, in a statement or a comprehension: the target gets the items, one after the other.
    For(Sync),
    /// `with a as b`: the target gets what the manager gives.
    With(Sync),
}

/// Whether something is `async`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::python) enum Sync {
    Plain,
    Async,
}

impl Sync {
    pub(in crate::python) fn of(is_async: bool) -> Self {
        if is_async { Self::Async } else { Self::Plain }
    }
}

/// A target of an assignment, which may unpack into several.
#[derive(Debug)]
pub(in crate::python) struct Assignment<'a> {
    pub(in crate::python) kind: AssignmentKind,
    /// The statement or expression.
    pub(in crate::python) range: TextRange,
    pub(in crate::python) target: &'a Expr,
    pub(in crate::python) annotation: Option<&'a Expr>,
    pub(in crate::python) value: Option<&'a Expr>,
    pub(in crate::python) scope: ScopeId,
}

/// What the language does to values by their special methods, but for calls, attributes and subscripts.
#[derive(Debug, Clone, Copy)]
pub(in crate::python) struct Operation<'a> {
    pub(in crate::python) kind: OperationKind,
    /// The statement or expression, or the part of it that the operation is.
    pub(in crate::python) range: TextRange,
    /// The first value.
    pub(in crate::python) operand: &'a Expr,
    /// The second one.
    pub(in crate::python) other: Option<&'a Expr>,
    pub(in crate::python) scope: ScopeId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::python) enum OperationKind {
    /// `a + b`, with the operator as written.
    Binary(&'static str),
    /// `a += b`, with the operator without the `=`.
    Augmented(&'static str),
    /// `-a`.
    Unary(&'static str),
    /// `a < b`.
    Compare(&'static str),
    For(Sync),
    With(Sync),
    Raise,
}

/// How a function gives a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::python) enum ReturnKind {
    Return,
    Yield,
    YieldFrom,
    /// The body of a lambda.
    Lambda,
}

/// What a function gives.
#[derive(Debug)]
pub(in crate::python) struct Return<'a> {
    pub(in crate::python) kind: ReturnKind,
    /// The statement or expression.
    pub(in crate::python) range: TextRange,
    pub(in crate::python) value: Option<&'a Expr>,
    pub(in crate::python) scope: ScopeId,
}

/// What a type is given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::python) enum TypeRole {
    Parameter,
    Return,
    Variable,
    Alias,
    Bound,
    Default,
}

/// A type, as far as the syntax says that it is one.
#[derive(Debug)]
pub(in crate::python) struct TypeExpr<'a> {
    pub(in crate::python) role: TypeRole,
    pub(in crate::python) node: &'a Expr,
    /// The name of the parameter, alias or type parameter, the function, or the target, which has the type.
    pub(in crate::python) owner: TextRange,
    pub(in crate::python) scope: ScopeId,
}

impl<'a> Builder<'a> {
    pub(super) fn assigned(
        &mut self,
        kind: AssignmentKind,
        range: TextRange,
        target: &'a Expr,
        value: Option<&'a Expr>,
    ) {
        let scope = self.scope;
        let assignment = Assignment { kind, range, target, annotation: None, value, scope };
        self.seen.assignments.push(assignment);
    }

    /// Notes an expression that has parts to look at later.
    pub(super) fn composed(&mut self, expr: &'a Expr) {
        self.seen.composed.push((expr, self.scope));
    }

    pub(super) fn operation(
        &mut self,
        kind: OperationKind,
        range: TextRange,
        operand: &'a Expr,
        other: Option<&'a Expr>,
    ) {
        let scope = self.scope;
        self.seen.operations.push(Operation { kind, range, operand, other, scope });
    }

    /// Every comparison of a chain.
    pub(super) fn comparisons(&mut self, compare: &'a ExprCompare) {
        let mut left: &'a Expr = &compare.left;
        for (operator, right) in compare.ops.iter().zip(&compare.comparators) {
            let range = TextRange::new(left.start(), right.end());
            // What is compared with `in` is asked of the container.
            let (operand, other) = if matches!(operator, CmpOp::In | CmpOp::NotIn) {
                (right, left)
            } else {
                (left, right)
            };
            self.operation(OperationKind::Compare(operator.as_str()), range, operand, Some(other));
            left = right;
        }
    }

    /// The items of an iterable become those of a target.
    pub(super) fn iterated(
        &mut self,
        sync: Sync,
        range: TextRange,
        target: &'a Expr,
        iterable: &'a Expr,
    ) {
        self.operation(OperationKind::For(sync), range, iterable, None);
        self.assigned(AssignmentKind::For(sync), range, target, Some(iterable));
    }

    /// A manager is entered, and left.
    pub(super) fn entered(&mut self, sync: Sync, item: &'a WithItem) {
        let manager = &item.context_expr;
        let target = item.optional_vars.as_deref();
        let end = target.map_or(manager.end(), Ranged::end);
        let range = TextRange::new(manager.start(), end);
        self.operation(OperationKind::With(sync), range, manager, None);
        if let Some(target) = target {
            self.assigned(AssignmentKind::With(sync), range, target, Some(manager));
        }
    }

    pub(super) fn given(&mut self, kind: ReturnKind, node: impl Ranged, value: Option<&'a Expr>) {
        let scope = self.scope;
        self.seen.returns.push(Return { kind, range: node.range(), value, scope });
    }

    pub(super) fn typed(&mut self, role: TypeRole, owner: TextRange, node: &'a Expr) {
        let scope = self.scope;
        self.seen.type_exprs.push(TypeExpr { role, node, owner, scope });
    }
}
