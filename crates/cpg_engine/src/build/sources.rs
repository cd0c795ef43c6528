//! Listing what a build reads.

use std::collections::BTreeMap;
use std::path::Path;

use cpg_evidence::{Scan, ScanError, ScanOptions, Source};

use crate::error::{EngineError, Result};
use crate::profile::RuntimeProfile;
use crate::record::SourceRecord;

/// Checks the source directories before anything is written, and names them as extractors take them: files of one
/// source by their path below it; where there are several sources, paths begin with the source's own name.
///
/// # Errors
/// [`EngineError::BadSource`] for what is no readable directory, [`EngineError::BadOutput`] when the output directory
/// holds a source: all of it would be taken for output.
pub(crate) fn check(profile: &RuntimeProfile) -> Result<Vec<Source>> {
    let out = profile.out.folder().and_then(|out| out.canonicalize().ok());
    let mut sources = Vec::with_capacity(profile.sources.len());
    for path in &profile.sources {
        let bad = |reason: String| EngineError::BadSource { path: path.clone(), reason };
        let root = path.canonicalize().map_err(|error| bad(error.to_string()))?;
        if !root.is_dir() {
            return Err(bad("it is a file, not a directory".to_owned()));
        }
        drop(std::fs::read_dir(&root).map_err(|error| bad(error.to_string()))?);
        if out.as_ref().is_some_and(|out| root.starts_with(out)) {
            let reason = format!("it holds the source `{}`", path.display());
            return Err(EngineError::BadOutput { out: profile.out.clone(), reason });
        }
        sources.push(match root.file_name().and_then(|name| name.to_str()) {
            Some(name) if profile.sources.len() > 1 => Source::with_prefix(&root, name),
            _ => Source::new(root),
        });
    }
    Ok(sources)
}

/// Lists and hashes the files of the sources. The output directory is never one.
///
/// # Errors
/// [`EngineError::BadSource`] when a source cannot be listed, or two give one path to different files.
pub(crate) fn scan(profile: &RuntimeProfile, sources: &[Source]) -> Result<Scan> {
    let options = ScanOptions {
        // It may not be there yet: then no source holds it.
        output: profile
            .out
            .folder()
            .map(|out| out.canonicalize().unwrap_or_else(|_| out.to_owned())),
        threads: Some(profile.threads.max(1)),
        extract: profile.extract.clone(),
    };
    let bad =
        |path: &Path, reason: String| EngineError::BadSource { path: path.to_owned(), reason };
    cpg_evidence::scan(sources, &options).map_err(|error| match &error {
        ScanError::Unreadable { root, error } => bad(root, error.to_string()),
        ScanError::NotADirectory { root } => bad(root, "it is not a directory".to_owned()),
        ScanError::Collision { path } => {
            bad(Path::new(path), "two sources of one name both have this file".to_owned())
        }
        ScanError::Changes { root, reference, reason } => {
            bad(root, format!("what changed since `{reference}` is not known: {reason}"))
        }
        ScanError::NoSource => EngineError::NothingToExtract { sources: Vec::new() },
    })
}

/// What the files hold, by path: half of their hashes, which is enough to tell that they differ.
pub(crate) fn contents(scan: &Scan) -> BTreeMap<String, String> {
    let half = |hash: &blake3::Hash| hash.to_hex()[..32].to_owned();
    scan.files().map(|(path, file)| (path.to_owned(), half(&file.content_hash))).collect()
}

/// How much there is to read.
pub(crate) fn measure(scan: &Scan) -> SourceRecord {
    let mut sources = SourceRecord::default();
    for (_, file) in scan.files() {
        sources.files += 1;
        sources.bytes += file.size;
    }
    sources
}
