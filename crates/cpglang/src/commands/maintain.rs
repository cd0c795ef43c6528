//! `cpglang maintain`: looks after the tables of a published build.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use cpg_base::System;
use cpg_engine::{Cancel, Decision, Effect, LeftAlone, Maintained, Maintenance, Operation};
use serde::Serialize;

use crate::args::MaintainArgs;
use crate::console::{Console, Message};
use crate::failure::Failure;
use crate::profile::Profile;
use crate::progress::Progress;
use crate::size::{Human, counted};
use crate::{interrupt, program};

#[derive(Serialize)]
struct MaintainedBody {
    /// Whether it was only looked.
    dry_run: bool,
    #[serde(flatten)]
    maintenance: Maintenance,
}

/// Does what is due, or says what that is.
pub(crate) fn maintain(
    system: &dyn System,
    profile: &Profile,
    args: &MaintainArgs,
    console: Console,
) -> Result<(), Failure> {
    let cancel = Cancel::default();
    interrupt::listen(&cancel)?;
    let (manifest, runtime) = program::of_published(system, profile, &args.published, &console)?;
    let progress = Progress::new(console, args.verbose);
    let done = cpg_engine::maintain(manifest, runtime, &progress, &cancel, args.dry_run);
    progress.finish();
    let maintenance = done?;
    if console.is_json() {
        let body = MaintainedBody { dry_run: args.dry_run, maintenance };
        return console.emit(&Message::new("maintenance", body));
    }
    let text = text(&maintenance, args);
    io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::output)
}

/// The report as people read it. What is not due is counted unless all is asked for.
fn text(done: &Maintenance, args: &MaintainArgs) -> String {
    let mut text = String::new();
    let is_due = |one: &&Maintained| one.decision.decision != Decision::NotDue;
    for one in done.operations.iter().filter(|one| args.verbose || is_due(one)) {
        operation(&mut text, one);
    }
    for LeftAlone { table, reason } in &done.left {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{table}: left alone\n  {reason}");
    }
    let not_due = done.operations.iter().filter(|one| !is_due(one)).count();
    let due = done.operations.iter().any(|one| one.decision.decision == Decision::Due);
    if not_due > 0 && !args.verbose {
        let _ = writeln!(text, "{} not due; `-v` lists all", counted(not_due as u64, "operation"));
    }
    let _ = match (due, done.published) {
        _ if done.operations.is_empty() && done.left.is_empty() => {
            writeln!(text, "No policy of the program asks for maintenance")
        }
        (_, true) => writeln!(text, "Published as {}", done.run),
        (true, false) if args.dry_run => writeln!(text, "Nothing is written: `--dry-run`"),
        (true, false) => writeln!(text, "{} has the versions that it had", done.run),
        (false, false) => writeln!(text, "Nothing is due: all is as {} left it", done.run),
    };
    text
}

fn operation(text: &mut String, Maintained { decision, effect }: &Maintained) {
    let what = match decision.operation {
        Operation::Optimize => "optimize when",
        Operation::Vacuum => "vacuum when",
        Operation::Checkpoint => "checkpoint",
    };
    let came = match (decision.decision, effect) {
        (Decision::NotDue, _) => "not due".to_owned(),
        (Decision::Needless, _) => "needless: its files could not be half as many".to_owned(),
        (Decision::Due, None) => "due".to_owned(),
        (Decision::Due, Some(Effect::Rearranged { files, version })) => {
            format!("done: {} in version {version}", counted(*files, "file"))
        }
        (Decision::Due, Some(Effect::Removed { files })) => {
            format!("done: {} removed", counted(*files, "old file"))
        }
        (Decision::Due, Some(Effect::SummedUp { version })) => {
            format!("done: the log is summed up at version {version}")
        }
    };
    let metrics = &decision.metrics;
    let _ = writeln!(
        text,
        "{}: {what} {}: {came}\n  {} of {}, {}, {}",
        decision.table,
        decision.when,
        counted(metrics.total_files, "file"),
        Human(metrics.total_bytes),
        counted(metrics.rows, "row"),
        counted(metrics.versions, "version"),
    );
}
