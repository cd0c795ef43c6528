//! Where an export goes: files that appear under their names when they are whole.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use cpg_engine::EngineError;

use crate::failure::Failure;

/// A file that is being written. It is gone again unless it is kept.
pub(super) struct NewFile {
    out: Option<BufWriter<File>>,
    path: PathBuf,
    partial: PathBuf,
}

impl NewFile {
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        if path.is_dir() {
            return Err(unwritable(path, &io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial).map_err(|error| unwritable(path, &error))?;
        Ok(Self { out: Some(BufWriter::new(file)), path: path.to_owned(), partial })
    }

    /// Gives it its name.
    pub(super) fn keep(mut self) -> Result<(), Failure> {
        let kept = self.out.take().map_or(Ok(()), |mut out| out.flush());
        kept.and_then(|()| std::fs::rename(&self.partial, &self.path))
            .map_err(|error| unwritable(&self.path, &error))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Once it is kept there is nothing of that name; else what is left behind says so by its name.
        let _ = std::fs::remove_file(&self.partial);
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.as_mut().map_or(Ok(0), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

/// A folder that files go into.
pub(super) struct NewFolder(PathBuf);

impl NewFolder {
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(path).map_err(|error| unwritable(path, &error))?;
        Ok(Self(path.to_owned()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn file(&self, name: &str) -> Result<NewFile, Failure> {
        NewFile::create(&self.0.join(name))
    }
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let (what, reason) = (path.display().to_string(), error.to_string());
    Failure::Engine(EngineError::Storage { what, reason })
}
