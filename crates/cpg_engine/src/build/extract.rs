//! Evidence to files: one pass over the sources, one writer per table.

use std::collections::BTreeMap;
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
use crate::delta::write::TableWriter;
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
            let mut sink = Sink::new(&run, senders);
            let threads = run.authority.profile().threads;
            let summary =
                cpg_evidence::extract(&run.scan, &map, threads, |batch| sink.receive(batch))?;
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
    let is_stale = |extractor: &str, table: &str| {
        let key = TableKey::Evidence { extractor: extractor.to_owned(), table: table.to_owned() };
        run.survey.tables().get(&key).is_some_and(|table| table.stale)
    };
    let mut needs = run.authority.needs().clone();
    for (extractor, tables) in &mut needs {
        tables.retain(|table, _| is_stale(extractor, table));
    }
    needs.retain(|_, tables| !tables.is_empty());
    needs
}

async fn write(run: &Run, key: &TableKey, mut batches: Receiver<RecordBatch>) -> Result<Done> {
    let begun = Instant::now();
    let table = run.survey.table(key)?;
    let reason = "the sources, the extractor or what is read of it changed";
    run.observer.event(BuildEvent::TaskStarted { dataset: &table.dataset, reason });
    let mut writer = TableWriter::open(&table.dataset, Arc::clone(&table.schema), &run.id)?;
    while let Some(batch) = batches.recv().await {
        writer.write(&batch).await?;
    }
    let done = Done::new(writer.close().await?, begun.elapsed());
    run.told_done(&table.dataset, &done);
    Ok(done)
}

/// Passes batches on to their writers, and tells how far extraction is.
struct Sink<'a> {
    run: &'a Run,
    senders: BTreeMap<(&'static str, &'static str), Sender<RecordBatch>>,
    paths: Vec<&'a str>,
    done: usize,
}

impl<'a> Sink<'a> {
    fn new(
        run: &'a Run,
        senders: BTreeMap<(&'static str, &'static str), Sender<RecordBatch>>,
    ) -> Self {
        let paths = run.scan.files().map(|(path, _)| path).collect();
        Self { run, senders, paths, done: 0 }
    }

    fn receive(&mut self, batch: EvidenceBatch) -> ControlFlow<()> {
        let EvidenceBatch { extractor, table, batch } = batch;
        if self.run.cancel.is_cancelled() {
            return ControlFlow::Break(());
        }
        self.progress(&batch);
        match self.senders.get(&(extractor, table)) {
            Some(sender) if sender.blocking_send(batch).is_ok() => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
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
