//! Evidence to files: one pass over the sources, one writer per table.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{AsArray as _, RecordBatch};
use arrow::datatypes::DataType;
use cpg_evidence::{EvidenceBatch, EvidenceError, ExtractorMap, Summary};
use cpg_ir::manifest::EvidenceNeeds;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;

use super::Run;
use super::execute::Done;
use super::segments::Segments;
use crate::delta::layout::Layout;
use crate::delta::segmented::SegmentedWriter;
use crate::error::{EngineError, Result};
use crate::fingerprint::TableKey;
use crate::observer::BuildEvent;

/// How many batches wait for a writer before extraction does.
const WAITING_BATCHES: usize = 4;

/// Extracts every stale table of evidence.
///
/// # Errors
/// When a file of a table cannot be written, or the build is interrupted. That a source file cannot be read is none.
pub(super) async fn extract(run: &Arc<Run>) -> Result<(BTreeMap<TableKey, Done>, Summary)> {
    let map = ExtractorMap::new(&stale_needs(run))
        .map_err(|error| EngineError::internal("extracting", error))?;
    let mut writers = JoinSet::new();
    let mut senders = BTreeMap::new();
    for table in map.tables() {
        let key = TableKey::Evidence {
            extractor: table.extractor.to_owned(),
            table: table.table.to_owned(),
        };
        if !run.survey.table(&key)?.stale {
            continue;
        }
        let (sender, receiver) = mpsc::channel(WAITING_BATCHES);
        senders.insert((table.extractor, table.table), sender);
        let run = Arc::clone(run);
        writers.spawn(async move {
            let done = write(&run, &key, receiver).await?;
            Ok::<_, EngineError>((key, done))
        });
    }
    let extraction = {
        let run = Arc::clone(run);
        tokio::task::spawn_blocking(move || {
            let threads = run.authority.profile().threads;
            let segments = missing_segments(&run);
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
    let mut done = BTreeMap::new();
    while let Some(written) = writers.join_next().await {
        let (key, table) =
            written.map_err(|error| EngineError::internal("writing evidence", error))??;
        done.insert(key, table);
    }
    let summary = extraction
        .await
        .map_err(|error| EngineError::internal("extracting", error))?
        .map_err(|error| match error {
            EvidenceError::Stopped if run.cancel.is_cancelled() => EngineError::Interrupted,
            EvidenceError::Thread(error) => EngineError::storage("starting threads", error),
            error => EngineError::internal("extracting", error),
        })?;
    Ok((done, summary))
}

/// The needs of the stale tables.
fn stale_needs(run: &Run) -> EvidenceNeeds {
    let mut needs = run.authority.needs().clone();
    // Errors are found by the extractors that run: so all of them must.
    if run.survey.stale().any(|(key, _)| key.is_errors()) {
        return needs;
    }
    let is_stale = |extractor: &str, table: &str| {
        let key = TableKey::Evidence { extractor: extractor.to_owned(), table: table.to_owned() };
        run.survey.tables().get(&key).is_some_and(|table| table.stale)
    };
    for (extractor, tables) in &mut needs {
        tables.retain(|table, _| is_stale(extractor, table));
    }
    needs.retain(|_, tables| !tables.is_empty());
    needs
}

/// The segments of files of which some table needs rows.
fn missing_segments(run: &Run) -> BTreeSet<usize> {
    let evidence = run.survey.stale().filter(|(key, _)| key.is_evidence());
    let segments = evidence.filter_map(|(_, table)| table.segments.as_ref());
    let missing = segments.flat_map(Segments::missing).copied();
    missing.filter(|segment| *segment < run.scan.segments()).collect()
}

async fn write(
    run: &Run,
    key: &TableKey,
    mut batches: Receiver<(usize, RecordBatch)>,
) -> Result<Done> {
    let begun = Instant::now();
    let table = run.survey.table(key)?;
    let segments = table
        .segments
        .as_ref()
        .ok_or_else(|| EngineError::internal(table.dataset.to_string(), "it has no segments"))?;
    run.told_started(table, "the sources, the extractor or what is read of it changed");
    let contents = segments.contents();
    let mut writer =
        SegmentedWriter::new(&table.dataset, &table.schema, Layout::of(None), &run.id, contents);
    while let Some((segment, batch)) = batches.recv().await {
        // Segments come in order.
        writer.close_before(segment).await?;
        if segments.missing().contains(&segment) {
            writer.write(segment, &batch).await?;
        }
    }
    let done = Done::new(table, writer.close().await?, begun.elapsed());
    run.told_done(&table.dataset, &done);
    Ok(done)
}

/// Passes batches on to their writers, and tells how far extraction is.
struct Sink<'a> {
    run: &'a Run,
    senders: BTreeMap<(&'static str, &'static str), Sender<(usize, RecordBatch)>>,
    paths: Vec<&'a str>,
    done: usize,
}

impl<'a> Sink<'a> {
    fn new(
        run: &'a Run,
        segments: &BTreeSet<usize>,
        senders: BTreeMap<(&'static str, &'static str), Sender<(usize, RecordBatch)>>,
    ) -> Self {
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
