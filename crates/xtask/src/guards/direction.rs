//! Which of our crates may use which, as `docs/architecture.md` says it: the table there is the rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::dependencies::Direct;
use crate::process::Outcome;

const PAGE: &str = "docs/architecture.md";

/// Each as a line for people.
pub fn violations(root: &Path, direct: &Direct) -> Outcome<Vec<String>> {
    let allowed = allowed(&fs::read_to_string(root.join(PAGE))?);
    if allowed.is_empty() {
        return Ok(vec![format!("{PAGE} has no table of crates")]);
    }
    Ok(broken(&allowed, direct))
}

/// What a crate may use.
#[derive(Debug, PartialEq, Eq)]
enum MayUse {
    All,
    Only(BTreeSet<String>),
}

/// The rows of the table: a crate, what it is for, what it may use.
fn allowed(page: &str) -> BTreeMap<String, MayUse> {
    let cells = |line: &str| -> Option<(String, MayUse)> {
        let mut cells = line.strip_prefix("| `")?.strip_suffix('|')?.split('|');
        let name = cells.next()?.trim().strip_suffix('`')?.to_owned();
        let may_use = match cells.next_back()?.trim() {
            "all" => MayUse::All,
            "–" => MayUse::Only(BTreeSet::new()),
            names => MayUse::Only(names.split(", ").map(|name| format!("cpg_{name}")).collect()),
        };
        Some((name, may_use))
    };
    page.lines().filter_map(cells).collect()
}

fn broken(allowed: &BTreeMap<String, MayUse>, direct: &Direct) -> Vec<String> {
    let mut found = Vec::new();
    for (member, dependencies) in direct {
        let ours = dependencies.iter().filter(|name| is_ours(name));
        match allowed.get(member) {
            None if is_ours(member) => {
                found.push(format!("{PAGE} does not say what {member} may use"));
            }
            None | Some(MayUse::All) => {}
            Some(MayUse::Only(named)) => found.extend(
                ours.filter(|name| !named.contains(*name))
                    .map(|name| format!("{member} may not use {name}: {PAGE}")),
            ),
        }
    }
    found
}

fn is_ours(name: &str) -> bool {
    name.starts_with("cpg_")
}
