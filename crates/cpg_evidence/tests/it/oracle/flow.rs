//! `python.flow` against the interpreter's bytecode: what is tested to decide where control goes, place by place.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use super::{Found, Oracle};

const ORACLE: Oracle = Oracle {
    name: "python.flow",
    tables: &[
        ("python.flow", "cfg_blocks", &["scope", "block", "is_reachable"]),
        ("python.flow", "cfg_edges", &["scope", "from_block", "kind", "test_start", "test_end"]),
    ],
    script: include_str!("flow.py"),
    rows,
};

#[test]
fn branches_where_the_interpreter_does() {
    ORACLE.compare(1_000);
}

fn rows(_: &Path, found: &Found) -> Vec<String> {
    let none = Vec::new();
    // The compiler leaves out what it sees is never reached, too.
    let reachable: HashSet<(&str, &str)> = found
        .get("cfg_blocks")
        .unwrap_or(&none)
        .iter()
        .filter(|block| block[2] == "true")
        .map(|block| (block[0].as_str(), block[1].as_str()))
        .collect();
    let edges = found.get("cfg_edges").unwrap_or(&none).iter();
    let tests: BTreeSet<(u32, u32)> = edges
        .filter(|edge| reachable.contains(&(edge[0].as_str(), edge[1].as_str())))
        .filter(|edge| edge[3] != "-")
        .map(|edge| (number(&edge[3]), number(&edge[4])))
        .collect();
    tests.iter().map(|(start, end)| format!("{start} {end}")).collect()
}

fn number(text: &str) -> u32 {
    text.parse().expect("an offset")
}
