//! Missing and unexpected rows as one aligned table.

use std::fmt;

use anstyle::{AnsiColor, Style};
use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use cpg_engine::TestOutcome;

use crate::console::plain;
use crate::failure::Failure;
use crate::size::counted;

/// As many rows are shown; more would push the first ones, which matter most, out of sight.
const MOST_ROWS: usize = 40;

/// A longer value is cut.
const MOST_CHARACTERS: usize = 60;

/// What stands before each line, below the name of a test.
pub(super) const INDENT: &str = "        ";

const MISSING: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
const UNEXPECTED: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));

/// How the rows of a test differ.
pub(super) struct Difference {
    missing: usize,
    unexpected: usize,
    headers: Vec<String>,
    /// Whether the values of a column are numbers, which stand to the right.
    numbers: Vec<bool>,
    rows: Vec<Row>,
}

struct Row {
    missing: bool,
    cells: Vec<String>,
}

impl Difference {
    /// The difference: each missing row with the unexpected row that is most like it below it.
    pub(super) fn of(outcome: &TestOutcome) -> Result<Self, Failure> {
        let missing = cells(&outcome.missing)?;
        let mut unexpected: Vec<Option<Vec<String>>> =
            cells(&outcome.unexpected)?.into_iter().map(Some).collect();
        let mut rows = Vec::with_capacity(missing.len() + unexpected.len());
        for cells in missing {
            let near = nearest(&cells, &unexpected);
            rows.push(Row { missing: true, cells });
            let near = near.and_then(|at| unexpected.get_mut(at)).and_then(Option::take);
            rows.extend(near.map(|cells| Row { missing: false, cells }));
        }
        let rest = unexpected.into_iter().flatten();
        rows.extend(rest.map(|cells| Row { missing: false, cells }));
        let schema = outcome.missing.schema();
        Ok(Self {
            missing: outcome.missing.num_rows(),
            unexpected: outcome.unexpected.num_rows(),
            headers: schema.fields().iter().map(|field| plain(field.name())).collect(),
            numbers: schema.fields().iter().map(|field| field.data_type().is_numeric()).collect(),
            rows,
        })
    }

    fn line(
        &self,
        f: &mut fmt::Formatter<'_>,
        sign: &str,
        cells: &[String],
        widths: &[usize],
    ) -> fmt::Result {
        let mut line = format!("{INDENT}  {sign}");
        for ((cell, width), number) in cells.iter().zip(widths).zip(&self.numbers) {
            let fill = " ".repeat(width.saturating_sub(cell.chars().count()));
            line.push_str("  ");
            line.push_str(&if *number { fill + cell } else { cell.clone() + &fill });
        }
        f.write_str(line.trim_end())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = |count| if count == 1 { "is" } else { "are" };
        let said: Vec<String> = [(self.missing, "missing"), (self.unexpected, "unexpected")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {} {what}", counted(count as u64, "row"), verb(count)))
            .collect();
        writeln!(f, "{INDENT}{}", said.join(", "))?;
        let shown = self.rows.get(..MOST_ROWS).unwrap_or(&self.rows);
        let widths: Vec<usize> = self
            .headers
            .iter()
            .enumerate()
            .map(|(column, header)| {
                let cells = shown.iter().filter_map(|row| row.cells.get(column));
                let all = cells.chain([header]).map(|cell| cell.chars().count());
                all.max().unwrap_or_default()
            })
            .collect();
        self.line(f, " ", &self.headers, &widths)?;
        for row in shown {
            let (sign, style) = if row.missing { ("-", MISSING) } else { ("+", UNEXPECTED) };
            write!(f, "\n{style}")?;
            self.line(f, sign, &row.cells, &widths)?;
            write!(f, "{style:#}")?;
        }
        match self.rows.len() - shown.len() {
            0 => Ok(()),
            rest => write!(f, "\n{INDENT}  and {}", counted(rest as u64, "row")),
        }
    }
}

/// The row that shares most values with `cells`, if any does share one. Equal texts are less often a coincidence than
/// equal numbers.
fn nearest(cells: &[String], among: &[Option<Vec<String>>]) -> Option<usize> {
    let shared = |other: &Vec<String>| -> usize {
        let equal = cells.iter().zip(other).filter(|(a, b)| a == b);
        equal.map(|(cell, _)| if cell.starts_with('"') { 2 } else { 1 }).sum()
    };
    let mut best: Option<(usize, usize)> = None;
    for (at, other) in among.iter().enumerate() {
        let count = other.as_ref().map_or(0, shared);
        if count > best.map_or(0, |(count, _)| count) {
            best = Some((count, at));
        }
    }
    best.map(|(_, at)| at)
}

/// The values of each row, as a terminal shows them.
fn cells(batch: &RecordBatch) -> Result<Vec<Vec<String>>, Failure> {
    let options = FormatOptions::new().with_null("null");
    let formatters = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Failure::Defect(format!("showing rows: {error}")))?;
    let text = |column: usize, row: usize| {
        let value = formatters.get(column).map(|values| values.value(row).to_string());
        let written = value.unwrap_or_default();
        // Text stands in quotes, so that its spaces show and the text "null" is not null.
        let array = batch.column(column);
        let is_text = *array.data_type() == arrow::datatypes::DataType::Utf8 && array.is_valid(row);
        shortened(&if is_text { format!("{written:?}") } else { plain(&written) })
    };
    let columns = batch.num_columns();
    Ok((0..batch.num_rows())
        .map(|row| (0..columns).map(|column| text(column, row)).collect())
        .collect())
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
