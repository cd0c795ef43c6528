//! `cpglang schema`: what extractors give, as the contracts that a program would say, or as rows.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use cpg_ir::catalog::ExtractorSignature;
use cpg_ir::types::Column;

use super::extractors::chosen;
use crate::args::SchemaArgs;
use crate::failure::Failure;
use crate::profile::Profile;
use crate::rows;

/// Prints the tables of some extractors, or of all.
pub(crate) fn schema(profile: &Profile, args: &SchemaArgs) -> Result<(), Failure> {
    let extractors = chosen(&args.extractors, &profile.external)?;
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        None => {
            let texts: Vec<String> =
                extractors.iter().map(|(key, found)| contracts(key, found)).collect();
            out.write_all(texts.join("\n").as_bytes()).map_err(Failure::output)?;
        }
        Some(format) => {
            let batch = columns(&extractors)?;
            rows::write(&mut out, &batch.schema(), std::iter::once(Ok(batch.clone())), format)?;
        }
    }
    out.flush().map_err(Failure::output)
}

/// The contracts of every table of an extractor, as a `.cpg` program has them.
fn contracts(key: &str, extractor: &ExtractorSignature) -> String {
    let mut text = String::new();
    comment(&mut text, "", "//!", &format!("{}: {}.", key, extractor.description));
    for (table, row) in &extractor.tables {
        let docs = extractor.docs.get(table);
        text.push('\n');
        comment(&mut text, "", "///", docs.map_or("", |docs| docs.text.as_str()));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "evidence {table} from extractor {key} {{");
        for Column { name, ty } in &row.columns {
            let doc = docs.and_then(|docs| docs.columns.get(name));
            comment(&mut text, "  ", "///", doc.map_or("", String::as_str));
            let _ = writeln!(text, "  {name}: {ty}");
        }
        text.push_str("}\n");
    }
    text
}

/// The widest line of a comment.
const WIDTH: usize = 100;

/// A comment, broken at blanks; nothing for no text.
fn comment(out: &mut String, indent: &str, mark: &str, text: &str) {
    let mut line = String::new();
    let mut end = |line: &mut String| {
        if !line.is_empty() {
            let _ = writeln!(out, "{indent}{mark}{line}");
            line.clear();
        }
    };
    for word in text.split_whitespace() {
        let length = indent.len() + mark.len() + line.chars().count() + 1 + word.chars().count();
        if length > WIDTH {
            end(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    end(&mut line);
}

/// A row for each column.
fn columns(extractors: &[(String, ExtractorSignature)]) -> Result<RecordBatch, Failure> {
    let all: Vec<_> = extractors
        .iter()
        .flat_map(|(key, found)| found.tables.iter().map(move |table| (key, found, table)))
        .flat_map(|(key, found, (table, row))| {
            row.columns.iter().map(move |column| (key, found, table, column))
        })
        .collect();
    let text = |value: &dyn Fn(usize) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values((0..all.len()).map(value)))
    };
    let doc = |row: usize| {
        let (_, found, table, column) = all[row];
        let docs = found.docs.get(table).and_then(|docs| docs.columns.get(&column.name));
        docs.cloned().unwrap_or_default()
    };
    let nullable = BooleanArray::from_iter(all.iter().map(|(.., column)| Some(column.ty.nullable)));
    RecordBatch::try_from_iter([
        ("extractor", text(&|row| all[row].0.clone())),
        ("table", text(&|row| all[row].2.clone())),
        ("column", text(&|row| all[row].3.name.clone())),
        ("type", text(&|row| all[row].3.ty.semantic.to_string())),
        ("nullable", Arc::new(nullable) as ArrayRef),
        ("doc", text(&doc)),
    ])
    .map_err(|error| Failure::Defect(error.to_string()))
}
