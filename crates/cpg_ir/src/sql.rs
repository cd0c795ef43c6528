//! Views in SQL: what they are once compiled, and who can read and plan them.
//!
//! The frontend knows no SQL. What only a plan can tell reaches it through [`SqlPlanner`].

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::spec::RelationId;
use crate::types::{PhysicalType, RowSchema};

/// A query over relations.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SqlSpec {
    /// The query as its parsed form prints: white space and comments show in it as little as what its relations are
    /// called, which stand as `r0`, `r1` … in the order in which they are first read.
    pub query: String,
    /// Those relations.
    pub inputs: Vec<RelationId>,
}

/// Reads and plans queries. A function of its arguments alone.
pub trait SqlPlanner: Send + Sync {
    /// What a query says, before anything is known of the relations that it reads.
    ///
    /// # Errors
    /// When it is not one query, or would do more than read.
    fn read(&self, query: &str) -> Result<SqlQuery, SqlProblem>;

    /// The row that a query gives over relations of these rows, in the order of [`SqlQuery::relations`].
    ///
    /// # Errors
    /// When a name or a type is wrong, or rows would depend on more than those of the relations.
    fn row(&self, query: &str, relations: &[RowSchema]) -> Result<Vec<SqlColumn>, SqlProblem>;
}

/// A query that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlQuery {
    /// As [`SqlSpec::query`].
    pub canonical: String,
    /// The relations that it reads, each once, in the order in which they are first named.
    pub relations: Vec<SqlName>,
}

/// A relation's name in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlName {
    /// The name.
    pub name: String,
    /// Where it stands in the query, in bytes.
    pub range: Range<usize>,
}

/// A column that a query gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlColumn {
    /// Its name.
    pub name: String,
    /// What carries it.
    pub physical: PhysicalType,
    /// Whether it may be null.
    pub nullable: bool,
    /// The relation and the column that it copies, where it does nothing else: then it means the same.
    pub copies: Option<(usize, String)>,
}

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlProblem {
    /// In words.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where in the query, in bytes; `None` where that is not known.
    pub range: Option<Range<usize>>,
    /// What kind of mistake.
    pub kind: SqlProblemKind,
}

/// What kind of mistake a query makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlProblemKind {
    /// It is no query over the relations that it names.
    Wrong,
    /// It would do more than read, or its rows would depend on more than what it reads.
    Refused,
}

impl SqlProblem {
    /// A query that is none.
    pub fn wrong(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, range: None, kind: SqlProblemKind::Wrong }
    }

    /// A query that is not let through.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { kind: SqlProblemKind::Refused, ..Self::wrong(message) }
    }

    /// Where.
    #[must_use]
    pub fn at(mut self, range: Option<Range<usize>>) -> Self {
        self.range = range;
        self
    }

    /// What to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
