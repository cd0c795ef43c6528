//! Runs the needed extractors over a scan.

mod chunk;
mod order;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;

use arrow::array::RecordBatch;
use arrow::compute::BatchCoalescer;
use arrow::datatypes::SchemaRef;

use crate::catalog::ExtractorMap;
use crate::error::EvidenceError;
use crate::external;
use crate::python;
use crate::python::imports::Finder;
use crate::scan::Scan;
use chunk::{ChunkRows, Given, Worker, chunks};
use order::Ordered;

/// How many rows a batch has at most.
const BATCH_ROWS: usize = 16 * 1024;

/// Batches with more rows are passed on as they are: they are not worth a copy to be put together with others.
const PASSED_ROWS: usize = 2 * 1024;

/// The stack of a worker. Walking and dropping a syntax tree recurse; the deepest accepted one
/// (`python::depth`) fits with room to spare. Only what is touched takes memory.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceBatch {
    /// The key of the extractor that found them.
    pub extractor: Cow<'static, str>,
    /// The table's name.
    pub table: Cow<'static, str>,
    /// The needed columns, in the table's order.
    pub batch: RecordBatch,
}

/// A needed table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceTable {
    /// The key of the extractor that fills it.
    pub extractor: Cow<'static, str>,
    /// Its name.
    pub table: Cow<'static, str>,
    /// The needed columns, in the table's order.
    pub schema: SchemaRef,
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files whose rows were given.
    pub files: usize,
    /// Rows given, over all tables.
    pub rows: usize,
    /// What went wrong with single files, whether or not `extract_errors` is needed.
    pub errors: usize,
    /// Files that vanished or changed since the scan: the rows do not match its fingerprint, so that a build that
    /// keeps them should not record it.
    pub changed: usize,
}

/// Extracts what `map` needs of the files of some segments of `scan`, and gives it to `receive`, batch after batch,
/// each with the segment that it belongs to. What belongs to no file of the scan, as what an index says of symbols from
/// outside, comes last, whatever the segments are, with the number of segments for its segment.
///
/// The rows of each table come in the order of their paths (for `segments` in ascending order), and for one file in the
/// table's own order; the batches are the same for any number of `threads` (at least one runs). Work stays a bounded
/// number of chunks of files ahead of `receive`, which may block.
///
/// # Errors
/// See [`EvidenceError`]. That a file cannot be read or parsed is none: it becomes a row of `extract_errors`.
pub fn extract(
    scan: &Scan,
    map: &ExtractorMap,
    segments: impl IntoIterator<Item = usize>,
    threads: usize,
    receive: impl FnMut(usize, EvidenceBatch) -> ControlFlow<()>,
) -> Result<Summary, EvidenceError> {
    // Commands see all sources at once, so they run first; their rows wait for the segments that they belong to.
    let printed: Vec<_> = map.external.iter().map(|plan| external::run(plan, scan)).collect();
    let chunks = chunks(scan, map, segments);
    let finder = map.python.as_ref().is_some_and(python::Plan::needs_finder).then(|| {
        // Why there is no environment is told once, with what else is missing.
        Finder::new(scan, scan.environment().ok().flatten())
    });
    let given = Given { scan, map, printed: &printed, finder: finder.as_ref() };
    let threads = threads.clamp(1, chunks.len().max(1));
    let ordered = Ordered::new(chunks.len(), threads * 2);
    let mut summary = Summary::default();
    let mut giver = Giver::new(map, receive);

    thread::scope(|scope| {
        // Whatever ends this scope, the workers stop waiting.
        let _stop = ordered.stop_on_drop();
        for number in 0..threads {
            thread::Builder::new()
                .name(format!("extract-{number}"))
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, || {
                    let _stop = ordered.stop_on_panic();
                    let mut worker = Worker::new(given);
                    while let Some(index) = ordered.take() {
                        ordered.put(index, worker.extract(&chunks[index]));
                    }
                })
                .map_err(EvidenceError::Thread)?;
        }
        for chunk in &chunks {
            let Some(rows) = ordered.next() else { break };
            let ChunkRows { batches, summary: part } = rows?;
            summary.files += part.files;
            summary.errors += part.errors;
            summary.changed += part.changed;
            summary.rows += batches.iter().map(|batch| batch.batch.num_rows()).sum::<usize>();
            giver.take(chunk.segment, batches)?;
        }
        giver.finish_segment()
    })?;
    Ok(summary)
}

/// Puts rows together to batches of one segment and of a size that is worth passing on.
struct Giver<F> {
    coalescers: BTreeMap<(Cow<'static, str>, Cow<'static, str>), BatchCoalescer>,
    segment: usize,
    receive: F,
}

impl<F: FnMut(usize, EvidenceBatch) -> ControlFlow<()>> Giver<F> {
    fn new(map: &ExtractorMap, receive: F) -> Self {
        let coalescers = map.tables().into_iter().map(|table| {
            let coalescer = BatchCoalescer::new(Arc::clone(&table.schema), BATCH_ROWS)
                .with_biggest_coalesce_batch_size(Some(PASSED_ROWS));
            ((table.extractor, table.table), coalescer)
        });
        Self { coalescers: coalescers.collect(), segment: 0, receive }
    }

    fn take(&mut self, segment: usize, batches: Vec<EvidenceBatch>) -> Result<(), EvidenceError> {
        if segment != self.segment {
            self.finish_segment()?;
            self.segment = segment;
        }
        for EvidenceBatch { extractor, table, batch } in batches {
            if let Some(coalescer) = self.coalescers.get_mut(&(extractor, table)) {
                for start in (0..batch.num_rows()).step_by(BATCH_ROWS) {
                    let length = BATCH_ROWS.min(batch.num_rows() - start);
                    coalescer.push_batch(batch.slice(start, length))?;
                }
            }
        }
        self.give()
    }

    fn finish_segment(&mut self) -> Result<(), EvidenceError> {
        for coalescer in self.coalescers.values_mut() {
            coalescer.finish_buffered_batch()?;
        }
        self.give()
    }

    fn give(&mut self) -> Result<(), EvidenceError> {
        for ((extractor, table), coalescer) in &mut self.coalescers {
            while let Some(batch) = coalescer.next_completed_batch() {
                let (extractor, table) = (extractor.clone(), table.clone());
                let batch = EvidenceBatch { extractor, table, batch };
                if (self.receive)(self.segment, batch).is_break() {
                    return Err(EvidenceError::Stopped);
                }
            }
        }
        Ok(())
    }
}
