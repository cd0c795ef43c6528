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
                "owner",
            ],
        ),
    ],
    script: include_str!("symtable.py"),
    rows,
};

#[test]
fn equal_to_the_interpreter() {
    ORACLE.compare(5_000);
}

/// The interpreter does not say which scope binds a name. But it says which do: a free name is a cell of its owner, or
/// of every class.
fn check_owners(path: &Path, scopes: &[Vec<String>], symbols: &[Vec<String>]) {
    let kinds: BTreeMap<&str, &str> =
        scopes.iter().map(|scope| (scope[0].as_str(), scope[1].as_str())).collect();
    let resolutions: BTreeMap<(&str, &str), &str> = symbols
        .iter()
        .map(|symbol| ((symbol[0].as_str(), symbol[1].as_str()), symbol[2].as_str()))
        .collect();
    for symbol in symbols {
        let (name, owner) = (symbol[1].as_str(), symbol[17].as_str());
        let there = resolutions.get(&(owner, name)).copied();
        let is_right = match symbol[2].as_str() {
            "local" | "cell" => owner == symbol[0],
            "free" => there == Some("cell") || (kinds[owner] == "class" && name == "__class__"),
            // Builtins have none.
            _ => owner == "-" || (owner == "0" && there.is_some()),
        };
        assert!(is_right, "{}: {symbol:?}", path.display());
    }
}

fn rows(path: &Path, found: &Found) -> Vec<String> {
    let none = Vec::new();
    check_owners(path, found.get("scopes").unwrap_or(&none), found.get("symbols").unwrap_or(&none));
    let scopes = found.get("scopes").unwrap_or(&none);
    let mut children: BTreeMap<&str, Vec<&[String]>> = BTreeMap::new();
    for scope in scopes {
        children.entry(&scope[3]).or_default().push(scope);
    }
    let mut symbols: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for symbol in found.get("symbols").unwrap_or(&none) {
        let bits: String = symbol[3..17].iter().map(|bit| bits(bit)).collect();
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
