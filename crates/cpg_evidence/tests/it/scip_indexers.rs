//! What `scip` reads of indexes that real indexers wrote is what these say, counted by other code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use protobuf::Message;
use scip::types::Index;

use crate::support::{Sources, Tables};

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

fn run(sources: &Sources, program: &Path, args: &[&str]) -> Index {
    let output = Command::new(program).args(args).current_dir(sources.path()).output();
    let output = output.expect("the indexer starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let bytes = std::fs::read(sources.path().join("index.scip")).expect("an index");
    Index::parse_from_bytes(&bytes).expect("an index is a message")
}

/// Every occurrence has its own row, whose bytes are those that its columns, counted in UTF-16, have.
fn compare(sources: &Sources, index: &Index) -> Tables {
    let found = sources.tables_of(&["scip"]);
    assert_eq!(found.select("extract_errors", "path kind message"), [""; 0]);
    let mut expected = Vec::new();
    for document in &index.documents {
        let path = &document.relative_path;
        let text = std::fs::read_to_string(sources.path().join(path)).expect("a source");
        for occurrence in &document.occurrences {
            let (line, start, end_line, end) = match occurrence.range[..] {
                [line, start, end] => (line, start, line, end),
                [line, start, end_line, end] => (line, start, end_line, end),
                _ => panic!("a range has three or four numbers"),
            };
            let (start, end) = (byte(&text, line, start), byte(&text, end_line, end));
            expected.push(format!(
                "{path} {start} {end} {} {}",
                occurrence.symbol_roles, occurrence.symbol
            ));
        }
    }
    let mut rows = found.select("scip_occurrences", "path start end roles symbol");
    expected.sort();
    rows.sort();
    assert_eq!(rows, expected);
    let symbols: usize = index.documents.iter().map(|document| document.symbols.len()).sum();
    let symbols = symbols + index.external_symbols.len();
    assert_eq!(found.select("scip_symbols", "symbol").len(), symbols);
    assert_eq!(found.select("scip_documents", "path").len(), index.documents.len());
    found
}

/// The byte of a position whose column counts UTF-16 units; lines end with `\n`.
fn byte(text: &str, line: i32, column: i32) -> usize {
    let (line, column) = (usize::try_from(line), usize::try_from(column));
    let (line, column) = (line.expect("positive"), column.expect("positive"));
    let before: usize = text.split('\n').take(line).map(|line| line.len() + 1).sum();
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
    let found = compare(&sources, &index);
    let defined = defined(&sources, &found);
    assert!(defined["pkg/a.py"].contains(&"Größe".to_owned()), "{defined:?}");
    assert!(defined["pkg/b.py"].contains(&"größe".to_owned()), "{defined:?}");
    assert_eq!(found.select("scip_metadata", "tool"), ["scip-python"]);
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
    let found = compare(&sources, &index);
    let defined = defined(&sources, &found);
    assert!(defined["b.ts"].contains(&"größe".to_owned()), "{defined:?}");
    assert!(!found.select("scip_relationships", "symbol target is_implementation").is_empty());
}
