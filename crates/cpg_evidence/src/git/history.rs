//! The extractor `git.history`: commits, and which files each changed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::repository::Repository;
use super::run::ask;
use crate::table::{needed, tables};

tables! {
    /// The commits that what is checked out goes back to. They stand under the path of their repository.
    commits in file by (position) {
        commit: Str,
        /// As `git log` lists them, the newest first, from 0: no commit comes before one that goes back to it.
        position: Int,
        author_name: Str,
        author_email: Str,
        /// When it was written, in seconds since 1970 in UTC.
        authored_at: Int,
        /// When it became what it is, likewise.
        committed_at: Int,
        /// The first paragraph of its message, on one line.
        subject: Str,
    }

    /// Which commits a commit goes back to directly: several for a merge.
    commit_parents in file by (commit, position) {
        commit: Str,
        /// From 0.
        position: Int,
        parent: Str,
    }

    /// The files that a commit changed, but for merges, which change what their parents do. Rows stand under the path that
    /// the file has after the commit; there may be no such file now.
    file_changes in file by (position, kind) {
        commit: Str,
        /// That of the commit.
        position: Int,
        /// `added`, `modified`, `deleted`, `renamed` or `type_changed`.
        kind: Word,
        /// The path before it was renamed.
        old_path: Opt<FilePath>,
    }
}

crate::table::extractor! {
    "git.history" version 1: "The commits of the git repositories of the sources, and the files that they changed";
    commits: commits,
    parents: commit_parents,
    changes: file_changes,
}

/// The commits of a repository.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct History {
    /// The newest first.
    commits: Vec<Commit>,
    /// By path.
    changes: BTreeMap<String, Vec<Change>>,
    /// How many paths are not UTF-8.
    pub(crate) unnamed: usize,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Commit {
    id: String,
    parents: Vec<String>,
    author_name: String,
    author_email: String,
    authored_at: i64,
    committed_at: i64,
    subject: String,
}

#[derive(Debug, PartialEq, Eq)]
struct Change {
    commit: usize,
    kind: &'static str,
    old_path: Option<String>,
}

/// As [`Reader`] reads it.
const FORMAT: &str = "--format=%x01%H%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%s";

impl History {
    /// That of a repository below its folder.
    ///
    /// # Errors
    /// What git says, for people.
    pub(crate) fn of(repository: &Repository) -> Result<Self, String> {
        if repository.head.is_none() {
            return Ok(Self::default());
        }
        let mut question = vec!["log", "-z", FORMAT, "--topo-order", "--root", "--name-status"];
        question.extend([
            "--find-renames=50%",
            "-l1000",
            "--no-ext-diff",
            "--relative",
            "HEAD",
            "--",
        ]);
        let mut reader = Reader::new(&repository.prefix);
        ask(&repository.folder, &question, |piece| reader.take(piece))?;
        reader.end()
    }

    /// The rows that stand under the repository's path.
    pub(crate) fn rows<'m>(&'m self, plan: &Plan) -> Rows<'m> {
        let commits = needed(&plan.commits, |_| {
            let row = |(position, commit): (i64, &'m Commit)| commits::Row {
                commit: Cow::Borrowed(&commit.id),
                position,
                author_name: Cow::Borrowed(&commit.author_name),
                author_email: Cow::Borrowed(&commit.author_email),
                authored_at: commit.authored_at,
                committed_at: commit.committed_at,
                subject: Cow::Borrowed(&commit.subject),
            };
            (0..).zip(&self.commits).map(row).collect()
        });
        let parents = needed(&plan.parents, |_| {
            let of = |commit: &'m Commit| {
                let row = move |(position, parent): (i64, &'m String)| commit_parents::Row {
                    commit: Cow::Borrowed(&commit.id),
                    position,
                    parent: Cow::Borrowed(parent),
                };
                (0..).zip(&commit.parents).map(row)
            };
            self.commits.iter().flat_map(of).collect()
        });
        Rows { commits, parents, ..Rows::default() }
    }

    /// The rows of each path that was ever changed, in order.
    pub(crate) fn changes<'m>(
        &'m self,
        plan: &'m Plan,
    ) -> impl Iterator<Item = (&'m str, Rows<'m>)> {
        let all = self.changes.iter().filter(|_| plan.changes.is_some());
        all.map(|(path, changes)| {
            let row = |change: &'m Change| file_changes::Row {
                commit: Cow::Borrowed(&self.commits[change.commit].id),
                position: i64::try_from(change.commit).unwrap_or(i64::MAX),
                kind: change.kind,
                old_path: change.old_path.as_deref().map(Cow::Borrowed),
            };
            (path.as_str(), Rows { changes: changes.iter().map(row).collect(), ..Rows::default() })
        })
    }
}

/// Reads what git prints: parts that end with a NUL byte. A commit has seven, of which the first begins with `\x01`; then
/// for each changed file its status and its path, or two paths.
struct Reader<'r> {
    prefix: &'r str,
    history: History,
    /// What is read of the next part.
    part: Vec<u8>,
    /// The parts of the commit or the change that is read.
    parts: Vec<Vec<u8>>,
}

/// How many parts a commit has.
const COMMIT_PARTS: usize = 7;

impl<'r> Reader<'r> {
    fn new(prefix: &'r str) -> Self {
        Self { prefix, history: History::default(), part: Vec::new(), parts: Vec::new() }
    }

    fn take(&mut self, mut piece: &[u8]) -> Result<(), String> {
        while let Some(end) = piece.iter().position(|byte| *byte == 0) {
            self.part.extend_from_slice(&piece[..end]);
            piece = &piece[end + 1..];
            let part = std::mem::take(&mut self.part);
            self.finish_part(part)?;
        }
        self.part.extend_from_slice(piece);
        Ok(())
    }

    fn end(self) -> Result<History, String> {
        match (&self.part[..], &self.parts[..]) {
            ([] | [b'\n'], []) => Ok(self.history),
            _ => Err("git stopped in the middle of a commit".to_owned()),
        }
    }

    fn finish_part(&mut self, mut part: Vec<u8>) -> Result<(), String> {
        if self.parts.is_empty() {
            // A line ends in front of the first status.
            if part.first() == Some(&b'\n') {
                part.remove(0);
            }
            if part.is_empty() {
                return Ok(());
            }
        }
        self.parts.push(part);
        let wanted = match self.parts[0].first() {
            Some(1) => COMMIT_PARTS,
            Some(b'R' | b'C') => 3,
            _ => 2,
        };
        if self.parts.len() < wanted {
            return Ok(());
        }
        let parts = std::mem::take(&mut self.parts);
        let is_commit = wanted == COMMIT_PARTS;
        let read = if is_commit { self.commit(&parts) } else { self.change(parts) };
        read.ok_or_else(|| "git answered with what is no answer".to_owned())
    }

    fn commit(&mut self, parts: &[Vec<u8>]) -> Option<()> {
        let text = |part: usize| String::from_utf8_lossy(&parts[part]).into_owned();
        self.history.commits.push(Commit {
            id: text(0).get(1..)?.to_owned(),
            parents: text(1).split_whitespace().map(str::to_owned).collect(),
            author_name: text(2),
            author_email: text(3),
            authored_at: text(4).parse().ok()?,
            committed_at: text(5).parse().ok()?,
            subject: text(6),
        });
        Some(())
    }

    fn change(&mut self, parts: Vec<Vec<u8>>) -> Option<()> {
        let kind = match parts[0].first()? {
            b'A' | b'C' => "added",
            b'M' => "modified",
            b'D' => "deleted",
            b'R' => "renamed",
            b'T' => "type_changed",
            _ => return None,
        };
        let mut paths = parts.into_iter().skip(1).map(String::from_utf8);
        let (first, second) = (paths.next()?, paths.next());
        let (old, path) = match second {
            Some(second) => (Some(first), second),
            None => (None, first),
        };
        let commit = self.history.commits.len().checked_sub(1)?;
        let Ok(path) = path else {
            self.history.unnamed += 1;
            return Some(());
        };
        let old = old.filter(|_| kind == "renamed").and_then(Result::ok);
        let old_path = old.map(|old| format!("{}{old}", self.prefix));
        let change = Change { commit, kind, old_path };
        self.history.changes.entry(format!("{}{path}", self.prefix)).or_default().push(change);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `|` for NUL.
    const PRINTED: &str = "\x01aa|bb cc|A|a@b|7|8|merge|\x01bb|cc|A|a@b|5|6|two|\nR100|a|b|A|c|\x01cc||B||3|4||\nA|\x01a|";

    fn bytes(text: &str) -> Vec<u8> {
        text.replace('|', "\0").into_bytes()
    }

    fn read(pieces: &[&[u8]]) -> Result<History, String> {
        let mut reader = Reader::new("p/");
        for piece in pieces {
            reader.take(piece)?;
        }
        reader.end()
    }

    #[test]
    fn commits_and_changes_are_read_in_any_pieces() {
        let whole = read(&[&bytes(PRINTED)]).expect("whole");
        let ids: Vec<_> = whole.commits.iter().map(|commit| commit.id.as_str()).collect();
        assert_eq!(ids, ["aa", "bb", "cc"]);
        assert_eq!(whole.commits[0].parents, ["bb", "cc"]);
        assert_eq!((whole.commits[2].subject.as_str(), whole.commits[2].committed_at), ("", 4));
        let renamed = Change { commit: 1, kind: "renamed", old_path: Some("p/a".to_owned()) };
        assert_eq!(whole.changes["p/b"], [renamed]);
        assert_eq!(whole.changes.keys().collect::<Vec<_>>(), ["p/\x01a", "p/b", "p/c"]);
        let printed = bytes(PRINTED);
        for cut in 0..printed.len() {
            let (left, right) = printed.split_at(cut);
            assert_eq!(read(&[left, right]).expect("whole"), whole);
        }
    }

    #[test]
    fn what_is_cut_off_or_rubbish_is_told() {
        assert!(read(&[&bytes("\x01aa|bb|")]).is_err());
        assert!(read(&[&bytes("M|a|")]).is_err());
        assert!(read(&[&bytes("\x01aa||A|a|x|1|s|")]).is_err());
        assert!(read(&[&bytes("\x01aa||A|a|1|1|s|?|a|")]).is_err());
        let odd = read(&[&bytes("\x01aa||A|a|1|1|s|M|"), b"\xff\0"]).expect("whole");
        assert_eq!((odd.unnamed, odd.changes.len()), (1, 0));
    }
}
