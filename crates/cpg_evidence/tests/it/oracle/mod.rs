//! Agreement with the interpreter, file by file, over as much code as is wanted.
//!
//! Alone, the tests compare a small part of the interpreter's own library, which changes with nothing but `SEED`. With
//! `CPG_ORACLE` set to directories (separated as in `PATH`), they compare every Python file below these. `cargo xtask
//! exactness` does so for published packages, and writes the counts down.

mod ast;
mod bytecode;
pub mod counts;
mod cst;
mod declarations;
mod flow;
mod imports;
mod names;
mod parsers;
mod symtable;

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use arrow::array::RecordBatch;
use cpg_evidence::{EvidenceBatch, ExtractorMap};
use cpg_ir::manifest::EvidenceNeeds;

use crate::support::{Sources, cell};
use counts::Counts;

/// Chooses the files that are compared without `CPG_ORACLE`.
const SEED: u64 = 20;

/// How many those are.
const FILES: usize = 60;

/// How many files are compared at a time.
const CHUNK: usize = 200;

const COMMON: &str = include_str!("common.py");

/// The rows that the extractors found in one file: by table, each as the text of its needed columns in order.
pub type Found = BTreeMap<String, Vec<Vec<String>>>;

/// What is compared.
pub struct Oracle {
    /// For the reader of the counts.
    pub name: &'static str,
    /// The needed columns, by extractor and table.
    pub tables: &'static [(&'static str, &'static str, &'static [&'static str])],
    /// Gives the interpreter's rows; follows [`COMMON`].
    pub script: &'static str,
    /// Ours, as the script would say them.
    pub rows: fn(&Path, &Found) -> Vec<String>,
}

impl Oracle {
    /// Compares, where there is an interpreter. `least` is how many rows the files of the suite have.
    #[allow(clippy::print_stderr, reason = "what a test skips is for the reader of its output")]
    pub fn compare(&self, least: usize) {
        let Some(files) = files() else {
            eprintln!("skipped: there is no python3");
            return;
        };
        let mut counts = Counts::default();
        for chunk in files.chunks(CHUNK) {
            let expected = self.expected(chunk);
            let found = self.found(chunk);
            for (path, (expected, found)) in chunk.iter().zip(expected.iter().zip(&found)) {
                self.compare_file(path, expected, found, &mut counts);
            }
        }
        counts.judge(self.name, least);
    }

    fn compare_file(&self, path: &Path, expected: &[String], found: &Found, counts: &mut Counts) {
        if let Some(reason) = expected.first().and_then(|line| line.strip_prefix("! ")) {
            *counts.skipped.entry(reason.to_owned()).or_default() += 1;
            return;
        }
        for why in expected.iter().filter_map(|line| line.strip_prefix("# ")) {
            *counts.explained.entry(why.to_owned()).or_default() += 1;
        }
        let is_row = |line: &&String| !line.starts_with("# ") && !line.starts_with("? ");
        let mut rows: Vec<String> = expected.iter().filter(is_row).cloned().collect();
        let mut found = (self.rows)(path, found);
        counts.files += 1;
        counts.rows += rows.len();
        if rows != found {
            let spared: Vec<Spared<'_>> =
                expected.iter().filter_map(|line| Spared::read(line)).collect();
            let (ours, theirs) = (found.clone(), rows.clone());
            for (own, others) in [(&mut rows, &ours), (&mut found, &theirs)] {
                own.retain(|row| {
                    let spared = spared.iter().find(|spared| spared.has(row));
                    let Some(spared) = spared.filter(|_| !others.contains(row)) else {
                        return true;
                    };
                    *counts.explained.entry(spared.why.to_owned()).or_default() += 1;
                    false
                });
            }
        }
        let differs = rows.iter().zip(&found).position(|(expected, found)| expected != found);
        let end = rows.len().min(found.len());
        if let Some(at) = differs.or((rows.len() != found.len()).then_some(end)) {
            let (expected, found) = (rows.get(at), found.get(at));
            let path = path.display();
            counts
                .differences
                .push(format!("{path}: row {at}: expected {expected:?}, found {found:?}"));
        }
    }

    /// What the interpreter says of each file.
    fn expected(&self, paths: &[PathBuf]) -> Vec<Vec<String>> {
        let mut child = Command::new("python3")
            .args(["-I", "-S", "-c", &format!("{COMMON}\n{}", self.script)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it ran before");
        let paths: Vec<_> =
            paths.iter().map(|path| path.to_str().expect("a path in UTF-8")).collect();
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.write_all(paths.join("\0").as_bytes()).expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "the script failed");
        // The output of a file with lone surrogates is no UTF-8.
        let text = String::from_utf8_lossy(&output.stdout);
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut next = paths.iter();
        for line in text.split_terminator('\n') {
            match line.strip_prefix("= ") {
                Some(path) => {
                    assert_eq!(Some(&path), next.next());
                    rows.push(Vec::new());
                }
                None => rows.last_mut().expect("a path comes first").push(line.to_owned()),
            }
        }
        assert_eq!(rows.len(), paths.len());
        rows
    }

    /// What the extractors say of each file.
    fn found(&self, paths: &[PathBuf]) -> Vec<Found> {
        let name = |index: usize| format!("{index:05}.py");
        let contents: Vec<(String, Vec<u8>)> = paths
            .iter()
            .enumerate()
            .map(|(index, path)| (name(index), std::fs::read(path).expect("a file")))
            .collect();
        let contents: Vec<_> =
            contents.iter().map(|(name, bytes)| (name.as_str(), bytes)).collect();
        let sources = Sources::new(&contents);
        let mut needs = EvidenceNeeds::new();
        for (extractor, table, columns) in self.tables {
            let columns = columns.iter().chain(&["path"]).map(|&column| column.to_owned());
            let tables = needs.entry((*extractor).to_owned()).or_default();
            tables.insert((*table).to_owned(), columns.collect());
        }
        let map = ExtractorMap::new(&needs).expect("known needs");
        let mut found = vec![Found::new(); paths.len()];
        let scan = sources.scan();
        cpg_evidence::extract(&scan, &map, 0..scan.segments(), 2, |_, batch| {
            let EvidenceBatch { table, batch, .. } = batch;
            let (_, _, columns) =
                self.tables.iter().find(|(_, name, _)| *name == table).expect("a needed table");
            for row in 0..batch.num_rows() {
                let path = value(&batch, "path", row);
                let index: usize = path[..5].parse().expect("our name");
                let cells = columns.iter().map(|column| value(&batch, column, row)).collect();
                found[index].entry(table.to_string()).or_default().push(cells);
            }
            ControlFlow::Continue(())
        })
        .expect("extraction only fails when stopped");
        found
    }
}

/// A place where what only one side sees is no difference.
struct Spared<'e> {
    start: u32,
    end: u32,
    why: &'e str,
}

impl<'e> Spared<'e> {
    fn read(line: &'e str) -> Option<Self> {
        let mut parts = line.strip_prefix("? ")?.splitn(3, ' ');
        let (start, end, why) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { start: offset(start), end: offset(end), why })
    }

    /// Whether a row, which begins with its place, lies there.
    fn has(&self, row: &str) -> bool {
        let mut cells = row.split(' ').map_while(|cell| cell.parse::<u32>().ok());
        let (start, end) = (cells.next(), cells.next());
        start.is_some_and(|start| self.start <= start) && end.is_some_and(|end| end <= self.end)
    }
}

/// The f-strings of a file. Up to 3.11, what is in one has the place of the string for the interpreter, or a wrong one.
pub struct Strings(Vec<(u32, u32)>);

impl Strings {
    /// From rows of `ast_nodes`: kind, start and end.
    pub fn new<'f>(nodes: impl Iterator<Item = &'f Vec<String>>) -> Self {
        let strings = nodes.filter(|row| row[0] == "JoinedStr");
        let mut spans: Vec<_> = strings.map(|row| (offset(&row[1]), offset(&row[2]))).collect();
        spans.sort_unstable();
        Self(spans)
    }

    /// Whether a place is in one.
    pub fn hold(&self, start: &str, end: &str) -> bool {
        let (start, end) = (offset(start), offset(end));
        let before = self.0.partition_point(|string| string.0 < start);
        // Strings may be in strings; of those that start before a place, one of the last ends behind it.
        self.0[..before].iter().rev().take(50).any(|string| end < string.1)
    }

    /// A row as scripts say it: of what is in a string, not where.
    pub fn row(&self, what: &str, (start, end): (&str, &str), cells: &[String]) -> String {
        match self.hold(start, end) {
            true => format!("in a string: {what}"),
            false => format!("{what} {}", cells.join(" ")),
        }
    }
}

fn offset(cell: &str) -> u32 {
    cell.parse().expect("an offset")
}

/// On one line, as `escaped` in [`COMMON`] does it.
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

fn value(batch: &RecordBatch, column: &str, row: usize) -> String {
    cell(batch.column_by_name(column).expect("a needed column"), row)
}

/// The directories of `CPG_ORACLE`.
pub fn given() -> Vec<PathBuf> {
    let roots = std::env::var_os("CPG_ORACLE").unwrap_or_default();
    std::env::split_paths(&roots).filter(|root| !root.as_os_str().is_empty()).collect()
}

/// Whether somebody said what is compared.
pub fn is_given() -> bool {
    !given().is_empty()
}

/// The files to compare, sorted.
fn files() -> Option<Vec<PathBuf>> {
    let script = "import sysconfig; print(sysconfig.get_paths()['stdlib'])";
    let output = Command::new("python3").args(["-I", "-S", "-c", script]).output().ok()?;
    let mut files = Vec::new();
    if is_given() {
        given().iter().for_each(|root| python_files(root, &mut files));
        files.sort();
        return Some(files);
    }
    let library = String::from_utf8(output.stdout).ok()?;
    python_files(Path::new(library.trim()), &mut files);
    let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    // What else is installed there is not the same everywhere.
    files.retain(|path| {
        size(path) < 60_000 && !path.components().any(|part| part.as_os_str() == "site-packages")
    });
    // The order depends on names below the library, not on where it lies.
    files.sort_by_key(|path| {
        let name = path.strip_prefix(library.trim()).unwrap_or(path);
        hash(name.as_os_str().as_encoded_bytes())
    });
    files.truncate(FILES);
    files.sort();
    Some(files)
}

/// FNV-1a, from `SEED` on.
fn hash(bytes: &[u8]) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ SEED;
    bytes
        .iter()
        .fold(start, |state, byte| (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn python_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if path.is_dir() && !is_link {
            python_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "py") && path.is_file() {
            files.push(path);
        }
    }
}
