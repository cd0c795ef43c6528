//! `test`: rows in, rows out, for one relation.

mod given;
mod value;

use std::collections::BTreeMap;

use cpg_base::{Code, TextRange};
use cpg_ir::spec::RelationId;
use cpg_ir::test::{Expected, Test, Value};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{Name, TestCell, TestClauseKind, TestItem, TestRow, TestRows};

use crate::checker::{Checker, Input};
use crate::problem::{Anchor, Problem, listed};

/// The kinds of items whose rows are computed.
const COMPUTED: [ItemKeyword; 4] =
    [ItemKeyword::Normalize, ItemKeyword::Relate, ItemKeyword::Union, ItemKeyword::View];

/// A relation that a test gives.
struct Given<'db, 'a> {
    name: &'a Name,
    input: Input<'db>,
    rows: Option<Vec<Vec<Value>>>,
}

impl<'db> Checker<'db> {
    /// The test that an item declares; `None` when something is wrong.
    pub(super) fn declared_test(&mut self, tree: &TestItem) -> Option<Test> {
        let target = self.item_named(&tree.target, &COMPUTED, "an item that computes rows");
        let mut given: Vec<Given<'db, '_>> = Vec::new();
        let mut expected: Option<(TextRange, Option<Expected>)> = None;
        for clause in &tree.clauses {
            match &clause.kind {
                TestClauseKind::Given { relation, rows } => {
                    let input = self.input(relation);
                    let first = given.iter().find(|first| first.name.text == relation.text);
                    if let Some(first) = first {
                        let first = first.name.range;
                        self.given_twice(relation, first);
                        continue;
                    }
                    let rows = self.given_rows(relation, &input, rows);
                    given.push(Given { name: relation, input, rows });
                }
                TestClauseKind::Expect(rows) => {
                    if let Some((first, _)) = expected {
                        self.duplicate_clause("expect", first, clause.range);
                        continue;
                    }
                    let input = target.map(|item| self.input_of(item));
                    let rows = input.and_then(|input| self.expected(&tree.target, &input, rows));
                    expected = Some((clause.range, rows));
                }
            }
        }
        if expected.is_none() {
            let message = "the test says nothing of the rows that it expects";
            let help = "add `expect [ … ]`; `expect []` says that there are none";
            self.missing_clause(tree.name.range, message, help);
        }
        let target = target?;
        self.check_given(tree, target, &given);
        let rows = given
            .into_iter()
            .map(|given| Some((given.input.relation()?.id.clone(), given.rows?)))
            .collect::<Option<BTreeMap<RelationId, Vec<Vec<Value>>>>>()?;
        Some(Test {
            name: tree.name.value.clone(),
            target: self.input_of(target).relation()?.id.clone(),
            given: rows,
            expected: expected?.1?,
        })
    }

    fn given_twice(&mut self, name: &Name, first: TextRange) {
        let message = format!("the rows of `{}` are given twice", name.text);
        let problem = Problem::error(Code::DuplicateClause, name.range, message)
            .label(Anchor::Here(first), "the first time")
            .help("give all of them in one clause");
        self.report(problem);
    }

    /// The columns that a row names, each once, with where it first does so in the row's cells; columns that are
    /// not there are reported.
    fn named_cells<'a>(
        &mut self,
        relation: &Name,
        input: &Input<'db>,
        row: &'a TestRow,
    ) -> BTreeMap<&'a str, &'a TestCell> {
        let mut named: BTreeMap<&str, &TestCell> = BTreeMap::new();
        for cell in &row.cells {
            let name = &cell.column;
            if let Some(first) = named.get(name.text.as_str()) {
                let message = format!("the column `{}` is named twice", name.text);
                let problem = Problem::error(Code::DuplicateColumn, name.range, message)
                    .label(Anchor::Here(first.column.range), "the first time")
                    .help("name it once");
                self.report(problem);
                continue;
            }
            self.checked_column(input, relation, name);
            named.insert(&name.text, cell);
        }
        named
    }

    /// Rows of which each names all columns, or says `...`.
    fn given_rows(
        &mut self,
        relation: &Name,
        input: &Input<'db>,
        rows: &TestRows,
    ) -> Option<Vec<Vec<Value>>> {
        let schema = input.row();
        let mut whole = !schema.open && input.relation().is_some();
        let mut given = Vec::with_capacity(rows.rows.len());
        for row in &rows.rows {
            let named = self.named_cells(relation, input, row);
            let mut values = Vec::with_capacity(schema.columns.len());
            let mut missing = Vec::new();
            for column in &schema.columns {
                let value = match (named.get(column.name.as_str()), column.ty.known()) {
                    (Some(cell), ty) => self.test_value(&cell.value, &column.name, ty),
                    (None, Some(ty)) if row.rest.is_some() => Some(value::default_of(ty)),
                    (None, _) => {
                        missing.push(column.name.as_str());
                        None
                    }
                };
                whole &= value.is_some();
                values.extend(value);
            }
            if row.rest.is_none() && !missing.is_empty() {
                self.missing_columns(relation, row, &missing);
            }
            given.push(values);
        }
        whole.then_some(given)
    }

    fn missing_columns(&mut self, relation: &Name, row: &TestRow, missing: &[&str]) {
        let columns: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("this row of `{}` lacks {}", relation.text, columns.join(", "));
        let end = row.cells.last().map_or(row.range.start() + 1, |cell| cell.value.range.end());
        let rest = if row.cells.is_empty() { " ..." } else { ", ..." };
        let problem = Problem::error(Code::MissingColumn, row.range, message)
            .help("give them, or let `...` fill them with nulls, zeros and empty strings")
            .fix("add `...`", TextRange::empty(end), rest);
        self.report(problem);
    }

    /// Rows that name the same columns.
    fn expected(&mut self, target: &Name, input: &Input<'db>, rows: &TestRows) -> Option<Expected> {
        let schema = input.row();
        let mut whole = input.relation().is_some();
        let mut expected = Expected::default();
        let mut first: Option<(TextRange, Vec<&str>)> = None;
        for row in &rows.rows {
            if let Some(rest) = row.rest {
                let problem = Problem::error(Code::Syntax, rest, "expected `}`, found `...`")
                    .found("only the columns that are named are compared")
                    .fix("remove it", value::rest_with_comma(row, rest), "");
                self.report(problem);
                whole = false;
            }
            let named = self.named_cells(target, input, row);
            let columns: Vec<&str> = named.keys().copied().collect();
            match &first {
                Some((first, of_first)) if *of_first != columns => {
                    let message = "the expected rows name different columns";
                    let problem = Problem::error(Code::UnevenRows, row.range, message)
                        .found(format!("names {}", columns_of(&columns)))
                        .label(Anchor::Here(*first), format!("names {}", columns_of(of_first)))
                        .help("name the same columns in every row: those are what is compared");
                    self.report(problem);
                    whole = false;
                }
                Some(_) => {}
                None => {
                    if columns.is_empty() {
                        let message = "this row names no column to compare";
                        let problem = Problem::error(Code::MissingColumn, row.range, message).help(
                            "name columns of the tested item; `expect []` says that it has no rows",
                        );
                        self.report(problem);
                        whole = false;
                    }
                    first = Some((row.range, columns));
                }
            }
            let mut values = Vec::with_capacity(named.len());
            for (name, cell) in &named {
                let column = schema.column(name);
                let ty = column.and_then(|column| column.ty.known());
                let value = self.test_value(&cell.value, name, ty);
                whole &= value.is_some() && ty.is_some();
                values.extend(value);
            }
            expected.rows.push(values);
        }
        let columns = first.map(|(_, columns)| columns).unwrap_or_default();
        expected.columns = columns.into_iter().map(str::to_owned).collect();
        whole.then_some(expected)
    }
}

fn columns_of(columns: &[&str]) -> String {
    match columns {
        [] => "no column".to_owned(),
        columns => listed(columns),
    }
}
