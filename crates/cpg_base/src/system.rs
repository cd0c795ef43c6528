//! Files and environment behind a trait, so that everything above can be tested in memory.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// How the outside world is reached.
pub trait System: Send + Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// As the operating system gives them.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The files in `dir` itself that end in `extension` (no dot), sorted; links are not followed.
    ///
    /// # Errors
    /// As the operating system gives them.
    fn files_in(&self, dir: &Path, extension: &str) -> io::Result<Vec<PathBuf>>;

    /// The files below `dir` that end in `extension` (no dot), sorted; hidden folders are left out.
    ///
    /// # Errors
    /// As the operating system gives them, for `dir` and the folders below it.
    fn files_below(&self, dir: &Path, extension: &str) -> io::Result<Vec<PathBuf>>;

    /// Whether there is a file at `path`.
    fn is_file(&self, path: &Path) -> bool;

    /// Whether there is a folder at `path`.
    fn is_dir(&self, path: &Path) -> bool;

    /// A variable of the environment; `None` when unset or not Unicode.
    fn env(&self, name: &str) -> Option<String>;
}

/// The operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsSystem;

impl System for OsSystem {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn files_in(&self, dir: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_file() && path.extension().is_some_and(|e| e == extension) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    fn files_below(&self, dir: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut pending = vec![dir.to_owned()];
        while let Some(dir) = pending.pop() {
            for entry in std::fs::read_dir(&dir)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                let path = entry.path();
                // Links are not followed: a loop would never end.
                if kind.is_dir() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
                    pending.push(path);
                } else if kind.is_file() && path.extension().is_some_and(|e| e == extension) {
                    files.push(path);
                }
            }
        }
        files.sort();
        Ok(files)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn is_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// Files and variables held in memory.
#[derive(Debug, Clone, Default)]
pub struct MemorySystem {
    files: BTreeMap<PathBuf, Vec<u8>>,
    env: BTreeMap<String, String>,
}

impl MemorySystem {
    /// The same with one more file.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), bytes.into());
        self
    }

    /// The same with one more variable.
    #[must_use]
    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }
}

impl System for MemorySystem {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn files_in(&self, dir: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
        let inside = |path: &&PathBuf| {
            path.parent() == Some(dir) && path.extension().is_some_and(|e| e == extension)
        };
        Ok(self.files.keys().filter(inside).cloned().collect())
    }

    fn files_below(&self, dir: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
        let below = |path: &&PathBuf| {
            path.starts_with(dir) && path.extension().is_some_and(|e| e == extension)
        };
        Ok(self.files.keys().filter(below).cloned().collect())
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.files.keys().any(|file| file != path && file.starts_with(path))
    }

    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).cloned()
    }
}
