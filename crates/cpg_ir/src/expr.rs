//! Scalar and aggregate expressions, names resolved and aliases erased.

use serde::{Deserialize, Serialize};

use crate::types::PhysicalType;

/// A scalar expression over the row sources of its clause.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expr {
    /// A column of the clause's `source`-th row source (see the spec that holds the expression).
    Column {
        /// Index of the row source.
        source: u32,
        /// The column's name there.
        name: String,
    },
    /// A field of a span: `start` or `end`.
    Field {
        /// A span.
        base: Box<Expr>,
        /// Which end.
        field: SpanField,
    },
    /// A constant.
    Literal(Literal),
    /// A unary operation.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// A binary operation on scalars.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// A comparison of two spans of the same file.
    SpanCompare {
        /// The relation between the spans.
        op: SpanOp,
        /// Left span.
        left: Box<Expr>,
        /// Right span.
        right: Box<Expr>,
    },
    /// `value in (…)`.
    InList {
        /// What is looked for.
        value: Box<Expr>,
        /// Where it is looked for.
        list: Vec<Expr>,
        /// `not in`.
        negated: bool,
    },
    /// The first operand that is not null (`a ?? b`).
    Coalesce(Vec<Expr>),
    /// `case { cond => value, else => value }`; `if` is a case with one branch.
    Case {
        /// Conditions and values, in order.
        branches: Vec<(Expr, Expr)>,
        /// The value when no condition holds; null when absent.
        otherwise: Option<Box<Expr>>,
    },
    /// `cast(value, T)`.
    Cast {
        /// What is converted.
        value: Box<Expr>,
        /// To which physical type.
        to: PhysicalType,
    },
    /// A scalar function; its version is in the function snapshot.
    Call {
        /// Name in the function catalogue.
        function: String,
        /// Arguments in order.
        args: Vec<Expr>,
    },
    /// A span from two byte offsets.
    Span {
        /// First byte.
        start: Box<Expr>,
        /// One past the last byte.
        end: Box<Expr>,
    },
    /// The stable id `namespace` gives to these values: see `cpg_plan::functions::stable_id`.
    /// Null when any of them is.
    StableId {
        /// The id's namespace.
        namespace: String,
        /// What it is taken over, in order.
        over: Vec<Expr>,
    },
}

/// Which end of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanField {
    /// The first byte.
    Start,
    /// One past the last byte.
    End,
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// The absent value.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A finite floating-point number.
    Float(Finite),
    /// A string.
    String(String),
}

/// A finite `f64` that can be compared and hashed. Zero has one form.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Finite(f64);

impl Finite {
    /// `None` for infinities and NaN.
    pub fn new(value: f64) -> Option<Self> {
        // `+ 0.0` turns -0.0 into 0.0, so that equal values have equal bits.
        value.is_finite().then_some(Self(value + 0.0))
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Finite {}

impl std::hash::Hash for Finite {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// Operators on one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnaryOp {
    /// Logical negation.
    Not,
    /// Arithmetic negation.
    Neg,
    /// `is null`.
    IsNull,
    /// `is not null`.
    IsNotNull,
}

/// Operators on two scalars; null handling is SQL's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

/// Relations between two spans `a` and `b` of one file, ends exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanOp {
    /// Same start and same end.
    Equals,
    /// They share at least one byte: `a.start < b.end and b.start < a.end`.
    Overlaps,
    /// `a.start <= b.start and b.end <= a.end`.
    Contains,
    /// `b contains a`.
    Within,
    /// `a.end <= b.start`.
    Before,
    /// `b.end <= a.start`.
    After,
    /// `a.end == b.start or b.end == a.start`.
    Touches,
}

/// An aggregate over a group's rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Aggregate {
    /// Which aggregate.
    pub function: AggregateFunction,
    /// What is aggregated; `None` only for `count()`.
    pub arg: Option<Expr>,
}

/// The aggregates of the language. Those whose result depends on row order sort their input first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AggregateFunction {
    /// Rows, or rows whose argument is not null.
    Count,
    /// Distinct non-null values.
    CountDistinct,
    /// Sum.
    Sum,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// Arithmetic mean.
    Avg,
    /// The sorted distinct non-null values, as a list.
    Collect,
    /// `1 - Π (1 - x)`, taken over the values in ascending order: the chance that at least one of
    /// several independent pieces of evidence is right.
    NoisyOr,
}

/// One key of a sort order. Nulls come last either way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SortKey {
    /// What is sorted by.
    pub expr: Expr,
    /// Largest first.
    pub descending: bool,
}

impl Expr {
    /// A column of the `source`-th row source.
    pub fn column(source: u32, name: impl Into<String>) -> Self {
        Self::Column { source, name: name.into() }
    }

    /// Calls `visit` for this expression and each one below it, parents first.
    pub fn walk(&self, visit: &mut impl FnMut(&Expr)) {
        visit(self);
        match self {
            Self::Column { .. } | Self::Literal(_) => {}
            Self::Field { base: one, .. }
            | Self::Unary { operand: one, .. }
            | Self::Cast { value: one, .. } => one.walk(visit),
            Self::Binary { left, right, .. }
            | Self::SpanCompare { left, right, .. }
            | Self::Span { start: left, end: right } => {
                left.walk(visit);
                right.walk(visit);
            }
            Self::InList { value, list, .. } => {
                value.walk(visit);
                list.iter().for_each(|e| e.walk(visit));
            }
            Self::Coalesce(args) | Self::Call { args, .. } | Self::StableId { over: args, .. } => {
                args.iter().for_each(|e| e.walk(visit))
            }
            Self::Case { branches, otherwise } => {
                for (condition, value) in branches {
                    condition.walk(visit);
                    value.walk(visit);
                }
                if let Some(value) = otherwise {
                    value.walk(visit);
                }
            }
        }
    }
}
