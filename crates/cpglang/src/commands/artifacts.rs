//! `cpglang artifacts`: what builds leave beside their tables.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use cpg_base::nearest;
use cpg_engine::{ArtifactKind, PublishedBuild};
use serde_json::Value;

use crate::args::ArtifactsArgs;
use crate::failure::Failure;

/// Prints a document of the newest build, the form of its kind, or which kinds there are.
pub(crate) fn artifacts(args: &ArtifactsArgs) -> Result<(), Failure> {
    let text = match &args.kind {
        None => kinds(),
        Some(name) => {
            let kind = named(name)?;
            pretty(&match args.schema {
                true => kind.schema(),
                false => payload(args, kind)?,
            })?
        }
    };
    io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::output)
}

fn payload(args: &ArtifactsArgs, kind: ArtifactKind) -> Result<Value, Failure> {
    let profile = args.place.profile()?;
    let build = PublishedBuild::open(&profile.out, profile.threads, profile.memory_bytes)?;
    Ok(build.document(kind)?)
}

fn kinds() -> String {
    let width = ArtifactKind::ALL.iter().map(|kind| kind.name().len()).max().unwrap_or_default();
    let mut text = String::new();
    for kind in ArtifactKind::ALL {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:width$}  {}", kind.name(), kind.description());
    }
    text
}

fn named(name: &str) -> Result<ArtifactKind, Failure> {
    ArtifactKind::named(name).ok_or_else(|| {
        let names = || ArtifactKind::ALL.iter().map(|kind| kind.name());
        let help = match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the kinds are {}", names().collect::<Vec<_>>().join(", ")),
        };
        Failure::usage(format!("there is no kind of documents `{name}`"), help)
    })
}

fn pretty(value: &Value) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n").map_err(|error| Failure::output(error.into()))
}
