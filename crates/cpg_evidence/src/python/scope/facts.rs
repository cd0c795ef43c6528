//! What else a visit finds, each with the scope it stands in: attributes, assignments, what functions give, and types.

use ruff_python_ast::{Expr, ExprAttribute};
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

    pub(super) fn given(&mut self, kind: ReturnKind, node: impl Ranged, value: Option<&'a Expr>) {
        let scope = self.scope;
        self.seen.returns.push(Return { kind, range: node.range(), value, scope });
    }

    pub(super) fn typed(&mut self, role: TypeRole, owner: TextRange, node: &'a Expr) {
        let scope = self.scope;
        self.seen.type_exprs.push(TypeExpr { role, node, owner, scope });
    }
}
