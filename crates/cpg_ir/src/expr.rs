//! Scalar and aggregate expressions, names resolved and aliases erased.

use schemars::JsonSchema;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
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
    /// What is aggregated: as many as the function takes, and none for `count()`.
    pub args: Vec<Expr>,
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
    /// The values by their keys, keys ascending: of several values of one key the least that is not null. Rows whose key
    /// is null are left out.
    MapOf,
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
        self.children().into_iter().for_each(|child| child.walk(visit));
    }

    /// How many expressions it consists of, itself included.
    pub fn size(&self) -> usize {
        let mut size = 0;
        self.walk(&mut |_| size += 1);
        size
    }

    /// How many expressions stand in one another, itself included.
    pub fn depth(&self) -> usize {
        1 + self.children().into_iter().map(Self::depth).max().unwrap_or(0)
    }

    /// The expressions directly below it, in order.
    fn children(&self) -> Vec<&Expr> {
        match self {
            Self::Column { .. } | Self::Literal(_) => Vec::new(),
            Self::Field { base: one, .. }
            | Self::Unary { operand: one, .. }
            | Self::Cast { value: one, .. } => vec![one],
            Self::Binary { left, right, .. }
            | Self::SpanCompare { left, right, .. }
            | Self::Span { start: left, end: right } => vec![left, right],
            Self::InList { value, list, .. } => std::iter::once(&**value).chain(list).collect(),
            Self::Coalesce(args) | Self::Call { args, .. } | Self::StableId { over: args, .. } => {
                args.iter().collect()
            }
            Self::Case { branches, otherwise } => {
                let branches = branches.iter().flat_map(|(condition, value)| [condition, value]);
                branches.chain(otherwise.as_deref()).collect()
            }
        }
    }

    /// The same expression over other columns: `replace` says what stands for each.
    #[must_use]
    pub fn replace_columns(&self, replace: &mut impl FnMut(u32, &str) -> Expr) -> Self {
        let mut one = |expr: &Expr| Box::new(expr.replace_columns(replace));
        match self {
            Self::Column { source, name } => replace(*source, name),
            Self::Literal(_) => self.clone(),
            Self::Field { base, field } => Self::Field { base: one(base), field: *field },
            Self::Unary { op, operand } => Self::Unary { op: *op, operand: one(operand) },
            Self::Binary { op, left, right } => {
                Self::Binary { op: *op, left: one(left), right: one(right) }
            }
            Self::SpanCompare { op, left, right } => {
                Self::SpanCompare { op: *op, left: one(left), right: one(right) }
            }
            Self::InList { value, list, negated } => {
                Self::InList { value: one(value), list: all(list, replace), negated: *negated }
            }
            Self::Coalesce(args) => Self::Coalesce(all(args, replace)),
            Self::Case { branches, otherwise } => Self::Case {
                branches: branches
                    .iter()
                    .map(|(condition, value)| {
                        (condition.replace_columns(replace), value.replace_columns(replace))
                    })
                    .collect(),
                otherwise: otherwise.as_ref().map(|value| Box::new(value.replace_columns(replace))),
            },
            Self::Cast { value, to } => Self::Cast { value: one(value), to: to.clone() },
            Self::Call { function, args } => {
                Self::Call { function: function.clone(), args: all(args, replace) }
            }
            Self::Span { start, end } => Self::Span { start: one(start), end: one(end) },
            Self::StableId { namespace, over } => {
                Self::StableId { namespace: namespace.clone(), over: all(over, replace) }
            }
        }
    }
}

fn all(exprs: &[Expr], replace: &mut impl FnMut(u32, &str) -> Expr) -> Vec<Expr> {
    exprs.iter().map(|expr| expr.replace_columns(replace)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(left: Expr, right: Expr) -> Expr {
        Expr::Binary { op: BinaryOp::Add, left: Box::new(left), right: Box::new(right) }
    }

    #[test]
    fn columns_are_replaced_at_every_place() {
        let is_null = |expr| Expr::Unary { op: UnaryOp::IsNull, operand: Box::new(expr) };
        let over = |column: Expr| Expr::Case {
            branches: vec![(is_null(column.clone()), Expr::Coalesce(vec![column.clone()]))],
            otherwise: Some(Box::new(Expr::Call {
                function: "abs".to_owned(),
                args: vec![add(column.clone(), Expr::Literal(Literal::Int(1)))],
            })),
        };
        let before = over(Expr::column(0, "x"));
        let value = add(Expr::column(3, "y"), Expr::column(3, "y"));
        let after = before.replace_columns(&mut |source, name| {
            assert_eq!((source, name), (0, "x"));
            value.clone()
        });
        assert_eq!(after, over(value));
        assert_eq!((before.size(), before.depth()), (9, 4));
        assert_eq!((after.size(), after.depth()), (15, 5));
    }
}
