//! One relation's rows, from its plan to files.

use std::sync::Arc;
use std::time::Instant;

use cpg_ir::spec::RelationId;
use cpg_plan::bind::{Input, bind};
use datafusion::common::internal_err;
use datafusion::datasource::provider_as_source;
use futures::StreamExt as _;

use super::Run;
use super::execute::Done;
use crate::audit::Inputs;
use crate::delta::layout::Layout;
use crate::delta::order::ordered;
use crate::delta::segmented::SegmentedWriter;
use crate::delta::write::{RowGroups, TableWriter};
use crate::error::{EngineError, Result};
use crate::fingerprint::TableKey;

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
    let plan = ordered(plan, policies).map_err(failed)?;
    let frame = run.session.execute_logical_plan(plan).await.map_err(failed)?;
    let mut rows = frame.execute_stream().await.map_err(failed)?;

    let layout = Layout::of(policies);
    let written = match (&table.segments, file_column(run, id)) {
        (Some(segments), Some(file)) => {
            let contents = segments.contents();
            let mut writer =
                SegmentedWriter::new(&table.dataset, &table.schema, layout, &run.id, contents);
            while let Some(batch) = rows.next().await {
                run.cancel.check()?;
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
            while let Some(batch) = rows.next().await {
                run.cancel.check()?;
                writer.write(&batch.map_err(failed)?).await?;
            }
            writer.close().await?
        }
    };
    let done = Done::new(table, written, begun.elapsed());
    run.told_done(&table.dataset, &done);
    Ok(done)
}

/// Where in its rows a relation says whose file's they are.
fn file_column(run: &Run, id: &RelationId) -> Option<usize> {
    let plan = run.authority.plans().relation(id)?;
    let file = plan.file_column()?;
    plan.schema().columns.iter().position(|column| column.name == file.name)
}
