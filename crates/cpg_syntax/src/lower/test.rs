//! `test`.

use cpg_base::TextRange;
use pest::iterators::Pair;

use super::cursor::Cursor;
use super::{Lower, Lowered};
use crate::ast::{
    TestCell, TestClause, TestClauseKind, TestEntry, TestItem, TestRow, TestRows, TestValue,
    TestValueKind,
};
use crate::grammar::Rule;

impl Lower<'_> {
    pub(super) fn test_opening(&mut self, mut children: Cursor<'_>) -> Lowered<TestItem> {
        let name = self.string(&children.want(Rule::string)?);
        let target = self.name(&children.want(Rule::item_name)?);
        children.end()?;
        Ok(TestItem { name, target, clauses: Vec::new() })
    }

    pub(super) fn test_clauses(&mut self, pair: Pair<'_, Rule>) -> Lowered<Vec<TestClause>> {
        let mut clauses = Vec::new();
        let mut before: Option<TextRange> = None;
        for pair in self.children(pair).rest_of(Rule::test_clause)? {
            let range = self.range(&pair);
            self.separated(before, range);
            let clause = self.children(pair).any()?;
            let rule = clause.as_rule();
            let mut children = self.children(clause);
            let kind = match rule {
                Rule::given_clause => TestClauseKind::Given {
                    relation: self.name(&children.want(Rule::item_name)?),
                    rows: self.test_rows(children.want(Rule::test_rows)?)?,
                },
                Rule::expect_clause => {
                    TestClauseKind::Expect(self.test_rows(children.want(Rule::test_rows)?)?)
                }
                _ => return Err(children.defect()),
            };
            children.end()?;
            clauses.push(TestClause { kind, range });
            before = Some(range);
        }
        Ok(clauses)
    }

    fn test_rows(&mut self, pair: Pair<'_, Rule>) -> Lowered<TestRows> {
        let range = self.range(&pair);
        let mut rows = Vec::new();
        let mut before = None;
        for pair in self.children(pair).rest_of(Rule::test_row)? {
            let row = self.test_row(pair)?;
            self.separated(before, row.range);
            before = Some(row.range);
            rows.push(row);
        }
        Ok(TestRows { rows, range })
    }

    fn test_row(&mut self, pair: Pair<'_, Rule>) -> Lowered<TestRow> {
        let range = self.range(&pair);
        let mut children = self.children(pair);
        let mut cells = Vec::new();
        let mut before: Option<TextRange> = None;
        for pair in children.all_of(Rule::test_cell) {
            let cell = self.range(&pair);
            self.separated(before, cell);
            before = Some(cell);
            let mut children = self.children(pair);
            let column = self.name(&children.want(Rule::any_name)?);
            let value = self.test_value(children.want(Rule::test_value)?)?;
            children.end()?;
            cells.push(TestCell { column, value });
        }
        let rest = children.take_if(Rule::ellipsis).map(|pair| self.range(&pair));
        if let Some(rest) = rest {
            self.separated(before, rest);
        }
        children.end()?;
        Ok(TestRow { cells, rest, range })
    }

    /// A value. Its depth is bounded by the lexer.
    fn test_value(&mut self, pair: Pair<'_, Rule>) -> Lowered<TestValue> {
        let range = self.range(&pair);
        let mut children = self.children(pair);
        let kind = if let Some(list) = children.take_if(Rule::test_list) {
            let values = self.children(list).rest_of(Rule::test_value)?;
            let values = values.into_iter().map(|pair| self.test_value(pair));
            TestValueKind::List(values.collect::<Lowered<_>>()?)
        } else if let Some(map) = children.take_if(Rule::test_map) {
            let entries = self.children(map).rest_of(Rule::test_entry)?;
            let entries = entries.into_iter().map(|pair| self.test_entry(pair));
            TestValueKind::Map(entries.collect::<Lowered<_>>()?)
        } else {
            let start = self.expr(children.want(Rule::expr)?)?;
            match children.take_if(Rule::expr) {
                None => TestValueKind::Expr(start),
                Some(end) => TestValueKind::Span { start, end: self.expr(end)? },
            }
        };
        children.end()?;
        Ok(TestValue { kind, range })
    }

    fn test_entry(&mut self, pair: Pair<'_, Rule>) -> Lowered<TestEntry> {
        let mut children = self.children(pair);
        let key = self.expr(children.want(Rule::expr)?)?;
        let value = self.test_value(children.want(Rule::test_value)?)?;
        children.end()?;
        Ok(TestEntry { key, value })
    }
}
