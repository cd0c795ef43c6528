//! `cpglang plan`: what `build` would do, and why.

mod against;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use cpg_base::{System, write_whole};
use cpg_engine::{Action, BuildPlan, Cancel, ChangedSources, PlannedTable};
use cpg_ir::manifest::Area;

use crate::args::PlanArgs;
use crate::console::{Console, Message};
use crate::failure::Failure;
use crate::profile::Profile;
use crate::size::{counted, grouped};
use crate::{interrupt, program};

/// How many changed files are named.
const FILES_SHOWN: usize = 10;

/// Prints what a build would do.
pub(crate) fn plan(
    system: &dyn System,
    profile: &Profile,
    args: &PlanArgs,
    console: &Console,
) -> Result<(), Failure> {
    let PlanArgs { build, save, against } = args;
    if let Some(commit) = against {
        return against::write(system, profile, build, commit, console);
    }
    let (manifest, runtime) = program::of_build(system, profile, build, console)?;
    let cancel = Cancel::default();
    interrupt::listen(&cancel)?;
    let plan = cpg_engine::plan(manifest, runtime, &cancel)?;
    if let Some(file) = save {
        let bytes = serde_json::to_vec(&Message::new(KIND, &plan));
        let bytes = bytes.map_err(|error| Failure::output(error.into()))?;
        write_whole(file, &bytes).map_err(|error| {
            Failure::usage(
                format!("`{}`: {error}", file.display()),
                "give a file that can be written",
            )
        })?;
    }
    if console.is_json() {
        return console.emit(&Message::new(KIND, plan));
    }
    let text = text(&plan, build.verbose);
    io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::output)
}

/// What objects that hold a plan are called.
const KIND: &str = "plan";

/// The plan that a file holds.
pub(crate) fn saved(system: &dyn System, file: &Path) -> Result<BuildPlan, Failure> {
    let bad = |reason: String| {
        Failure::usage(
            format!("`{}` holds no plan: {reason}", file.display()),
            "write one with `cpglang plan --save FILE`",
        )
    };
    let bytes = system.read(file).map_err(|error| bad(error.to_string()))?;
    Message::read(KIND, &bytes).map_err(|error| bad(error.to_string()))
}

/// The plan as people read it. What is reused, and what lies between evidence and outputs, is counted unless `verbose`.
fn text(plan: &BuildPlan, verbose: bool) -> String {
    let mut text = String::new();
    let written: Vec<&PlannedTable> =
        plan.tables.iter().filter(|table| table.action != Action::Reuse).collect();
    if let Some(changed) = &plan.changed {
        sources(&mut text, changed);
    }
    // Writing to a string cannot fail, here and below.
    let _ = match (&plan.after, written.as_slice()) {
        (Some(run), []) => writeln!(text, "Nothing to do: all is as {run} left it"),
        (None, _) => {
            writeln!(text, "A first build, of {}", counted(plan.tables.len() as u64, "table"))
        }
        (Some(run), _) => writeln!(
            text,
            "After {run}: {} of {} to write",
            written.len(),
            counted(plan.tables.len() as u64, "table")
        ),
    };
    let shown = |table: &&&PlannedTable| verbose || table.area == Area::Graph;
    for table in written.iter().filter(shown) {
        one(&mut text, table);
    }
    for area in [Area::Extract, Area::Stage] {
        let hidden = written.iter().filter(|table| table.area == area && !shown(table)).count();
        if hidden > 0 {
            let _ = writeln!(
                text,
                "\n{}/: {}; `-v` says why",
                area.folder(),
                counted(hidden as u64, "table")
            );
        }
    }
    if !plan.left.is_empty() {
        let left = counted(plan.left.len() as u64, "table");
        let _ = writeln!(text, "\n{left} not selected, left as before");
    }
    for table in &plan.removed {
        let _ = writeln!(text, "\n{table}: left out; no output needs it any more");
    }
    text
}

fn one(text: &mut String, table: &PlannedTable) {
    let rows = table.rows.map(|rows| format!(", {} rows now", grouped(rows))).unwrap_or_default();
    let what = table.action.words();
    let _ = writeln!(text, "\n{}: {what}{rows}", table.table);
    for reason in &table.because {
        let _ = writeln!(text, "  {reason}");
    }
}

fn sources(text: &mut String, changed: &ChangedSources) {
    let named =
        [("new", &changed.added), ("changed", &changed.changed), ("gone", &changed.removed)];
    let _ = writeln!(text, "{} differ", counted(changed.count() as u64, "file"));
    let all = named.iter().flat_map(|(what, paths)| paths.iter().map(move |path| (what, path)));
    for (what, path) in all.take(FILES_SHOWN) {
        let _ = writeln!(text, "  {what:<7} {path}");
    }
    let more = changed.count().saturating_sub(FILES_SHOWN);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more; `--message-format json` lists all");
    }
    text.push('\n');
}
