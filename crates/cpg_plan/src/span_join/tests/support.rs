//! Tables of spans, sessions that can join them, and rows as text.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::Result;
use datafusion::datasource::MemTable;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{Expr, LogicalPlan, SortExpr};
use datafusion::prelude::{SessionConfig, SessionContext, col};

use super::super::{Enclosing, SpanJoin, SpanJoinKind, SpanPredicate};
use crate::query_planner;

pub(super) const PREDICATES: [SpanPredicate; 5] = [
    SpanPredicate::Overlaps,
    SpanPredicate::Contains(Enclosing::All),
    SpanPredicate::Contains(Enclosing::Innermost),
    SpanPredicate::Within(Enclosing::All),
    SpanPredicate::Within(Enclosing::Innermost),
];

pub(super) const KINDS: [SpanJoinKind; 4] =
    [SpanJoinKind::Inner, SpanJoinKind::Left, SpanJoinKind::LeftSemi, SpanJoinKind::LeftAnti];

/// A row of a test table, whose further columns follow from its position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) file: Option<i64>,
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
}

impl Row {
    pub(super) fn new(file: i64, start: i64, end: i64) -> Self {
        Self { file: Some(file), start: Some(start), end: Some(end) }
    }
}

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![
        Field::new("file", DataType::Int64, true),
        Field::new("start", DataType::Int64, true),
        Field::new("end", DataType::Int64, true),
        Field::new("id", DataType::Int64, false),
        Field::new("name", DataType::Utf8, false),
    ]))
}

fn batch(rows: &[Row], first: usize) -> Result<RecordBatch> {
    let ids = first..first + rows.len();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.file))),
        Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.start))),
        Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.end))),
        Arc::new(Int64Array::from_iter_values(ids.clone().map(|id| id as i64))),
        Arc::new(StringArray::from_iter_values(ids.map(|id| format!("n{}", id % 7)))),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}

/// Rows in partitions of batches, in the order given.
pub(super) fn table(rows: &[Row], partitions: usize, batch_size: usize) -> Result<MemTable> {
    let mut parts = vec![Vec::new(); partitions];
    for (number, chunk) in rows.chunks(batch_size).enumerate() {
        parts[number % partitions].push(batch(chunk, number * batch_size)?);
    }
    MemTable::try_new(schema(), parts)
}

/// The order that the join asks for.
pub(super) fn span_order() -> Vec<Vec<SortExpr>> {
    vec![vec![
        col("file").sort(true, false),
        col("start").sort(true, false),
        col("end").sort(false, false),
    ]]
}

/// Rows sorted by [`span_order`].
pub(super) fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| (row.file, row.start, row.end.map(std::cmp::Reverse)));
    rows
}

pub(super) fn session(partitions: usize, batch_size: usize) -> SessionContext {
    limited_session(partitions, batch_size, None).expect("a session without a memory limit")
}

pub(super) fn limited_session(
    partitions: usize,
    batch_size: usize,
    bytes: Option<usize>,
) -> Result<SessionContext> {
    let mut config =
        SessionConfig::new().with_target_partitions(partitions).with_batch_size(batch_size);
    // Small tables would otherwise not be repartitioned at all.
    config.options_mut().optimizer.enable_round_robin_repartition = true;
    let mut runtime = RuntimeEnvBuilder::new();
    if let Some(bytes) = bytes {
        runtime = runtime.with_memory_limit(bytes, 1.0);
    }
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(config)
        .with_runtime_env(runtime.build_arc()?)
        .with_query_planner(query_planner())
        .build();
    Ok(SessionContext::new_with_state(state))
}

/// The session's tables `a` and `b`, registered.
pub(super) async fn with_tables(
    session: &SessionContext,
    a: MemTable,
    b: MemTable,
) -> Result<(LogicalPlan, LogicalPlan)> {
    session.register_table("a", Arc::new(a))?;
    session.register_table("b", Arc::new(b))?;
    let a = session.table("a").await?.into_unoptimized_plan();
    let b = session.table("b").await?.into_unoptimized_plan();
    Ok((a, b))
}

/// `a predicate b` on the same file.
pub(super) fn span_join(
    a: LogicalPlan,
    b: LogicalPlan,
    predicate: SpanPredicate,
    kind: SpanJoinKind,
) -> Result<SpanJoin> {
    SpanJoin::try_new(
        a,
        b,
        vec![(col("a.file"), col("b.file"))],
        (col("a.start"), col("a.end")),
        (col("b.start"), col("b.end")),
        predicate,
        kind,
    )
}

/// The same as arithmetic.
pub(super) fn condition(predicate: SpanPredicate) -> Expr {
    let (a, b) = (("a.start", "a.end"), ("b.start", "b.end"));
    match predicate {
        SpanPredicate::Overlaps => col(a.0).lt(col(b.1)).and(col(b.0).lt(col(a.1))),
        SpanPredicate::Contains(_) => col(a.0).lt_eq(col(b.0)).and(col(b.1).lt_eq(col(a.1))),
        SpanPredicate::Within(_) => col(b.0).lt_eq(col(a.0)).and(col(a.1).lt_eq(col(b.1))),
    }
}

/// The rows as text, in the order they came.
pub(super) fn rows(batches: &[RecordBatch]) -> Result<Vec<Vec<String>>> {
    let options = FormatOptions::default().with_null("-");
    let mut rows = Vec::new();
    for batch in batches {
        let columns = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options))
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            rows.push(columns.iter().map(|column| column.value(row).to_string()).collect());
        }
    }
    Ok(rows)
}

/// Runs the plan and yields its rows.
pub(super) async fn run(session: &SessionContext, plan: LogicalPlan) -> Result<Vec<Vec<String>>> {
    let batches = session.execute_logical_plan(plan).await?.collect().await?;
    rows(&batches)
}

/// Runs the plan and yields its rows sorted.
pub(super) async fn run_sorted(
    session: &SessionContext,
    plan: LogicalPlan,
) -> Result<Vec<Vec<String>>> {
    let mut rows = run(session, plan).await?;
    rows.sort();
    Ok(rows)
}
