//! Steps of `view` that add columns by looking at other rows, or rows by looking into a column.

use super::{Expr, Name, NamedExpr, SortKey};

/// `window [per EXPR, …] [by KEY, …] { name: FUNCTION(…), … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowStep {
    /// Rows that agree in these are looked at together; all rows when empty.
    pub per: Vec<Expr>,
    /// Their order; none when empty.
    pub by: Vec<SortKey>,
    /// The added columns.
    pub columns: Vec<NamedExpr>,
}

/// `unnest EXPR as NAME [at NAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnnestStep {
    /// The list.
    pub list: Expr,
    /// The column that holds an element.
    pub element: Name,
    /// The column that holds its place, counted from 1.
    pub place: Option<Name>,
}
