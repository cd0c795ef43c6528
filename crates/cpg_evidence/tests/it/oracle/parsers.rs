//! `tree_sitter` against `python.cst`: two parsers that share no code, on definitions, calls, and where they begin and end.

use std::collections::BTreeMap;
use std::path::Path;

use super::counts::Counts;
use super::{CHUNK, Found, Oracle, files};

const CST: &str = "python.cst";
const TREE_SITTER: &str = "tree_sitter";

const ORACLE: Oracle = Oracle {
    name: TREE_SITTER,
    tables: &[
        (CST, "cst_defs", &["kind", "name", "start", "end"]),
        (CST, "cst_callsites", &["callee_name", "start", "end"]),
        (TREE_SITTER, "tags", &["kind", "name", "start", "end"]),
        (TREE_SITTER, "ts_errors", &["start"]),
        ("errors", "extract_errors", &["kind"]),
    ],
    script: "",
    rows: |_, _| Vec::new(),
};

const COMMENT: &str = "a comment behind the last statement is part of what it ends for tree-sitter";

#[test]
fn definitions_and_calls_are_those_of_the_other_parser() {
    let Some(files) = files() else { return };
    let mut counts = Counts::default();
    for chunk in files.chunks(CHUNK) {
        for (path, found) in chunk.iter().zip(ORACLE.found(chunk)) {
            let text = std::fs::read(path).expect("it was read before");
            compare(path, &text, &found, &mut counts);
        }
    }
    counts.judge(ORACLE.name, 5_000);
}

/// By what it is and where it starts, where it ends.
type Ends = BTreeMap<String, usize>;

fn compare(path: &Path, text: &[u8], found: &Found, counts: &mut Counts) {
    let none = Vec::new();
    let table = |name: &str| found.get(name).unwrap_or(&none).iter();
    for (broken, why) in [
        ("extract_errors", "does not parse"),
        ("ts_errors", "has syntax that tree-sitter does not know"),
    ] {
        if table(broken).next().is_some() {
            *counts.skipped.entry(why.to_owned()).or_default() += 1;
            return;
        }
    }
    let end = |cell: &String| cell.parse().expect("an offset");
    let mut here = Ends::new();
    for row in table("cst_defs").filter(|row| row[0] != "lambda") {
        here.insert(row[..3].join(" "), end(&row[3]));
    }
    for row in table("cst_callsites").filter(|row| row[0] != "-") {
        here.insert(format!("call {} {}", row[0], row[1]), end(&row[2]));
    }
    let kinds = ["class", "function", "call"];
    let tags = table("tags").filter(|row| kinds.contains(&row[0].as_str()));
    let mut there: Ends = tags.map(|row| (row[..3].join(" "), end(&row[3]))).collect();
    counts.files += 1;
    counts.rows += here.len();
    let mut differences = Vec::new();
    for (what, end) in here {
        match there.remove(&what) {
            Some(other) if other == end => {}
            Some(other) if is_comment(text, end, other) => {
                *counts.explained.entry(COMMENT.to_owned()).or_default() += 1;
            }
            other => differences.push(format!("{what}: ends at {end}, and at {other:?}")),
        }
    }
    differences.extend(there.keys().map(|what| format!("{what}: is for tree-sitter alone")));
    // One for each file, as for the other comparisons.
    let first = differences.first();
    counts.differences.extend(first.map(|first| format!("{}: {first}", path.display())));
}

/// Whether nothing but a comment stands between two ends.
fn is_comment(text: &[u8], end: usize, other: usize) -> bool {
    let between = text.get(end..other).unwrap_or_default().trim_ascii();
    between.trim_ascii_start().starts_with(b"#") && !between.contains(&b'\n')
}
