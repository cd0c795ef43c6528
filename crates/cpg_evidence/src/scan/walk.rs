//! Lists the files of one source and hashes them, in parallel.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{Entry, Language, Location, Problem, ScanOptions, ScannedFile, Source};
use crate::error::ScanError;
use crate::errors::ErrorKind;
use crate::git::{self, Changed};
use crate::options::FileFilter;

/// How many bytes of a file are read at a time.
const BUFFER: usize = 256 * 1024;

/// How many bytes of a file are looked at to see what it is written in.
pub(super) const HEAD: usize = 128;

/// The files of a source, in no order.
pub(super) fn walk(
    source: &Source,
    options: &ScanOptions,
    changed: Option<Changed>,
) -> Result<Vec<(String, Entry)>, ScanError> {
    let unreadable = |error| ScanError::Unreadable { root: source.root().to_owned(), error };
    let root = source.root().canonicalize().map_err(unreadable)?;
    if !root.is_dir() {
        return Err(ScanError::NotADirectory { root: source.root().to_owned() });
    }
    std::fs::read_dir(&root).map_err(unreadable)?;
    let names = Names { root: &root, prefix: &source.prefix };

    let output = options.output.as_deref().and_then(|path| path.canonicalize().ok());
    let filter = Arc::new(FileFilter::new(&options.extract.files, &root, changed));
    let (folders, excluded) = (Arc::clone(&filter), output.clone());
    let mut builder = WalkBuilder::new(&root);
    builder
        // What a user configured for the whole machine must not decide what a repository's graph holds.
        .git_global(false)
        .threads(options.threads.unwrap_or(0))
        .filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let is_root = entry.depth() == 0;
            is_root || !is_folder || {
                folders.enters(entry.path()) && !is_output(entry, excluded.as_deref())
            }
        });

    let (sender, receiver) = mpsc::channel();
    // Git is asked while the files are read that nobody ignores.
    let asked = thread::scope(|scope| {
        let asked = scope.spawn(|| git::tracked_though_ignored(&root));
        walk_all(&builder, names, &filter, &sender);
        asked.join().unwrap_or_else(|_| Err("it could not be asked".to_owned()))
    });
    drop(sender);
    let mut found: Vec<(String, Entry)> = receiver.into_iter().collect();
    match asked {
        // As almost always, and then nothing needs to be looked up.
        Ok(more) if more.is_empty() => {}
        Ok(more) => {
            let known: BTreeSet<String> = found.iter().map(|(path, _)| path.clone()).collect();
            let mut buffer = vec![0; BUFFER].into_boxed_slice();
            let more = more.into_iter().filter(|path| {
                let is_known = names.of(path).is_ok_and(|path| known.contains(&path));
                !is_known && is_shown(&root, path, output.as_deref())
            });
            found.extend(more.filter_map(|path| read(names, &filter, path, &mut buffer)));
        }
        Err(why) => {
            let message = format!("git does not say which ignored files it tracks: {why}");
            let problem = Problem { kind: ErrorKind::Subprocess, message };
            found.push((format!("{}.git", source.prefix), Entry::Problem(problem)));
        }
    }
    Ok(found)
}

/// Whether a tracked file is one that the walk would find if nothing ignored it.
fn is_shown(root: &Path, path: &Path, output: Option<&Path>) -> bool {
    let below = path.strip_prefix(root).unwrap_or(path);
    let is_hidden = below.iter().any(|part| part.as_encoded_bytes().starts_with(b"."));
    let is_file = path.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
    is_file && !is_hidden && !output.is_some_and(|output| path.starts_with(output))
}

/// Gives what the walk finds.
fn walk_all(
    builder: &WalkBuilder,
    names: Names<'_>,
    filter: &FileFilter,
    sender: &mpsc::Sender<(String, Entry)>,
) {
    builder.build_parallel().run(|| {
        let sender = sender.clone();
        let mut buffer = vec![0; BUFFER].into_boxed_slice();
        Box::new(move |entry| {
            let found = match entry {
                Ok(entry) => visit(names, filter, entry, &mut buffer),
                Err(error) => Some(problem_of(names, &error)),
            };
            match found.map_or(Ok(()), |found| sender.send(found)) {
                Ok(()) => WalkState::Continue,
                // Nobody listens any more.
                Err(_) => WalkState::Quit,
            }
        })
    });
}

/// Whether a folder is an output directory: `.cpglang` wherever it is, and the one this build writes to.
fn is_output(entry: &DirEntry, output: Option<&Path>) -> bool {
    entry.file_name() == ".cpglang"
        || output.is_some_and(|output| {
            output.file_name() == Some(entry.file_name())
                && entry.path().canonicalize().is_ok_and(|path| path == output)
        })
}

fn visit(
    names: Names<'_>,
    filter: &FileFilter,
    entry: DirEntry,
    buffer: &mut [u8],
) -> Option<(String, Entry)> {
    entry.file_type()?.is_file().then(|| read(names, filter, entry.into_path(), buffer))?
}

/// A file, if it is a source.
fn read(
    names: Names<'_>,
    filter: &FileFilter,
    location: PathBuf,
    buffer: &mut [u8],
) -> Option<(String, Entry)> {
    if !filter.takes(&location) {
        return None;
    }
    let path = match names.of(&location) {
        Ok(path) => path,
        Err(readable) => {
            let problem = Problem {
                kind: ErrorKind::Path,
                message: "the path is not valid UTF-8".to_owned(),
            };
            return Some((readable, Entry::Problem(problem)));
        }
    };
    let entry = match hash(&path, &location, buffer) {
        Ok(file) => Entry::File(file),
        Err(error) => Entry::Problem(problem(&error)),
    };
    Some((path, entry))
}

fn hash(path: &str, location: &Path, buffer: &mut [u8]) -> io::Result<ScannedFile> {
    let mut file = File::open(location)?;
    let mut hasher = blake3::Hasher::new();
    let mut size: u64 = 0;
    let mut language = None;
    loop {
        let read = match file.read(buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if size == 0 {
            language = Language::detect(path, &buffer[..read.min(HEAD)]);
        }
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        size += read as u64;
    }
    Ok(ScannedFile {
        location: Location::Disk(location.to_owned()),
        size,
        content_hash: hasher.finalize(),
        language,
    })
}

/// How a source's files are named.
#[derive(Clone, Copy)]
struct Names<'a> {
    root: &'a Path,
    prefix: &'a str,
}

impl Names<'_> {
    /// The path that tables name a file by; as an error, readable but not exact, where it is not UTF-8.
    fn of(self, location: &Path) -> Result<String, String> {
        let relative = location.strip_prefix(self.root).unwrap_or(location);
        let exact: Option<Vec<&str>> = relative.iter().map(OsStr::to_str).collect();
        match exact {
            Some(parts) => Ok(self.prefix.to_owned() + &parts.join("/")),
            None => {
                let parts: Vec<_> = relative.iter().map(OsStr::to_string_lossy).collect();
                Err(self.prefix.to_owned() + &parts.join("/"))
            }
        }
    }
}

pub(crate) fn problem(error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound => {
            Problem { kind: ErrorKind::Vanished, message: "it is no longer there".to_owned() }
        }
        // The kind and not the system's own words, which differ between systems.
        kind => Problem { kind: ErrorKind::Unreadable, message: kind.to_string() },
    }
}

/// What the walk could not enter, such as a directory without permission.
fn problem_of(names: Names<'_>, error: &ignore::Error) -> (String, Entry) {
    let location = path_of(error).map(PathBuf::from).unwrap_or_default();
    let path = names.of(&location).unwrap_or_else(|readable| readable);
    let problem = match error.io_error() {
        Some(error) => problem(error),
        None => Problem {
            kind: ErrorKind::Unreadable,
            message: "the directory cannot be listed".to_owned(),
        },
    };
    (path, Entry::Problem(problem))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::Partial(errors) => errors.iter().find_map(path_of),
        _ => None,
    }
}
