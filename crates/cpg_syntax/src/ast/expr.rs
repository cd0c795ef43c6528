//! Expressions.

use cpg_base::TextRange;

use super::{Name, TypeExpr};

/// An expression with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// The whole expression.
    pub range: TextRange,
}

/// The kinds of expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExprKind {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// An integer literal.
    Int(i64),
    /// A decimal literal, as written; always a finite number.
    Float(String),
    /// A string literal.
    Text(String),
    /// `name`: a column, a row source or a constant.
    Name(String),
    /// `base.name`: a column of a row source, or a field of a span.
    Field {
        /// What has the field.
        base: Box<Expr>,
        /// The field.
        field: Name,
    },
    /// `f(a, b)`.
    Call {
        /// The function.
        function: Name,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// A prefix operator or a null test.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Where the operator stands.
        op_range: TextRange,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// An infix operator.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where the operator stands.
        op_range: TextRange,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `x between low and high`, ends included.
    Between {
        /// What is tested.
        value: Box<Expr>,
        /// Lower end.
        low: Box<Expr>,
        /// Upper end.
        high: Box<Expr>,
        /// `not between`.
        negated: bool,
    },
    /// `x in (a, b)`.
    In {
        /// What is looked for.
        value: Box<Expr>,
        /// Where it is looked for.
        list: Vec<Expr>,
        /// `not in`.
        negated: bool,
    },
    /// `if c then a else b`, and `case { c => v, …, else => v }`.
    Case {
        /// Conditions and values.
        branches: Vec<(Expr, Expr)>,
        /// `else`.
        otherwise: Option<Box<Expr>>,
    },
    /// `cast(x, T)`.
    Cast {
        /// What is converted.
        value: Box<Expr>,
        /// The new type.
        ty: TypeExpr,
    },
}

/// Operators on one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say all")]
pub enum UnaryOp {
    Not,
    Neg,
    IsNull,
    IsNotNull,
}

/// Operators on two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say all")]
pub enum BinaryOp {
    Or,
    And,
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
    Coalesce,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Overlaps,
    Contains,
    Within,
    Before,
    After,
    Touches,
}

/// How tightly an operator binds its operands; higher binds tighter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precedence {
    Or,
    And,
    Not,
    Comparison,
    Coalesce,
    Sum,
    Product,
    Negation,
}

impl UnaryOp {
    pub(crate) fn precedence(self) -> Precedence {
        match self {
            Self::Not => Precedence::Not,
            Self::Neg => Precedence::Negation,
            Self::IsNull | Self::IsNotNull => Precedence::Comparison,
        }
    }
}

impl BinaryOp {
    pub(crate) fn precedence(self) -> Precedence {
        match self {
            Self::Or => Precedence::Or,
            Self::And => Precedence::And,
            Self::Coalesce => Precedence::Coalesce,
            Self::Add | Self::Sub => Precedence::Sum,
            Self::Mul | Self::Div | Self::Rem => Precedence::Product,
            Self::Eq | Self::NotEq | Self::Lt | Self::LtEq | Self::Gt | Self::GtEq => {
                Precedence::Comparison
            }
            Self::Overlaps
            | Self::Contains
            | Self::Within
            | Self::Before
            | Self::After
            | Self::Touches => Precedence::Comparison,
        }
    }
}
