//! The tables of `python.cst` on definitions, parameters, imports, calls, decorators, docstrings and bases against the
//! interpreter's module `ast`.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Found, Oracle, Strings, escaped};

const CST: &str = "python.cst";

const ORACLE: Oracle = Oracle {
    name: "declarations and calls of python.cst",
    tables: &[
        (
            CST,
            "cst_defs",
            &[
                "kind",
                "name",
                "start",
                "end",
                "container_kind",
                "container_start",
                "container_end",
                "is_method",
                "is_async",
            ],
        ),
        (
            CST,
            "cst_params",
            &[
                "name",
                "kind",
                "function_start",
                "function_end",
                "start",
                "position",
                "default_start",
                "default_end",
            ],
        ),
        (
            CST,
            "cst_imports",
            &[
                "kind",
                "module_name",
                "name",
                "alias",
                "level",
                "is_star",
                "start",
                "end",
                "container_kind",
                "container_start",
                "container_end",
            ],
        ),
        (
            CST,
            "cst_callsites",
            &[
                "callee_name",
                "shape",
                "start",
                "end",
                "callee_start",
                "callee_end",
                "arg_count",
                "keyword_count",
                "has_star",
                "has_double_star",
                "is_await",
                "container_kind",
                "container_start",
                "container_end",
            ],
        ),
        (
            CST,
            "cst_call_args",
            &[
                "keyword",
                "star",
                "value_kind",
                "call_start",
                "call_end",
                "position",
                "start",
                "end",
            ],
        ),
        (
            CST,
            "cst_decorators",
            &[
                "start",
                "end",
                "owner_start",
                "owner_end",
                "position",
                "is_call",
                "container_kind",
                "container_start",
                "container_end",
            ],
        ),
        (
            CST,
            "cst_docstrings",
            &["owner_kind", "owner_start", "owner_end", "start", "end", "text"],
        ),
        (CST, "cst_bases", &["class_start", "class_end", "position", "keyword", "start", "end"]),
        (CST, "cst_displays", &["kind", "start", "end"]),
        ("python.ast", "ast_nodes", &["kind", "start", "end"]),
    ],
    script: include_str!("declarations.py"),
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
    let mut put = |what: String, place: (&str, &str), cells: &[String]| {
        rows.push(strings.row(&what, place, cells));
    };
    for row in table("cst_defs") {
        let name = if row[0] == "lambda" { "-" } else { &row[1] };
        put(format!("{} {name}", row[0]), (&row[2], &row[3]), &row[2..]);
    }
    for row in table("cst_params") {
        put(format!("parameter {} {}", row[0], row[1]), (&row[2], &row[3]), &row[2..]);
    }
    for row in table("cst_imports") {
        put(row[..4].join(" "), (&row[6], &row[7]), &row[4..]);
    }
    for row in table("cst_callsites") {
        put(format!("call {} {}", row[0], row[1]), (&row[2], &row[3]), &row[2..]);
    }
    let generators: BTreeSet<&[String]> =
        table("cst_displays").filter(|row| row[0] == "generator").map(|row| &row[1..]).collect();
    for row in table("cst_call_args") {
        let mut cells = row[3..].to_vec();
        if generators.contains(&row[6..]) {
            cells[3..].fill("-".to_owned());
        }
        put(format!("argument {}", row[..3].join(" ")), (&row[3], &row[4]), &cells);
    }
    for row in table("cst_decorators") {
        put("decorator".to_owned(), (&row[0], &row[1]), row);
    }
    for row in table("cst_docstrings") {
        let mut cells = row[1..].to_vec();
        cells[4] = escaped(&row[5]);
        put(format!("docstring of {}", row[0]), (&row[3], &row[4]), &cells);
    }
    for row in table("cst_bases") {
        put("base".to_owned(), (&row[4], &row[5]), row);
    }
    rows.sort();
    rows
}
