//! Where builds lie: a folder of this machine, or what lies below a prefix of a bucket.
//!
//! All that is listed, read, written or removed below an output root goes through a [`Place`], which knows both. A folder
//! is asked directly; a bucket by requests that are waited for, so that nobody else needs to know which of the two it is.

mod bucket;
mod failure;
mod lease;
mod location;
mod seen;
mod settled;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cpg_base::write_whole;
use datafusion::prelude::SessionContext;
use deltalake::DeltaResult;
use deltalake::logstore::{LogStoreRef, StorageConfig, logstore_for};
use object_store::path::Path as Key;
use url::Url;

use crate::error::{EngineError, Result};

pub(crate) use bucket::Bucket;
pub(crate) use failure::of_store;
pub(crate) use lease::Lease;
pub use location::{BucketLocation, Location, Patience};
pub(crate) use seen::Seen;

/// A file or a folder below an output root, or the root itself. It need not be there.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// On this machine.
    Local(PathBuf),
    /// In a bucket, where folders are what keys have in common.
    Remote(Arc<Bucket>, Key),
}

impl Place {
    /// An output root as it is; nothing is made.
    ///
    /// # Errors
    /// [`EngineError::BadOutput`] when it can be none, and what a store says that cannot be used.
    pub(crate) fn at(out: &Location) -> Result<Self> {
        let path = match out {
            Location::Bucket(bucket) => return Bucket::open(bucket),
            Location::Folder(path) => path,
        };
        let path = match path.canonicalize() {
            // Whoever only looks does not make it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => std::path::absolute(path),
            found => found,
        };
        path.map(Self::Local).map_err(|error| bad(out, error.to_string()))
    }

    /// An output root that there is. A bucket has every one.
    ///
    /// # Errors
    /// [`EngineError::NoBuild`] where there is none, and as [`Self::at`].
    pub(crate) fn existing(out: &Location) -> Result<Self> {
        match out {
            Location::Folder(path) if !path.exists() => {
                Err(EngineError::NoBuild { out: out.clone() })
            }
            _ => Self::at(out),
        }
    }

    /// An output root to write to: a folder is made where it is missing.
    ///
    /// # Errors
    /// [`EngineError::BadOutput`] when it cannot be made, and as [`Self::at`].
    pub(crate) fn made(out: &Location) -> Result<Self> {
        if let Location::Folder(path) = out {
            if path.exists() && !path.is_dir() {
                return Err(bad(out, "it is a file, not a directory".to_owned()));
            }
            fs::create_dir_all(path).map_err(|error| bad(out, error.to_string()))?;
        }
        Self::at(out)
    }

    /// The path, where it is one of this machine.
    pub(crate) fn local(&self) -> Option<&Path> {
        match self {
            Self::Local(path) => Some(path),
            Self::Remote(..) => None,
        }
    }

    /// What messages call it.
    pub(crate) fn location(&self) -> Location {
        match self {
            Self::Local(path) => Location::Folder(path.clone()),
            Self::Remote(bucket, _) => bucket.location().clone().into(),
        }
    }

    /// What is called so in it; `name` may lead through several folders.
    pub(crate) fn join(&self, name: &str) -> Self {
        match self {
            Self::Local(path) => Self::Local(path.join(name)),
            Self::Remote(bucket, key) => {
                let parts = key.parts().map(|part| part.as_ref().to_owned());
                let more = name.split('/').filter(|part| !part.is_empty()).map(str::to_owned);
                let key = parts.chain(more).collect::<Vec<_>>().join("/");
                // Names are ours, or come from a log, whose paths are keys as they are.
                let key = Key::parse(&key).unwrap_or_else(|_| Key::from(key));
                Self::Remote(Arc::clone(bucket), key)
            }
        }
    }

    /// The names in a folder, in order; none where it is not there. What is no UTF-8 was put there by somebody else.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let folder = match self {
            Self::Local(folder) => folder,
            Self::Remote(bucket, key) => {
                let (mut files, folders) = bucket.names(key)?;
                files.extend(folders);
                files.sort();
                return Ok(files);
            }
        };
        let mut names = Vec::new();
        for entry in entries(folder)? {
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    /// The names of the folders in a folder, likewise.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub(crate) fn folders(&self) -> io::Result<Vec<String>> {
        let folder = match self {
            Self::Local(folder) => folder,
            Self::Remote(bucket, key) => return Ok(bucket.names(key)?.1),
        };
        let mut names = Vec::new();
        for entry in entries(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                names.extend(entry.file_name().into_string());
            }
        }
        names.sort();
        Ok(names)
    }

    /// How many bytes a file has.
    ///
    /// # Errors
    /// When it is not there, or cannot be looked at.
    pub(crate) fn size(&self) -> io::Result<u64> {
        match self {
            Self::Local(path) => Ok(fs::metadata(path)?.len()),
            Self::Remote(bucket, key) => bucket.size(key),
        }
    }

    /// How many bytes some files have that lie below this folder, by their paths relative to it; nothing for those that
    /// are not there.
    ///
    /// # Errors
    /// When they cannot be looked at.
    pub(crate) fn sizes<'a>(
        &self,
        files: impl ExactSizeIterator<Item = &'a str>,
    ) -> io::Result<Vec<Option<u64>>> {
        match self {
            Self::Remote(bucket, key) if files.len() > 1 => {
                let there = bucket.below(key)?;
                Ok(files
                    .map(|file| match self.join(file) {
                        Self::Remote(_, key) => there.get(&key).copied(),
                        Self::Local(_) => None,
                    })
                    .collect())
            }
            _ => files.map(|file| there(self.join(file).size())).collect(),
        }
    }

    /// How many bytes all that lies in it takes; nothing where it is not there.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub(crate) fn size_of_all(&self) -> io::Result<Option<u64>> {
        let path = match self {
            Self::Local(path) => path,
            Self::Remote(bucket, key) => {
                let below = bucket.below(key)?;
                let in_it = (!below.is_empty()).then(|| below.values().sum());
                return in_it.map_or_else(|| there(bucket.size(key)), |bytes| Ok(Some(bytes)));
            }
        };
        let Some(about) = there(fs::symlink_metadata(path))? else { return Ok(None) };
        if !about.is_dir() {
            return Ok(Some(about.len()));
        }
        let mut bytes = 0;
        for entry in fs::read_dir(path)? {
            bytes += Self::Local(entry?.path()).size_of_all()?.unwrap_or_default();
        }
        Ok(Some(bytes))
    }

    /// What a file holds.
    ///
    /// # Errors
    /// When it is not there, or cannot be read.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::Local(path) => fs::read(path),
            Self::Remote(bucket, key) => bucket.read(key),
        }
    }

    /// The bytes of a file, one after the other.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read>> {
        match self {
            Self::Local(path) => Ok(Box::new(File::open(path)?)),
            Self::Remote(bucket, key) => Ok(Box::new(io::Cursor::new(bucket.read(key)?))),
        }
    }

    /// Makes a folder, where folders are made.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn make_folder(&self) -> io::Result<()> {
        match self {
            Self::Local(path) => fs::create_dir_all(path),
            Self::Remote(..) => Ok(()),
        }
    }

    /// Writes a file of a folder that is there, whole or not at all. In a bucket, one that is there already stays, and
    /// writing it is an error.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn create(&self, bytes: Vec<u8>) -> io::Result<()> {
        match self {
            Self::Local(path) => write_whole(path, &bytes),
            Self::Remote(bucket, key) => bucket.create(key, bytes),
        }
    }

    /// The same, unless it is there already.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn create_once(&self, bytes: Vec<u8>) -> io::Result<()> {
        match self {
            Self::Local(path) if path.exists() => Ok(()),
            Self::Local(_) => self.create(bytes),
            Self::Remote(..) => match self.create(bytes) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                done => done,
            },
        }
    }

    /// Writes a file and the folders that it lies in from all that is read. Gives how many bytes these are.
    ///
    /// # Errors
    /// When it cannot be written, or they cannot be read.
    pub(crate) fn fill(&self, from: &mut impl Read) -> io::Result<u64> {
        match self {
            Self::Local(path) => {
                fs::create_dir_all(path.parent().unwrap_or(path))?;
                io::copy(from, &mut File::create(path)?)
            }
            Self::Remote(bucket, key) => {
                let mut bytes = Vec::new();
                from.read_to_end(&mut bytes)?;
                let length = bytes.len() as u64;
                bucket.put(key, bytes).map(|()| length)
            }
        }
    }

    /// Removes a file.
    ///
    /// # Errors
    /// When it cannot be removed, or is not there, as far as a store tells.
    pub(crate) fn remove_file(&self) -> io::Result<()> {
        match self {
            Self::Local(path) => fs::remove_file(path),
            Self::Remote(bucket, key) => bucket.remove(vec![key.clone()]),
        }
    }

    /// Removes a file, or a folder with all that is in it.
    ///
    /// # Errors
    /// When it cannot be removed, or is not there, as far as a store tells.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match self {
            Self::Local(path) if fs::symlink_metadata(path)?.is_dir() => fs::remove_dir_all(path),
            Self::Local(path) => fs::remove_file(path),
            Self::Remote(bucket, key) => {
                let mut keys: Vec<Key> = bucket.below(key)?.into_keys().collect();
                if keys.is_empty() {
                    keys.push(key.clone());
                }
                bucket.remove(keys)
            }
        }
    }

    /// Lists all that lies below it at once where each question is a request. As long as what is given here lives, what is
    /// asked of it is answered from that, or from what was written since.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub(crate) fn look(&self) -> io::Result<Option<Seen>> {
        match self {
            Self::Local(_) => Ok(None),
            Self::Remote(bucket, key) => Seen::new(bucket, key).map(Some),
        }
    }

    /// It as a folder's URL.
    ///
    /// # Errors
    /// When its path has none.
    pub(crate) fn folder_url(&self) -> Result<Url> {
        let url = match self {
            Self::Local(path) => Url::from_directory_path(path).ok(),
            Self::Remote(bucket, key) => bucket.url(key, true),
        };
        url.ok_or_else(|| EngineError::internal(self.to_string(), "its path has no URL"))
    }

    /// It as a file's URL.
    ///
    /// # Errors
    /// When its path has none.
    pub(crate) fn file_url(&self) -> Result<Url> {
        let url = match self {
            Self::Local(path) => Url::from_file_path(path).ok(),
            Self::Remote(bucket, key) => bucket.url(key, false),
        };
        url.ok_or_else(|| EngineError::internal(self.to_string(), "its path has no URL"))
    }

    /// The log of the table in a folder, as Delta reads and writes it.
    ///
    /// # Errors
    /// When its path has no URL.
    pub(crate) fn log_store(&self) -> DeltaResult<LogStoreRef> {
        let url = self.folder_url().map_err(deltalake::DeltaTableError::generic)?;
        match self {
            Self::Local(_) => logstore_for(&url, StorageConfig::default()),
            Self::Remote(bucket, _) => bucket.log_store(&url),
        }
    }

    /// Lets a session read files that lie below it.
    pub(crate) fn register(&self, session: &SessionContext) {
        if let Self::Remote(bucket, _) = self {
            bucket.register(session);
        }
    }
}

/// As users see it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => path.display().fmt(f),
            Self::Remote(bucket, key) => write!(f, "s3://{}/{key}", bucket.location().bucket()),
        }
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(path), Self::Local(other)) => path == other,
            (Self::Remote(bucket, key), Self::Remote(of, other)) => {
                bucket.location() == of.location() && key == other
            }
            _ => false,
        }
    }
}

impl Eq for Place {}

fn bad(out: &Location, reason: String) -> EngineError {
    EngineError::BadOutput { out: out.clone(), reason }
}

/// What is not there is no error.
fn there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// What is in a folder of this machine; nothing where it is not there.
fn entries(folder: &Path) -> io::Result<impl Iterator<Item = io::Result<fs::DirEntry>>> {
    Ok(there(fs::read_dir(folder))?.into_iter().flatten())
}
