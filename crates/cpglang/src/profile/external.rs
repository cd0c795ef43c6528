//! `[external.NAME]`: a command that gives evidence, and what it may take.
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

use cpg_evidence::{ExternalCommand, ExternalFormat};
use cpg_ir::types::{Column, ColumnType};
use toml::de::DeTable;

use super::document::{Named, Reading, Value};
use crate::size::ByteSize;

const KEYS: [&str; 7] = ["columns", "command", "format", "memory", "output", "seconds", "version"];

/// The most seconds that a command may take: a day.
const MOST_SECONDS: u64 = 86_400;

/// A command, unless something is wrong with it, which is told.
pub(super) fn command(
    reading: &mut Reading<'_>,
    of: &str,
    name: &Named<'_>,
    keys: &DeTable<'_>,
) -> Option<ExternalCommand> {
    let mut right = true;
    for key in keys.keys().filter(|key| !KEYS.contains(&key.get_ref().as_ref())) {
        reading.unknown(key, of, KEYS.into_iter());
        right = false;
    }
    let (words, columns) = (keys.get("command"), keys.get("columns"));
    for (key, value) in [("command", &words), ("columns", &columns)] {
        if value.is_none() {
            reading.wrong(name.span(), format!("`{of}` has no `{key}`"), None);
        }
    }
    let words = words.and_then(|value| words_of(reading, value));
    let columns = columns.and_then(|value| columns_of(reading, of, value));
    let mut command = ExternalCommand::new(words?, columns?);
    for (key, value) in keys {
        let said = match key.get_ref().as_ref() {
            "format" => match value.get_ref().as_str() {
                Some("ndjson") => Ok(ExternalFormat::Ndjson),
                Some("arrow") => Ok(ExternalFormat::Arrow),
                _ => Err("`format` is \"ndjson\" or \"arrow\"".to_owned()),
            }
            .map(|format| command.format = format),
            "seconds" => {
                let seconds = value.get_ref().as_integer();
                let seconds: Option<u64> =
                    seconds.and_then(|seconds| seconds.to_string().parse().ok());
                let seconds = seconds.filter(|seconds| (1..=MOST_SECONDS).contains(seconds));
                let why = || format!("`seconds` is a number from 1 to {MOST_SECONDS}");
                seconds.ok_or_else(why).map(|seconds| command.seconds = seconds)
            }
            "memory" => size("memory", value).map(|size| command.memory_bytes = size),
            "output" => size("output", value).map(|size| command.output_bytes = size),
            "version" => {
                let version = value.get_ref().as_str().ok_or("`version` is a text".to_owned());
                version.map(|version| command.version = version.to_owned())
            }
            _ => Ok(()),
        };
        if let Err(message) = said {
            reading.wrong(value.span(), message, None);
            right = false;
        }
    }
    right.then_some(command)
}

fn words_of(reading: &mut Reading<'_>, value: &Value<'_>) -> Option<Vec<String>> {
    let words = value.get_ref().as_array().filter(|words| !words.is_empty());
    let words = words.and_then(|words| {
        words.iter().map(|word| word.get_ref().as_str().map(str::to_owned)).collect()
    });
    if words.is_none() {
        let help = "as in `[\"python3\", \"tools/licenses.py\"]`".to_owned();
        let message = "`command` is a list of the program and its arguments";
        reading.wrong(value.span(), message, Some(help));
    }
    words
}

fn columns_of(reading: &mut Reading<'_>, of: &str, value: &Value<'_>) -> Option<Vec<Column>> {
    let mut columns = Some(Vec::new());
    for (name, ty) in reading.table(value, &format!("{of}.columns"))? {
        let name = name.get_ref();
        let parsed = match ty.get_ref().as_str() {
            Some(text) => text.parse::<ColumnType>().map_err(|error| error.to_string()),
            None => Err("its type is a text, as in \"string?\"".to_owned()),
        };
        match parsed {
            Ok(ty) => columns.iter_mut().for_each(|columns| {
                columns.push(Column { name: name.to_string(), ty: ty.clone() })
            }),
            Err(why) => {
                reading.wrong(ty.span(), format!("column `{name}`: {why}"), None);
                columns = None;
            }
        }
    }
    columns
}

fn size(key: &str, value: &Value<'_>) -> Result<u64, String> {
    let size = value.get_ref().as_str().and_then(|text| text.parse::<ByteSize>().ok());
    let size = size.ok_or_else(|| format!("`{key}` is a size, as in \"512MiB\""))?;
    Ok(size.0 as u64)
}
