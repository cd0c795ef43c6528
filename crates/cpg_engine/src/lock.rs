//! One build at a time per output root.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use crate::error::{EngineError, Result};

const LOCK_FILE: &str = "build.lock";

/// Held for as long as a build runs; the operating system releases it with the process, however that ends.
#[derive(Debug)]
pub(crate) struct BuildLock {
    _file: File,
}

impl BuildLock {
    /// Creates the output root where it is missing, and takes its lock without waiting.
    ///
    /// # Errors
    /// [`EngineError::OutputBusy`] while another build holds it, [`EngineError::BadOutput`] when the root cannot
    /// be created or written to.
    pub(crate) fn acquire(root: &Path) -> Result<Self> {
        let bad = |reason: String| EngineError::BadOutput { path: root.to_owned(), reason };
        if root.exists() && !root.is_dir() {
            return Err(bad("it is a file, not a directory".to_owned()));
        }
        std::fs::create_dir_all(root).map_err(|error| bad(error.to_string()))?;
        // Opened without truncating, so that a build that changes nothing touches nothing.
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join(LOCK_FILE))
            .map_err(|error| bad(error.to_string()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(EngineError::OutputBusy { path: root.to_owned() }),
            Err(TryLockError::Error(error)) => Err(bad(format!("cannot be locked: {error}"))),
        }
    }

    /// Whether a build holds the lock of an output root.
    ///
    /// # Errors
    /// When its lock cannot be looked at.
    pub(crate) fn is_held(root: &Path) -> io::Result<bool> {
        let file = match File::open(root.join(LOCK_FILE)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
