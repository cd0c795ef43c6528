//! `cpglang doctor`: what holds for a build and who says so, and whether what it needs is there.

mod machine;

use std::fmt::Write as _;
use std::io::{self, Write as _};

use cpg_base::System;
use serde::Serialize;

use crate::args::DoctorArgs;
use crate::console::{Console, Message, plain};
use crate::failure::Failure;
use crate::profile::Profile;
use crate::size::Human;

use self::machine::{Finding, State};

/// A setting as it is told.
#[derive(Debug, Serialize)]
struct Told {
    name: String,
    /// Absent where nothing is said and the command needs nothing.
    value: Option<String>,
    from: String,
}

#[derive(Debug, Serialize)]
struct Report {
    settings: Vec<Told>,
    features: Vec<Told>,
    machine: Vec<Finding>,
}

/// Prints all of it.
pub(crate) fn doctor(
    system: &dyn System,
    profile: &Profile,
    args: &DoctorArgs,
    console: &Console,
) -> Result<(), Failure> {
    let report = Report {
        settings: settings(profile, args)?,
        features: features(profile),
        machine: machine::look(system, args)?,
    };
    let is_well = report.machine.iter().all(|finding| finding.state != State::Problem);
    if console.is_json() {
        console.emit(&Message::new("doctor", report))?;
    } else {
        let text = text(&report);
        io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::output)?;
    }
    if is_well { Ok(()) } else { Err(Failure::Doctor) }
}

/// Every key with its value. Where nobody says anything, what the command takes then.
fn settings(profile: &Profile, args: &DoctorArgs) -> Result<Vec<Told>, Failure> {
    let runtime = args.build.profile()?;
    let told = profile.settings.iter().map(|(key, setting)| {
        let value = match setting.values.as_slice() {
            [] => match key.as_str() {
                "out" => Some(runtime.out.to_string()),
                "threads" => Some(runtime.threads.to_string()),
                "memory" => Some(Human(runtime.memory_bytes as u64).to_string()),
                _ => None,
            },
            values => Some(values.join(", ")),
        };
        Told { name: key.clone(), value, from: setting.origin.to_string() }
    });
    Ok(told.collect())
}

fn features(profile: &Profile) -> Vec<Told> {
    let told = profile.gates.iter().map(|(feature, gate)| Told {
        name: feature.name().to_owned(),
        value: Some(if gate.on { "on" } else { "off" }.to_owned()),
        from: gate.origin.to_string(),
    });
    told.collect()
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    let settings = report.settings.iter().chain(&report.features);
    let width = |part: fn(&Told) -> usize| settings.clone().map(part).max().unwrap_or_default();
    let names = width(|one| one.name.chars().count());
    let values = width(|one| value(one).chars().count()).min(40);
    for (title, told) in [("Settings", &report.settings), ("Features", &report.features)] {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{title}");
        for one in told {
            let (name, value, from) = (&one.name, plain(value(one)), &one.from);
            let _ = writeln!(text, "  {name:names$}  {value:values$}  {from}");
        }
        text.push('\n');
    }
    let _ = writeln!(text, "Machine");
    for Finding { name, state, about } in &report.machine {
        let about = plain(about);
        let _ = writeln!(text, "  {name:names$}  {:7}  {about}", state.word());
    }
    text
}

fn value(told: &Told) -> &str {
    told.value.as_deref().unwrap_or("-")
}
