//! What a repository has checked out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::run::{differing, git, is_in_repository, line, paths, staged};
use crate::scan::Source;

/// Submodules of submodules, so deep.
const MAX_DEPTH: usize = 8;

/// A repository, as far as it lies in a source.
#[derive(Debug)]
pub(crate) struct Repository {
    pub(super) folder: PathBuf,
    /// The path that tables have for it.
    pub(crate) path: String,
    /// What the paths of its files begin with.
    pub(crate) prefix: String,
    pub(crate) head: Option<String>,
    pub(super) branch: Option<String>,
    pub(super) is_submodule: bool,
    pub(super) recorded: Option<String>,
    pub(super) is_shallow: bool,
    /// What the index has, by path.
    pub(super) objects: BTreeMap<String, String>,
    /// The paths of tracked files that differ from what is checked out.
    pub(super) modified: BTreeSet<String>,
    /// Where the folder lies in the repository: empty, or ending with `/`.
    below: String,
    /// The paths that the commit has which is checked out, once that is asked for.
    committed: OnceLock<Result<BTreeSet<String>, String>>,
}

impl Repository {
    /// The repository around a source and its submodules, sorted by path; none where there is none.
    ///
    /// # Errors
    /// What git says, for people.
    pub(crate) fn of(source: &Source) -> Result<Vec<Self>, String> {
        let Ok(folder) = source.root().canonicalize() else { return Ok(Vec::new()) };
        if !is_in_repository(&folder) {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        let mut rest = vec![(folder, source.prefix().to_owned(), None, 0)];
        while let Some((folder, prefix, recorded, depth)) = rest.pop() {
            let (repository, submodules) = Self::read(&folder, prefix, recorded)?;
            for (path, commit) in submodules {
                let folder = folder.join(&path);
                if depth < MAX_DEPTH && folder.join(".git").exists() {
                    let prefix = format!("{}{path}/", repository.prefix);
                    rest.push((folder, prefix, Some(commit), depth + 1));
                }
            }
            found.push(repository);
        }
        found.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(found)
    }

    /// Also gives the submodules, with the commits that are asked for.
    fn read(
        folder: &Path,
        prefix: String,
        recorded: Option<String>,
    ) -> Result<(Self, Vec<(String, String)>), String> {
        let head = git(folder, &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
        let head = head.ok().map(|answer| line(&answer));
        let branch = git(folder, &["symbolic-ref", "--quiet", "--short", "HEAD"]);
        let branch = branch.ok().map(|answer| line(&answer));
        let asked = git(folder, &["rev-parse", "--is-shallow-repository", "--show-prefix"])?;
        let asked = String::from_utf8_lossy(&asked);
        let mut asked = asked.lines().map(str::to_owned);
        let is_shallow = asked.next().is_some_and(|told| told == "true");
        let below = asked.next().unwrap_or_default();
        let mut objects = BTreeMap::new();
        let mut submodules = Vec::new();
        for entry in staged(&git(folder, &["ls-files", "--stage", "-z"])?) {
            let object = entry.object.to_owned();
            if entry.is_submodule() {
                submodules.push((entry.path.to_owned(), object));
            } else {
                objects.insert(format!("{prefix}{}", entry.path), object);
            }
        }
        let modified = match &head {
            None => objects.keys().cloned().collect(),
            Some(_) => modified(folder, &prefix)?,
        };
        let path = format!("{prefix}.git");
        let is_submodule = recorded.is_some();
        let folder = folder.to_owned();
        let repository = Self {
            folder,
            path,
            prefix,
            head,
            branch,
            is_submodule,
            recorded,
            is_shallow,
            objects,
            modified,
            below,
            committed: OnceLock::new(),
        };
        Ok((repository, submodules))
    }

    /// The innermost of some repositories that a path lies in.
    pub(super) fn around<'r>(all: &'r [Self], path: &str) -> Option<&'r Self> {
        let around = all.iter().filter(|repository| path.starts_with(&repository.prefix));
        around.max_by_key(|repository| repository.prefix.len())
    }

    /// Whether the commit that is checked out has a file at a path.
    ///
    /// # Errors
    /// What git says, for people.
    pub(super) fn has_committed(&self, path: &str) -> Result<bool, String> {
        let committed = self.committed.get_or_init(|| {
            let Some(head) = &self.head else { return Ok(BTreeSet::new()) };
            let answer = git(&self.folder, &["ls-tree", "-r", "-z", "--name-only", head])?;
            Ok(paths(&answer).map(|path| format!("{}{path}", self.prefix)).collect())
        });
        committed.as_ref().map(|paths| paths.contains(path)).map_err(Clone::clone)
    }

    /// What tables call a path that counts from the repository's own folder; none for what lies outside of the source.
    pub(super) fn path_of(&self, path: &str) -> Option<String> {
        path.strip_prefix(&self.below).map(|path| format!("{}{path}", self.prefix))
    }

    /// What rows about files and repositories depend on.
    pub(crate) fn state(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        let mut text = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        };
        let told = [&self.head, &self.branch, &self.recorded].map(Option::as_deref);
        [Some(self.path.as_str())].iter().chain(&told).for_each(|one| text(one.unwrap_or("-")));
        text(if self.is_shallow { "shallow" } else { "whole" });
        for (path, object) in &self.objects {
            text(path);
            text(object);
            text(if self.modified.contains(path) { "modified" } else { "same" });
        }
        hasher.finalize()
    }

    /// What its history depends on.
    pub(crate) fn history_state(&self) -> String {
        let head = self.head.as_deref().unwrap_or("none");
        format!("{} {head} {}\n", self.path, self.is_shallow)
    }
}

fn modified(folder: &Path, prefix: &str) -> Result<BTreeSet<String>, String> {
    let answer = differing(folder, &["--ignore-submodules", "HEAD"])?;
    Ok(paths(&answer).map(|path| format!("{prefix}{path}")).collect())
}
