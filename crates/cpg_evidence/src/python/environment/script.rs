//! The conversation with the interpreter.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::process::{self, Limits};

const SCRIPT: &str = include_str!("script.py");

/// What it may take.
const LIMITS: Limits =
    Limits { time: Duration::from_secs(20), memory_bytes: 4 << 30, output_bytes: 16 << 20 };

/// What an interpreter says of itself.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) version: String,
    pub(super) path: Vec<(String, bool)>,
    pub(super) builtin: BTreeSet<String>,
    pub(super) frozen: BTreeSet<String>,
    pub(super) aliases: BTreeMap<String, String>,
    pub(super) extensions: Vec<String>,
}

/// Asks.
///
/// # Errors
/// Why it has no answer, for people.
pub(super) fn ask(program: &Path) -> Result<Answer, String> {
    let shown = program.display();
    let name = program.to_str().ok_or_else(|| format!("`{shown}` is not valid UTF-8"))?;
    let command: Vec<String> =
        [name, "-I", "-X", "utf8", "-W", "ignore", "-c", SCRIPT].map(str::to_owned).into();
    let mut output = Vec::new();
    let folder = std::env::current_dir().unwrap_or_default();
    process::run(&command, &folder, LIMITS, |piece| {
        output.extend_from_slice(piece);
        Ok(())
    })
    .map_err(|failed| {
        // The script is no news to anybody.
        format!("`{shown}` does not say what it has: {}", failed.message.replace(SCRIPT, "…"))
    })?;
    read(&output).ok_or_else(|| format!("`{shown}` is no Python interpreter"))
}

fn read(output: &[u8]) -> Option<Answer> {
    let answer: Value = serde_json::from_slice(output).ok()?;
    fn strings<C: FromIterator<String>>(value: &Value) -> Option<C> {
        value.as_array()?.iter().map(|one| Some(one.as_str()?.to_owned())).collect()
    }
    let entry = |entry: &Value| Some((entry[0].as_str()?.to_owned(), entry[1].as_bool()?));
    let alias = |(name, of): (&String, &Value)| Some((name.clone(), of.as_str()?.to_owned()));
    Some(Answer {
        version: answer["version"].as_str()?.to_owned(),
        path: answer["path"].as_array()?.iter().map(entry).collect::<Option<_>>()?,
        builtin: strings(&answer["builtin"])?,
        frozen: strings(&answer["frozen"])?,
        aliases: answer["aliases"].as_object()?.iter().map(alias).collect::<Option<_>>()?,
        extensions: strings(&answer["extensions"])?,
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// What is said of a program that does so.
    fn said(script: &str) -> String {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = folder.path().join("python");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a file");
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, permissions).expect("a file of ours");
        let said = ask(&program).expect_err("it is no interpreter");
        said.replace(&folder.path().display().to_string(), "")
    }

    #[test]
    fn what_is_no_interpreter_is_told() {
        assert_eq!(said("echo rubbish"), "`/python` is no Python interpreter");
        assert_eq!(said("echo '{\"version\": 3}'"), "`/python` is no Python interpreter");
        let said = said("echo no such thing >&2; exit 3");
        let expected =
            "`/python` does not say what it has: it ended with code 3; it said: no such thing";
        assert_eq!(said, expected);
        let absent = ask(Path::new("/no/such/python")).expect_err("there is none");
        assert!(absent.starts_with("`/no/such/python` does not say what it has"), "{absent}");
    }
}
