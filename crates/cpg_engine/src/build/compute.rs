//! One relation's rows, from its plan to files.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::record_batch::RecordBatch;
use cpg_ir::spec::RelationId;
use cpg_plan::bind::{Input, bind};
use cpg_plan::fixpoint::reached_bounds;
use datafusion::common::internal_err;
use datafusion::datasource::provider_as_source;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::execute_stream;
use futures::StreamExt as _;
use tokio::time::timeout;

use super::Run;
use super::execute::Done;
use crate::audit::Inputs;
use crate::delta::layout::Layout;
use crate::delta::order::ordered;
use crate::delta::segmented::SegmentedWriter;
use crate::delta::write::{RowGroups, TableWriter};
use crate::error::{EngineError, Result};
use crate::fingerprint::TableKey;
use crate::record::BoundRecord;

/// How long rows are waited for before it is looked whether the build is to stop.
const CANCEL_POLL: Duration = Duration::from_millis(100);

/// Computes and writes the rows of `id` from the tables that its plan reads.
///
/// # Errors
/// When the rows do not fit into memory, a file cannot be read or written, or the build is interrupted.
pub(super) async fn compute(
    run: &Run,
    id: &RelationId,
    inputs: &Inputs,
    reason: &str,
) -> Result<Done> {
    let begun = Instant::now();
    let table = run.survey.table(&TableKey::Relation(id.clone()))?;
    let what = format!("computing `{id}`");
    let limit = run.authority.profile().memory_bytes;
    let failed = |error| EngineError::execution(&what, limit, &error);
    run.told_started(table, reason);

    let plan =
        run.authority.plans().inlined(id).map_err(|error| EngineError::internal(&what, error))?;
    let plan = bind(plan, |input| match inputs.get(input) {
        Some(provider) => Ok(Input::Table(provider_as_source(Arc::clone(provider)))),
        None => internal_err!("`{input}` has no rows yet"),
    })
    .map_err(failed)?;
    let policies = run.authority.policies(id);
    let frame = run.session.execute_logical_plan(plan).await.map_err(failed)?;
    let context = Arc::new(frame.task_ctx());
    let operators = frame.create_physical_plan().await.map_err(failed)?;
    let operators = ordered(operators, policies).map_err(failed)?;
    let mut rows = execute_stream(Arc::clone(&operators), context).map_err(failed)?;

    let layout = Layout::of(policies);
    let written = match (&table.segments, file_column(run, id)) {
        (Some(segments), Some(file)) => {
            let contents = segments.contents();
            let mut writer =
                SegmentedWriter::new(&table.dataset, &table.schema, layout, &run.id, contents);
            while let Some(batch) = next(run, &mut rows).await? {
                let batch = batch.map_err(failed)?;
                let parts = run
                    .segment_of_file
                    .split(&batch, file, segments.missing())
                    .map_err(|error| EngineError::internal(&what, error))?;
                for (segment, part) in parts {
                    writer.write(segment, &part).await?;
                }
            }
            writer.close().await?
        }
        _ => {
            let schema = Arc::clone(&table.schema);
            let mut writer =
                TableWriter::open(&table.dataset, schema, layout, &run.id, RowGroups::Large)?;
            while let Some(batch) = next(run, &mut rows).await? {
                writer.write(&batch.map_err(failed)?).await?;
            }
            writer.close().await?
        }
    };
    let mut done = Done::new(table, written, begun.elapsed());
    done.reached = reached_bounds(operators.as_ref()).into_iter().map(BoundRecord::from).collect();
    run.told_done(&table.dataset, &done);
    Ok(done)
}

/// The next rows. Some operators work long before they give any; a build stops while they do, too.
async fn next(
    run: &Run,
    rows: &mut SendableRecordBatchStream,
) -> Result<Option<datafusion::common::Result<RecordBatch>>> {
    loop {
        run.cancel.check()?;
        if let Ok(batch) = timeout(CANCEL_POLL, rows.next()).await {
            return Ok(batch);
        }
    }
}

/// Where in its rows a relation says whose file's they are.
fn file_column(run: &Run, id: &RelationId) -> Option<usize> {
    let plan = run.authority.plans().relation(id)?;
    let file = plan.file_column()?;
    plan.schema().columns.iter().position(|column| column.name == file.name)
}
