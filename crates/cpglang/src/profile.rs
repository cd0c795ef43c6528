//! `cpglang.toml` in the current directory: what only the person who runs a build may say.
//!
//! ```toml
//! [external.licenses]
//! command = ["python3", "tools/licenses.py"]
//! columns = { license = "string", line = "Line<1>?" }
//! format = "ndjson"       # or "arrow", an IPC stream
//! seconds = 60            # the rest may be left out
//! memory = "4GiB"
//! output = "256MiB"
//! version = "1"           # raise it when the command would print other rows for the same sources
//! ```

use std::io;
use std::path::Path;

use cpg_base::{System, nearest};
use cpg_evidence::{ExternalCommand, ExternalCommands, ExternalFormat};
use cpg_ir::types::{Column, ColumnType};
use toml::{Table, Value};

use crate::failure::Failure;
use crate::size::ByteSize;

const FILE: &str = "cpglang.toml";

const COMMAND_KEYS: [&str; 7] =
    ["columns", "command", "format", "memory", "output", "seconds", "version"];

/// The commands that the profile allows; none without a profile.
pub(crate) fn external(system: &dyn System) -> Result<ExternalCommands, Failure> {
    let bytes = match system.read(Path::new(FILE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(ExternalCommands::default());
        }
        Err(error) => return Err(wrong(error.to_string())),
    };
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8"))?;
    parse(&text)
}

fn parse(text: &str) -> Result<ExternalCommands, Failure> {
    let profile: Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    known("", &profile, &["external"])?;
    let mut commands = ExternalCommands::default();
    for (name, value) in table("external", profile.get("external"))?.into_iter().flatten() {
        let place = format!("external.{name}");
        let Some(keys) = table(&place, Some(value))? else { continue };
        known(&place, keys, &COMMAND_KEYS)?;
        commands.add(name, command(&place, keys)?).map_err(|reason| at(&place, &reason))?;
    }
    Ok(commands)
}

fn command(place: &str, keys: &Table) -> Result<ExternalCommand, Failure> {
    let missing = |key: &str| at(place, &format!("it has no `{key}`"));
    let words = keys.get("command").ok_or_else(|| missing("command"))?;
    let words = words.as_array().filter(|words| !words.is_empty());
    let words: Option<Vec<String>> =
        words.and_then(|words| words.iter().map(|word| word.as_str().map(str::to_owned)).collect());
    let words = words.ok_or_else(|| {
        at(
            place,
            "`command` is a list of the program and its arguments, as in [\"python3\", \"a.py\"]",
        )
    })?;
    let columns = table(&format!("{place}.columns"), keys.get("columns"))?;
    let columns = columns.ok_or_else(|| missing("columns"))?.iter().map(|(name, ty)| {
        let text = ty.as_str().ok_or_else(|| at(place, &format!("`{name}` has no type")))?;
        let ty: ColumnType =
            text.parse().map_err(|error| at(place, &format!("column `{name}`: {error}")))?;
        Ok(Column { name: name.clone(), ty })
    });
    let mut command = ExternalCommand::new(words, columns.collect::<Result<_, Failure>>()?);
    command.format = match keys.get("format").map(Value::as_str) {
        None | Some(Some("ndjson")) => ExternalFormat::Ndjson,
        Some(Some("arrow")) => ExternalFormat::Arrow,
        Some(_) => return Err(at(place, "`format` is \"ndjson\" or \"arrow\"")),
    };
    if let Some(value) = keys.get("seconds") {
        let seconds = value.as_integer().and_then(|seconds| u64::try_from(seconds).ok());
        let seconds = seconds.filter(|seconds| (1..=86_400).contains(seconds));
        command.seconds =
            seconds.ok_or_else(|| at(place, "`seconds` is a number from 1 to 86400"))?;
    }
    for (key, bytes) in
        [("memory", &mut command.memory_bytes), ("output", &mut command.output_bytes)]
    {
        if let Some(value) = keys.get(key) {
            let size = value.as_str().and_then(|text| text.parse::<ByteSize>().ok());
            let ByteSize(size) =
                size.ok_or_else(|| at(place, &format!("`{key}` is a size, as in \"512MiB\"")))?;
            *bytes = size as u64;
        }
    }
    if let Some(value) = keys.get("version") {
        let version = value.as_str().ok_or_else(|| at(place, "`version` is a text"))?;
        command.version = version.to_owned();
    }
    Ok(command)
}

fn table<'a>(place: &str, value: Option<&'a Value>) -> Result<Option<&'a Table>, Failure> {
    match value {
        None => Ok(None),
        Some(Value::Table(table)) => Ok(Some(table)),
        Some(_) => Err(at(place, "it is no table")),
    }
}

/// Refuses keys that mean nothing.
fn known(place: &str, keys: &Table, names: &[&str]) -> Result<(), Failure> {
    let Some(unknown) = keys.keys().find(|key| !names.contains(&key.as_str())) else {
        return Ok(());
    };
    let near = match nearest(unknown, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys are {}", names.join(", ")),
    };
    let dot = if place.is_empty() { "" } else { "." };
    Err(Failure::usage(format!("`{FILE}`: there is no key `{place}{dot}{unknown}`"), near))
}

fn at(place: &str, reason: &str) -> Failure {
    wrong(format!("`{place}`: {reason}"))
}

fn wrong(reason: impl std::fmt::Display) -> Failure {
    Failure::usage(format!("`{FILE}`: {reason}"), "the profile is described in the README")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let failure = parse(text).expect_err("it is wrong");
        format!(
            "{} / {}",
            failure.message().unwrap_or_default(),
            failure.help().unwrap_or_default()
        )
    }

    #[test]
    fn a_command_has_limits_and_columns() {
        let text = "[external.licenses]\ncommand = [\"a\", \"b\"]\nmemory = \"1GiB\"\n\
                    columns = { at = \"Offset<byte>\", name = \"string?\" }\n";
        let commands = parse(text).expect("it is right");
        let (name, command) = commands.iter().next().expect("one");
        assert_eq!(name, "licenses");
        assert_eq!(command.command, ["a", "b"]);
        assert_eq!((command.seconds, command.memory_bytes), (60, 1 << 30));
        let columns: Vec<_> =
            command.columns.iter().map(|c| format!("{}: {}", c.name, c.ty)).collect();
        assert_eq!(columns, ["at: Offset<byte>", "name: string?"]);
        assert_eq!(parse("").expect("nothing is said").iter().count(), 0);
    }

    #[test]
    fn what_means_nothing_is_refused_with_the_nearest() {
        assert!(told("[externl.a]").contains("`externl` / did you mean `external`?"));
        let command = |rest: &str| told(&format!("[external.a]\ncommand = [\"a\"]\n{rest}"));
        assert!(command("colums = {}").contains("`external.a.colums` / did you mean `columns`?"));
        assert!(command("columns = { x = \"strng\" }").contains("column `x`: "));
        assert!(command("columns = { path = \"string\" }").contains("`path`"));
        assert!(command("columns = {}\nseconds = 0").contains("from 1 to 86400"));
        assert!(command("columns = {}\nformat = \"csv\"").contains("\"ndjson\" or \"arrow\""));
        assert!(command("columns = {}\nmemory = 3").contains("as in \"512MiB\""));
        assert!(told("[external.a]\ncolumns = {}").contains("it has no `command`"));
        assert!(told("[external.repo_files]\ncommand = [\"a\"]\ncolumns = {}").contains("repo"));
        assert!(told("external = 1").contains("it is no table"));
        assert!(told("[").contains("cpglang.toml"));
    }
}
