//! `fixpoint` and `closure`.

use cpg_base::TextRange;

use super::{Expr, Name, RowSource};

/// `fixpoint NAME bound N { views }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixpointItem {
    /// Its name.
    pub name: Name,
    /// How many rounds there are at most.
    pub bound: Count,
    /// Where its views stand, with their doc comments and attributes. Each is an item of its own and is parsed by
    /// itself, so an error in one of them is not among this item's.
    pub members: Vec<TextRange>,
}

/// A number of things, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub value: u64,
    /// Where it stands.
    pub range: TextRange,
}

/// `closure NAME over SOURCE [where EXPR] { from COLUMN to COLUMN[, depth <= N] }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosureItem {
    /// Its name.
    pub name: Name,
    /// Whose rows are steps.
    pub source: RowSource,
    /// Other rows are no steps.
    pub filter: Option<Expr>,
    /// The column in which a step begins.
    pub from: Name,
    /// The column in which it ends.
    pub to: Name,
    /// How many steps a way has at most.
    pub depth: Option<Count>,
}
