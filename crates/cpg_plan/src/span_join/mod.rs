//! The span join: pairs of rows with equal keys whose spans overlap, contain each other or lie within each other.
//!
//! A hash join on the file with the span condition as a filter looks at every pair of spans of a file. This operator sorts
//! both inputs by (keys, start, −end) and sweeps over them instead, which takes time linear in input and output.
//!
//! - [`SpanJoin`] is the node of a logical plan, [`SpanJoinExec`] that of a physical plan; [`SpanJoinPlanner`] makes the
//!   latter from the former and has to be registered with the session, as [`crate::query_planner`] does.
//! - [`sweep`] is the algorithm, on plain slices.
//!
//! Spans are half-open and compared arithmetically (see [`SpanPredicate`]), also when they are empty. A row with a null
//! among its keys or its span's ends matches nothing. A span that ends before it starts is an error, as is an input that
//! is not in the order that its plan declares.

mod exec;
mod group;
mod input;
mod joiner;
mod logical;
mod output;
mod planner;
mod stream;
pub mod sweep;
#[cfg(test)]
mod tests;

use std::fmt;

pub use exec::{SpanColumns, SpanJoinExec};
pub use logical::SpanJoin;
pub use planner::SpanJoinPlanner;

use cpg_ir::expr::SpanOp;
use datafusion::common::JoinType;

/// How the span of a left row `a` must relate to that of a right row `b`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpanPredicate {
    /// `a.start < b.end and b.start < a.end`. An empty span overlaps the spans that have it strictly inside.
    Overlaps,
    /// `a.start <= b.start and b.end <= a.end`. An empty span is contained also in the spans that it touches.
    Contains(Enclosing),
    /// `b.start <= a.start and a.end <= b.end`.
    Within(Enclosing),
}

/// Which of the spans that enclose a span match it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Enclosing {
    /// All of them.
    All,
    /// The shortest one among those that satisfy all conditions of the join; of several equally short ones the one that
    /// starts last, and of several equal ones the one whose row comes first.
    Innermost,
}

/// What the join yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpanJoinKind {
    /// The matching pairs.
    Inner,
    /// The matching pairs, and the left rows without a match with nulls for the right side.
    Left,
    /// The left rows with a match.
    LeftSemi,
    /// The left rows without a match.
    LeftAnti,
}

impl SpanPredicate {
    /// The predicate of `a op b`, all enclosing spans matching; `None` for the relations that are not swept: equality,
    /// order and touching are conditions on single offsets.
    pub fn from_op(op: SpanOp) -> Option<Self> {
        match op {
            SpanOp::Overlaps => Some(Self::Overlaps),
            SpanOp::Contains => Some(Self::Contains(Enclosing::All)),
            SpanOp::Within => Some(Self::Within(Enclosing::All)),
            SpanOp::Equals | SpanOp::Before | SpanOp::After | SpanOp::Touches => None,
        }
    }

    /// The side with the enclosing spans, when only the innermost of them matches.
    fn innermost(self) -> Option<sweep::Outer> {
        match self {
            Self::Contains(Enclosing::Innermost) => Some(sweep::Outer::Left),
            Self::Within(Enclosing::Innermost) => Some(sweep::Outer::Right),
            Self::Overlaps | Self::Contains(Enclosing::All) | Self::Within(Enclosing::All) => None,
        }
    }

    /// The same relation with all enclosing spans matching.
    fn all(self) -> Self {
        match self {
            Self::Overlaps => Self::Overlaps,
            Self::Contains(_) => Self::Contains(Enclosing::All),
            Self::Within(_) => Self::Within(Enclosing::All),
        }
    }
}

impl fmt::Display for SpanPredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overlaps => "overlaps",
            Self::Contains(Enclosing::All) => "contains",
            Self::Contains(Enclosing::Innermost) => "contains innermost",
            Self::Within(Enclosing::All) => "within",
            Self::Within(Enclosing::Innermost) => "within innermost",
        })
    }
}

impl SpanJoinKind {
    /// DataFusion's name for it, which also decides the output schema.
    pub fn join_type(self) -> JoinType {
        match self {
            Self::Inner => JoinType::Inner,
            Self::Left => JoinType::Left,
            Self::LeftSemi => JoinType::LeftSemi,
            Self::LeftAnti => JoinType::LeftAnti,
        }
    }

    /// Whether pairs are part of the output.
    fn yields_pairs(self) -> bool {
        matches!(self, Self::Inner | Self::Left)
    }

    /// Whether left rows without a match are part of the output.
    fn yields_unmatched(self) -> bool {
        matches!(self, Self::Left | Self::LeftAnti)
    }
}
