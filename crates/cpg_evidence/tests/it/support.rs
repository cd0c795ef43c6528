//! Directories of sources, and the tables they give, row by row as text.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use cpg_evidence::{EvidenceBatch, ExtractorMap, Scan, ScanOptions, Source, Summary};
use cpg_ir::manifest::EvidenceNeeds;
use tempfile::TempDir;

/// A directory of sources.
pub struct Sources {
    pub dir: TempDir,
}

impl Sources {
    pub fn new<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Self {
        let sources = Self { dir: tempfile::tempdir().expect("a temporary directory") };
        for (path, content) in files {
            sources.write(path, content.as_ref());
        }
        sources
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, path: &str, content: &[u8]) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("a directory");
        std::fs::write(path, content).expect("a file");
    }

    pub fn scan(&self) -> Scan {
        cpg_evidence::scan(&[Source::new(self.path())], &ScanOptions::default())
            .expect("a directory")
    }

    pub fn tables(&self) -> Tables {
        Tables::of(&self.scan())
    }

    /// The tables of some extractors, and what they could not read.
    pub fn tables_of(&self, extractors: &[&str]) -> Tables {
        let mut needs = all_needs();
        needs.retain(|key, _| key == "errors" || extractors.contains(&key.as_str()));
        Tables::with(&self.scan(), &needs)
    }

    /// Some tables: what has many rows takes its time as text.
    pub fn some_tables(&self, names: &[&str]) -> Tables {
        let mut needs = needs_of_files();
        for tables in needs.values_mut() {
            tables.retain(|table, _| names.contains(&table.as_str()));
        }
        Tables::with(&self.scan(), &needs)
    }
}

/// What Python files and the list of files are made of: what reads nothing besides, and of other languages nothing.
pub fn needs_of_files() -> EvidenceNeeds {
    let mut needs = all_needs();
    needs.retain(|key, _| !matches!(key.as_str(), "scip" | "tree_sitter"));
    needs
}

/// Needs for every column of every table, but for what takes an interpreter: that may not be there.
pub fn all_needs() -> EvidenceNeeds {
    let mut needs = needs_of_all();
    needs.remove("python.bytecode");
    needs
}

/// Needs for every column of every table of some extractors.
pub fn needs_of(extractors: &[&str]) -> EvidenceNeeds {
    let mut needs = needs_of_all();
    needs.retain(|extractor, _| extractors.contains(&extractor.as_str()));
    needs
}

fn needs_of_all() -> EvidenceNeeds {
    cpg_evidence::catalog()
        .extractors
        .into_iter()
        .map(|(key, extractor)| {
            let tables = extractor.tables.into_iter().map(|(table, row)| {
                (table, row.columns.into_iter().map(|column| column.name).collect())
            });
            (key, tables.collect())
        })
        .collect()
}

pub fn batches(
    scan: &Scan,
    needs: &EvidenceNeeds,
    threads: usize,
) -> (Vec<EvidenceBatch>, Summary) {
    let map = ExtractorMap::new(needs).expect("known needs");
    let mut batches = Vec::new();
    let summary = cpg_evidence::extract(scan, &map, 0..scan.segments(), threads, |_, batch| {
        batches.push(batch);
        ControlFlow::Continue(())
    });
    (batches, summary.expect("extraction only fails when stopped"))
}

/// The content of `pkg/m.py` in a package of its own.
pub fn python(text: &str) -> Tables {
    let sources = Sources::new(&[("pkg/__init__.py", ""), ("pkg/m.py", text)]);
    let mut tables = sources.tables();
    for rows in tables.rows.values_mut() {
        rows.retain(|row| row["path"] == "pkg/m.py");
    }
    tables.text = text.as_bytes().to_vec();
    tables
}

/// The rows of every table, each a map from column to text, `-` for null.
pub struct Tables {
    pub rows: BTreeMap<String, Vec<BTreeMap<String, String>>>,
    pub summary: Summary,
    text: Vec<u8>,
}

impl Tables {
    pub fn of(scan: &Scan) -> Self {
        Self::with(scan, &needs_of_files())
    }

    pub fn with(scan: &Scan, needs: &EvidenceNeeds) -> Self {
        let (batches, summary) = batches(scan, needs, 2);
        Self::new(batches, summary)
    }

    pub fn new(batches: Vec<EvidenceBatch>, summary: Summary) -> Self {
        let mut rows: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for EvidenceBatch { table, batch, .. } in batches {
            rows.entry(table.into_owned()).or_default().extend(rows_of(&batch));
        }
        Self { rows, summary, text: Vec::new() }
    }

    /// The rows of a table, the named columns joined with blanks. `@` is the text between the columns `start`
    /// and `end`, `@x` between `x_start` and `x_end`: its first line.
    pub fn select(&self, table: &str, columns: &str) -> Vec<String> {
        let Some(rows) = self.rows.get(table) else {
            return Vec::new();
        };
        let cell = |row: &BTreeMap<String, String>, column: &str| match column.strip_prefix('@') {
            None => {
                row.get(column).unwrap_or_else(|| panic!("{table} has a column {column}")).clone()
            }
            Some(prefix) => {
                let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}_") };
                let offset = |end: &str| row[&format!("{prefix}{end}")].parse::<usize>();
                match (offset("start"), offset("end")) {
                    (Ok(start), Ok(end)) => {
                        let text = String::from_utf8_lossy(&self.text[start..end]).into_owned();
                        text.lines().next().unwrap_or_default().to_owned()
                    }
                    _ => "-".to_owned(),
                }
            }
        };
        rows.iter()
            .map(|row| {
                let cells: Vec<_> = columns.split(' ').map(|column| cell(row, column)).collect();
                cells.join(" ")
            })
            .collect()
    }
}

fn rows_of(batch: &RecordBatch) -> Vec<BTreeMap<String, String>> {
    (0..batch.num_rows())
        .map(|row| {
            let schema = batch.schema();
            let cells = schema.fields().iter().zip(batch.columns());
            cells.map(|(field, column)| (field.name().clone(), cell(column, row))).collect()
        })
        .collect()
}

pub fn cell(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return "-".to_owned();
    }
    match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        other => panic!("evidence has no columns of type {other}"),
    }
}
