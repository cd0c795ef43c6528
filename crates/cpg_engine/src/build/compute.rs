//! One relation's rows, from its plan to files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::record_batch::RecordBatch;
use cpg_ir::spec::RelationId;
use cpg_plan::bind::{Input, bind};
use cpg_plan::fixpoint::reached_bounds;
use cpg_plan::policy::WriteDecision;
use cpg_plan::program::Division;
use datafusion::common::internal_err;
use datafusion::datasource::provider_as_source;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::execute_stream;
use futures::StreamExt as _;
use tokio::time::timeout;

use super::Run;
use super::anew::{Anew, OfSegments};
use super::execute::Done;
use super::job::Job;
use super::survey::Table;
use crate::audit::Inputs;
use crate::cancel::Cancel;
use crate::clock::seconds;
use crate::delta::layout::Layout;
use crate::delta::order::ordered;
use crate::delta::segmented::{SegmentRows, SegmentedWriter};
use crate::error::{EngineError, Result};
use crate::fingerprint::{self, TableKey};
use crate::record::BoundRecord;

/// How long rows are waited for before it is looked whether the build is to stop.
const CANCEL_POLL: Duration = Duration::from_millis(100);

/// Computes and writes the rows of `id` that are to be made.
///
/// # Errors
/// When the rows do not fit into memory, a file cannot be read or written, or the build is interrupted.
pub(super) async fn compute(run: &Run, id: &RelationId, job: Job, reason: &str) -> Result<Done> {
    let begun = Instant::now();
    let key = TableKey::Relation(id.clone());
    let table = run.survey.table(&key)?;
    let Job { inputs, anew, some } = job;
    let reason = if anew.is_nothing() { "what its rows follow from is as it was" } else { reason };
    run.told_started(table, &anew, reason);
    let work = Work { run, id, key, table, inputs };
    let mut done = work.done(&anew, some).await?;
    done.seconds = seconds(begun.elapsed());
    run.told_done(&table.dataset, &done);
    Ok(done)
}

/// A relation to compute.
struct Work<'a> {
    run: &'a Run,
    id: &'a RelationId,
    key: TableKey,
    table: &'a Table,
    inputs: Inputs,
}

impl Work<'_> {
    /// The rows of segments that may have become others.
    async fn done(&self, anew: &Anew, some: Option<BTreeSet<usize>>) -> Result<Done> {
        let writer = self.run.readers.hashing(&self.key, self.writer()?)?.hashing(|_| true)?;
        let (mut made, reached) = match (anew.is_nothing(), &self.table.newest) {
            (true, Some(newest)) => (BTreeMap::new(), newest.reached.clone()),
            _ => self.write(writer, some, |place| anew.is_made(place)).await?,
        };
        let contents = anew.known().iter().enumerate().map(|(place, known)| match known {
            Some(known) => Ok(*known),
            None => {
                let rows = made.get(&place).and_then(|rows| rows.hashes.last().copied());
                let rows = rows.unwrap_or_default();
                fingerprint::rows(&self.run.authority, self.id, &self.table.row, rows)
            }
        });
        let contents = contents.collect::<Result<_>>()?;
        let hashes = made.iter_mut();
        let hashes = hashes.map(|(place, rows)| (*place, std::mem::take(&mut rows.hashes)));
        let hashes = hashes.collect();
        let files = made.into_iter().map(|(place, rows)| (place, rows.files)).collect();
        let mut done = Done::new(self.table, anew, contents, files)?;
        done.contents.in_columns = self.run.readers.contents(
            &self.key,
            &done.contents.segments,
            |place| anew.is_made(place),
            &hashes,
            self.table.newest.as_ref().map(|newest| &newest.contents),
        )?;
        done.reached = reached;
        Ok(done)
    }

    fn writer(&self) -> Result<SegmentedWriter<'_>> {
        let Self { run, table, .. } = self;
        let layout = Layout::from(self.decision()?);
        Ok(SegmentedWriter::new(&table.dataset, &table.schema, layout, &run.id))
    }

    fn decision(&self) -> Result<&WriteDecision> {
        self.run.decisions.write(&self.key)
    }

    /// The rows of the segments that are `wanted`, and the fixpoints that would have gone on. Where they are `some`, files
    /// of others need not be looked at.
    async fn write(
        &self,
        mut writer: SegmentedWriter<'_>,
        some: Option<BTreeSet<usize>>,
        wanted: impl Fn(usize) -> bool,
    ) -> Result<(BTreeMap<usize, SegmentRows>, Vec<BoundRecord>)> {
        let Self { run, id, .. } = self;
        let what = format!("computing `{id}`");
        let limit = run.authority.profile().memory_bytes;
        let failed = |error| EngineError::execution(&what, limit, &error);
        let plans = run.authority.plans();
        let plan = match some {
            None => plans.inlined(id),
            Some(some) => {
                let of = OfSegments::new(run, &some, self.read_in_both_ways()?);
                plans.inlined_for_files(id, &|relation, column, of_type| {
                    of.condition(relation, column, of_type)
                })
            }
        };
        let plan = plan.map_err(|error| EngineError::internal(&what, error))?;
        let plan = bind(plan, |input| match self.inputs.get(input) {
            Some(provider) => Ok(Input::Table(provider_as_source(Arc::clone(provider)))),
            None => internal_err!("`{input}` has no rows yet"),
        })
        .map_err(failed)?;
        let frame = run.session.execute_logical_plan(plan).await.map_err(failed)?;
        let context = Arc::new(frame.task_ctx());
        let operators = frame.create_physical_plan().await.map_err(failed)?;
        let operators = ordered(operators, self.decision()?).map_err(failed)?;
        let mut rows = execute_stream(Arc::clone(&operators), context).map_err(failed)?;
        let file = self.file_column()?;
        while let Some(batch) = next(&run.cancel, &mut rows).await? {
            let batch = batch.map_err(failed)?;
            let Some(file) = file else {
                writer.write(0, &batch).await?;
                continue;
            };
            let parts = run
                .segment_of_file
                .split(&batch, file, &wanted)
                .map_err(|error| EngineError::internal(&what, error))?;
            for (segment, part) in parts {
                writer.write(segment, &part).await?;
            }
        }
        let reached = reached_bounds(operators.as_ref()).into_iter().map(BoundRecord::from);
        Ok((writer.close().await?, reached.collect()))
    }

    /// The inputs that are read by file and as a whole: all of their rows are there.
    fn read_in_both_ways(&self) -> Result<BTreeSet<RelationId>> {
        Ok(match &self.run.authority.task(self.id)?.division {
            Division::Split { by_file, whole, .. } => {
                by_file.keys().filter(|id| whole.contains_key(*id)).cloned().collect()
            }
            _ => BTreeSet::new(),
        })
    }

    /// Where in its rows a relation says whose file's they are.
    fn file_column(&self) -> Result<Option<usize>> {
        let file = self.run.authority.task(self.id)?.division.file();
        let columns = &self.table.row.columns;
        Ok(file.and_then(|file| columns.iter().position(|column| column.name == file)))
    }
}

/// The next rows. Some operators work long before they give any; a build stops while they do, too.
pub(super) async fn next(
    cancel: &Cancel,
    rows: &mut SendableRecordBatchStream,
) -> Result<Option<datafusion::common::Result<RecordBatch>>> {
    loop {
        cancel.check()?;
        if let Ok(batch) = timeout(CANCEL_POLL, rows.next()).await {
            return Ok(batch);
        }
    }
}
