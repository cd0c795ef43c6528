//! `test`.

use super::document::{Document, List, Separator};
use super::expr::ARGUMENTS;
use crate::ast::{TestClauseKind, TestItem, TestRow, TestRows, TestValue, TestValueKind};

/// Rows and cells: on lines of their own, they need no commas.
const ROWS: List =
    List { padded: true, filled: false, between: Separator::Flat, last: Separator::None };

/// A row that does not fit holds as many cells in a line as do.
const CELLS: List =
    List { padded: true, filled: true, between: Separator::Comma, last: Separator::None };

/// The entries of a map, with commas as its values are.
const ENTRIES: List = List { padded: true, ..ARGUMENTS };

impl Document<'_> {
    pub(super) fn test(&mut self, item: &TestItem) {
        self.open();
        self.words(&["test"]);
        self.any();
        self.indent();
        self.line();
        self.words(&["for"]);
        self.any();
        self.inner();
        self.dedent();
        self.line();
        self.close();
        self.body(item.clauses.len(), |document, index| {
            let Some(clause) = item.clauses.get(index) else { return };
            match &clause.kind {
                TestClauseKind::Given { rows, .. } => {
                    document.words(&["given"]);
                    document.any();
                    document.space();
                    document.test_rows(rows);
                }
                TestClauseKind::Expect(rows) => {
                    document.words(&["expect"]);
                    document.test_rows(rows);
                }
            }
        });
    }

    fn test_rows(&mut self, rows: &TestRows) {
        self.bracketed(["[", "]"], ROWS, rows.rows.len(), |document, index| {
            if let Some(row) = rows.rows.get(index) {
                document.test_row(row);
            }
        });
    }

    fn test_row(&mut self, row: &TestRow) {
        let parts = row.cells.len() + usize::from(row.rest.is_some());
        self.bracketed(["{", "}"], CELLS, parts, |document, index| {
            let Some(cell) = row.cells.get(index) else { return document.word("...") };
            document.any();
            document.word(":");
            document.space();
            document.test_value(&cell.value);
        });
    }

    fn test_value(&mut self, value: &TestValue) {
        match &value.kind {
            TestValueKind::Expr(value) => self.value(value),
            TestValueKind::Span { start, end } => {
                self.open();
                self.operand(start);
                self.line();
                self.words(&[".."]);
                self.operand(end);
                self.close();
            }
            TestValueKind::List(values) => {
                self.bracketed(["[", "]"], ARGUMENTS, values.len(), |document, index| {
                    if let Some(value) = values.get(index) {
                        document.test_value(value);
                    }
                });
            }
            TestValueKind::Map(entries) => {
                self.bracketed(["{", "}"], ENTRIES, entries.len(), |document, index| {
                    let Some(entry) = entries.get(index) else { return };
                    document.value(&entry.key);
                    document.word(":");
                    document.space();
                    document.test_value(&entry.value);
                });
            }
        }
    }
}
