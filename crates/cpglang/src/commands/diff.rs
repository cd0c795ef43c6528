//! `cpglang diff`: which rows differ between two builds.

mod cursor;
mod text;

use std::io::{self, BufWriter, Write};

use cpg_base::{Code, System, nearest};
use cpg_engine::{Before, BuildDiff, Change, Fate, RowChange, TableDiff};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::args::{DiffArgs, DiffFormat};
use crate::failure::Failure;

/// Prints what differs.
pub(crate) fn diff(system: &dyn System, args: &DiffArgs) -> Result<(), Failure> {
    let mut profile = args.place.profile()?;
    args.limits.apply(&mut profile);
    let before = match (&args.cursor, &args.before) {
        (Some(file), _) => cursor::read(system, file)?,
        (None, Some(run)) => Before::Run(run.clone()),
        (None, None) => Before::Previous,
    };
    let diff = BuildDiff::open(
        &profile.out,
        &before,
        args.after.as_deref(),
        profile.threads,
        profile.memory_bytes,
    )?;
    let tables = chosen(diff.tables()?, &args.tables)?;
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        DiffFormat::Text => text::write(&mut out, &diff, &tables, args.limit)?,
        DiffFormat::Json => json(&mut out, &diff, &tables)?,
        DiffFormat::Ndjson => ndjson(&mut out, &diff, &tables)?,
    }
    out.flush().map_err(Failure::output)?;
    match &args.cursor {
        // Only when everything was told, so that nothing is missed.
        Some(file) => cursor::write(file, &diff.after().run),
        None => Ok(()),
    }
}

/// The tables that are to be compared.
fn chosen(tables: Vec<TableDiff>, names: &[String]) -> Result<Vec<TableDiff>, Failure> {
    let bare = |table: &TableDiff| table.table.rsplit('/').next().unwrap_or_default().to_owned();
    let is = |table: &TableDiff, name: &String| table.table == *name || bare(table) == *name;
    for name in names {
        if !tables.iter().any(|table| is(table, name)) {
            let known: Vec<String> = tables.iter().map(bare).collect();
            let help = match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", known.join(", ")),
            };
            let message = format!("neither build has an output `{name}`");
            return Err(Failure::coded(Code::UnknownSelection, message, help));
        }
    }
    let wanted = |table: &TableDiff| names.is_empty() || names.iter().any(|name| is(table, name));
    Ok(tables.into_iter().filter(wanted).collect())
}

/// A row that is not the same in both builds.
#[derive(Serialize)]
struct RowBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<&'a str>,
    change: RowChange,
    /// How many equal rows there are, where it is not one.
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    before: Option<Map<String, Value>>,
    after: Option<Map<String, Value>>,
}

impl<'a> RowBody<'a> {
    fn new(table: Option<&'a str>, change: &Change) -> Result<Self, Failure> {
        Ok(Self {
            table,
            change: change.what,
            times: (change.times != 1).then_some(change.times),
            before: change.before()?,
            after: change.after()?,
        })
    }
}

fn ndjson(out: &mut impl Write, diff: &BuildDiff, tables: &[TableDiff]) -> Result<(), Failure> {
    for table in tables.iter().filter(|table| table.fate != Fate::Same) {
        for change in diff.rows(table)? {
            object(out, &RowBody::new(Some(&table.table), &change?)?)?;
            out.write_all(b"\n").map_err(Failure::output)?;
        }
    }
    Ok(())
}

/// One object, written as the rows come.
fn json(out: &mut impl Write, diff: &BuildDiff, tables: &[TableDiff]) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Head<'a> {
        before: Option<&'a str>,
        after: &'a str,
    }
    let before = diff.before().map(|run| run.run.as_str());
    open(out, &Head { before, after: &diff.after().run })?;
    out.write_all(b",\"tables\":[").map_err(Failure::output)?;
    for (at, table) in tables.iter().enumerate() {
        if at > 0 {
            out.write_all(b",").map_err(Failure::output)?;
        }
        open(out, table)?;
        out.write_all(b",\"rows\":[").map_err(Failure::output)?;
        if table.fate != Fate::Same {
            for (at, change) in diff.rows(table)?.enumerate() {
                if at > 0 {
                    out.write_all(b",").map_err(Failure::output)?;
                }
                object(out, &RowBody::new(None, &change?)?)?;
            }
        }
        out.write_all(b"]}").map_err(Failure::output)?;
    }
    out.write_all(b"]}\n").map_err(Failure::output)
}

fn object(out: &mut impl Write, value: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(out, value).map_err(|error| Failure::output(error.into()))
}

/// An object without its end.
fn open(out: &mut impl Write, value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(|error| Failure::output(error.into()))?;
    let text = text.strip_suffix('}').unwrap_or(&text);
    out.write_all(text.as_bytes()).map_err(Failure::output)
}
