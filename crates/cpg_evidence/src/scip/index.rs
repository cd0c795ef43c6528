//! An index on disk: what it holds and where, without its content. One pass, in memory that grows with the number of
//! documents only.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use super::wire::{Field, Wire, broken};

/// The largest part that is read at once.
const MAX_PART: u64 = 256 * 1024 * 1024;

/// How much of a document is looked at for its path, which indexers write first.
const HEAD: usize = 64 * 1024;

/// A part of an index: where it is, and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    start: u64,
    length: u64,
    hash: blake3::Hash,
}

/// What one index holds.
#[derive(Debug, Default)]
pub(crate) struct Index {
    location: PathBuf,
    /// The path that tables name it by.
    pub(crate) path: String,
    /// Whether there is such a file.
    pub(crate) is_there: bool,
    pub(super) metadata: Option<Part>,
    /// By the path of the file that they are about, as tables have it. Mostly one for each path.
    pub(super) documents: BTreeMap<String, Vec<Part>>,
    pub(super) external: Vec<Part>,
    /// Why it could not be read to its end, and how far it was.
    pub(super) broken: Option<(String, u64)>,
}

impl Index {
    /// Looks through the index at `location`, which tables call `path`; its documents lie below `prefix`.
    pub(crate) fn open(location: PathBuf, path: String, prefix: &str) -> Self {
        let mut index = Self { location, path, ..Self::default() };
        let file = match File::open(&index.location) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return index,
            Err(error) => {
                index.is_there = true;
                index.broken = Some((error.kind().to_string(), 0));
                return index;
            }
        };
        index.is_there = true;
        let mut wire = Wire::new(BufReader::with_capacity(256 * 1024, file));
        if let Err(error) = index.read(&mut wire, prefix) {
            let reason = match error.kind() {
                io::ErrorKind::InvalidData => error.to_string(),
                kind => kind.to_string(),
            };
            index.broken = Some((reason, wire.position()));
        }
        index
    }

    fn read(&mut self, wire: &mut Wire<BufReader<File>>, prefix: &str) -> io::Result<()> {
        while let Some(Field { number, length }) = wire.field()? {
            let Some(length) = length else { continue };
            if length > MAX_PART {
                return Err(broken("a part of it is larger than 256 MiB"));
            }
            let start = wire.position();
            let mut hasher = blake3::Hasher::new();
            let mut head = Vec::new();
            wire.pass(length, |bytes| {
                hasher.update(bytes);
                if number == 2 && head.len() < HEAD {
                    head.extend_from_slice(&bytes[..bytes.len().min(HEAD - head.len())]);
                }
            })?;
            let part = Part { start, length, hash: hasher.finalize() };
            match number {
                1 => self.metadata = Some(part),
                2 => {
                    let path = path_of(&head, length, || self.content(&part))?;
                    let path = format!("{prefix}{}", normal(&path));
                    self.documents.entry(path).or_default().push(part);
                }
                3 => self.external.push(part),
                _ => {}
            }
        }
        Ok(())
    }

    /// What everything that it says follows from.
    pub(crate) fn state(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        let mut part = |kind: u8, name: &str, part: &Part| {
            hasher.update(&[kind]).update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes()).update(part.hash.as_bytes());
        };
        self.metadata.iter().for_each(|metadata| part(1, "", metadata));
        for (path, documents) in &self.documents {
            documents.iter().for_each(|document| part(2, path, document));
        }
        self.external.iter().for_each(|external| part(3, "", external));
        let broken = self.broken.as_ref().map(|(reason, at)| format!("{reason} {at}"));
        hasher.update(&[u8::from(self.is_there)]);
        hasher.update(broken.unwrap_or_default().as_bytes());
        hasher.finalize()
    }

    /// The bytes of a part; none when they are no longer what they were.
    pub(super) fn content(&self, part: &Part) -> io::Result<Option<Vec<u8>>> {
        let mut file = File::open(&self.location)?;
        file.seek(SeekFrom::Start(part.start))?;
        let mut bytes = Vec::new();
        file.take(part.length).read_to_end(&mut bytes)?;
        Ok((blake3::hash(&bytes) == part.hash).then_some(bytes))
    }
}

/// The path that a document begins with. The whole document is read where it begins with something else.
fn path_of(
    head: &[u8],
    length: u64,
    whole: impl FnOnce() -> io::Result<Option<Vec<u8>>>,
) -> io::Result<String> {
    match find_path(head) {
        Ok(Some(path)) => Ok(path),
        found if length == head.len() as u64 => Ok(found?.unwrap_or_default()),
        _ => {
            let whole = whole()?.ok_or_else(|| broken("it changed while it was read"))?;
            Ok(find_path(&whole)?.unwrap_or_default())
        }
    }
}

fn find_path(document: &[u8]) -> io::Result<Option<String>> {
    let mut wire = Wire::new(document);
    while let Some(Field { number, length }) = wire.field()? {
        let mut bytes = Vec::new();
        wire.pass(length.unwrap_or(0), |seen| {
            if number == 1 {
                bytes.extend_from_slice(seen);
            }
        })?;
        if number == 1 && length.is_some() {
            let path = String::from_utf8(bytes);
            return path.map(Some).map_err(|_| broken("a document's path is not valid UTF-8"));
        }
    }
    Ok(None)
}

/// A path as scans have it: `/` between parts, no `.` among them.
fn normal(path: &str) -> String {
    let path = path.replace('\\', "/");
    path.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/")
}
