//! Chunks of consecutive files: what one worker does at a time.

use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use cpg_ir::stable_id::file_id;

use super::{EvidenceBatch, Summary};
use crate::catalog::ExtractorMap;
use crate::error::EvidenceError;
use crate::errors::{self, ErrorKind};
use crate::python::{self, bytecode};
use crate::repo;
use crate::scan::{Entry, Language, ModuleName, Scan, ScannedFile, problem};
use crate::table::FileKey;
use crate::text::{Lines, MAX_TEXT};

/// A chunk ends after this many bytes of files, or this many files. The bounds do not depend on the number of
/// threads, so that batches do not either.
const CHUNK_BYTES: u64 = 256 * 1024;
const CHUNK_FILES: usize = 64;

/// Some entries of one segment.
pub(super) struct Chunk {
    pub(super) segment: usize,
    /// Within the segment.
    entries: Range<usize>,
}

/// The entries of segments of the scan, in order.
pub(super) fn chunks(scan: &Scan, segments: impl IntoIterator<Item = usize>) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    for segment in segments {
        let all = scan.segment(segment);
        let (mut start, mut bytes) = (0, 0_u64);
        for (index, (_, entry)) in all.iter().enumerate() {
            if let Entry::File(file) = entry {
                bytes = bytes.saturating_add(file.size);
            }
            if bytes >= CHUNK_BYTES || index + 1 - start >= CHUNK_FILES {
                chunks.push(Chunk { segment, entries: start..index + 1 });
                (start, bytes) = (index + 1, 0);
            }
        }
        if start < all.len() {
            chunks.push(Chunk { segment, entries: start..all.len() });
        }
    }
    chunks
}

/// The rows of a chunk, a batch for each needed table.
pub(super) struct ChunkRows {
    pub(super) batches: Vec<EvidenceBatch>,
    /// Rows are counted by who gives them.
    pub(super) summary: Summary,
}

/// What a worker keeps from chunk to chunk.
pub(super) struct Session<'s> {
    /// The interpreter, where one is needed and there.
    bytecode: Option<bytecode::Session<'s>>,
}

impl<'s> Session<'s> {
    pub(super) fn of(scan: &'s Scan, map: &ExtractorMap) -> Self {
        let interpreter = map.bytecode.as_ref().and_then(|_| scan.interpreter().ok());
        Self { bytecode: interpreter.map(bytecode::Session::new) }
    }
}

/// Extracts a chunk.
pub(super) fn extract(
    scan: &Scan,
    map: &ExtractorMap,
    chunk: &Chunk,
    session: &mut Session<'_>,
) -> Result<ChunkRows, EvidenceError> {
    let mut worker = Worker {
        map,
        session,
        bytecode: map.bytecode.as_ref().map(bytecode::Builders::new),
        repo: map.repo.as_ref().map(repo::Builders::new),
        python: map.python.as_ref().map(python::Builders::new),
        errors: map.errors.as_ref().map(errors::Builders::new),
        summary: Summary::default(),
    };
    if chunk.segment == 0 && chunk.entries.start == 0 {
        worker.missing(scan);
    }
    for (path, entry) in &scan.segment(chunk.segment)[chunk.entries.clone()] {
        worker.entry(scan, path, entry);
    }
    let mut batches = Vec::new();
    if let Some(builders) = worker.repo {
        builders.finish(&mut batches)?;
    }
    if let Some(builders) = worker.python {
        builders.finish(&mut batches)?;
    }
    if let Some(builders) = worker.bytecode {
        builders.finish(&mut batches)?;
    }
    if let Some(builders) = worker.errors {
        builders.finish(&mut batches)?;
    }
    Ok(ChunkRows { batches, summary: worker.summary })
}

struct Worker<'a, 's> {
    map: &'a ExtractorMap,
    session: &'a mut Session<'s>,
    bytecode: Option<bytecode::Builders>,
    repo: Option<repo::Builders>,
    python: Option<python::Builders>,
    errors: Option<errors::Builders>,
    summary: Summary,
}

impl Worker<'_, '_> {
    /// Says once what is needed and not there, of no file.
    fn missing(&mut self, scan: &Scan) {
        let Some(Err(why)) = self.map.bytecode.as_ref().map(|_| scan.interpreter()) else {
            return;
        };
        self.summary.errors += 1;
        let mut errors = errors::Rows::default();
        errors.push_file(bytecode::KEY, ErrorKind::Subprocess, why);
        if let Some(builders) = &mut self.errors {
            builders.append(FileKey { id: file_id(""), path: "", module: "" }, errors);
        }
    }

    fn entry(&mut self, scan: &Scan, path: &str, entry: &Entry) {
        let mut errors = errors::Rows::default();
        let module = match entry {
            Entry::Problem(problem) => {
                errors.push_file(repo::KEY, problem.kind, problem.message.clone());
                None
            }
            Entry::File(file) => {
                let module =
                    (file.language == Some(Language::Python)).then(|| scan.modules.of(path));
                let key = FileKey {
                    id: file_id(path),
                    path,
                    module: module.as_ref().map_or("", |module| &module.dotted),
                };
                self.file(key, file, module.as_ref(), &mut errors);
                module
            }
        };
        self.summary.errors += errors.errors.len();
        if let Some(builders) = &mut self.errors {
            let key = FileKey {
                id: file_id(path),
                path,
                module: module.as_ref().map_or("", |module| &module.dotted),
            };
            builders.append(key, errors);
        }
    }

    fn file(
        &mut self,
        key: FileKey<'_>,
        file: &ScannedFile,
        module: Option<&ModuleName>,
        errors: &mut errors::Rows<'_>,
    ) {
        let repo_needs = self.map.repo.as_ref().is_some_and(repo::Plan::needs_content);
        let is_compiled = self.session.bytecode.is_some();
        let python_needs = (self.map.python.is_some() || is_compiled) && module.is_some();
        let mut content = None;
        if repo_needs || python_needs {
            if file.size > MAX_TEXT {
                let message = format!(
                    "the file has {} bytes, more than the {MAX_TEXT} that are looked at",
                    file.size
                );
                errors.push_file(repo::KEY, ErrorKind::TooLarge, message);
            } else {
                match read(file) {
                    Ok(Some(bytes)) => content = Some(bytes),
                    Ok(None) => {
                        self.summary.changed += 1;
                        let message = "the file changed while it was extracted";
                        errors.push_file(repo::KEY, ErrorKind::Changed, message);
                        return;
                    }
                    Err(error) => {
                        self.summary.changed += 1;
                        let problem = problem(&error);
                        errors.push_file(repo::KEY, problem.kind, problem.message);
                        return;
                    }
                }
            }
        }
        self.summary.files += 1;
        let encoding = content.as_deref().map(|bytes| repo::encoding(file.language, bytes));
        let lines = content.as_deref().map(Lines::new);
        let content = match (&content, &encoding, &lines) {
            (Some(bytes), Some(encoding), Some(lines)) => {
                Some(repo::Content { bytes, encoding, lines })
            }
            _ => None,
        };
        if let (Some(plan), Some(builders)) = (&self.map.repo, &mut self.repo) {
            builders.append(key, repo::rows(plan, file, module, content.as_ref()));
        }
        if let (Some(plan), Some(builders), Some(session), Some(_), Some(content)) =
            (&self.map.bytecode, &mut self.bytecode, &mut self.session.bytecode, module, &content)
        {
            let input = bytecode::Input {
                bytes: content.bytes,
                encoding: content.encoding,
                lines: content.lines,
            };
            builders.append(key, bytecode::rows(plan, session, &input, errors));
        }
        if let (Some(plan), Some(builders), Some(module), Some(content)) =
            (&self.map.python, &mut self.python, module, &content)
        {
            let input = python::Input {
                module,
                is_stub: key.path.ends_with(".pyi"),
                bytes: content.bytes,
                encoding: content.encoding,
                lines: content.lines,
            };
            // A defect of a parser must not cost the rows of every other file. Rows are appended last, so that
            // nothing is left half done.
            let done = catch_unwind(AssertUnwindSafe(|| {
                python::extract(plan, &input, errors, |rows| builders.append(key, rows));
            }));
            if done.is_err() {
                errors.push_file(
                    plan.key(),
                    ErrorKind::Internal,
                    "the extractor failed on this file",
                );
            }
        }
    }
}

/// The content; none when it is no longer what was scanned.
fn read(file: &ScannedFile) -> io::Result<Option<Vec<u8>>> {
    let bytes = std::fs::read(&file.location)?;
    let is_same = bytes.len() as u64 == file.size && blake3::hash(&bytes) == file.content_hash;
    Ok(is_same.then_some(bytes))
}
