//! `python.ast` against the interpreter's module `ast`: every node, with its place and what it says.

use std::path::Path;

use super::{Found, Oracle, escaped};

const ORACLE: Oracle = Oracle {
    name: "python.ast",
    tables: &[(
        "python.ast",
        "ast_nodes",
        &[
            "node",
            "parent",
            "field",
            "position",
            "kind",
            "start",
            "end",
            "context",
            "value_kind",
            "value",
        ],
    )],
    script: include_str!("ast.py"),
    rows,
};

#[test]
fn equal_to_the_interpreter() {
    ORACLE.compare(20_000);
}

fn rows(_: &Path, found: &Found) -> Vec<String> {
    let none = Vec::new();
    let mut nodes: Vec<(usize, &Vec<String>)> = found
        .get("ast_nodes")
        .unwrap_or(&none)
        .iter()
        .map(|row| (row[0].parse().expect("a number"), row))
        .collect();
    nodes.sort_unstable();
    let mut in_string = vec![false; nodes.len()];
    let mut rows = Vec::with_capacity(nodes.len());
    for (node, row) in nodes {
        let parent = row[1].parse::<usize>().ok().filter(|parent| *parent < node);
        let is_placeless = parent.is_some_and(|parent| in_string[parent]);
        in_string[node] = is_placeless || row[4] == "JoinedStr";
        let is_placeless = is_placeless
            || ["Module", "arguments", "comprehension", "withitem", "match_case"]
                .contains(&row[4].as_str());
        let place = if is_placeless { "- -".to_owned() } else { row[5..7].join(" ") };
        rows.push(format!(
            "{} {place} {} {} {}",
            row[..5].join(" "),
            row[7],
            row[8],
            escaped(&row[9])
        ));
    }
    rows
}
