//! Differences as people read them.

use std::io::Write;

use cpg_engine::{BuildDiff, Change, Fate, RowChange, TELLING, TableDiff};
use serde_json::{Map, Value};

use crate::console::plain;
use crate::failure::Failure;
use crate::size::{counted, grouped};

/// The longest line of a row, in characters.
const WIDTH: usize = 160;

/// The first rows of each table, and how many there are.
pub(super) fn write(
    out: &mut impl Write,
    diff: &BuildDiff,
    tables: &[TableDiff],
    limit: usize,
) -> Result<(), Failure> {
    let before = diff.before().map_or("nothing", |run| run.run.as_str());
    let mut line = |text: &str| writeln!(out, "{text}").map_err(Failure::output);
    line(&format!("{before} -> {}", diff.after().run))?;
    let mut same = 0_u64;
    for table in tables {
        let (counts, rows) = match table.fate {
            Fate::Same => (Counts::default(), Vec::new()),
            _ => rows(diff, table, limit)?,
        };
        let columns = columns(table);
        if counts == Counts::default() && columns.is_empty() && !is_alone(table) {
            same += 1;
            continue;
        }
        line(&format!("\n{}: {}", table.table, counts.text(table)))?;
        for text in columns.iter().chain(&rows) {
            line(&format!("  {text}"))?;
        }
        let more = counts.all().saturating_sub(rows.len() as u64);
        if more > 0 && limit > 0 {
            line(&format!("  and {} more; `--limit N` shows more", grouped(more)))?;
        }
    }
    match (same, tables.len() as u64) {
        (0, _) => Ok(()),
        (same, all) if same == all => line("No differences"),
        (same, _) => line(&format!("\n{} with the same rows", counted(same, "other output"))),
    }
}

fn is_alone(table: &TableDiff) -> bool {
    matches!(table.fate, Fate::New | Fate::Gone)
}

/// How many rows are not the same.
#[derive(Default, PartialEq, Eq)]
struct Counts {
    added: u64,
    removed: u64,
    changed: u64,
}

impl Counts {
    fn all(&self) -> u64 {
        self.added + self.removed + self.changed
    }

    fn text(&self, table: &TableDiff) -> String {
        let counts = [(self.added, "added"), (self.removed, "removed"), (self.changed, "changed")];
        let said = counts.into_iter().filter(|(count, _)| *count > 0);
        let mut said: Vec<String> =
            said.map(|(count, what)| format!("{} {what}", grouped(count))).collect();
        match table.fate {
            Fate::New => said.insert(0, "new".to_owned()),
            Fate::Gone => said.insert(0, "gone".to_owned()),
            _ if said.is_empty() => said.push("the same rows in other columns".to_owned()),
            _ => {}
        }
        said.join(", ")
    }
}

fn rows(
    diff: &BuildDiff,
    table: &TableDiff,
    limit: usize,
) -> Result<(Counts, Vec<String>), Failure> {
    let (mut counts, mut shown) = (Counts::default(), Vec::new());
    for change in diff.rows(table)? {
        let change = change?;
        match change.what {
            RowChange::Added => counts.added += change.times,
            RowChange::Removed => counts.removed += change.times,
            RowChange::Changed => counts.changed += change.times,
        }
        if shown.len() < limit {
            shown.push(row(table, &change)?);
        }
    }
    Ok((counts, shown))
}

fn columns(table: &TableDiff) -> Vec<String> {
    let lists = [
        ("new columns", &table.columns_added),
        ("columns that are gone", &table.columns_removed),
        ("columns of another type", &table.columns_retyped),
    ];
    let said = lists.into_iter().filter(|(_, names)| !names.is_empty());
    said.map(|(what, names)| format!("{what}: {}", names.join(", "))).collect()
}

fn row(table: &TableDiff, change: &Change) -> Result<String, Failure> {
    let (before, after) = (change.before()?, change.after()?);
    let (sign, values) = match (&before, &after) {
        (Some(before), Some(after)) => {
            let changed = after.iter().filter_map(|(name, after)| {
                let before = before.get(name)?;
                (before != after).then(|| format!("{name}: {} -> {}", value(before), value(after)))
            });
            let named = telling(table, after).into_iter();
            let named = named.filter(|(name, _)| before.get(*name) == after.get(*name));
            let named = named.map(|(name, told)| format!("{name}: {}", value(told)));
            ("~", named.chain(changed).collect::<Vec<_>>())
        }
        (None, Some(row)) => ("+", all(table, row)),
        (Some(row), None) => ("-", all(table, row)),
        (None, None) => ("", Vec::new()),
    };
    let times = match change.times {
        1 => String::new(),
        times => format!(" ({times} times)"),
    };
    Ok(shortened(&plain(&format!("{sign} {}{times}", values.join(", ")))))
}

fn all(table: &TableDiff, row: &Map<String, Value>) -> Vec<String> {
    telling(table, row).into_iter().map(|(name, told)| format!("{name}: {}", value(told))).collect()
}

/// What tells people which row it is: a few columns where a key tells rows apart, else all that are not null.
fn telling<'a>(table: &TableDiff, row: &'a Map<String, Value>) -> Vec<(&'a str, &'a Value)> {
    let there = |(name, value): (&'a String, &'a Value)| {
        (!value.is_null()).then_some((name.as_str(), value))
    };
    if !table.key.is_empty() {
        let named = TELLING.iter().filter_map(|name| row.get_key_value(*name));
        let named: Vec<_> = named.filter_map(there).collect();
        if !named.is_empty() {
            return named;
        }
    }
    row.iter().filter_map(there).collect()
}

fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(line)),
        None => line.to_owned(),
    }
}
