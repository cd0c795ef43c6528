//! Which crate may depend on what.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::process::{Outcome, cargo, output};

/// What is built without the engine's libraries.
const LIGHT: &[&str] =
    &["cpg_base", "cpg_evidence", "cpg_hir", "cpg_ide", "cpg_ir", "cpg_server", "cpg_syntax"];

/// A package, and the crates that may not reach it, not even through others.
const UNREACHABLE: [(&str, &[&str]); 5] = [
    ("salsa", &["cpg_base", "cpg_engine", "cpg_evidence", "cpg_ir", "cpg_plan", "cpg_syntax"]),
    ("datafusion", LIGHT),
    ("deltalake", LIGHT),
    ("deltalake", &["cpg_plan"]),
    ("lsp-types", &["cpg_hir", "cpg_ide"]),
];

/// A package, and the only crates that may name it as a dependency.
const OWNED: [(&str, &[&str]); 8] = [
    ("tokio", &["cpg_engine"]),
    ("deltalake", &["cpg_engine"]),
    ("object_store", &["cpg_engine"]),
    ("pest", &["cpg_syntax"]),
    ("lsp-server", &["cpg_server"]),
    ("lsp-types", &["cpg_server"]),
    ("miette", &["cpglang"]),
    ("clap", &["cpglang"]),
];

/// The dependencies of each member, as its manifest names them; those of its tests and benchmarks left out.
pub type Direct = BTreeMap<String, BTreeSet<String>>;

/// Those of the repository at `root`.
pub fn direct(root: &Path) -> Outcome<Direct> {
    let metadata = ["metadata", "--locked", "--no-deps", "--format-version", "1"];
    let metadata = output(cargo().current_dir(root).args(metadata))?;
    Ok(named_in(&serde_json::from_str(&metadata)?))
}

/// Each as a line for people.
pub fn violations(root: &Path, direct: &Direct) -> Outcome<Vec<String>> {
    let mut found = reached(|member| {
        let tree = ["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
        let lines = output(cargo().current_dir(root).args(tree).args(["--package", member]))?;
        let name = |line: &str| line.split_whitespace().next().map(str::to_owned);
        Ok(lines.lines().filter_map(name).collect())
    })?;
    found.extend(owned(direct));
    Ok(found)
}

fn reached(tree: impl Fn(&str) -> Outcome<BTreeSet<String>>) -> Outcome<Vec<String>> {
    let mut trees: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut found = Vec::new();
    for (package, members) in UNREACHABLE {
        for member in members {
            if !trees.contains_key(member) {
                trees.insert(member, tree(member)?);
            }
            if trees[member].contains(package) {
                found.push(format!("{member} must not reach {package}"));
            }
        }
    }
    Ok(found)
}

fn named_in(metadata: &Value) -> Direct {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let normal = list(&package["dependencies"]).into_iter().filter(|d| d["kind"] != "dev");
            (text(&package["name"]), normal.map(|dependency| text(&dependency["name"])).collect())
        })
        .collect()
}

fn owned(direct: &Direct) -> Vec<String> {
    let mut found = Vec::new();
    for (package, owners) in OWNED {
        for (member, dependencies) in direct {
            if dependencies.contains(package) && !owners.contains(&member.as_str()) {
                found.push(format!("{member} must not depend on {package} directly"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_dependency_is_found() {
        let planted = serde_json::json!({ "packages": [
            { "name": "cpg_plan", "dependencies": [
                { "name": "tokio", "kind": null }, { "name": "deltalake", "kind": "dev" },
            ] },
            { "name": "cpg_engine", "dependencies": [{ "name": "tokio", "kind": null }] },
        ] });
        assert_eq!(owned(&named_in(&planted)), ["cpg_plan must not depend on tokio directly"]);
    }

    #[test]
    fn a_planted_reach_is_found() {
        let tree = |member: &str| {
            Ok(match member {
                "cpg_hir" => ["salsa", "datafusion"].map(String::from).into(),
                "cpg_ir" => ["salsa"].map(String::from).into(),
                _ => BTreeSet::new(),
            })
        };
        let found = reached(tree).expect("the trees are given");
        assert_eq!(found, ["cpg_ir must not reach salsa", "cpg_hir must not reach datafusion"]);
    }
}
