//! The extractor `git.blame`: which commit each line comes from.

use std::borrow::Cow;

use super::repository::Repository;
use super::run::git;
use crate::table::tables;

tables! {
    /// The lines of tracked files, with the commits that they come from.
    blame_lines in file by (start) {
        /// 1-based, as git counts: lines end with `\n`.
        line: Int,
        start: Offset,
        /// One past the last byte; the end of the line is not part of it.
        end: Offset,
        /// The commit that made the line what it is; null for what is not committed.
        commit: Opt<Str>,
        /// Which line it was in that commit.
        original_line: Opt<Int>,
        /// The path that the file had there; null if it lay outside of the source.
        original_path: Opt<FilePath>,
    }
}

crate::table::extractor! {
    "git.blame" version 1: "The commits that the lines of files in git repositories come from";
    lines: blame_lines,
}

/// Consecutive lines that come from consecutive lines of one commit.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    /// From 1.
    first: u32,
    original: i64,
    count: u32,
    commit: String,
    path: String,
}

/// The rows of a file of the sources that `bytes` are the content of, by the innermost repository that it lies in.
///
/// # Errors
/// What git says, for people.
pub(crate) fn rows<'m>(
    plan: &Plan,
    all: &[Repository],
    path: &str,
    bytes: &[u8],
) -> Result<Rows<'m>, String> {
    let Some(repository) = Repository::around(all, path) else { return Ok(Rows::default()) };
    if plan.lines.is_none() || !repository.has_committed(path)? {
        return Ok(Rows::default());
    }
    let below = path.strip_prefix(&repository.prefix).unwrap_or(path);
    let question = ["blame", "--incremental", "--no-textconv", "--", below];
    let settings = ["-c", "blame.ignoreRevsFile=", "-c", "blame.markIgnoredLines=false"];
    let answer = git(&repository.folder, &[&settings[..], &question].concat())?;
    let text = String::from_utf8_lossy(&answer);
    let runs = runs(&text).ok_or("git answered with what is no answer")?;
    Ok(Rows { lines: lines(&runs, repository, bytes) })
}

/// What git says of the lines: a line with the commit, the first line there and here, and how many lines; then lines about
/// the commit, of which the last says the path.
fn runs(answer: &str) -> Option<Vec<Run>> {
    let mut runs = Vec::new();
    let mut lines = answer.lines();
    while let Some(line) = lines.next() {
        let mut parts = line.split(' ');
        let commit = parts.next()?.to_owned();
        let (original, first) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let count = parts.next()?.parse().ok()?;
        let path = lines.find_map(|line| line.strip_prefix("filename "))?.to_owned();
        runs.push(Run { first, original, count, commit, path });
    }
    runs.sort_by_key(|run| run.first);
    Some(runs)
}

/// A row for each line of the file that git knows.
fn lines<'m>(runs: &[Run], repository: &Repository, bytes: &[u8]) -> Vec<blame_lines::Row<'m>> {
    let mut spans = Vec::new();
    let mut start = 0_u32;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        spans.push((start, start + length(text)));
        start += length(line);
    }
    let mut rows = Vec::with_capacity(spans.len());
    for run in runs {
        // Not committed is what comes from a commit of nothing but zeros.
        let is_committed = run.commit.bytes().any(|digit| digit != b'0');
        let path = repository.path_of(&run.path).filter(|_| is_committed);
        for (offset, line) in (0_i64..).zip(run.first..run.first.saturating_add(run.count)) {
            let Some((start, end)) = spans.get(line as usize - 1) else { break };
            rows.push(blame_lines::Row {
                line: i64::from(line),
                start: *start,
                end: *end,
                commit: is_committed.then(|| Cow::Owned(run.commit.clone())),
                original_line: is_committed.then_some(run.original + offset),
                original_path: path.clone().map(Cow::Owned),
            });
        }
    }
    rows
}

fn length(text: &[u8]) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_read_whatever_is_said_of_commits() {
        let answer = "aa 3 2 1\nauthor A\nsummary filename x\nfilename b c.py\n\
                      bb 1 1 1\nprevious cc a.py\nfilename a.py\n";
        let run = |commit: &str, original, first, path: &str| Run {
            first,
            original,
            count: 1,
            commit: commit.to_owned(),
            path: path.to_owned(),
        };
        let expected = [run("bb", 1, 1, "a.py"), run("aa", 3, 2, "b c.py")];
        assert_eq!(runs(answer).expect("whole"), expected);
        for rubbish in ["x", "aa 1 1 1\nauthor A\n", "aa 1 b 1\nfilename a\n"] {
            assert_eq!(runs(rubbish), None, "{rubbish}");
        }
    }
}
