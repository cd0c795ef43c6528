//! What `scip` reads of indexes that real indexers wrote is what these say, counted by other code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use cpg_evidence::{ExtractOptions, ScanOptions, Source};
use protobuf::Message;
use scip::types::Index;

use crate::oracle::counts::Counts;
use crate::oracle::given;
use crate::support::{Sources, Tables, needs_of};

/// An indexer, which `cargo xtask indexers` installs below the target directory.
fn indexer(name: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let found = target.join("indexers/node_modules/.bin").join(name);
    if !found.is_file() {
        let required = std::env::var("CPGLANG_TEST_REQUIRE").unwrap_or_default();
        assert!(!required.contains("indexers"), "`cargo xtask indexers` was not run");
        return None;
    }
    Some(found)
}

fn run(sources: &Sources, program: &Path, args: &[&str]) -> PathBuf {
    let output = Command::new(program).args(args).current_dir(sources.path()).output();
    let output = output.expect("the indexer starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    sources.path().join("index.scip")
}

/// Every occurrence has its own row, whose bytes are those that its columns, counted in UTF-16, have.
fn compare(root: &Path, index: &Path, counts: &mut Counts) -> Tables {
    let extract =
        ExtractOptions { scip_index: Some(index.to_owned()), ..ExtractOptions::default() };
    let options = ScanOptions { extract, ..ScanOptions::default() };
    let scan = cpg_evidence::scan(&[Source::new(root)], &options).expect("a directory");
    let found = Tables::with(&scan, &needs_of(&["scip", "errors"]));
    let index = std::fs::read(index).expect("an index");
    let index = Index::parse_from_bytes(&index).expect("an index is a message");
    counts.differences.extend(found.select("extract_errors", "path kind message"));
    let mut expected = Vec::new();
    for document in &index.documents {
        let path = &document.relative_path;
        let text = std::fs::read_to_string(root.join(path)).expect("a source");
        let lines: Vec<usize> =
            std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1)).collect();
        for occurrence in &document.occurrences {
            let (line, start, end_line, end) = match occurrence.range[..] {
                [line, start, end] => (line, start, line, end),
                [line, start, end_line, end] => (line, start, end_line, end),
                _ => panic!("a range has three or four numbers"),
            };
            let (start, end) =
                (byte(&text, &lines, line, start), byte(&text, &lines, end_line, end));
            expected.push(format!(
                "{path} {start} {end} {} {}",
                occurrence.symbol_roles, occurrence.symbol
            ));
        }
    }
    let rows = found.select("scip_occurrences", "path start end roles symbol");
    let symbols = index.documents.iter().flat_map(|document| &document.symbols);
    let symbols = symbols.chain(&index.external_symbols);
    let symbols: Vec<String> = symbols.map(|symbol| symbol.symbol.clone()).collect();
    let documents = index.documents.iter().map(|document| document.relative_path.clone()).collect();
    counts.files += index.documents.len();
    for (what, mut expected, mut rows) in [
        ("occurrences", expected, rows),
        ("symbols", symbols, found.select("scip_symbols", "symbol")),
        ("documents", documents, found.select("scip_documents", "path")),
    ] {
        expected.sort();
        rows.sort();
        counts.rows += expected.len();
        let at = expected.iter().zip(&rows).position(|(expected, row)| expected != row);
        let at = at.or((expected.len() != rows.len()).then_some(expected.len().min(rows.len())));
        counts.differences.extend(at.map(|at| {
            format!("{what}: expected {:?}, found {:?}", expected.get(at), rows.get(at))
        }));
    }
    found
}

/// The byte of a position whose column counts UTF-16 units; lines end with `\n`.
fn byte(text: &str, lines: &[usize], line: i32, column: i32) -> usize {
    let (line, column) = (usize::try_from(line), usize::try_from(column));
    let (line, column) = (line.expect("positive"), column.expect("positive"));
    let before = lines[line];
    let units: Vec<u16> = text[before..].encode_utf16().take(column).collect();
    before + String::from_utf16(&units).expect("whole characters").len()
}

/// The texts of the occurrences that define something, by path.
fn defined(sources: &Sources, found: &Tables) -> BTreeMap<String, Vec<String>> {
    let mut defined: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in found.select("scip_occurrences", "is_definition path start end") {
        let [is_definition, path, start, end] =
            row.split(' ').collect::<Vec<_>>().try_into().expect("four cells");
        if is_definition == "true" && start != end {
            let text = std::fs::read(sources.path().join(path)).expect("a source");
            let (start, end) = (start.parse::<usize>(), end.parse::<usize>());
            let name = &text[start.expect("a number")..end.expect("a number")];
            let name = String::from_utf8_lossy(name).into_owned();
            defined.entry(path.to_owned()).or_default().push(name);
        }
    }
    defined
}

#[test]
fn scip_python() {
    let Some(program) = indexer("scip-python") else { return };
    let sources = Sources::new(&[
        ("pkg/__init__.py", ""),
        ("pkg/a.py", "class Größe:\n    def wert(self):\n        return '𝒳', self.wert()\n"),
        ("pkg/b.py", "from pkg.a import Größe\n\n'𝒳é'; größe = Größe().wert()\n"),
    ]);
    let args = ["index", "--project-name", "p", "--project-version", "1", "--quiet"];
    let index = run(&sources, &program, &args);
    let mut counts = Counts::default();
    let found = compare(sources.path(), &index, &mut counts);
    let defined = defined(&sources, &found);
    assert!(defined["pkg/a.py"].contains(&"Größe".to_owned()), "{defined:?}");
    assert!(defined["pkg/b.py"].contains(&"größe".to_owned()), "{defined:?}");
    assert_eq!(found.select("scip_metadata", "tool"), ["scip-python"]);
    counts.judge("scip: a small project that scip-python indexed", 10);
}

#[test]
fn scip_typescript() {
    let Some(program) = indexer("scip-typescript") else { return };
    let sources = Sources::new(&[
        (
            "tsconfig.json",
            "{\"compilerOptions\": {\"target\": \"es2020\"}, \"include\": [\"*.ts\"]}",
        ),
        ("package.json", "{\"name\": \"p\", \"version\": \"1.0.0\"}"),
        ("a.ts", "export interface Größe { wert(): string }\n"),
        (
            "b.ts",
            "import { Größe } from './a'\nclass K implements Größe { wert() { return '𝒳é' } }\n\
             const x = '𝒳'; const größe: Größe = new K()\ngröße.wert()\n",
        ),
    ]);
    let index = run(&sources, &program, &["index"]);
    let mut counts = Counts::default();
    let found = compare(sources.path(), &index, &mut counts);
    let defined = defined(&sources, &found);
    assert!(defined["b.ts"].contains(&"größe".to_owned()), "{defined:?}");
    assert!(!found.select("scip_relationships", "symbol target is_implementation").is_empty());
    counts.judge("scip: a small project that scip-typescript indexed", 10);
}

/// `CPG_ORACLE_INDEX` is the index of the one directory of `CPG_ORACLE`.
#[test]
fn indexes_that_are_given() {
    let Some(index) = std::env::var_os("CPG_ORACLE_INDEX") else { return };
    let mut counts = Counts::default();
    for root in given() {
        compare(&root, Path::new(&index), &mut counts);
    }
    counts.judge("scip", 0);
}
