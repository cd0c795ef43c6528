//! The program `git`, asked so that nothing but the repository decides what it says.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::process::{self, Limits};

/// What one question may take.
const LIMITS: Limits =
    Limits { time: Duration::from_secs(120), memory_bytes: 8 << 30, output_bytes: 512 << 20 };

/// What a user or a machine configures says nothing about a repository; and nothing is asked of the network or of people.
const VARIABLES: [(&str, &str); 8] = [
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("LC_ALL", "C"),
    ("TZ", "UTC"),
];

/// What a repository may configure and is not asked for: programs that it would run, and how paths look.
const SETTINGS: [&str; 10] = [
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=false",
    "-c",
    "diff.external=",
    "-c",
    "i18n.logOutputEncoding=UTF-8",
    "-c",
    "log.showSignature=false",
];

/// What git answers to a question that is asked in a folder.
///
/// # Errors
/// What it says, for people.
pub(super) fn git(folder: &Path, question: &[&str]) -> Result<Vec<u8>, String> {
    let mut answer = Vec::new();
    ask(folder, question, |piece| {
        answer.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(answer)
}

/// The same, piece after piece.
///
/// # Errors
/// What it says, or what `receive` refuses, for people.
pub(super) fn ask(
    folder: &Path,
    question: &[&str],
    receive: impl FnMut(&[u8]) -> Result<(), String>,
) -> Result<(), String> {
    let command: Vec<String> =
        ["git"].iter().chain(&SETTINGS).chain(question).map(|&word| word.to_owned()).collect();
    process::run_with(&command, folder, &VARIABLES, LIMITS, receive).map_err(|failed| {
        let settings = format!(" {}", SETTINGS.join(" "));
        format!("`git {}`: {}", question.join(" "), failed.message.replace(&settings, ""))
    })
}

/// One line of an answer.
pub(super) fn line(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).trim_end_matches(['\n', '\r']).to_owned()
}

/// The paths below `folder` of tracked files that differ from a commit; `asked` names it, and says more of the question.
///
/// # Errors
/// What git says, for people.
pub(super) fn differing(folder: &Path, asked: &[&str]) -> Result<Vec<u8>, String> {
    const DIFF: [&str; 6] =
        ["diff", "--name-only", "-z", "--relative", "--no-renames", "--no-ext-diff"];
    git(folder, &[&DIFF, asked, &["--"]].concat())
}

/// The paths of an answer that ends each with a null. What is not UTF-8 no table can name.
pub(super) fn paths(answer: &[u8]) -> impl Iterator<Item = &str> {
    let paths = answer.split(|byte| *byte == 0).filter_map(|path| std::str::from_utf8(path).ok());
    paths.filter(|path| !path.is_empty())
}

/// A file of the index, or a submodule.
pub(super) struct Staged<'a> {
    mode: &'a str,
    pub(super) object: &'a str,
    pub(super) path: &'a str,
}

impl Staged<'_> {
    pub(super) fn is_submodule(&self) -> bool {
        self.mode == "160000"
    }
}

/// What `ls-files --stage -z` answers: mode, object and stage, a tabulator, the path. What is not UTF-8 no table can name.
pub(super) fn staged(answer: &[u8]) -> impl Iterator<Item = Staged<'_>> {
    paths(answer).filter_map(|entry| {
        let (about, path) = entry.split_once('\t')?;
        let mut about = about.split(' ');
        Some(Staged { mode: about.next()?, object: about.next()?, path })
    })
}

/// Whether a folder lies in a repository.
pub(super) fn is_in_repository(folder: &Path) -> bool {
    folder.ancestors().any(|folder| folder.join(".git").exists())
}

/// Files that are not what they were in some commit.
#[derive(Debug, Clone)]
pub(crate) struct Changed {
    /// Relative to the folder that was asked for, with `/`; of submodules, their folders.
    paths: BTreeSet<String>,
}

impl Changed {
    /// Whether a file is one of them.
    pub(crate) fn has(&self, path: &Path) -> bool {
        let names = path.ancestors().filter_map(Path::to_str);
        names.map(|name| name.replace('\\', "/")).any(|name| self.paths.contains(&name))
    }
}

/// The commit that `reference` names.
///
/// # Errors
/// Why it is not known, for people.
pub(super) fn commit_of(folder: &Path, reference: &str) -> Result<String, String> {
    let commit = format!("{reference}^{{commit}}");
    let asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit];
    let found = git(folder, &asked).map_err(|said| {
        // Quiet it is about what it does not know.
        if said.contains("it said") { said } else { format!("git knows no commit `{reference}`") }
    })?;
    Ok(line(&found))
}

/// What differs below `folder` from the commit that `reference` names: changed and new files, committed or not, but for
/// those that are ignored.
///
/// # Errors
/// Why that is not known, for people.
pub(crate) fn changed_since(folder: &Path, reference: &str) -> Result<Changed, String> {
    if !is_in_repository(folder) {
        return Err("it lies in no git repository".to_owned());
    }
    let commit = commit_of(folder, reference)?;
    let differs = differing(folder, &[&commit])?;
    let new = git(folder, &["ls-files", "-z", "--others", "--exclude-standard"])?;
    // `--others` gives other repositories with a slash at the end.
    let paths =
        paths(&differs).chain(paths(&new)).map(|path| path.trim_end_matches('/').to_owned());
    Ok(Changed { paths: paths.collect() })
}
