//! What became of tests, for people and for programs.

mod difference;

use std::io::Write as _;

use arrow::array::RecordBatch;
use arrow::json::WriterBuilder;
use arrow::json::writer::JsonArray;
use cpg_base::TextUnit;
use cpg_engine::TestOutcome;
use cpg_hir::TestCase;
use serde::Serialize;
use serde_json::Value;

use crate::console::{Console, Message, Texts};
use crate::failure::Failure;
use crate::size::counted;

use self::difference::{Difference, INDENT};

/// Tells of each test as it ends, and of all of them.
pub(super) struct Report<'a> {
    console: &'a Console,
    texts: &'a Texts,
    passed: usize,
    failed: usize,
}

#[derive(Serialize)]
struct CaseBody<'a> {
    name: &'a str,
    module: &'a str,
    item: &'a str,
    source: &'a str,
    /// Where its name stands, both counted from 1; columns count characters.
    line: u32,
    column: u32,
    status: &'static str,
    missing: Vec<Value>,
    unexpected: Vec<Value>,
}

#[derive(Serialize)]
struct SummaryBody {
    passed: usize,
    failed: usize,
}

impl<'a> Report<'a> {
    pub(super) fn new(console: &'a Console, texts: &'a Texts) -> Self {
        Self { console, texts, passed: 0, failed: 0 }
    }

    /// What became of a test.
    pub(super) fn case(&mut self, case: &TestCase, outcome: &TestOutcome) -> Result<(), Failure> {
        let passed = outcome.passed();
        *if passed { &mut self.passed } else { &mut self.failed } += 1;
        let (line, column) = self.place(case);
        if self.console.is_json() {
            let body = CaseBody {
                name: &case.test.name,
                module: &case.module,
                item: case.test.target.as_str(),
                source: case.source.as_str(),
                line,
                column,
                status: if passed { "passed" } else { "failed" },
                missing: rows(&outcome.missing)?,
                unexpected: rows(&outcome.unexpected)?,
            };
            return self.console.emit(&Message::new("test", body));
        }
        let place = format!("{}:{line}:{column}", case.source);
        let name = crate::console::plain(&case.test.name);
        if passed {
            return match self.console.is_chatty() {
                true => print(&format!("passed  {name}  ({place})")),
                false => Ok(()),
            };
        }
        let difference = Difference::of(outcome)?;
        print(&format!("FAILED  {name}  ({place})\n{difference}"))
    }

    /// The end; whether all passed.
    pub(super) fn finish(self) -> Result<bool, Failure> {
        let Self { passed, failed, .. } = self;
        if self.console.is_json() {
            self.console.emit(&Message::new("test_summary", SummaryBody { passed, failed }))?;
        } else if failed > 0 {
            let all = counted((passed + failed) as u64, "test");
            print(&format!("{failed} of {all} failed; `cpglang explain test-failed` says more"))?;
        } else if self.console.is_chatty() {
            print(&match passed {
                0 => "no tests".to_owned(),
                passed => format!("{} passed", counted(passed as u64, "test")),
            })?;
        }
        Ok(failed == 0)
    }

    fn place(&self, case: &TestCase) -> (u32, u32) {
        let Some(text) = self.texts.get(&case.source) else { return (1, 1) };
        let at = text.lines.line_column(&text.text, case.name.start(), TextUnit::Utf32);
        (at.line + 1, at.column + 1)
    }
}

/// How the rows of a test differ: in one line, and as a table without colours.
pub(crate) fn difference(outcome: &TestOutcome) -> Result<(String, String), Failure> {
    let drawn = Difference::of(outcome)?.to_string();
    let plain = anstream::adapter::strip_str(&drawn).to_string();
    let (summary, rows) = plain.split_once('\n').unwrap_or((&plain, ""));
    let rows: Vec<&str> =
        rows.lines().map(|line| line.strip_prefix(INDENT).unwrap_or(line)).collect();
    Ok((summary.trim().to_owned(), rows.join("\n")))
}

/// A result, on standard output; colours are left out where they are not wanted.
fn print(text: &str) -> Result<(), Failure> {
    writeln!(anstream::stdout(), "{text}").map_err(Failure::output)
}

/// Rows as JSON objects.
fn rows(batch: &RecordBatch) -> Result<Vec<Value>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::Defect(format!("rows as JSON: {error}"));
    let mut bytes = Vec::new();
    let mut writer =
        WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut bytes);
    writer.write(batch).map_err(|error| wrong(&error))?;
    writer.finish().map_err(|error| wrong(&error))?;
    drop(writer);
    serde_json::from_slice(&bytes).map_err(|error| wrong(&error))
}
