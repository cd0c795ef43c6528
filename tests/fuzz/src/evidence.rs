//! Bytes of others for every reader of such, and what must hold of the evidence, whatever they are. The suite of
//! `cpg_evidence` has this file, too.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use cpg_evidence::{
    ExternalCommand, ExternalFormat, ExtractOptions, ExtractorMap, Scan, extract, scan_files,
};
use cpg_ir::manifest::EvidenceNeeds;
use cpg_ir::types::Column;

/// A Python file: there are rows or errors, and every place lies in the file.
pub fn python(bytes: &[u8]) {
    const EXTRACTORS: [&str; 6] =
        ["python.ast", "python.cst", "python.flow", "python.imports", "python.symtable", "repo"];
    static EVIDENCE: OnceLock<Evidence> = OnceLock::new();
    let evidence = EVIDENCE.get_or_init(|| Evidence::of(&EXTRACTORS));
    let files = [("pkg/__init__.py", &b""[..]), ("pkg/m.py", bytes)];
    evidence.check(&files, &ExtractOptions::default());
}

/// A file in any language that there is a grammar of; the first byte says which.
pub fn tree_sitter(bytes: &[u8]) {
    const ENDINGS: [&str; 9] = ["c", "cc", "go", "java", "js", "py", "rs", "ts", "tsx"];
    static EVIDENCE: OnceLock<Evidence> = OnceLock::new();
    let Some((first, text)) = bytes.split_first() else { return };
    let evidence = EVIDENCE.get_or_init(|| Evidence::of(&["tree_sitter"]));
    let path = format!("m.{}", ENDINGS[usize::from(*first) % ENDINGS.len()]);
    evidence.check(&[(&path, text)], &ExtractOptions::default());
}

/// A SCIP index: it is read as far as it is one, and what it says of a file lies in the file.
pub fn scip(bytes: &[u8]) {
    // With characters of one to four bytes, and every end of a line.
    const FILES: [(&str, &[u8]); 3] = [
        ("a.py", "class Größe:\n    wert = '𝒳', 1\r\nx = Größe()\ry = x.wert".as_bytes()),
        ("b.py", b"# coding: latin-1\nz = '\xe9'\n"),
        ("c/d.ts", b""),
    ];
    static EVIDENCE: OnceLock<Evidence> = OnceLock::new();
    let evidence = EVIDENCE.get_or_init(|| Evidence::of(&["scip"]));
    let index = std::env::temp_dir().join(format!("cpg-fuzz-{}.scip", std::process::id()));
    std::fs::write(&index, bytes).expect("a file of ours");
    let options = ExtractOptions { scip_index: Some(index.clone()), ..ExtractOptions::default() };
    evidence.check(&FILES, &options);
    std::fs::remove_file(index).expect("it was written");
}

/// What a command prints: rows of its table, each true to what is said of the columns, or errors. The first byte says
/// whether it is JSON or Arrow, and in pieces of which length it arrives.
pub fn external(bytes: &[u8]) {
    static GIVEN: OnceLock<([ExternalCommand; 2], Scan)> = OnceLock::new();
    let Some((first, printed)) = bytes.split_first() else { return };
    let (commands, scan) = GIVEN.get_or_init(|| {
        let files = ["a.txt", "b.txt"].map(|path| (path.to_owned(), vec![b'x'; SIZE]));
        let scan = scan_files(files, &ExtractOptions::default()).expect("two paths");
        ([ExternalFormat::Ndjson, ExternalFormat::Arrow].map(command), scan)
    });
    let command = &commands[usize::from(first & 1)];
    let length = match usize::from(first >> 1) {
        0 => printed.len().max(1),
        length => length,
    };
    let (rows, _) = command.read(printed.chunks(length), scan).expect("a batch has room");
    let column = |name: &str| rows.column_by_name(name).expect("a column of the table");
    for offset in column("at").as_primitive::<Int64Type>() {
        assert!(offset.is_some_and(|offset| (0..=SIZE as i64).contains(&offset)), "{offset:?}");
    }
    for name in ["path", "word", "yes"] {
        assert_eq!(column(name).null_count(), 0, "{name}");
    }
}

/// How long the files are that commands print rows about.
const SIZE: usize = 7;

/// A command with columns of every physical type, with and without nulls.
fn command(format: ExternalFormat) -> ExternalCommand {
    const COLUMNS: [(&str, &str); 6] = [
        ("at", "Offset<byte>"),
        ("word", "string"),
        ("number", "int?"),
        ("weight", "float?"),
        ("yes", "bool"),
        ("maybe", "string?"),
    ];
    let column = |(name, ty): (&str, &str)| Column {
        name: name.to_owned(),
        ty: ty.parse().expect("a type"),
    };
    ExternalCommand { format, ..ExternalCommand::new(Vec::new(), COLUMNS.map(column).to_vec()) }
}

/// Extractors as a build has them, with every table and column.
struct Evidence {
    map: ExtractorMap,
}

impl Evidence {
    /// Those with these keys, and what they could not read.
    fn of(keys: &[&str]) -> Self {
        let extractors = cpg_evidence::catalog().extractors.into_iter();
        let needed = extractors.filter(|(key, _)| key == "errors" || keys.contains(&key.as_str()));
        let needs: EvidenceNeeds = needed
            .map(|(key, extractor)| {
                let tables = extractor.tables.into_iter().map(|(table, row)| {
                    (table, row.columns.into_iter().map(|column| column.name).collect())
                });
                (key, tables.collect())
            })
            .collect();
        Self { map: ExtractorMap::new(&needs).expect("they are those of the catalogue") }
    }

    /// Extracts from files: nothing fails, and every place lies in its file.
    fn check(&self, files: &[(&str, &[u8])], options: &ExtractOptions) {
        let sizes: BTreeMap<&str, usize> =
            files.iter().map(|(path, bytes)| (*path, bytes.len())).collect();
        let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), *bytes));
        let scan = scan_files(files, options).expect("every path is there once");
        extract(&scan, &self.map, 0..scan.segments(), 1, |_, found| {
            check_places(&found.table, &found.batch, &sizes);
            check_errors(&found.table, &found.batch);
            ControlFlow::Continue(())
        })
        .expect("extraction only fails when stopped");
    }
}

/// Columns `start` and `end`, and those that end with these, are spans of the file that their row is about.
fn check_places(table: &str, batch: &RecordBatch, sizes: &BTreeMap<&str, usize>) {
    let paths = batch.column_by_name("path").expect("evidence has paths").as_string::<i32>();
    let schema = batch.schema();
    for field in schema.fields() {
        let Some(prefix) = field.name().strip_suffix("start") else { continue };
        let (start, end) = (batch.column_by_name(field.name()), format!("{prefix}end"));
        let (Some(start), Some(end)) = (start, batch.column_by_name(&end)) else { continue };
        let (start, end) = (start.as_primitive::<Int64Type>(), end.as_primitive::<Int64Type>());
        for row in 0..batch.num_rows() {
            assert_eq!(start.is_null(row), end.is_null(row), "{table}: {prefix}start, row {row}");
            // Rows of an index are about no file of the sources.
            let Some(size) = sizes.get(paths.value(row)) else { continue };
            if !start.is_null(row) {
                let (start, end) = (start.value(row), end.value(row));
                let is_span = 0 <= start && start <= end && end <= *size as i64;
                assert!(is_span, "{table}: {prefix}start, row {row}: {start}..{end} of {size}");
            }
        }
    }
}

/// No extractor blames itself.
fn check_errors(table: &str, batch: &RecordBatch) {
    if table == "extract_errors" {
        let kinds = batch.column_by_name("kind").expect("errors have kinds").as_string::<i32>();
        assert!(kinds.iter().all(|kind| kind != Some("internal")), "an extractor failed");
    }
}
