//! What a repository has checked out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::run::{differing, git, is_in_repository, line, paths};
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
        let is_shallow = line(&git(folder, &["rev-parse", "--is-shallow-repository"])?) == "true";
        let mut objects = BTreeMap::new();
        let mut submodules = Vec::new();
        for entry in git(folder, &["ls-files", "--stage", "-z"])?.split(|byte| *byte == 0) {
            // MODE OBJECT STAGE, a tabulator, the path. What is not UTF-8 no table can name.
            let Some((about, path)) =
                std::str::from_utf8(entry).ok().and_then(|e| e.split_once('\t'))
            else {
                continue;
            };
            let mut about = about.split(' ');
            let (Some(mode), Some(object)) = (about.next(), about.next()) else { continue };
            if mode == "160000" {
                submodules.push((path.to_owned(), object.to_owned()));
            } else {
                objects.insert(format!("{prefix}{path}"), object.to_owned());
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
        };
        Ok((repository, submodules))
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
