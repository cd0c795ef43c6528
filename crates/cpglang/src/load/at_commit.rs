//! The files of a commit as if they were the file system's.

use std::io;
use std::path::{Component, Path, PathBuf};

use cpg_base::System;
use cpg_evidence::CommitFiles;

/// A file system that has what a commit has, at the places where it would lie if it were checked out.
pub(crate) struct AtCommit<'a> {
    /// For variables.
    outside: &'a dyn System,
    files: CommitFiles,
    /// Where relative paths begin.
    here: PathBuf,
}

impl<'a> AtCommit<'a> {
    /// Of the commit that `reference` names in the repository around `folder`.
    ///
    /// # Errors
    /// Why its files are not known, for people.
    pub fn open(outside: &'a dyn System, folder: &Path, reference: &str) -> Result<Self, String> {
        let files = CommitFiles::open(folder, reference)?;
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        Ok(Self { outside, files, here: here.map_err(|error| error.to_string())? })
    }

    /// The commit's own name.
    pub fn commit(&self) -> &str {
        self.files.commit()
    }

    /// The place in the repository; none for what lies outside. What the path names need not be there any more.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        let mut whole = PathBuf::new();
        for part in self.here.join(path).components() {
            match part {
                Component::ParentDir => drop(whole.pop()),
                Component::CurDir => {}
                part => whole.push(part),
            }
        }
        Some(whole.strip_prefix(self.files.top()).ok()?.to_owned())
    }

    fn below(&self, dir: &Path, is_wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let Some(inside) = self.inside(dir) else { return Vec::new() };
        let own = self.files.paths().iter().filter_map(|path| path.strip_prefix(&inside).ok());
        own.filter(|own| is_wanted(own)).map(|own| dir.join(own)).collect()
    }
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

impl System for AtCommit<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.inside(path).filter(|path| self.files.paths().contains(path)) {
            Some(path) => self.files.read(&path).map_err(io::Error::other),
            None => Err(io::Error::new(io::ErrorKind::NotFound, "the commit has no such file")),
        }
    }

    fn files_in(&self, dir: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
        let wanted = |own: &Path| own.components().count() == 1 && has_extension(own, extension);
        Ok(self.below(dir, wanted))
    }

    fn files_below(&self, dir: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
        let is_hidden = |own: &Path| {
            let folders = own.parent().into_iter().flat_map(Path::components);
            folders.map(Component::as_os_str).any(|part| part.as_encoded_bytes().starts_with(b"."))
        };
        Ok(self.below(dir, |own| has_extension(own, extension) && !is_hidden(own)))
    }

    fn is_file(&self, path: &Path) -> bool {
        self.inside(path).is_some_and(|path| self.files.paths().contains(&path))
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.inside(path).is_some_and(|inside| {
            let mut paths = self.files.paths().iter();
            paths.any(|path| *path != inside && path.starts_with(&inside))
        })
    }

    fn env(&self, name: &str) -> Option<String> {
        self.outside.env(name)
    }
}
