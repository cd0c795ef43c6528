//! The files of a package.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::corpus::Package;
use crate::process::Outcome;

/// The Python files of a package, by their paths as graphs have them, and the folder that has these and nothing else.
pub(super) struct Sources {
    pub(super) root: PathBuf,
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

impl Sources {
    /// Copies them below `root`: what else was published beside a package is not measured, nor does it configure an indexer.
    pub(super) fn copy(package: &Package, root: &Path) -> Outcome<Self> {
        if root.exists() {
            fs::remove_dir_all(root)?;
        }
        let mut files = BTreeMap::new();
        let mut pending = vec![package.name.clone()];
        while let Some(folder) = pending.pop() {
            fs::create_dir_all(root.join(&folder))?;
            for entry in fs::read_dir(package.root.join(&folder))? {
                let entry = entry?;
                let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.file_type()?.is_dir() {
                    pending.push(path);
                } else if path.ends_with(".py") {
                    let text = fs::read(entry.path())?;
                    fs::write(root.join(&path), &text)?;
                    files.insert(path, text);
                }
            }
        }
        Ok(Self { root: root.to_owned(), files })
    }

    /// A place for people: the path with the line.
    pub(super) fn shown(&self, path: &str, start: usize) -> String {
        let lines = self.before(path, start).iter().filter(|byte| **byte == b'\n').count();
        format!("{path}:{}", lines + 1)
    }

    /// What stands in a file before a place.
    pub(super) fn before(&self, path: &str, start: usize) -> &[u8] {
        self.files.get(path).and_then(|text| text.get(..start)).unwrap_or_default()
    }
}
