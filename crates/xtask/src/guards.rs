//! `cargo xtask guards`: rules over the code that no compiler checks.

mod dependencies;
mod text;

use crate::book;
use crate::process::{Outcome, say};

/// Checks every rule and says each violation.
pub fn run(_args: &[String]) -> Outcome {
    let mut violations = dependencies::violations()?;
    violations.extend(text::violations()?);
    violations.extend(book::violations()?);
    for violation in &violations {
        say(violation);
    }
    match violations.len() {
        0 => Ok(()),
        n => Err(format!("{n} rules are broken; docs/architecture.md says why they hold").into()),
    }
}
