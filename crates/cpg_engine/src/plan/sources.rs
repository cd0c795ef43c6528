//! Which source files differ from those of the build before.

use std::collections::BTreeMap;

use cpg_evidence::Scan;
use serde::{Deserialize, Serialize};

use crate::build::sources::contents;

/// Files that differ, each kind by path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedSources {
    /// Those that were not there.
    pub added: Vec<String>,
    /// Those that hold something else.
    pub changed: Vec<String>,
    /// Those that are gone.
    pub removed: Vec<String>,
}

impl ChangedSources {
    /// What the scan found, beside what the files held `before`.
    pub(super) fn between(mut before: BTreeMap<String, String>, scan: &Scan) -> Self {
        let mut found = Self::default();
        for (path, content) in contents(scan) {
            match before.remove(&path) {
                None => found.added.push(path),
                Some(old) if old != content => found.changed.push(path),
                Some(_) => {}
            }
        }
        found.removed = before.into_keys().collect();
        found
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.added.len() + self.changed.len() + self.removed.len()
    }
}
