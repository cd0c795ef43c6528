//! The scopes that `python.cst` leads names to against the interpreter's module `symtable`, name by name.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Found, Oracle, Strings};

const CST: &str = "python.cst";

const ORACLE: Oracle = Oracle {
    name: "names of python.cst",
    tables: &[
        (CST, "cst_refs", &["name", "start", "end", "context", "binding_kind", "binding_key"]),
        (CST, "cst_bindings", &["key", "is_first", "scope_key"]),
        ("python.symtable", "scopes", &["key", "kind", "start"]),
        ("python.ast", "ast_nodes", &["kind", "start", "end"]),
    ],
    script: include_str!("names.py"),
    rows,
};

#[test]
fn equal_to_the_interpreter() {
    ORACLE.compare(10_000);
}

fn rows(_: &Path, found: &Found) -> Vec<String> {
    let none = Vec::new();
    let table = |name: &str| found.get(name).unwrap_or(&none).iter();
    let strings = Strings::new(table("ast_nodes"));
    let scopes: BTreeMap<&str, String> = table("scopes")
        .map(|row| (row[0].as_str(), (row[1].as_str(), row[2].as_str())))
        .map(|(key, (kind, start))| match kind {
            "module" => (key, kind.to_owned()),
            _ => (key, format!("{kind} {start}")),
        })
        .collect();
    let owners: BTreeMap<&str, &str> = table("cst_bindings")
        .filter(|row| row[1] == "true")
        .map(|row| (row[0].as_str(), scopes[row[2].as_str()].as_str()))
        .collect();
    let mut rows: Vec<String> = table("cst_refs")
        .filter(|row| row[3] == "load")
        .map(|row| {
            let owner = match (row[5].as_str(), row[4].as_str()) {
                // `__class__` is the class that is around.
                ("-", "local" | "definition") => "class",
                ("-", _) => "outside",
                (key, _) => owners[key],
            };
            match strings.hold(&row[1], &row[2]) {
                true => format!("in a string: {} {owner}", row[0]),
                false => format!("{} {} {} {owner}", row[1], row[2], row[0]),
            }
        })
        .collect();
    rows.sort();
    rows
}
