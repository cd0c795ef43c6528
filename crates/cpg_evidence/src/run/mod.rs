//! Runs the needed extractors over a scan.

mod chunk;
mod order;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;

use arrow::array::RecordBatch;
use arrow::compute::BatchCoalescer;
use arrow::datatypes::SchemaRef;

use crate::catalog::ExtractorMap;
use crate::error::EvidenceError;
use crate::scan::Scan;
use chunk::{ChunkRows, chunks};
use order::Ordered;

/// How many rows a batch has, but for the last one of a table.
const BATCH_ROWS: usize = 16 * 1024;

/// The stack of a worker. Walking and dropping a syntax tree recurse; the deepest accepted one
/// (`python::depth`) fits with room to spare. Only what is touched takes memory.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceBatch {
    /// The key of the extractor that found them.
    pub extractor: &'static str,
    /// The table's name.
    pub table: &'static str,
    /// The needed columns, in the table's order.
    pub batch: RecordBatch,
}

/// A needed table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceTable {
    /// The key of the extractor that fills it.
    pub extractor: &'static str,
    /// Its name.
    pub table: &'static str,
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

/// Extracts what `map` needs of the files of `scan` and gives it to `receive`, batch after batch.
///
/// The rows of each table come in the order of their paths, and for one file in the table's own order; the batches
/// are the same for any number of `threads` (at least one runs). Work stays a bounded number of chunks of files
/// ahead of `receive`, which may block.
///
/// # Errors
/// See [`EvidenceError`]. That a file cannot be read or parsed is none: it becomes a row of `extract_errors`.
pub fn extract(
    scan: &Scan,
    map: &ExtractorMap,
    threads: usize,
    mut receive: impl FnMut(EvidenceBatch) -> ControlFlow<()>,
) -> Result<Summary, EvidenceError> {
    let mut coalescers: BTreeMap<(&str, &str), BatchCoalescer> = map
        .tables()
        .into_iter()
        .map(|table| {
            let coalescer = BatchCoalescer::new(Arc::clone(&table.schema), BATCH_ROWS);
            ((table.extractor, table.table), coalescer)
        })
        .collect();
    let chunks = chunks(scan);
    let threads = threads.clamp(1, chunks.len().max(1));
    let ordered = Ordered::new(chunks.len(), threads * 2);
    let mut summary = Summary::default();

    thread::scope(|scope| {
        // Whatever ends this scope, the workers stop waiting.
        let _stop = ordered.stop_on_drop();
        for worker in 0..threads {
            thread::Builder::new()
                .name(format!("extract-{worker}"))
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, || {
                    let _stop = ordered.stop_on_panic();
                    while let Some(index) = ordered.take() {
                        ordered.put(index, chunk::extract(scan, map, chunks[index].clone()));
                    }
                })
                .map_err(EvidenceError::Thread)?;
        }
        while let Some(rows) = ordered.next() {
            let ChunkRows { batches, summary: part } = rows?;
            summary.files += part.files;
            summary.errors += part.errors;
            summary.changed += part.changed;
            for EvidenceBatch { extractor, table, batch } in batches {
                let Some(coalescer) = coalescers.get_mut(&(extractor, table)) else {
                    continue;
                };
                summary.rows += batch.num_rows();
                coalescer.push_batch(batch)?;
                give(coalescer, extractor, table, &mut receive)?;
            }
        }
        Ok::<(), EvidenceError>(())
    })?;
    for (_, (extractor, table), mut coalescer) in map.tables().into_iter().filter_map(|table| {
        let key = (table.extractor, table.table);
        Some((table, key, coalescers.remove(&key)?))
    }) {
        coalescer.finish_buffered_batch()?;
        give(&mut coalescer, extractor, table, &mut receive)?;
    }
    Ok(summary)
}

fn give(
    coalescer: &mut BatchCoalescer,
    extractor: &'static str,
    table: &'static str,
    receive: &mut impl FnMut(EvidenceBatch) -> ControlFlow<()>,
) -> Result<(), EvidenceError> {
    while let Some(batch) = coalescer.next_completed_batch() {
        let batch = EvidenceBatch { extractor, table, batch };
        if receive(batch).is_break() {
            return Err(EvidenceError::Stopped);
        }
    }
    Ok(())
}
