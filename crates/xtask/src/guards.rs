//! `cargo xtask guards`: rules over the code that no compiler checks.

mod artifacts;
mod dependencies;
mod direction;
#[cfg(test)]
mod tests;
mod text;

use std::path::Path;

use crate::book;
use crate::process::{Outcome, root, say};

/// Checks every rule and says each violation.
pub fn run(_args: &[String]) -> Outcome {
    let violations = violations(&root())?;
    for violation in &violations {
        say(violation);
    }
    match violations.len() {
        0 => Ok(()),
        n => Err(format!("{n} rules are broken; docs/architecture.md says why they hold").into()),
    }
}

/// What breaks a rule in the repository at `root`, each as a line for people.
fn violations(root: &Path) -> Outcome<Vec<String>> {
    let direct = dependencies::direct(root)?;
    let mut found = dependencies::violations(root, &direct)?;
    found.extend(direction::violations(root, &direct)?);
    found.extend(text::violations(root)?);
    found.extend(artifacts::violations(root)?);
    found.extend(book::violations(root)?);
    Ok(found)
}
