//! Segments of evidence by what they hold, kept beyond one output directory: for other checkouts, and for branches that
//! are left and come back.
//!
//! An entry is one file, named after the fingerprint of what its segment follows from, and never changes: it is written beside and renamed.
//! It begins with the hash of all that follows, without which nothing of it is believed. So any number of builds may use a
//! cache at once, and whatever is wrong with an entry makes it one that is not there. What was not used for the longest
//! time goes first when there is more than there should be.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use cpg_ir::canon::Fingerprint;

use crate::delta::DataFile;
use crate::error::{EngineError, Result};
use crate::publish::RunId;
use crate::resolver::Dataset;

/// What files that are being written end in.
const PARTIAL: &str = "partial";

/// After so long, nobody writes such a file any more.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// The most bytes that the list of an entry's files may have.
const MAX_LIST: u64 = 16 << 20;

/// The rows of a segment.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// What it holds.
    pub(crate) content: Fingerprint,
    /// Where its rows are.
    pub(crate) files: Vec<DataFile>,
}

/// A folder of entries.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    /// How many bytes its entries may take.
    limit: u64,
}

impl Cache {
    /// The cache in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(crate) fn open(folder: &Path, limit: u64) -> Result<Self> {
        let failed =
            |error| EngineError::storage(format!("the cache `{}`", folder.display()), error);
        fs::create_dir_all(folder).map_err(failed)?;
        // Wherever it lies, it is no source.
        let ignored = folder.join(".ignore");
        if !ignored.exists() {
            fs::write(ignored, "*\n").map_err(failed)?;
        }
        Ok(Self { folder: folder.to_owned(), limit })
    }

    /// Puts the files of the segment that `follows` from this into a table's folder of `run`. None where there is no such entry, or nothing that could
    /// be believed.
    pub(crate) fn fetch(
        &self,
        follows: Fingerprint,
        dataset: &Dataset,
        run: &RunId,
    ) -> Option<Fetched> {
        let location = self.location(follows);
        let entry = File::open(&location).ok()?;
        // When it was last used; that this fails costs at most the entry.
        drop(entry.set_modified(SystemTime::now()));
        match read(entry, follows, dataset, run) {
            Ok(fetched) => Some(fetched),
            Err(_) => {
                // It would be in the way of a good one.
                drop(fs::remove_file(location));
                None
            }
        }
    }

    /// Keeps a segment of a table that `follows` from this.
    ///
    /// # Errors
    /// When they cannot be read or the entry not be written.
    pub(crate) fn store(
        &self,
        follows: Fingerprint,
        segment: &Fetched,
        dataset: &Dataset,
        run: &RunId,
    ) -> io::Result<()> {
        let location = self.location(follows);
        if location.exists() {
            return Ok(());
        }
        fs::create_dir_all(location.parent().unwrap_or(&self.folder))?;
        let partial = location.with_extension(format!("{}.{PARTIAL}", run.as_str()));
        let written = write(&partial, follows, segment, dataset);
        let done = written.and_then(|()| fs::rename(&partial, &location));
        if done.is_err() {
            drop(fs::remove_file(&partial));
        }
        done
    }

    /// Removes what was not used for the longest time while there is more than there may be.
    ///
    /// # Errors
    /// When the folder cannot be listed. What another build removes at the same time is none.
    pub(crate) fn trim(&self) -> io::Result<()> {
        let now = SystemTime::now();
        let mut entries = Vec::new();
        for shard in fs::read_dir(&self.folder)? {
            let shard = shard?;
            if !shard.file_type()?.is_dir() {
                continue;
            }
            for entry in fs::read_dir(shard.path())? {
                let path = entry?.path();
                let Ok(about) = fs::metadata(&path) else { continue };
                let used = about.modified()?;
                let is_partial = path.extension().is_some_and(|extension| extension == PARTIAL);
                if !is_partial {
                    entries.push((used, path, about.len()));
                } else if now.duration_since(used).is_ok_and(|age| age > ABANDONED) {
                    drop(fs::remove_file(path));
                }
            }
        }
        entries.sort();
        let mut bytes: u64 = entries.iter().map(|(.., size)| size).sum();
        for (_, path, size) in entries {
            if bytes <= self.limit {
                break;
            }
            drop(fs::remove_file(path));
            bytes -= size;
        }
        Ok(())
    }

    /// The folders of its entries.
    ///
    /// # Errors
    /// When its folder cannot be listed.
    pub(crate) fn shards(&self) -> io::Result<Vec<PathBuf>> {
        let mut shards = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let is_one =
                |name: &str| name.len() == 2 && name.chars().all(|c| c.is_ascii_hexdigit());
            if entry.file_type()?.is_dir() && entry.file_name().to_str().is_some_and(is_one) {
                shards.push(entry.path());
            }
        }
        shards.sort();
        Ok(shards)
    }

    fn location(&self, follows: Fingerprint) -> PathBuf {
        let name = follows.to_string();
        let shard = name.get(..2).unwrap_or("00");
        self.folder.join(shard).join(&name)
    }
}

/// The hash; how long the list is, in 8 bytes; the list, of what the segment follows from, what it holds and what is to be
/// known of its files; the files, one after the other.
fn write(
    location: &Path,
    follows: Fingerprint,
    segment: &Fetched,
    dataset: &Dataset,
) -> io::Result<()> {
    let Fetched { content, files } = segment;
    let files_said: Vec<_> = files.iter().map(DataFile::to_json).collect();
    let list = serde_json::to_vec(&(follows, content, files_said))?;
    let mut out =
        Hashing { hasher: blake3::Hasher::new(), file: BufWriter::new(File::create(location)?) };
    out.file.write_all(&[0; blake3::OUT_LEN])?;
    out.write_all(&(list.len() as u64).to_le_bytes())?;
    out.write_all(&list)?;
    for file in files {
        let copied = io::copy(&mut dataset.folder().join(file.path()).open()?, &mut out)?;
        if copied != file.bytes() {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
    }
    let hash = out.hasher.finalize();
    let mut file = out.file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(hash.as_bytes())
}

/// Writes and hashes.
struct Hashing {
    hasher: blake3::Hasher,
    file: BufWriter<File>,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn read(
    mut entry: File,
    follows: Fingerprint,
    dataset: &Dataset,
    run: &RunId,
) -> io::Result<Fetched> {
    let broken = || io::Error::from(io::ErrorKind::InvalidData);
    let mut hash = [0; blake3::OUT_LEN];
    entry.read_exact(&mut hash)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&mut entry)?;
    if hasher.finalize() != blake3::Hash::from_bytes(hash) {
        return Err(broken());
    }
    entry.seek(SeekFrom::Start(blake3::OUT_LEN as u64))?;
    let mut length = [0; 8];
    entry.read_exact(&mut length)?;
    let length = Some(u64::from_le_bytes(length)).filter(|length| *length <= MAX_LIST);
    let mut list = Vec::new();
    (&mut entry).take(length.ok_or_else(broken)?).read_to_end(&mut list)?;
    let (of, content, list): (Fingerprint, Fingerprint, Vec<serde_json::Value>) =
        serde_json::from_slice(&list)?;
    // An entry that has the name of another.
    if of != follows {
        return Err(broken());
    }
    let mut files = Vec::with_capacity(list.len());
    for (number, file) in list.into_iter().enumerate() {
        let path = format!("{}/{follows}-{number}.parquet", run.as_str());
        let file = DataFile::from_json(file).ok_or_else(broken)?.at(path);
        let place = dataset.folder().join(file.path());
        if place.fill(&mut (&mut entry).take(file.bytes()))? != file.bytes() {
            return Err(broken());
        }
        files.push(file);
    }
    Ok(Fetched { content, files })
}
