//! One build at a time per output root.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use crate::error::{EngineError, Result};
use crate::root::{Lease, Place};

const LOCK_FILE: &str = "build.lock";

/// Held for as long as a build runs. The operating system releases that of a folder with the process, however that ends;
/// that of a bucket ends by itself when nobody prolongs it.
#[derive(Debug)]
pub(crate) enum BuildLock {
    Folder { _file: File },
    Bucket(Lease),
}

impl BuildLock {
    /// Takes the lock of an output root that is there, without waiting for another build.
    ///
    /// # Errors
    /// [`EngineError::OutputBusy`] while another build holds it, [`EngineError::BadOutput`] when the root cannot be
    /// written to.
    pub(crate) fn acquire(root: &Place) -> Result<Self> {
        let lock = root.join(LOCK_FILE);
        let path = match &lock {
            Place::Local(path) => path,
            Place::Remote(bucket, key) => return Lease::acquire(bucket, key).map(Self::Bucket),
        };
        let bad = |reason: String| EngineError::BadOutput { out: root.location(), reason };
        // Opened without truncating, so that a build that changes nothing touches nothing.
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(|error| bad(error.to_string()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self::Folder { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(EngineError::OutputBusy { out: root.location(), by: None })
            }
            Err(TryLockError::Error(error)) => Err(bad(format!("cannot be locked: {error}"))),
        }
    }

    /// Makes sure that it is still held.
    ///
    /// # Errors
    /// [`EngineError::LeaseLost`] when another build took over, since this one was not heard of for long.
    pub(crate) fn confirm(&self) -> Result<()> {
        match self {
            Self::Folder { .. } => Ok(()),
            Self::Bucket(lease) => lease.confirm(),
        }
    }

    /// Whether a build holds the lock of an output root.
    ///
    /// # Errors
    /// When its lock cannot be looked at.
    pub(crate) fn is_held(root: &Place) -> io::Result<bool> {
        match root.join(LOCK_FILE) {
            Place::Local(path) => is_locked(&path),
            Place::Remote(bucket, key) => Ok(Lease::holder(&bucket, &key)?.is_some()),
        }
    }
}

fn is_locked(path: &Path) -> io::Result<bool> {
    let file = match File::open(path) {
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
