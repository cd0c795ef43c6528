//! The tables of `python.cst` on attributes, assignments, returns, composed expressions and types against the interpreter's module `ast`.

use std::path::Path;

use super::{Found, Oracle, Strings};

const CST: &str = "python.cst";

const ORACLE: Oracle = Oracle {
    name: "python.cst",
    tables: &[
        (
            CST,
            "cst_attributes",
            &[
                "name",
                "context",
                "start",
                "end",
                "name_start",
                "name_end",
                "value_start",
                "value_end",
                "container_kind",
                "container_start",
                "container_end",
            ],
        ),
        (
            CST,
            "cst_assignments",
            &[
                "kind",
                "operator",
                "target_name",
                "start",
                "end",
                "value_start",
                "value_end",
                "value_kind",
                "value_path",
                "statement_start",
                "statement_end",
                "container_kind",
                "container_start",
                "container_end",
            ],
        ),
        (
            CST,
            "cst_returns",
            &[
                "kind",
                "start",
                "end",
                "value_start",
                "value_end",
                "value_kind",
                "container_kind",
                "container_start",
                "container_end",
            ],
        ),
        (CST, "cst_displays", &["kind", "start", "end"]),
        (
            CST,
            "cst_elements",
            &[
                "start",
                "end",
                "whole_start",
                "whole_end",
                "position",
                "key_start",
                "key_end",
                "key_literal",
            ],
        ),
        (
            CST,
            "cst_subscripts",
            &[
                "context",
                "index_kind",
                "index_literal",
                "start",
                "end",
                "value_start",
                "value_end",
                "container_kind",
                "container_start",
                "container_end",
            ],
        ),
        (CST, "cst_parts", &["whole_kind", "start", "end", "whole_start", "whole_end"]),
        (
            CST,
            "cst_operations",
            &[
                "kind",
                "operator",
                "start",
                "end",
                "operand_start",
                "operand_end",
                "other_start",
                "other_end",
                "container_kind",
                "container_start",
                "container_end",
            ],
        ),
        (
            CST,
            "cst_type_exprs",
            &[
                "role",
                "owner_start",
                "owner_end",
                "start",
                "end",
                "parent_start",
                "parent_end",
                "position",
                "form",
                "is_quoted",
            ],
        ),
        ("python.ast", "ast_nodes", &["kind", "start", "end"]),
    ],
    script: include_str!("cst.py"),
    rows,
};

#[test]
fn equal_to_the_interpreter() {
    ORACLE.compare(5_000);
}

fn rows(_: &Path, found: &Found) -> Vec<String> {
    let none = Vec::new();
    let table = |name: &str| found.get(name).unwrap_or(&none).iter();
    let strings = Strings::new(table("ast_nodes"));
    let mut rows = Vec::new();
    let mut put = |what: String, start: &str, end: &str, cells: &[String]| {
        rows.push(strings.row(&what, (start, end), cells));
    };
    for row in table("cst_attributes") {
        put(format!("attribute {} {}", row[0], row[1]), &row[2], &row[3], &row[2..]);
    }
    for row in table("cst_assignments") {
        let operator = if row[1] == "-" { String::new() } else { format!(" {}", row[1]) };
        put(format!("{}{operator} {}", row[0], row[2]), &row[3], &row[4], &row[3..]);
    }
    for row in table("cst_returns") {
        put(row[0].clone(), &row[1], &row[2], &row[1..]);
    }
    // How strings are written as literals is not compared.
    let literal = |cell: &str| {
        if cell.starts_with('\'') { "a string".to_owned() } else { cell.to_owned() }
    };
    let mut generators = std::collections::BTreeSet::new();
    for row in table("cst_displays") {
        if row[0] == "generator" {
            generators.insert(&row[1..]);
        } else {
            put(format!("display {}", row[0]), &row[1], &row[2], &row[1..]);
        }
    }
    for row in table("cst_elements") {
        let mut cells = row.clone();
        cells[7] = literal(&row[7]);
        if generators.contains(&row[2..4]) {
            cells[2..4].fill("-".to_owned());
        }
        put("element".to_owned(), &row[0], &row[1], &cells);
    }
    for row in table("cst_subscripts") {
        let what = format!("subscript {} {} {}", row[0], row[1], literal(&row[2]));
        put(what, &row[3], &row[4], &row[3..]);
    }
    for row in table("cst_parts") {
        put(format!("part of {}", row[0]), &row[1], &row[2], &row[1..]);
    }
    for row in table("cst_operations") {
        put(format!("operation {} {}", row[0], row[1]), &row[2], &row[3], &row[2..]);
    }
    for row in table("cst_type_exprs") {
        let quoted = if row[9] == "true" { "1" } else { "0" };
        rows.push(format!("type {} {quoted}", row[..9].join(" ")));
    }
    rows.sort();
    rows
}
