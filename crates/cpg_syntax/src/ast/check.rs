//! `check`.

use cpg_base::TextRange;

use super::{Expr, Name, RowSource};

/// `check RULE [severity error|warn]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckItem {
    /// What must hold.
    pub rule: CheckRule,
    /// What follows when it does not; `error` when nothing is said.
    pub severity: CheckSeverity,
}

/// What follows when a check fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckSeverity {
    /// The build is not published.
    Error,
    /// It is told.
    Warn,
}

/// What must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckRule {
    /// `unique REL(a, b)`: no two rows agree in all of these columns.
    Unique(CheckedColumns),
    /// `not_null REL(a, b)`.
    NotNull(CheckedColumns),
    /// `references REL(a, b) -> OTHER(id)`: each value of these columns is one of the other column's.
    References {
        /// The columns that refer.
        from: CheckedColumns,
        /// The column that they refer to.
        to: CheckedColumns,
    },
    /// `accepted REL(a, b) in (VALUE, …)`.
    Accepted {
        /// The columns.
        columns: CheckedColumns,
        /// The values that they may have.
        values: Vec<Expr>,
    },
    /// `expect REL [as ALIAS]: EXPR`: the condition holds for every row.
    Expect {
        /// Whose rows.
        source: RowSource,
        /// The condition.
        condition: Expr,
    },
    /// `empty REL`.
    Empty(Name),
    /// `coverage ENTITY in REL, REL(column) >= 60%`: so many of the entity's ids stand in these relations.
    Coverage {
        /// The entity.
        entity: Name,
        /// Where its ids are looked for.
        sources: Vec<Covering>,
        /// The least share, in percent: a number.
        percent: Expr,
    },
}

/// `REL(a, b)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedColumns {
    /// The relation.
    pub relation: Name,
    /// Its columns; at least one.
    pub columns: Vec<Name>,
    /// The whole.
    pub range: TextRange,
}

/// `REL` or `REL(column)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covering {
    /// The relation.
    pub relation: Name,
    /// The column; the only one that holds ids of the entity when absent.
    pub column: Option<Name>,
}
