//! Where editors open the files of the standard library.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cpg_base::SourceId;

use crate::host::Host;

/// The files of the standard library, by what we call them and by where they lie.
#[derive(Debug, Default)]
pub(crate) struct Library {
    paths: BTreeMap<SourceId, PathBuf>,
    sources: BTreeMap<PathBuf, SourceId>,
}

impl Library {
    pub fn new(host: &dyn Host) -> Self {
        let mut library = Self::default();
        for file in host.library() {
            if let Some(path) = host.library_file(&file.id) {
                library.sources.insert(path.clone(), file.id.clone());
                library.paths.insert(file.id, path);
            }
        }
        library
    }

    /// Where a file lies.
    pub fn path(&self, source: &SourceId) -> Option<&Path> {
        self.paths.get(source).map(PathBuf::as_path)
    }

    /// The file that lies there.
    pub fn source(&self, path: &Path) -> Option<&SourceId> {
        self.sources.get(path)
    }
}
