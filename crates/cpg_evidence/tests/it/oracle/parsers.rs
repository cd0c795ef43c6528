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

const BEHIND: &str =
    "comments and semicolons behind the last statement are part of what it ends for tree-sitter";

const STARRED: &str =
    "a call behind a star is part of something else, or begins at the star, for tree-sitter";

const NORMALISED: &str =
    "names that Unicode's NFKC changes are for tree-sitter as they are written";

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
            other => match explained(text, &what, end, other) {
                Some(why) => *counts.explained.entry(why.to_owned()).or_default() += 1,
                None => differences.push(format!("{what}: ends at {end}, and at {other:?}")),
            },
        }
    }
    // Of what is explained above, tree-sitter may have its own.
    there.retain(|what, _| !is_explained_alone(text, what));
    differences.extend(there.keys().map(|what| format!("{what}: is for tree-sitter alone")));
    // One for each file, as for the other comparisons.
    let first = differences.first();
    counts.differences.extend(first.map(|first| format!("{}: {first}", path.display())));
}

/// Why tree-sitter has another end, or none.
fn explained(text: &[u8], what: &str, end: usize, other: Option<usize>) -> Option<&'static str> {
    if let Some(other) = other {
        let between = text.get(end..other)?.trim_ascii_start();
        let mut lines = between.strip_prefix(b";").unwrap_or(between).split(|byte| *byte == b'\n');
        // A line may go on, and then say nothing.
        let is_comment = |line: &[u8]| matches!(line, b"" | b"\\") || line.starts_with(b"#");
        return lines.all(|line| is_comment(line.trim_ascii())).then_some(BEHIND);
    }
    let (name, start) = call_of(what)?;
    let call = text.get(start..end)?;
    if call.starts_with(b"type(") {
        Some("a statement that begins with a call of `type` is something else for tree-sitter")
    } else if call.starts_with(b"(") {
        Some("what is called and stands in brackets has no name for tree-sitter")
    } else if text[..start].ends_with(b"*") {
        Some(STARRED)
    } else if !call.windows(name.len()).any(|part| part == name.as_bytes()) {
        Some(NORMALISED)
    } else {
        None
    }
}

/// Whether it is clear why only tree-sitter has this.
fn is_explained_alone(text: &[u8], what: &str) -> bool {
    call_of(what).is_some_and(|(name, start)| !name.is_ascii() || text[start..].starts_with(b"*"))
}

/// What is called and where that begins, of a call.
fn call_of(what: &str) -> Option<(&str, usize)> {
    let (name, start) = what.strip_prefix("call ")?.rsplit_once(' ')?;
    Some((name, start.parse().ok()?))
}
