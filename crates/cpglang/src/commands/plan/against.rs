//! `cpglang plan --against COMMIT`: how the program differs from an earlier one, for a review.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use cpg_base::System;
use cpg_ir::compare::{ProgramDifference, RelationDifference, RelationFate};
use serde::Serialize;

use crate::args::BuildArgs;
use crate::console::{Console, Message};
use crate::failure::Failure;
use crate::load::{self, AtCommit};
use crate::profile::Profile;
use crate::program;
use crate::size::counted;

/// How many readers are named.
const READERS_SHOWN: usize = 12;

#[derive(Serialize)]
struct Body<'a> {
    /// The commit.
    against: &'a str,
    #[serde(flatten)]
    difference: ProgramDifference,
}

/// Prints it as Markdown.
pub(super) fn write(
    system: &dyn System,
    profile: &Profile,
    args: &BuildArgs,
    commit: &str,
    console: &Console,
) -> Result<(), Failure> {
    let roots = args.place.source.roots(&args.program.program);
    let loaded = load::program(system, &profile.external, roots)?;
    let unknown = |reason: String| {
        Failure::usage(
            format!("the program at `{commit}`: {reason}"),
            "name a commit, a branch or a tag of the repository that the program lies in",
        )
    };
    let earlier = AtCommit::open(system, &loaded.folder, commit).map_err(unknown)?;
    let now = program::compile(loaded, console)?.manifest?;
    let before = load::program(&earlier, &profile.external, roots)?;
    let before = program::compile(before, console)?.manifest.map_err(|failure| match failure {
        Failure::Program => unknown("it has errors, which are shown above".to_owned()),
        other => other,
    })?;
    let difference = ProgramDifference::between(&before, &now)
        .map_err(|error| Failure::Defect(error.to_string()))?;
    if console.is_json() {
        let body = Body { against: earlier.commit(), difference };
        return console.emit(&Message::new("program_difference", body));
    }
    let text = text(&difference, commit, earlier.commit());
    io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::output)
}

fn text(difference: &ProgramDifference, said: &str, commit: &str) -> String {
    let short = commit.get(..12).unwrap_or(commit);
    let of = if commit.starts_with(said) { short.to_owned() } else { format!("{said}, {short}") };
    let mut text = format!("## The program since `{of}`\n\n");
    // Writing to a string cannot fail, here and below.
    if difference.is_nothing() {
        text.push_str("It means the same.\n");
        return text;
    }
    let relations = &difference.relations;
    let outputs: BTreeSet<&str> =
        relations.iter().flat_map(|one| &one.outputs).map(String::as_str).collect();
    let differ = if relations.len() == 1 { "differs" } else { "differ" };
    let _ = writeln!(
        text,
        "{} {differ}, which {} {}.",
        counted(relations.len() as u64, "item"),
        if outputs.len() == 1 { "is part of" } else { "are part of" },
        counted(outputs.len() as u64, "output"),
    );
    for (what, names) in [
        ("New outputs", &difference.outputs_added),
        ("Outputs that are gone", &difference.outputs_removed),
    ] {
        if !names.is_empty() {
            let _ = writeln!(text, "\n{what}: {}.", quoted(names));
        }
    }
    for one in relations {
        relation(&mut text, one);
    }
    for (differs, what) in [(difference.checks, "checks"), (difference.policies, "policies")] {
        if differs {
            let _ = writeln!(text, "\nThe {what} differ.");
        }
    }
    text
}

fn relation(text: &mut String, one: &RelationDifference) {
    let fate = match one.fate {
        RelationFate::New => "new",
        RelationFate::Gone => "gone",
        RelationFate::Changed => "changed",
    };
    let _ = writeln!(text, "\n### `{}`: {fate}\n", one.relation);
    for part in &one.parts {
        let _ = writeln!(text, "- {part}");
    }
    for (what, names) in [
        ("new columns", &one.columns_added),
        ("columns that are gone", &one.columns_removed),
        ("columns of another type", &one.columns_retyped),
    ] {
        if !names.is_empty() {
            let _ = writeln!(text, "- {what}: {}", quoted(names));
        }
    }
    let readers: Vec<String> = one.readers.iter().map(ToString::to_string).collect();
    let more = match readers.len().saturating_sub(READERS_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = quoted(readers.iter().take(READERS_SHOWN));
    let _ = match readers.as_slice() {
        [] => writeln!(text, "- nothing reads it"),
        _ => writeln!(text, "- read by {named}{more}"),
    };
    if !one.outputs.is_empty() {
        let _ = writeln!(text, "- part of the outputs {}", quoted(&one.outputs));
    }
}

fn quoted(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names = names.into_iter().map(|name| format!("`{}`", name.as_ref()));
    names.collect::<Vec<_>>().join(", ")
}
