//! The rows that only one of two builds has.

use std::iter;
use std::sync::Arc;

use arrow::array::{AsArray as _, RecordBatch};
use arrow::datatypes::{Field, Int64Type, Schema, SchemaRef};
use arrow::json::writer::{LineDelimited, WriterBuilder};
use cpg_plan::schema::arrow_schema;
use datafusion::common::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::SessionContext;
use futures::StreamExt as _;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{BuildDiff, TableDiff};
use crate::error::{EngineError, Result};

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowChange {
    /// Only the later build has it.
    Added,
    /// Only the earlier build has it.
    Removed,
    /// Both have a row of that key, with other values.
    Changed,
}

/// A row that is not the same in both builds.
#[derive(Debug, Clone)]
pub struct Change {
    /// What became of it.
    pub what: RowChange,
    /// How many equal rows of that kind there are.
    pub times: u64,
    before: Option<RecordBatch>,
    after: Option<RecordBatch>,
}

impl Change {
    /// The row of the earlier build, by column.
    ///
    /// # Errors
    /// When it has no JSON form, which would be a defect.
    pub fn before(&self) -> Result<Option<Map<String, Value>>> {
        self.before.as_ref().map(values).transpose()
    }

    /// The row of the later build.
    ///
    /// # Errors
    /// As [`Self::before`].
    pub fn after(&self) -> Result<Option<Map<String, Value>>> {
        self.after.as_ref().map(values).transpose()
    }
}

/// A batch of one row as an object.
fn values(row: &RecordBatch) -> Result<Map<String, Value>> {
    let failed = |reason: &dyn std::fmt::Display| EngineError::internal("showing a row", reason);
    let builder = WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = builder.build::<_, LineDelimited>(Vec::new());
    writer.write(row).and_then(|()| writer.finish()).map_err(|error| failed(&error))?;
    serde_json::from_slice(&writer.into_inner()).map_err(|error| failed(&error))
}

/// Changes one after the other, as they are found.
pub struct ChangedRows<'a> {
    diff: &'a BuildDiff,
    stream: SendableRecordBatchStream,
    schema: SchemaRef,
    batch: Option<RecordBatch>,
    at: usize,
}

impl<'a> ChangedRows<'a> {
    pub(super) fn start(diff: &'a BuildDiff, table: &TableDiff) -> Result<Self> {
        let failed = |error: DataFusionError| {
            EngineError::execution(
                &format!("comparing `{}`", table.table),
                diff.memory_bytes,
                &error,
            )
        };
        let [before, after] = &table.sides;
        let session = diff.session.clone();
        for (name, side) in [(BEFORE, before), (AFTER, after)] {
            session.deregister_table(name).map_err(failed)?;
            session.register_table(name, side.provider()?).map_err(failed)?;
        }
        let sql = sql(table);
        let row = cpg_ir::types::RowSchema { columns: table.columns.clone() };
        // Values of either build, of which one may have nulls where the other has none.
        let fields = arrow_schema(&row);
        let fields = fields.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<Field>>()));
        // On a thread of the runtime, whose stack is deep enough for any query.
        let started = diff.runtime.spawn(async move { stream(&session, &sql).await });
        let stream = diff
            .runtime
            .block_on(started)
            .map_err(|error| EngineError::internal("comparing builds", error))?
            .map_err(failed)?;
        Ok(Self { diff, stream, schema, batch: None, at: 0 })
    }

    /// The next row: whether it is half of a pair, how many more of it the later build has, and its values.
    fn row(&mut self) -> Result<Option<(bool, i64, RecordBatch)>> {
        loop {
            if let Some(batch) = self.batch.as_ref().filter(|batch| self.at < batch.num_rows()) {
                let at = self.at;
                self.at += 1;
                return cells(batch, at, &self.schema)
                    .map(Some)
                    .map_err(|error| EngineError::internal("comparing builds", error));
            }
            let Some(batch) = self.diff.runtime.block_on(self.stream.next()) else {
                return Ok(None);
            };
            let failed = |error: DataFusionError| {
                EngineError::execution("comparing builds", self.diff.memory_bytes, &error)
            };
            self.batch = Some(batch.map_err(failed)?);
            self.at = 0;
        }
    }

    fn change(&mut self) -> Result<Option<Change>> {
        let Some((paired, more, row)) = self.row()? else { return Ok(None) };
        let times = more.unsigned_abs();
        if !paired {
            return Ok(Some(match more {
                1.. => Change { what: RowChange::Added, times, before: None, after: Some(row) },
                _ => Change { what: RowChange::Removed, times, before: Some(row), after: None },
            }));
        }
        // Of a pair, the earlier row comes first.
        let Some((_, _, after)) = self.row()? else {
            return Err(EngineError::internal("comparing builds", "half a pair"));
        };
        let (before, after) = (Some(row), Some(after));
        Ok(Some(Change { what: RowChange::Changed, times, before, after }))
    }
}

impl Iterator for ChangedRows<'_> {
    type Item = Result<Change>;

    fn next(&mut self) -> Option<Self::Item> {
        self.change().transpose()
    }
}

impl std::fmt::Debug for ChangedRows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChangedRows").field("schema", &self.schema).finish_non_exhaustive()
    }
}

const BEFORE: &str = "before";
const AFTER: &str = "after";

async fn stream(
    session: &SessionContext,
    sql: &str,
) -> std::result::Result<SendableRecordBatchStream, DataFusionError> {
    session.sql(sql).await?.execute_stream().await
}

/// The rows as a multiset: what one build has more often than the other. Two rows of one key, one of each build, are a pair.
/// Columns are numbered, since a table's may have any name.
fn sql(table: &TableDiff) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let number = |name: &String| table.columns.iter().position(|column| column.name == *name);
    let names: Vec<String> = (0..table.columns.len()).map(|at| format!("c{at}")).collect();
    let key: Vec<String> = table.key.iter().filter_map(number).map(|at| format!("c{at}")).collect();
    let named = table.columns.iter().zip(&names);
    let named: Vec<String> =
        named.map(|(column, name)| format!("{} as {name}", quoted(&column.name))).collect();
    let (named, all, by) = (named.join(", "), names.join(", "), key.join(", "));
    let paired = match key.as_slice() {
        [] => "false".to_owned(),
        _ => {
            let known: Vec<String> = key.iter().map(|name| format!("{name} is not null")).collect();
            format!(
                "{} and count(*) over (partition by {by}) = 2 and sum(more) over (partition by {by}) = 0 \
                 and max(abs(more)) over (partition by {by}) = 1",
                known.join(" and ")
            )
        }
    };
    let order = key.into_iter().chain(iter::once("more".to_owned())).chain(names);
    format!(
        "select {paired} as paired, more, {all} from (\
         select {all}, sum(side) as more from (\
         select {named}, -1 as side from \"{BEFORE}\" union all select {named}, 1 as side from \"{AFTER}\") \
         group by {all} having sum(side) <> 0) order by {}",
        order.collect::<Vec<_>>().join(", ")
    )
}

fn cells(
    batch: &RecordBatch,
    at: usize,
    schema: &SchemaRef,
) -> std::result::Result<(bool, i64, RecordBatch), DataFusionError> {
    let row = batch.slice(at, 1);
    let bad = || DataFusionError::Internal("not what was asked for".to_owned());
    let [paired, more, values @ ..] = row.columns() else { return Err(bad()) };
    let paired = paired.as_boolean_opt().ok_or_else(bad)?.value(0);
    let more = more.as_primitive_opt::<Int64Type>().ok_or_else(bad)?.value(0);
    Ok((paired, more, RecordBatch::try_new(Arc::clone(schema), values.to_vec())?))
}
