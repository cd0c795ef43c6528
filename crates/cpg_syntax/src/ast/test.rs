//! `test`.

use cpg_base::TextRange;

use super::{Expr, Name, Text};

/// `test "NAME" for ITEM { clauses }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestItem {
    /// What it shows.
    pub name: Text,
    /// The relation whose rows are compared.
    pub target: Name,
    /// In order.
    pub clauses: Vec<TestClause>,
}

/// A clause of `test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestClause {
    /// What it says.
    pub kind: TestClauseKind,
    /// The whole clause.
    pub range: TextRange,
}

/// The clauses of `test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestClauseKind {
    /// `given REL [ … ]`: these are all rows of the relation.
    Given {
        /// The relation.
        relation: Name,
        /// Its rows.
        rows: TestRows,
    },
    /// `expect [ … ]`: these are all rows of the tested relation, in any order.
    Expect(TestRows),
}

/// `[ { … }, … ]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRows {
    /// In order.
    pub rows: Vec<TestRow>,
    /// With the brackets.
    pub range: TextRange,
}

/// `{ column: VALUE, …, ... }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRow {
    /// The columns that it names.
    pub cells: Vec<TestCell>,
    /// Where `...` stands: the columns that are not named have some value.
    pub rest: Option<TextRange>,
    /// With the braces.
    pub range: TextRange,
}

/// `column: VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCell {
    /// The column.
    pub column: Name,
    /// Its value.
    pub value: TestValue,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestValue {
    /// Which one.
    pub kind: TestValueKind,
    /// The whole.
    pub range: TextRange,
}

/// A key of a map and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestEntry {
    /// A constant expression.
    pub key: Expr,
    /// What the map has for it.
    pub value: TestValue,
}

/// What a row can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestValueKind {
    /// A constant expression.
    Expr(Expr),
    /// `START .. END`.
    Span {
        /// First byte.
        start: Expr,
        /// One past the last byte.
        end: Expr,
    },
    /// `[VALUE, …]`.
    List(Vec<TestValue>),
    /// `{ KEY: VALUE, … }`.
    Map(Vec<TestEntry>),
}
