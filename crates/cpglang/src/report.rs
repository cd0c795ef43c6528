//! What a build did, told at its end.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use cpg_base::Code;
use cpg_engine::{
    BoundRecord, BuildReport, Location, PublishedBuild, RunRecord, RuntimeProfile, TableRecord,
    TableStatus,
};
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
fn text(report: &BuildReport, errors: &[String], out: &Location, verbose: bool) -> String {
    let BuildReport { record, seconds, published, .. } = report;
    let mut text = String::new();
    let files = counted(record.sources.files, "file");
    line(&mut text, format_args!("{files} read, {}\n", Human(record.sources.bytes)));
    // The record of an earlier run tells what that run wrote.
    let time = |table: &TableRecord| match table.status {
        TableStatus::Written | TableStatus::Updated if *published => {
            format!("{:.2} s", table.seconds)
        }
        TableStatus::Left => "left".to_owned(),
        _ => "reused".to_owned(),
    };
    tables(&mut text, &record.tables, time, verbose);
    if !record.errors.is_empty() {
        let kinds = record.errors.iter().map(|(kind, count)| format!("{} {kind}", grouped(*count)));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        line(&mut text, format_args!("\nWhat could not be read: {kinds}"));
        for error in errors {
            line(&mut text, format_args!("  {error}"));
        }
        line(&mut text, format_args!("  all: {}", query(out, "select * from errors")));
    }
    if let Some(selected) = &record.selected {
        let left = record.tables.iter().filter(|table| table.status == TableStatus::Left).count();
        let left = counted(left as u64, "table");
        line(&mut text, format_args!("\nSelected: {selected}; {left} left as before"));
    }
    checks(&mut text, record);
    bounds(&mut text, record);
    let what = if *published { "Built" } else { "Nothing changed; checked" };
    let (shown, run) = (out, &record.run);
    line(&mut text, format_args!("\n{what} in {seconds:.2} s: {shown} ({run})"));
    let example = "select kind, count(*) as nodes from cpg_nodes group by kind order by nodes desc";
    line(&mut text, format_args!("Ask it: {}", query(out, example)));
    text
}

/// The fixpoints that ended before all of their rows were found.
fn bounds(text: &mut String, record: &RunRecord) {
    for table in &record.tables {
        for BoundRecord { fixpoint, rounds } in &table.bound_reached {
            let rounds = counted(u64::from(*rounds), "round");
            let name = &table.table;
            line(
                text,
                format_args!(
                    "\nwarning[{}]: fixpoint `{fixpoint}` ended after {rounds}, and rows of `{name}` are \
                     missing: raise its bound",
                    Code::BoundReached
                ),
            );
        }
    }
}

/// How many checks hold, and what is wrong with those that do not.
fn checks(text: &mut String, record: &RunRecord) {
    if record.checks.is_empty() {
        return;
    }
    let failed = record.checks.iter().filter(|check| !check.passed);
    let passed = record.checks.len() - failed.clone().count();
    line(text, format_args!("\nChecks that hold: {passed} of {}", record.checks.len()));
    for check in failed {
        line(text, format_args!("  {}", check.to_string().replace('\n', "\n  ")));
    }
}

/// A row for each output; evidence and what lies between as sums, unless `verbose`.
fn tables(
    text: &mut String,
    tables: &[TableRecord],
    time: impl Fn(&TableRecord) -> String,
    verbose: bool,
) {
    let shown = |table: &&TableRecord| verbose || table.area == Area::Graph;
    let name = |table: &TableRecord| format!("{}/{}", table.area.folder(), table.table);
    let names = tables.iter().filter(shown).map(|table| name(table).chars().count());
    let width = names.max().unwrap_or_default().max("table".len());
    let mut row = |name: &str, rows: &str, files: &str, size: &str, time: &str| {
        let cells = format_args!("{name:width$}  {rows:>11}  {files:>5}  {size:>10}  {time:>8}");
        line(text, cells);
    };
    row("table", "rows", "files", "size", "time");
    for table in tables.iter().filter(shown) {
        let (rows, files) = (grouped(table.rows), grouped(table.files));
        row(&name(table), &rows, &files, &Human(table.bytes).to_string(), &time(table));
    }
    for area in [Area::Extract, Area::Stage] {
        let hidden = tables.iter().filter(|table| table.area == area && !shown(table));
        let count = hidden.clone().count();
        if count > 0 {
            let sum = |part: fn(&TableRecord) -> u64| hidden.clone().map(part).sum::<u64>();
            let reused = hidden.clone().filter(|table| time(table) == "reused").count();
            let time = format!("{reused} reused");
            let name = format!("{}/ ({count})", area.folder());
            let (rows, files) = (grouped(sum(|t| t.rows)), grouped(sum(|t| t.files)));
            row(&name, &rows, &files, &Human(sum(|t| t.bytes)).to_string(), &time);
        }
    }
}

fn query(out: &Location, sql: &str) -> String {
    format!("cpglang query --out {out} \"{sql}\"")
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
