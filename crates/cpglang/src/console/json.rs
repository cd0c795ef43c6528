//! The stream for programs: one JSON object a line. Its form is a promise; `version` changes with it.

use std::collections::BTreeMap;

use cpg_base::{Diagnostic, Label, SourceId, TextRange, TextUnit};
use serde::Serialize;
use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;

use super::{Tally, Texts};
use crate::failure::Failure;

/// The version of the stream's form.
pub(crate) const VERSION: u32 = 1;

/// What every object of the stream starts with.
#[derive(Debug, Serialize)]
pub(crate) struct Message<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    version: u32,
    #[serde(flatten)]
    body: T,
}

impl<T> Message<T> {
    /// An object of that kind.
    pub fn new(kind: &'static str, body: T) -> Self {
        Self { kind, version: VERSION, body }
    }
}

impl<T: DeserializeOwned> Message<T> {
    /// What an object of that kind holds.
    ///
    /// # Errors
    /// When it is of another kind or version, or not whole.
    pub fn read(kind: &str, bytes: &[u8]) -> serde_json::Result<T> {
        let mut fields: BTreeMap<String, Value> = serde_json::from_slice(bytes)?;
        let is = |field: Option<Value>, expected: Value| match field {
            Some(found) if found == expected => Ok(()),
            found => Err(serde_json::Error::custom(format!(
                "expected {expected}, found {}",
                found.unwrap_or_default()
            ))),
        };
        is(fields.remove("type"), kind.into())?;
        is(fields.remove("version"), VERSION.into())?;
        T::deserialize(MapDeserializer::new(fields.into_iter()))
    }
}

#[derive(Debug, Serialize)]
struct DiagnosticBody<'a> {
    code: &'static str,
    severity: cpg_base::Severity,
    message: &'a str,
    /// The primary place first.
    labels: Vec<LabelBody<'a>>,
    help: Option<&'a str>,
    fixes: Vec<FixBody<'a>>,
}

#[derive(Debug, Serialize)]
struct LabelBody<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
}

/// Where something stands. Bytes count from 0 in the file; lines and columns, which count UTF-16 code units, do
/// too. Places in files that could not be read as text have bytes alone.
#[derive(Debug, Serialize)]
struct Place<'a> {
    source: &'a str,
    start: Position,
    end: Position,
}

#[derive(Debug, Serialize)]
struct Position {
    byte: u32,
    #[serde(flatten)]
    place: Option<cpg_base::LineColumn>,
}

#[derive(Debug, Serialize)]
struct FixBody<'a> {
    title: &'a str,
    edits: Vec<EditBody<'a>>,
}

#[derive(Debug, Serialize)]
struct EditBody<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    replacement: &'a str,
}

fn place<'a>(source: &'a SourceId, range: TextRange, texts: &Texts) -> Place<'a> {
    let position = |byte: u32| Position {
        byte,
        place: texts.get(source).map(|t| t.lines.line_column(&t.text, byte, TextUnit::Utf16)),
    };
    Place { source: source.as_str(), start: position(range.start()), end: position(range.end()) }
}

/// A diagnostic.
pub(super) fn diagnostic<'a>(diagnostic: &'a Diagnostic, texts: &Texts) -> impl Serialize + 'a {
    let label = |label: &'a Label| LabelBody {
        place: place(&label.source, label.range, texts),
        message: &label.message,
    };
    let fixes = diagnostic.fixes.iter().map(|fix| FixBody {
        title: &fix.title,
        edits: fix
            .edits
            .iter()
            .map(|edit| EditBody {
                place: place(&edit.source, edit.range, texts),
                replacement: &edit.replacement,
            })
            .collect(),
    });
    let body = DiagnosticBody {
        code: diagnostic.code.id(),
        severity: diagnostic.severity,
        message: &diagnostic.message,
        labels: diagnostic.labels.iter().map(label).collect(),
        help: diagnostic.help.as_deref(),
        fixes: fixes.collect(),
    };
    Message::new("diagnostic", body)
}

#[derive(Debug, Serialize)]
struct SummaryBody {
    errors: usize,
    warnings: usize,
    /// How many files have any.
    files: usize,
    checked: usize,
}

/// The end of a check.
pub(super) fn summary(tally: Tally, checked: usize) -> impl Serialize {
    let Tally { errors, warnings, files } = tally;
    Message::new("summary", SummaryBody { errors, warnings, files, checked })
}

#[derive(Debug, Serialize)]
struct FailureBody<'a> {
    code: Option<&'static str>,
    message: &'a str,
    help: Option<String>,
}

/// A command that ended without its result.
pub(super) fn failure<'a>(failure: &Failure, message: &'a str) -> impl Serialize + use<'a> {
    let code = failure.code().map(cpg_base::Code::id);
    Message::new("failure", FailureBody { code, message, help: failure.help() })
}
