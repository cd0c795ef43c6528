//! `python.symtable` against the interpreter's module `symtable`: every scope, every symbol, every flag.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Found, Oracle};

const ORACLE: Oracle = Oracle {
    name: "python.symtable",
    tables: &[
        (
            "python.symtable",
            "scopes",
            &[
                "scope",
                "kind",
                "name",
                "parent",
                "start_line",
                "start",
                "end",
                "is_nested",
                "is_optimized",
                "has_children",
            ],
        ),
        (
            "python.symtable",
            "symbols",
            &[
                "scope",
                "name",
                "resolution",
                "is_referenced",
                "is_assigned",
                "is_parameter",
                "is_imported",
                "is_global",
                "is_declared_global",
                "is_nonlocal",
                "is_local",
                "is_annotated",
                "is_free",
                "is_cell",
                "is_free_class",
                "is_iteration",
                "is_namespace",
            ],
        ),
    ],
    script: include_str!("symtable.py"),
    rows,
};

#[test]
fn equal_to_the_interpreter() {
    let Some(counts) = ORACLE.compare() else {
        return;
    };
    assert!(counts.rows > 5_000, "the library has scopes and symbols: {counts:#?}");
    assert_eq!(counts.differences, [""; 0]);
}

fn rows(_: &Path, found: &Found) -> Vec<String> {
    let none = Vec::new();
    let scopes = found.get("scopes").unwrap_or(&none);
    let mut children: BTreeMap<&str, Vec<&[String]>> = BTreeMap::new();
    for scope in scopes {
        children.entry(&scope[3]).or_default().push(scope);
    }
    let mut symbols: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for symbol in found.get("symbols").unwrap_or(&none) {
        let bits: String = symbol[3..].iter().map(|bit| bits(bit)).collect();
        symbols.entry(&symbol[0]).or_default().push(format!("{} {} {bits}", symbol[1], symbol[2]));
    }
    let mut rows: Vec<String> = Vec::new();
    for module in children.get("-").into_iter().flatten() {
        rows.extend(canonical(module, &children, &symbols).split('\n').map(str::to_owned));
    }
    let mut spans: Vec<String> = scopes
        .iter()
        .filter(|scope| scope[1] != "module")
        .map(|scope| {
            let is_named = ["class", "function"].contains(&scope[1].as_str());
            let name = if is_named { scope[2].as_str() } else { "" };
            format!("{} {} {} {name}", scope[5], scope[6], scope[1])
        })
        .collect();
    spans.sort();
    rows.extend(spans);
    rows
}

fn bits(value: &str) -> &str {
    match value {
        "true" => "1",
        "false" => "0",
        _ => "?",
    }
}

fn canonical(
    scope: &[String],
    children: &BTreeMap<&str, Vec<&[String]>>,
    symbols: &BTreeMap<&str, Vec<String>>,
) -> String {
    let kind = match scope[1].as_str() {
        kind @ ("module" | "class") => kind,
        _ => "function",
    };
    let line = if kind == "module" { "0" } else { scope[4].as_str() };
    let yes: String = scope[7..].iter().map(|bit| bits(bit)).collect();
    let mut parts = vec![format!("{kind} {} {line} {yes}", scope[2])];
    let mut own = symbols.get(scope[0].as_str()).cloned().unwrap_or_default();
    own.sort();
    parts.extend(own);
    let inner = children.get(scope[0].as_str()).into_iter().flatten();
    let mut inner: Vec<String> = inner.map(|child| canonical(child, children, symbols)).collect();
    inner.sort();
    parts.extend(inner.iter().map(|text| {
        let lines: Vec<String> = text.split('\n').map(|line| format!("  {line}")).collect();
        lines.join("\n")
    }));
    parts.join("\n")
}
