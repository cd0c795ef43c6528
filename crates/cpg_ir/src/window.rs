//! Window steps: columns computed by looking at the other rows of a partition.

use serde::{Deserialize, Serialize};

use crate::expr::{Aggregate, Expr, Literal, SortKey};
use crate::types::ColumnType;

/// Columns added to the last row source of a pipeline, over the row sources before the step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// Rows that agree in these form a partition; all rows form one when empty.
    pub per: Vec<Expr>,
    /// The order of a partition's rows, completed by all of their columns; none when empty.
    pub by: Vec<SortKey>,
    /// The added columns.
    pub columns: Vec<WindowColumn>,
}

/// A named value of a window.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WindowColumn {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: WindowFunction,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
}

/// What is computed of a row and the others of its partition. All but [`Self::Aggregate`] need an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowFunction {
    /// The row's place, from 1.
    RowNumber,
    /// One more than the rows that are before it by the written keys alone.
    Rank,
    /// One more than the different values of the written keys that are before it.
    DenseRank,
    /// The value of the row so many places before it.
    Lag(Neighbour),
    /// The value of the row so many places behind it.
    Lead(Neighbour),
    /// The value of the partition's first row.
    FirstValue(Expr),
    /// The value of the partition's last row.
    LastValue(Expr),
    /// Over the rows from the first to this one, or over the whole partition where it has no order.
    Aggregate(Aggregate),
}

/// A value of a row near another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Neighbour {
    /// The value.
    pub value: Expr,
    /// How many places away; at least 1.
    pub distance: u32,
    /// The constant that stands for the value where there is no such row; null when absent.
    pub otherwise: Option<Literal>,
}

impl Window {
    /// Whether there is an order.
    pub fn is_ordered(&self) -> bool {
        !self.by.is_empty()
    }
}

/// A row for each element of a list, over the row sources before the step; rows without elements give none. The
/// element, and its place from 1 where it is asked for, are added to the last row source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Unnest {
    /// The list.
    pub list: Expr,
    /// The column of its elements.
    pub element: String,
    /// The type of the elements.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// The column of their places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}
