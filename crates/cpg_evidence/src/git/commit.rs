//! The files of a commit, read without checking it out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::run::{commit_of, git, is_in_repository, line, paths};

/// The files that a commit of a repository has.
#[derive(Debug, Clone)]
pub struct CommitFiles {
    top: PathBuf,
    commit: String,
    paths: BTreeSet<PathBuf>,
}

impl CommitFiles {
    /// Those of the commit that `reference` names in the repository around `folder`.
    ///
    /// # Errors
    /// Why they are not known, for people.
    pub fn open(folder: &Path, reference: &str) -> Result<Self, String> {
        let folder = folder.canonicalize().map_err(|error| error.to_string())?;
        if !is_in_repository(&folder) {
            return Err("it lies in no git repository".to_owned());
        }
        let commit = commit_of(&folder, reference)?;
        let top = PathBuf::from(line(&git(&folder, &["rev-parse", "--show-toplevel"])?));
        let listed = git(&top, &["ls-tree", "-r", "-z", "--name-only", &commit])?;
        let paths = paths(&listed).map(PathBuf::from).collect();
        Ok(Self { top, commit, paths })
    }

    /// The commit's own name.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The repository's folder.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// All files, relative to the repository's folder, sorted.
    pub fn paths(&self) -> &BTreeSet<PathBuf> {
        &self.paths
    }

    /// What one of these holds.
    ///
    /// # Errors
    /// What git says, for people.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let path = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        git(&self.top, &["cat-file", "blob", &format!("{}:{path}", self.commit)])
    }
}
