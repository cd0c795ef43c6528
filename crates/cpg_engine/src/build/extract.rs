//! Evidence to files: one pass over the sources, one writer per table.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{AsArray as _, RecordBatch};
use arrow::datatypes::DataType;
use cpg_evidence::{EvidenceBatch, EvidenceError, ExtractorMap, Summary};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;

use super::Run;
use super::cached::{Part, Parts};
use super::execute::Done;
use crate::cache::{Cache, Fetched};
use crate::clock::seconds;
use crate::delta::layout::Layout;
use crate::delta::segmented::{SegmentRows, SegmentedWriter};
use crate::error::{EngineError, Result};
use crate::fingerprint::{self, TableKey};
use crate::observer::BuildEvent;

/// How many batches wait for a writer before extraction does.
const WAITING_BATCHES: usize = 4;

/// Extracts every stale table of evidence.
///
/// # Errors
/// When a file of a table cannot be written, or the build is interrupted. That a source file cannot be read is none.
pub(super) async fn extract(run: &Arc<Run>) -> Result<(BTreeMap<TableKey, Done>, Summary)> {
    let begun = Instant::now();
    let (cache, parts) = on_files(run, |run| {
        let cache = run.authority.profile().cache.as_ref();
        let cache = cache.map(|cache| Cache::open(&cache.folder, cache.bytes)).transpose()?;
        let parts = Parts::fetch(run, cache.as_ref())?;
        Ok((cache, Arc::new(parts)))
    })
    .await?;
    let (mut written, summary) = match parts.open().next() {
        Some(_) => extract_missing(run, &parts).await?,
        None => Default::default(),
    };
    let took = begun.elapsed();
    let mut done = BTreeMap::new();
    for (key, part) in parts.iter() {
        let table = run.survey.table(key)?;
        let new = match written.remove(key) {
            Some(new) => new,
            None => {
                run.told_started(table, table.made()?, "the cache has its rows");
                New { segments: BTreeMap::new(), took }
            }
        };
        let table_done = finish(run, key, part, new)?;
        run.told_done(&table.dataset, &table_done);
        done.insert(key.clone(), table_done);
    }
    if let Some(cache) = cache.filter(|_| summary.changed == 0) {
        done = on_files(run, move |run| {
            parts.keep(run, &cache, &done);
            Ok(done)
        })
        .await?;
    }
    Ok((done, summary))
}

/// A table whose rows were extracted or fetched.
fn finish(run: &Run, key: &TableKey, part: &Part, new: New) -> Result<Done> {
    let table = run.survey.table(key)?;
    let anew = table.made()?;
    let New { mut segments, took } = new;
    let mut hashes = BTreeMap::new();
    let mut contents = Vec::with_capacity(anew.count());
    let mut files = BTreeMap::new();
    for (place, known) in anew.known().iter().enumerate() {
        if let Some(known) = known {
            contents.push(*known);
        } else if let Some(Fetched { content, files: fetched }) = part.fetched.get(&place) {
            contents.push(*content);
            files.insert(place, fetched.clone());
        } else {
            let written = segments.remove(&place).unwrap_or_default();
            let rows = written.hashes.last().copied().unwrap_or_default();
            let of = run.segment_of_file.files(place)?;
            contents.push(fingerprint::evidence_rows(&table.row, of, rows)?);
            files.insert(place, written.files);
            hashes.insert(place, written.hashes);
        }
    }
    let mut done = Done::new(table, anew, contents, files)?;
    done.contents.in_columns = run.readers.contents(
        key,
        &done.contents.segments,
        |segment| part.missing.contains(&segment),
        &hashes,
        table.newest.as_ref().map(|newest| &newest.contents),
    )?;
    done.seconds = seconds(took);
    Ok(done)
}

/// Work on many small files, off the threads that compute.
async fn on_files<T: Send + 'static>(
    run: &Arc<Run>,
    work: impl FnOnce(&Run) -> Result<T> + Send + 'static,
) -> Result<T> {
    let run = Arc::clone(run);
    let done = tokio::task::spawn_blocking(move || work(&run)).await;
    done.map_err(|error| EngineError::internal("evidence that is kept", error))?
}

/// What was extracted, by table.
type Written = BTreeMap<TableKey, New>;

/// New rows of a table.
struct New {
    /// Those that have rows, hashed for their readers, then as a whole.
    segments: BTreeMap<usize, SegmentRows>,
    took: Duration,
}

async fn extract_missing(run: &Arc<Run>, parts: &Arc<Parts>) -> Result<(Written, Summary)> {
    let external = &run.authority.profile().extract.external;
    let map = ExtractorMap::with(&parts.needs(run), external)
        .map_err(|error| EngineError::internal("extracting", error))?;
    let mut writers = JoinSet::new();
    let mut senders = BTreeMap::new();
    for table in map.tables() {
        let key = TableKey::Evidence {
            extractor: table.extractor.to_string(),
            table: table.table.to_string(),
        };
        if !parts.open().any(|(open, _)| *open == key) {
            continue;
        }
        let (sender, receiver) = mpsc::channel(WAITING_BATCHES);
        senders.insert((table.extractor, table.table), sender);
        let (run, parts) = (Arc::clone(run), Arc::clone(parts));
        writers.spawn(async move {
            let written = write(&run, &key, &parts, receiver).await?;
            Ok::<_, EngineError>((key, written))
        });
    }
    let extraction = {
        let run = Arc::clone(run);
        let segments = parts.segments(&run);
        tokio::task::spawn_blocking(move || {
            let threads = run.authority.profile().threads;
            let mut sink = Sink::new(&run, &segments, senders);
            let summary =
                cpg_evidence::extract(&run.scan, &map, segments, threads, |segment, batch| {
                    sink.receive(segment, batch)
                })?;
            sink.finish();
            Ok::<_, EvidenceError>(summary)
        })
    };
    // A writer that fails closes its channel, which stops the extraction: its error is the cause.
    let mut written = Written::new();
    while let Some(table) = writers.join_next().await {
        let (key, table) =
            table.map_err(|error| EngineError::internal("writing evidence", error))??;
        written.insert(key, table);
    }
    let summary = extraction
        .await
        .map_err(|error| EngineError::internal("extracting", error))?
        .map_err(|error| match error {
            EvidenceError::Stopped if run.cancel.is_cancelled() => EngineError::Interrupted,
            EvidenceError::Thread(error) => EngineError::storage("starting threads", error),
            error => EngineError::internal("extracting", error),
        })?;
    Ok((written, summary))
}

async fn write(
    run: &Run,
    key: &TableKey,
    parts: &Parts,
    mut batches: Receiver<(usize, RecordBatch)>,
) -> Result<New> {
    let begun = Instant::now();
    let table = run.survey.table(key)?;
    let reason = "the sources, the extractor or what is read of it changed";
    run.told_started(table, table.made()?, reason);
    let missing = parts.of(key).map(|Part { missing, .. }| missing);
    let layout = Layout::from(run.decisions.write(key)?);
    let writer = SegmentedWriter::new(&table.dataset, &table.schema, layout, &run.id);
    let mut writer = run.readers.hashing(key, writer)?.hashing(|_| true)?;
    while let Some((segment, batch)) = batches.recv().await {
        // Segments come in order.
        writer.close_before(segment).await?;
        if missing.is_some_and(|missing| missing.contains(&segment)) {
            writer.write(segment, &batch).await?;
        }
    }
    Ok(New { segments: writer.close().await?, took: begun.elapsed() })
}

/// By extractor and table.
type Senders = BTreeMap<(Cow<'static, str>, Cow<'static, str>), Sender<(usize, RecordBatch)>>;

/// Passes batches on to their writers, and tells how far extraction is.
struct Sink<'a> {
    run: &'a Run,
    senders: Senders,
    paths: Vec<&'a str>,
    done: usize,
}

impl<'a> Sink<'a> {
    fn new(run: &'a Run, segments: &BTreeSet<usize>, senders: Senders) -> Self {
        let paths = segments.iter().flat_map(|segment| run.scan.segment_paths(*segment)).collect();
        Self { run, senders, paths, done: 0 }
    }

    fn receive(&mut self, segment: usize, batch: EvidenceBatch) -> ControlFlow<()> {
        let EvidenceBatch { extractor, table, batch } = batch;
        if self.run.cancel.is_cancelled() {
            return ControlFlow::Break(());
        }
        self.progress(&batch);
        match self.senders.get(&(extractor, table)) {
            Some(sender) if sender.blocking_send((segment, batch)).is_err() => {
                ControlFlow::Break(())
            }
            // What is extracted for its errors alone is there already.
            _ => ControlFlow::Continue(()),
        }
    }

    /// Rows come in the order of their paths, so the last row's path says how many files are done.
    fn progress(&mut self, batch: &RecordBatch) {
        let Some(path) = batch.column_by_name("path") else { return };
        let Some(last) = batch.num_rows().checked_sub(1) else { return };
        if path.data_type() != &DataType::Utf8 {
            return;
        }
        let path = path.as_string::<i32>().value(last);
        let done = self.paths.partition_point(|other| *other <= path);
        if done > self.done {
            self.done = done;
            self.tell();
        }
    }

    fn finish(&mut self) {
        self.done = self.paths.len();
        self.tell();
    }

    fn tell(&self) {
        let (done, total) = (self.done as u64, self.paths.len() as u64);
        self.run.observer.event(BuildEvent::Extracting { done, total });
    }
}
