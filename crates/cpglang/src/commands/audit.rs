//! `cpglang audit`: whether a program's checks hold of a published build.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use cpg_base::System;
use cpg_engine::{Audit, Cancel, CheckRecord, Unaudited};
use cpg_ir::check::CheckSeverity;

use crate::args::AuditArgs;
use crate::console::{Console, Message, plain};
use crate::failure::Failure;
use crate::profile::Profile;
use crate::{interrupt, program};

/// What follows a line stands below its text.
const INDENT: &str = "\n          ";

/// Looks at each check, and says what became of it.
pub(crate) fn audit(
    system: &dyn System,
    profile: &Profile,
    args: &AuditArgs,
    console: &Console,
) -> Result<(), Failure> {
    let cancel = Cancel::default();
    interrupt::listen(&cancel)?;
    let (manifest, mut runtime) = program::of_published(system, profile, &args.published, console)?;
    runtime.selection = args.select.of(&manifest)?;
    let audit = cpg_engine::audit(manifest, runtime, &cancel)?;
    if console.is_json() {
        console.emit(&Message::new("audit", &audit))?;
    } else {
        let text = text(&audit);
        io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::output)?;
    }
    if audit.fails() {
        return Err(Failure::Audit);
    }
    Ok(audit.complete()?)
}

/// The report as people read it: what does not hold last, where it is seen.
fn text(audit: &Audit) -> String {
    let mut text = String::new();
    let (hold, broken): (Vec<_>, Vec<_>) = audit.checks.iter().partition(|check| check.passed);
    for check in &hold {
        entry(&mut text, "holds", &held(check));
    }
    for Unaudited { check, reasons } in &audit.unaudited {
        entry(&mut text, "unseen", &format!("`{check}`\n{}", reasons.join("\n")));
    }
    for check in &broken {
        let word = if check.severity == CheckSeverity::Error { "FAILS" } else { "warns" };
        entry(&mut text, word, &check.to_string());
    }
    let all = audit.checks.len() + audit.unaudited.len();
    // Writing to a string does not fail.
    let _ = match all {
        0 => writeln!(text, "{}: nothing to look at", audit.run),
        _ => writeln!(text, "\n{}: checks that hold: {} of {all}", audit.run, hold.len()),
    };
    text
}

/// A check that holds, and of one that asks for a share, how much there is.
fn held(check: &CheckRecord) -> String {
    match check.all {
        Some(_) => check.to_string(),
        None => format!("`{}`", check.check),
    }
}

fn entry(text: &mut String, word: &str, about: &str) {
    let lines: Vec<String> = about.lines().map(|line| plain(line.trim_start())).collect();
    let _ = writeln!(text, "{word:<6}  {}", lines.join(INDENT));
}
