//! What a build did, told at its end.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use cpg_engine::{BuildReport, PublishedBuild, RunRecord, RuntimeProfile, TableRecord, TableStatus};
use cpg_ir::manifest::Area;

use crate::console::{Console, Message};
use crate::failure::Failure;
use crate::size::{Human, counted, grouped};

/// How many of the places that could not be read are shown.
const ERRORS_SHOWN: usize = 3;

/// Tells what was built.
pub(crate) fn show(
    report: &BuildReport,
    profile: &RuntimeProfile,
    verbose: bool,
    console: &Console,
) -> Result<(), Failure> {
    if console.is_json() {
        return console.emit(&Message::new("build", report));
    }
    if !console.is_chatty() {
        return Ok(());
    }
    let errors = match report.record.errors.is_empty() {
        true => Vec::new(),
        false => first_errors(profile)?,
    };
    let text = text(report, &errors, &profile.out, verbose);
    io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::output)
}

/// The report as people read it.
fn text(
    record: &RunRecord,
    errors: &[String],
    out: &Path,
    seconds: f64,
    verbose: bool,
) -> String {
    let mut text = String::new();
    let files = counted(record.sources.files, "file");
    line(&mut text, format_args!("{files} read, {}", Human(record.sources.bytes)));
    text.push('\n');
    tables(&mut text, record, verbose);
    if !record.errors.is_empty() {
        text.push('\n');
        let kinds = record.errors.iter().map(|(kind, count)| format!("{} {kind}", grouped(*count)));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        line(&mut text, format_args!("What could not be read: {kinds}"));
        for error in errors {
            line(&mut text, format_args!("  {error}"));
        }
        line(&mut text, format_args!("  all: {}", query(out, "select * from errors")));
    }
    text.push('\n');
    let written = record.tables.iter().any(|table| table.status == TableStatus::Written);
    let what = if written { "Built" } else { "Nothing changed; checked" };
    let (out_shown, run) = (out.display(), &record.run);
    line(&mut text, format_args!("{what} in {seconds:.2} s: {out_shown} ({run})"));
    let example = "select kind, count(*) as nodes from cpg_nodes group by kind order by nodes desc";
    line(&mut text, format_args!("Ask it: {}", query(out, example)));
    text
}

/// A row for each output; what lies between evidence and outputs as sums, unless `verbose`.
fn tables(text: &mut String, record: &RunRecord, verbose: bool) {
    let shown = |area: Area| verbose || area == Area::Graph;
    let name = |table: &TableRecord| format!("{}/{}", table.area.folder(), table.table);
    let listed: Vec<_> = record.tables.iter().filter(|table| shown(table.area)).collect();
    let width = listed.iter().map(|table| name(table).chars().count()).max().unwrap_or(0).max(5);
    line(
        text,
        format_args!("{:width$}  {:>11}  {:>5}  {:>10}  {:>8}", "table", "rows", "files", "size", "time"),
    );
    for table in listed {
        let time = match table.status {
            TableStatus::Written => format!("{:.2} s", table.seconds),
            TableStatus::Reused => "reused".to_owned(),
        };
        let (rows, files) = (grouped(table.rows), grouped(table.files));
        let size = Human(table.bytes);
        let name = name(table);
        line(text, format_args!("{name:width$}  {rows:>11}  {files:>5}  {size:>10}  {time:>8}"));
    }
    for area in [Area::Extract, Area::Stage].into_iter().filter(|area| !shown(*area)) {
        let inner: Vec<_> = record.tables.iter().filter(|table| table.area == area).collect();
        if inner.is_empty() {
            continue;
        }
        let rows = inner.iter().map(|table| table.rows).sum();
        let bytes = inner.iter().map(|table| table.bytes).sum();
        let reused = inner.iter().filter(|table| table.status == TableStatus::Reused).count();
        let (count, rows) = (counted(inner.len() as u64, "table"), counted(rows, "row"));
        let (folder, size) = (area.folder(), Human(bytes));
        line(text, format_args!("{folder}: {count}, {rows}, {size}, {reused} reused"));
    }
}

fn query(out: &Path, sql: &str) -> String {
    format!("cpglang query --out {} \"{sql}\"", out.display())
}

/// The first places that could not be read, a line each.
fn first_errors(profile: &RuntimeProfile) -> Result<Vec<String>, Failure> {
    let sql = format!(
        "select path || coalesce(':' || cast(line as varchar), '') || ': ' || kind || ': ' || message \
         from errors order by path, line, kind, message limit {ERRORS_SHOWN}"
    );
    let build = PublishedBuild::open(&profile.out, profile.threads, profile.memory_bytes)?;
    let mut lines = Vec::new();
    for batch in build.sql(&sql)? {
        lines.extend(first_column(&batch?));
    }
    Ok(lines)
}

fn first_column(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::new();
    let Some(column) = batch.columns().first() else { return Vec::new() };
    let Ok(formatter) = ArrayFormatter::try_new(column, &options) else { return Vec::new() };
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    (0..column.len())
        .map(|row| formatter.value(row).to_string().chars().map(plain).collect())
        .collect()
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = text.write_fmt(arguments);
    text.push('\n');
}
