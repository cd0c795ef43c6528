//! What of the machine matters to a build.

use std::path::Path;
use std::process::Command;

use cpg_base::{Code, System};
use cpg_engine::{EngineError, RuntimeProfile};
use serde::Serialize;

use crate::args::DoctorArgs;
use crate::failure::Failure;
use crate::load::shown;
use crate::size::counted;

/// How many tables are named with which something is wrong.
const TABLES_SHOWN: usize = 3;

/// Something that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub name: &'static str,
    pub state: State,
    /// What was found, and what to do where something is to be done.
    pub about: String,
}

/// What is to be thought of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// It is there.
    Fine,
    /// It is not there, and only what needs it goes without.
    Missing,
    /// A build would fail, or does not hold what it says.
    Problem,
}

impl State {
    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Missing => "missing",
            Self::Problem => "problem",
        }
    }
}

/// Looks at all of it.
pub(super) fn look(system: &dyn System, args: &DoctorArgs) -> Result<Vec<Finding>, Failure> {
    let runtime = args.build.profile()?;
    let mut found = sources(system, &runtime);
    found.push(python(args.build.evidence.python.as_deref()));
    found.push(match version(Path::new("git")) {
        Some(about) => Finding { name: "git", state: State::Fine, about },
        None => missing("git", "not on the search path: `std.git` and `--changed-since` need it"),
    });
    found.push(index(system, &runtime));
    found.extend(output(&runtime)?);
    Ok(found)
}

fn missing(name: &'static str, about: &str) -> Finding {
    Finding { name, state: State::Missing, about: about.to_owned() }
}

fn sources(system: &dyn System, runtime: &RuntimeProfile) -> Vec<Finding> {
    let gone = runtime.sources.iter().filter(|source| !system.is_dir(source));
    gone.map(|source| Finding {
        name: "source",
        state: State::Problem,
        about: format!("`{}` is no directory", shown(source)),
    })
    .collect()
}

/// The interpreter that is asked when none is named is the first of these.
fn python(named: Option<&Path>) -> Finding {
    const NAME: &str = "python";
    if let Some(named) = named {
        return match version(named) {
            Some(about) => Finding { name: NAME, state: State::Fine, about },
            None => {
                let about = format!("`{}` cannot be run", named.display());
                Finding { name: NAME, state: State::Problem, about }
            }
        };
    }
    match ["python3", "python"].into_iter().find_map(|name| version(Path::new(name))) {
        Some(about) => Finding { name: NAME, state: State::Fine, about },
        None => missing(NAME, "not on the search path: `python.bytecode` needs it"),
    }
}

/// What a program says of itself.
fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let told = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    let text = String::from_utf8_lossy(&told).lines().next()?.trim().to_owned();
    output.status.success().then_some(text)
}

fn index(system: &dyn System, runtime: &RuntimeProfile) -> Finding {
    const NAME: &str = "scip index";
    let fine = |path: &Path| Finding { name: NAME, state: State::Fine, about: shown(path) };
    match &runtime.extract.scip_index {
        Some(path) if system.is_file(path) => fine(path),
        Some(path) => {
            let about = format!("`{}` is not there", shown(path));
            Finding { name: NAME, state: State::Problem, about }
        }
        None => {
            let places = runtime.sources.iter().map(|source| source.join("index.scip"));
            let there = places.into_iter().find(|path| system.is_file(path));
            there.map_or_else(
                || missing(NAME, "no `index.scip` in the sources: `std.scip` has no rows"),
                |path| fine(&path),
            )
        }
    }
}

/// The output root, its lock, and the tables of the build that is published there.
fn output(runtime: &RuntimeProfile) -> Result<Vec<Finding>, Failure> {
    let out = runtime.out.folder().map_or_else(|| runtime.out.to_string(), shown);
    let fine = |name, about: String| Finding { name, state: State::Fine, about };
    let problem = |name, about: String| Finding { name, state: State::Problem, about };
    let found = match cpg_engine::inspect(&runtime.out) {
        Ok(found) => found,
        Err(error @ EngineError::Internal { .. }) => return Err(error.into()),
        Err(error) => return Ok(vec![problem("output", told(error.code(), &error.to_string()))]),
    };
    let mut findings = vec![match &found.unwritable {
        None => fine("output", format!("`{out}` can be written to")),
        Some(why) => problem(
            "output",
            told(Code::BadOutput, &format!("`{out}` cannot be written to: {why}")),
        ),
    }];
    findings.push(match found.busy {
        false => fine("lock", "no build is running there".to_owned()),
        true => problem("lock", told(Code::OutputBusy, "a build is running there")),
    });
    findings.push(match &found.published {
        None => missing("build", "none is published there yet"),
        Some(record) => {
            let tables = counted(record.tables.len() as u64, "table");
            fine("build", format!("{}, {tables}", record.run))
        }
    });
    for (table, why) in found.problems.iter().take(TABLES_SHOWN) {
        findings.push(problem("table", format!("`{table}`: {why}")));
    }
    let more = found.problems.len().saturating_sub(TABLES_SHOWN);
    if more > 0 {
        findings.push(problem("table", format!("and {} more", counted(more as u64, "table"))));
    }
    Ok(findings)
}

fn told(code: Code, message: &str) -> String {
    format!("{message}; `cpglang explain {code}` says more")
}
