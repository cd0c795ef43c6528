//! Runs the specifications in `tests/spec/*.md`.
//!
//! Each `##` section is a case. Its `cpg` blocks are its files: the first is the module `main`, others say
//! `cpg module=NAME`; every case also has the module `base` (`tests/spec/base.cpg`). A block `files` says what evidence
//! in files is made of: a line `FORMAT LOCATION`, and below it `NAME: TYPE`, or what is wrong. Then stands what is expected:
//! `diagnostics` (all of them), `schema NAME` (a relation's columns) or `ir NAME` (a part of a relation's spec as
//! JSON: objects may leave fields out). With `UPDATE=1` the first two are written instead of compared.

use std::fmt::Write;
use std::path::Path;

use cpg_hir::{FileSchemas, FoundSchemas, RootDatabase, Source, check, compile};
use cpg_ir::file::{FileColumn, FileFormat, FileProblem, FileSchema, FileSource};
use cpg_ir::types::PhysicalType;
use serde_json::Value;

use crate::render::{Result, database, render, source};

/// A fenced block.
struct Block {
    /// What stands after the fence.
    info: String,
    body: String,
}

/// A line outside blocks, or a block.
enum Part {
    Line(String),
    Block(Block),
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        match line.strip_prefix("```") {
            None => parts.push(Part::Line(line.to_owned())),
            Some(info) => {
                let mut body = String::new();
                for line in lines.by_ref().take_while(|line| *line != "```") {
                    body.push_str(line);
                    body.push('\n');
                }
                parts.push(Part::Block(Block { info: info.to_owned(), body }));
            }
        }
    }
    parts
}

#[test]
fn specifications_hold() -> Result {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let base = source("base", &std::fs::read_to_string(folder.join("base.cpg"))?);
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = String::new();
    let mut cases = 0;
    let mut paths: Vec<_> =
        std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        let mut parts = parts(&text);
        let mut start = 0;
        while start < parts.len() {
            let is_title =
                |part: &Part| matches!(part, Part::Line(line) if line.starts_with("## "));
            let rest = &parts[start + 1..];
            let end = rest.iter().position(is_title).map_or(parts.len(), |end| start + 1 + end);
            cases += 1;
            for difference in case(&mut parts[start..end], &base)? {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                writeln!(wrong, "{file}, {difference}")?;
            }
            start = end;
        }
        if update {
            std::fs::write(&path, written(&parts))?;
        }
    }
    assert!(cases > 60, "only {cases} cases were found");
    assert!(update || wrong.is_empty(), "{wrong}");
    Ok(())
}

/// Runs a case, whose expectations become what is found; gives the differences.
fn case(parts: &mut [Part], base: &Source) -> Result<Vec<String>> {
    let title = match parts.first() {
        Some(Part::Line(title)) => title.clone(),
        _ => String::new(),
    };
    let mut sources = vec![base.clone()];
    for part in parts.iter() {
        if let Part::Block(block) = part
            && let Some(info) = block.info.strip_prefix("cpg")
        {
            sources.push(source(info.strip_prefix(" module=").unwrap_or("main"), &block.body));
        }
    }
    let mut db = database(&sources)?;
    let files = parts.iter().filter_map(|part| match part {
        Part::Block(block) if block.info == "files" => Some(block.body.as_str()),
        _ => None,
    });
    db.set_file_schemas(
        files.map(found_files).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect(),
    );
    let mut differences = Vec::new();
    for part in parts {
        let Part::Block(block) = part else { continue };
        let found = match block.info.split_once(' ') {
            _ if block.info == "diagnostics" => render(&check(&db), &sources),
            _ if block.info == "diagnostics compile" => match compile(&db) {
                Ok(outcome) => render(&outcome.warnings, &sources),
                Err(diagnostics) => render(&diagnostics, &sources),
            },
            Some(("schema", name)) => schema(&db, name),
            Some(("ir", name)) => {
                let expected: Value = serde_json::from_str(&block.body)?;
                let found = ir(&db, name)?;
                if !holds(&found, &expected) {
                    let found = match &found {
                        Value::String(why) => why.clone(),
                        found => serde_json::to_string_pretty(found)?,
                    };
                    differences.push(format!("{title}: the spec of `{name}` is\n{found}\n"));
                }
                continue;
            }
            _ => continue,
        };
        if found != block.body {
            differences.push(format!("{title}: expected\n{}found\n{found}", block.body));
            block.body = found;
        }
    }
    Ok(differences)
}

/// What a block `files` says.
fn found_files(body: &str) -> Result<FoundSchemas> {
    let mut found = FoundSchemas::new();
    let mut current = None;
    for line in body.lines() {
        if let Some(said) = line.strip_prefix("  ") {
            let source = current.clone().ok_or("a column without files")?;
            let schema = found.entry(source).or_insert_with(|| Ok(FileSchema::default()));
            match (said.split_once(": "), schema) {
                (Some(("unreadable", why)), schema) => {
                    *schema = Err(FileProblem::Unreadable(why.to_owned()));
                }
                (Some((name, ty)), Ok(schema)) => schema.columns.push(file_column(name, ty)),
                (_, schema) => *schema = Err(FileProblem::Missing),
            }
        } else {
            let (format, location) = line.split_once(' ').ok_or("expected FORMAT LOCATION")?;
            let format = FileFormat::from_word(format).ok_or("no such format")?;
            current = Some(FileSource { format, location: location.to_owned() });
        }
    }
    Ok(found)
}

fn file_column(name: &str, ty: &str) -> FileColumn {
    let (ty, nullable) = ty.strip_suffix('?').map_or((ty, false), |ty| (ty, true));
    let physical = match ty {
        "Boolean" => Some(PhysicalType::Bool),
        "Int64" | "Int32" => Some(PhysicalType::Int64),
        "Float64" => Some(PhysicalType::Float64),
        "Utf8" => Some(PhysicalType::Utf8),
        "Span" => Some(PhysicalType::Span),
        "List" => Some(PhysicalType::List(Box::new(PhysicalType::Utf8))),
        "Map" => {
            let (key, value) = (PhysicalType::Utf8, PhysicalType::Int64);
            Some(PhysicalType::Map(Box::new(key), Box::new(value)))
        }
        _ => None,
    };
    FileColumn { name: name.to_owned(), physical, stored: ty.to_owned(), nullable }
}

/// The relation of `main` with that name, as compiling a program that exports only it gives it.
fn relation(db: &RootDatabase, name: &str) -> std::result::Result<cpg_ir::spec::Relation, String> {
    let mut sources: Vec<Source> = Vec::new();
    for file in cpg_hir::Program::get(db).files(db) {
        let module = file.module(db);
        let mut text = file.text(db).clone();
        if module == "main" {
            let _ = writeln!(text, "\nexport {name}");
        }
        sources.push(source(module, &text));
    }
    let mut again = database(&sources).map_err(|error| error.to_string())?;
    again.set_file_schemas(FileSchemas::get(db).schemas(db).clone());
    match compile(&again) {
        Err(diagnostics) => Err(render(&diagnostics, &sources)),
        Ok(outcome) => {
            let relations = outcome.manifest.ir().relations();
            let found =
                relations.iter().find(|found| found.relation.id.as_str() == format!("main.{name}"));
            found.map(|found| found.relation.clone()).ok_or_else(|| "not in the program".to_owned())
        }
    }
}

fn schema(db: &RootDatabase, name: &str) -> String {
    match relation(db, name) {
        Err(why) => why,
        Ok(relation) => {
            let lines = relation.schema.columns.iter();
            lines.map(|column| format!("{}: {}\n", column.name, column.ty)).collect()
        }
    }
}

/// A relation's spec as JSON, or why there is none.
fn ir(db: &RootDatabase, name: &str) -> Result<Value> {
    Ok(match relation(db, name) {
        Ok(relation) => serde_json::to_value(relation.spec)?,
        Err(why) => Value::String(why),
    })
}

/// Whether `found` is as `expected` says; objects may hold more.
fn holds(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => expected
            .iter()
            .all(|(key, value)| found.get(key).is_some_and(|found| holds(found, value))),
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| holds(a, b))
        }
        _ => found == expected,
    }
}

fn written(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Line(line) => text.push_str(line),
            Part::Block(block) => {
                text.push_str(&format!("```{}\n{}```", block.info, block.body));
            }
        }
        text.push('\n');
    }
    text
}
