//! Where the bytes of a file are.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// A file on disk, or one that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    Disk(PathBuf),
    Memory(Arc<[u8]>),
}

impl Location {
    /// What is there now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn read(&self) -> io::Result<Cow<'_, [u8]>> {
        match self {
            Self::Disk(path) => std::fs::read(path).map(Cow::Owned),
            Self::Memory(bytes) => Ok(Cow::Borrowed(bytes)),
        }
    }
}
