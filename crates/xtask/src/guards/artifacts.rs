//! What builds leave for their readers has a kind, and each kind a type: nothing else is written as a document.

use std::fs;
use std::path::Path;

use super::text::{code, files};
use crate::process::Outcome;

/// Where the kinds of documents are listed.
const REGISTRY: &str = "crates/cpg_engine/src/artifact/mod.rs";

/// Payloads that may hold anything.
const UNTYPED: [&str; 2] = ["Value", "dyn "];

/// Each as a line for people.
pub fn violations(root: &Path) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for path in files(root)? {
        let Ok(text) = fs::read_to_string(root.join(&path)) else { continue };
        if path != REGISTRY {
            found.extend(
                code(&text)
                    .filter(|(_, line)| line.starts_with("impl") && line.contains(" Artifact for "))
                    .map(|(number, _)| {
                        format!(
                            "{path}:{number}: a kind of documents that {REGISTRY} does not list"
                        )
                    }),
            );
            continue;
        }
        let untyped = code(&text).filter_map(|(number, line)| {
            let payload = payload(line)?;
            let is_untyped = UNTYPED.iter().any(|one| payload.contains(one));
            is_untyped.then(|| format!("{path}:{number}: documents whose payload has no type"))
        });
        found.extend(untyped);
    }
    Ok(found)
}

/// The type in a line of the list, such as `Run = "run", version 1, RunRecord:`.
fn payload(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("\", version ")?;
    let (_, payload) = rest.strip_suffix(':')?.split_once(", ")?;
    Some(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_found_in_the_list() {
        let line = "Sources = \"sources\", version 1, BTreeMap<String, String>:";
        assert_eq!(payload(line), Some("BTreeMap<String, String>"));
        assert_eq!(payload("$($variant:ident = $name:literal, version $version:literal)"), None);
    }
}
