//! A piece of work, from files to batches.

use std::borrow::Cow;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use cpg_ir::stable_id::file_id;

use super::{EvidenceBatch, Summary};
use crate::catalog::ExtractorMap;
use crate::error::EvidenceError;
use crate::errors::{self, ErrorKind};
use crate::external::{self, Printed};
use crate::git;
use crate::git::blame;
use crate::git::history::{self, History};
use crate::python::imports::{self, Finder};
use crate::python::{self, bytecode, external as distributions};
use crate::repo;
use crate::scan::{Entry, Language, ModuleName, Scan, ScannedFile, problem};
use crate::scip;
use crate::table::FileKey;
use crate::text::{Lines, MAX_TEXT};
use crate::treesitter;

/// A chunk ends after this many bytes of files, or this many files. The bounds do not depend on the number of
/// threads, so that batches do not either.
const CHUNK_BYTES: u64 = 256 * 1024;
const CHUNK_FILES: usize = 64;

/// A piece of work for one segment.
pub(super) struct Chunk {
    pub(super) segment: usize,
    work: Work,
}

enum Work {
    /// Consecutive entries, counted within the segment.
    Entries(Range<usize>),
    /// A piece of what stands under a SCIP index's own path.
    Index {
        /// Which of the indexes.
        index: usize,
        /// Which of its pieces.
        piece: usize,
    },
    /// What commands printed of the segment's files.
    Printed,
    /// What was wrong with commands.
    PrintedErrors,
    /// The distributions that are installed.
    Distributions,
    /// Repositories and their histories.
    Repositories,
}

/// What there is to do for segments of the scan, in order; last what belongs to no file of the scan.
pub(super) fn chunks(
    scan: &Scan,
    map: &ExtractorMap,
    segments: impl IntoIterator<Item = usize>,
) -> Vec<Chunk> {
    let indexes = if map.scip.is_some() { scan.outside.indexes() } else { &[] };
    let pieces = |segment: usize, index: usize| {
        let pieces = 0..indexes[index].pieces();
        pieces.map(move |piece| Chunk { segment, work: Work::Index { index, piece } })
    };
    let mut chunks = Vec::new();
    for segment in segments {
        let all = scan.segment(segment);
        let (mut start, mut bytes) = (0, 0_u64);
        for (position, (path, entry)) in all.iter().enumerate() {
            let is_first = position == 0 || all[position - 1].0 != *path;
            let index = indexes.iter().position(|index| is_first && index.path == *path);
            if let Some(index) = index {
                if start < position {
                    chunks.push(Chunk { segment, work: Work::Entries(start..position) });
                }
                (start, bytes) = (position, 0);
                chunks.extend(pieces(segment, index));
            }
            if let Entry::File(file) = entry {
                bytes = bytes.saturating_add(file.size);
            }
            if bytes >= CHUNK_BYTES || position + 1 - start >= CHUNK_FILES {
                chunks.push(Chunk { segment, work: Work::Entries(start..position + 1) });
                (start, bytes) = (position + 1, 0);
            }
        }
        if start < all.len() {
            chunks.push(Chunk { segment, work: Work::Entries(start..all.len()) });
        }
        if !map.external.is_empty() {
            chunks.push(Chunk { segment, work: Work::Printed });
        }
    }
    if !map.external.is_empty() {
        chunks.push(Chunk { segment: scan.segments(), work: Work::PrintedErrors });
    }
    if map.distributions.is_some() {
        chunks.push(Chunk { segment: scan.segments(), work: Work::Distributions });
    }
    if map.git.is_some() || map.history.is_some() {
        chunks.push(Chunk { segment: scan.segments(), work: Work::Repositories });
    }
    for (number, index) in indexes.iter().enumerate() {
        if !scan.entries.iter().any(|(path, _)| *path == index.path) {
            chunks.extend(pieces(scan.segments(), number));
        }
    }
    chunks
}

/// The rows of a piece of work, a batch for each needed table.
pub(super) struct ChunkRows {
    pub(super) batches: Vec<EvidenceBatch>,
    /// Rows are counted by who gives them.
    pub(super) summary: Summary,
}

/// What all workers share.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) scan: &'a Scan,
    pub(super) map: &'a ExtractorMap,
    pub(super) printed: &'a [Printed],
    /// There where imports are looked up.
    pub(super) finder: Option<&'a Finder<'a>>,
}

/// One of those that do the work. What it keeps from piece to piece is the interpreter, and how much room rows took.
pub(super) struct Worker<'a> {
    scan: &'a Scan,
    map: &'a ExtractorMap,
    printed: &'a [Printed],
    finder: Option<&'a Finder<'a>>,
    /// The interpreter, where one is needed and there.
    interpreter: Option<bytecode::Session<'a>>,
    bytecode: Option<bytecode::Builders>,
    repo: Option<repo::Builders>,
    python: Option<python::Builders>,
    distributions: Option<distributions::Builders>,
    git: Option<git::Builders>,
    history: Option<history::Builders>,
    blame: Option<blame::Builders>,
    scip: Option<scip::Builders>,
    tree_sitter: Option<treesitter::Builders>,
    errors: Option<errors::Builders>,
    summary: Summary,
}

impl<'a> Worker<'a> {
    pub(super) fn new(given: Given<'a>) -> Self {
        let Given { scan, map, printed, finder } = given;
        let interpreter = map.bytecode.as_ref().and_then(|_| scan.interpreter().ok());
        Self {
            scan,
            map,
            printed,
            finder,
            interpreter: interpreter.map(bytecode::Session::new),
            bytecode: map.bytecode.as_ref().map(bytecode::Builders::new),
            repo: map.repo.as_ref().map(repo::Builders::new),
            python: map.python.as_ref().map(python::Builders::new),
            distributions: map.distributions.as_ref().map(distributions::Builders::new),
            git: map.git.as_ref().map(git::Builders::new),
            history: map.history.as_ref().map(history::Builders::new),
            blame: map.blame.as_ref().map(blame::Builders::new),
            scip: map.scip.as_ref().map(scip::Builders::new),
            tree_sitter: map.tree_sitter.as_ref().map(treesitter::Builders::new),
            errors: map.errors.as_ref().map(errors::Builders::new),
            summary: Summary::default(),
        }
    }

    /// Does a piece of work.
    pub(super) fn extract(&mut self, chunk: &Chunk) -> Result<ChunkRows, EvidenceError> {
        let scan = self.scan;
        let mut batches = Vec::new();
        match &chunk.work {
            Work::Entries(entries) => {
                if chunk.segment == 0 && entries.start == 0 {
                    self.missing();
                }
                for (path, entry) in &scan.segment(chunk.segment)[entries.clone()] {
                    self.entry(path, entry);
                }
            }
            Work::Index { index, piece } => {
                self.index(&scan.outside.indexes()[*index], *piece);
            }
            Work::Printed => {
                let entries = scan.segment(chunk.segment);
                if let (Some((first, _)), Some((last, _))) = (entries.first(), entries.last()) {
                    for (plan, printed) in self.map.external.iter().zip(self.printed) {
                        batches.push(EvidenceBatch {
                            extractor: Cow::Owned(plan.extractor.clone()),
                            table: Cow::Owned(plan.table.clone()),
                            batch: printed.batch(plan, first, last)?,
                        });
                    }
                }
            }
            Work::Distributions => self.distributions(),
            Work::Repositories => self.repositories(),
            Work::PrintedErrors => {
                let mut errors = errors::Rows::default();
                for (plan, printed) in self.map.external.iter().zip(self.printed) {
                    for message in &printed.errors {
                        let key = plan.extractor.clone();
                        errors.push_file(key, ErrorKind::Broken, message.clone());
                    }
                }
                let path = external::PROFILE;
                self.give_errors(FileKey { id: file_id(path), path, module: "" }, errors);
            }
        }
        if let Some(builders) = &mut self.repo {
            builders.finish(&mut batches)?;
        }
        if let Some(builders) = &mut self.python {
            builders.finish(&mut batches)?;
        }
        if let Some(builders) = &mut self.distributions {
            builders.finish(&mut batches)?;
        }
        if let Some(builders) = &mut self.git {
            builders.finish(&mut batches)?;
        }
        if let Some(builders) = &mut self.history {
            builders.finish(&mut batches)?;
        }
        if let Some(builders) = &mut self.blame {
            builders.finish(&mut batches)?;
        }
        if let Some(builders) = &mut self.bytecode {
            builders.finish(&mut batches)?;
        }
        if let Some(builders) = &mut self.scip {
            builders.finish(&mut batches)?;
        }
        if let Some(builders) = &mut self.tree_sitter {
            builders.finish(&mut batches)?;
        }
        if let Some(builders) = &mut self.errors {
            builders.finish(&mut batches)?;
        }
        Ok(ChunkRows { batches, summary: std::mem::take(&mut self.summary) })
    }

    /// Says once what is needed and not there, of no file.
    fn missing(&mut self) {
        let scan = self.scan;
        let mut errors = errors::Rows::default();
        if let Some(Err(why)) = self.map.bytecode.as_ref().map(|_| scan.interpreter()) {
            errors.push_file(bytecode::KEY, ErrorKind::Subprocess, why);
        }
        let is_distributions = self.map.distributions.is_some();
        if let (true, Err(why)) = (is_distributions || self.finder.is_some(), scan.environment()) {
            let key = if is_distributions { distributions::KEY } else { imports::KEY };
            errors.push_file(key, ErrorKind::Subprocess, why);
        }
        let asking = [
            self.map.git.as_ref().map(|_| git::KEY),
            self.map.history.as_ref().map(|_| history::KEY),
            self.map.blame.as_ref().map(|_| blame::KEY),
        ];
        if let Some(key) = asking.into_iter().flatten().next()
            && let Err(why) = scan.repositories()
        {
            errors.push_file(key, ErrorKind::Subprocess, why);
        }
        self.give_errors(FileKey { id: file_id(""), path: "", module: "" }, errors);
    }

    fn repositories(&mut self) {
        let scan = self.scan;
        let repositories = scan.repositories().unwrap_or_default();
        let key = |path| FileKey { id: file_id(path), path, module: "" };
        for repository in repositories {
            if let (Some(plan), Some(builders)) = (&self.map.git, &mut self.git) {
                let rows = git::repository_rows(plan, repository);
                builders.append(key(&repository.path), rows);
            }
        }
        let Some(plan) = &self.map.history else { return };
        let mut histories = Vec::new();
        for repository in repositories {
            let mut errors = errors::Rows::default();
            let history = History::of(repository).unwrap_or_else(|why| {
                errors.push_file(history::KEY, ErrorKind::Subprocess, why);
                History::default()
            });
            if history.unnamed > 0 {
                let message = format!("{} changes are of paths not in UTF-8", history.unnamed);
                errors.push_file(history::KEY, ErrorKind::Path, message);
            }
            if let Some(builders) = &mut self.history {
                builders.append(key(&repository.path), history.rows(plan));
            }
            self.give_errors(key(&repository.path), errors);
            histories.push(history);
        }
        // Paths of one repository may stand between those of another.
        let mut changes: Vec<_> = histories.iter().flat_map(|one| one.changes(plan)).collect();
        changes.sort_by_key(|(path, _)| *path);
        for (path, rows) in changes {
            if let Some(builders) = &mut self.history {
                builders.append(key(path), rows);
            }
        }
    }

    fn distributions(&mut self) {
        let scan = self.scan;
        let (Some(plan), Some(builders), Ok(Some(environment))) =
            (&self.map.distributions, &mut self.distributions, scan.environment())
        else {
            return;
        };
        for distribution in environment.distributions() {
            let path = distribution.path.as_str();
            let key = FileKey { id: file_id(path), path, module: "" };
            builders.append(key, distributions::rows(plan, distribution));
        }
    }

    fn entry(&mut self, path: &str, entry: &Entry) {
        let scan = self.scan;
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
                self.file(scan, key, file, module.as_ref(), &mut errors);
                module
            }
        };
        let module = module.as_ref().map_or("", |module| &module.dotted);
        self.give_errors(FileKey { id: file_id(path), path, module }, errors);
    }

    fn index(&mut self, index: &scip::Index, piece: usize) {
        let scan = self.scan;
        let (Some(plan), Some(builders)) = (&self.map.scip, &mut self.scip) else {
            return;
        };
        let mut errors = errors::Rows::default();
        let key = FileKey { id: file_id(&index.path), path: &index.path, module: "" };
        let is_source = |path: &str| scan.file(path).is_some();
        let rows = scip::index_rows(plan, index, piece, &is_source, &mut errors);
        builders.append(key, rows);
        self.give_errors(key, errors);
    }

    fn give_errors(&mut self, key: FileKey<'_>, errors: errors::Rows<'_>) {
        self.summary.errors += errors.errors.len();
        self.summary.changed += errors.outside_changed();
        if let Some(builders) = &mut self.errors {
            builders.append(key, errors);
        }
    }

    fn file(
        &mut self,
        scan: &Scan,
        key: FileKey<'_>,
        file: &ScannedFile,
        module: Option<&ModuleName>,
        errors: &mut errors::Rows<'_>,
    ) {
        let repo_needs = self.map.repo.as_ref().is_some_and(repo::Plan::needs_content);
        let is_compiled = self.interpreter.is_some();
        let python_needs = (self.map.python.is_some() || is_compiled) && module.is_some();
        let indexes = if self.map.scip.is_some() { scan.outside.indexes() } else { &[] };
        let scip_needs = indexes.iter().any(|index| index.has(key.path));
        let grammar = self
            .map
            .tree_sitter
            .as_ref()
            .and_then(|_| treesitter::FileGrammar::of(file.language, key.path));
        let blame_needs =
            self.map.blame.is_some() && scan.repositories().is_ok_and(|all| !all.is_empty());
        let mut content = None;
        if repo_needs || python_needs || scip_needs || grammar.is_some() || blame_needs {
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
        if let (Some(plan), Some(builders), Ok(all)) =
            (&self.map.git, &mut self.git, scan.repositories())
        {
            builders.append(key, git::file_rows(plan, all, key.path));
        }
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
        if let (Some(plan), Some(builders), Some(content), Ok(all)) =
            (&self.map.blame, &mut self.blame, text_of(content.as_ref()), scan.repositories())
        {
            match blame::rows(plan, all, key.path, content.bytes) {
                Ok(rows) => builders.append(key, rows),
                Err(why) => errors.push_file(blame::KEY, ErrorKind::Subprocess, why),
            }
        }
        if let (Some(plan), Some(builders), Some(session), Some(_), Some(content)) =
            (&self.map.bytecode, &mut self.bytecode, &mut self.interpreter, module, &content)
        {
            let input = bytecode::Input {
                bytes: content.bytes,
                encoding: content.encoding,
                lines: content.lines,
            };
            builders.append(key, bytecode::rows(plan, session, &input, errors));
        }
        if let (Some(plan), Some(builders), Some(content)) =
            (&self.map.scip, &mut self.scip, &content)
        {
            let repo::Content { bytes, encoding, lines } = *content;
            let input = scip::Input { bytes, encoding, lines };
            for index in indexes {
                builders.append(key, scip::file_rows(plan, index, key.path, &input, errors));
            }
        }
        if let (Some(plan), Some(builders), Some(grammar), Some(content)) =
            (&self.map.tree_sitter, &mut self.tree_sitter, grammar, &content)
        {
            let repo::Content { bytes, encoding, lines } = *content;
            let input = treesitter::Input { grammar, bytes, encoding, lines };
            let receive = |rows: treesitter::Rows<'_>| builders.append(key, rows);
            treesitter::extract(plan, &self.map.queries, &input, errors, receive);
        }
        if let (Some(plan), Some(builders), Some(module), Some(content)) =
            (&self.map.python, &mut self.python, module, &content)
        {
            let input = python::Input {
                path: key.path,
                module,
                finder: self.finder,
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

/// What is text of a content.
fn text_of<'c>(content: Option<&'c repo::Content<'c>>) -> Option<&'c repo::Content<'c>> {
    content.filter(|content| content.encoding.has_lines())
}

/// The content; none when it is no longer what was scanned.
fn read(file: &ScannedFile) -> io::Result<Option<Cow<'_, [u8]>>> {
    let bytes = file.location.read()?;
    let is_same = bytes.len() as u64 == file.size && blake3::hash(&bytes) == file.content_hash;
    Ok(is_same.then_some(bytes))
}
