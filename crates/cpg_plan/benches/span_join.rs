//! How long the span join takes for a million nodes and a million tokens in 250 files: the bare sweep, the operator with
//! and without a declared order, and DataFusion's hash join on the file with the span condition as a filter.
//!
//! The rows lie in order either way; where that is not declared, they are sorted again.
//!
//! The hash join looks at every pair of spans of a file. It is run on fewer files of the same size, and its time for all
//! of them is what their number makes of it.
//!
//! Run it with `cargo bench -p cpg_plan --bench span_join`.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use cpg_plan::query_planner;
use cpg_plan::span_join::sweep::{Progress, Span, Sweep};
use cpg_plan::span_join::{Enclosing, SpanJoin, SpanJoinKind, SpanPredicate};
use datafusion::common::JoinType;
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::prelude::{SessionConfig, SessionContext, col};
use futures::StreamExt;

type Result<T, E = DataFusionError> = std::result::Result<T, E>;

const FILES: u32 = 250;
const SPANS_PER_FILE: usize = 4000;
/// Files for the hash join.
const SAMPLE: u32 = 10;

const PREDICATES: [SpanPredicate; 3] = [
    SpanPredicate::Overlaps,
    SpanPredicate::Contains(Enclosing::All),
    SpanPredicate::Contains(Enclosing::Innermost),
];

/// The spans of one file.
struct File {
    nodes: Vec<Span>,
    tokens: Vec<Span>,
}

impl File {
    /// Statements one after the other, each with expressions nested in it to a varying depth; tokens between and in them.
    fn generate(seed: u64) -> Self {
        let mut state = seed;
        let mut random = |below: u64| {
            // The multiplier and increment of Knuth's MMIX generator.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % below) as i64
        };
        let mut nodes = Vec::with_capacity(SPANS_PER_FILE);
        let mut start = 0;
        while nodes.len() < SPANS_PER_FILE {
            let length = 8 + random(40);
            let (mut low, mut high) = (start, start + length);
            while low < high && nodes.len() < SPANS_PER_FILE {
                nodes.extend(Span::new(low, high));
                low += random(5);
                high -= random(5);
            }
            start += length;
        }
        nodes.sort();
        let step = (start as u64 / SPANS_PER_FILE as u64).max(1);
        let mut at = 0;
        let tokens = (0..SPANS_PER_FILE).filter_map(|_| {
            let from = at + random(2);
            at = from + random(2 * step);
            Span::new(from, at)
        });
        let mut tokens: Vec<Span> = tokens.collect();
        tokens.sort();
        Self { nodes, tokens }
    }
}

fn table(files: &[File], spans: impl Fn(&File) -> &[Span]) -> Result<RecordBatch> {
    let all = || (0..).zip(files).flat_map(|(file, of)| spans(of).iter().map(move |s| (file, s)));
    let column = |value: fn((i64, &Span)) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(all().map(value)))
    };
    let count = all().count() as i64;
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..count));
    let field = |name| Field::new(name, DataType::Int64, false);
    let schema = Schema::new(vec![field("file"), field("start"), field("end"), field("id")]);
    let columns = vec![
        column(|(file, _)| file),
        column(|(_, span)| span.start()),
        column(|(_, span)| span.end()),
        ids,
    ];
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}

/// A session with the tables `a` of nodes and `b` of tokens.
async fn session(files: &[File], partitions: usize, ordered: bool) -> Result<SessionContext> {
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(SessionConfig::new().with_target_partitions(partitions))
        .with_query_planner(query_planner())
        .build();
    let session = SessionContext::new_with_state(state);
    let batches = [table(files, |f| &f.nodes)?, table(files, |f| &f.tokens)?];
    for (name, batch) in ["a", "b"].into_iter().zip(batches) {
        let slices = (0..batch.num_rows()).step_by(8192);
        let slices = slices.map(|at| batch.slice(at, 8192.min(batch.num_rows() - at)));
        let mut table = MemTable::try_new(batch.schema(), vec![slices.collect()])?;
        if ordered {
            table = table.with_sort_order(vec![vec![
                col("file").sort(true, false),
                col("start").sort(true, false),
                col("end").sort(false, false),
            ]]);
        }
        session.register_table(name, Arc::new(table))?;
    }
    Ok(session)
}

async fn span_join(session: &SessionContext, predicate: SpanPredicate) -> Result<LogicalPlan> {
    let join = SpanJoin::try_new(
        session.table("a").await?.into_unoptimized_plan(),
        session.table("b").await?.into_unoptimized_plan(),
        vec![(col("a.file"), col("b.file"))],
        (col("a.start"), col("a.end")),
        (col("b.start"), col("b.end")),
        predicate,
        SpanJoinKind::Inner,
    )?;
    pairs(join.into_plan())
}

async fn hash_join(session: &SessionContext) -> Result<LogicalPlan> {
    let a = session.table("a").await?.into_unoptimized_plan();
    let b = session.table("b").await?.into_unoptimized_plan();
    let on = [
        col("a.file").eq(col("b.file")),
        col("a.start").lt(col("b.end")).and(col("b.start").lt(col("a.end"))),
    ];
    pairs(LogicalPlanBuilder::from(a).join_on(b, JoinType::Inner, on)?.build()?)
}

fn pairs(join: LogicalPlan) -> Result<LogicalPlan> {
    LogicalPlanBuilder::from(join).project([col("a.id"), col("b.id")])?.build()
}

/// The rows of the plan and the best time of three.
async fn time(session: &SessionContext, plan: &LogicalPlan) -> Result<(usize, Duration)> {
    let mut best = Duration::MAX;
    let mut rows = 0;
    for _ in 0..3 {
        let begin = Instant::now();
        rows = 0;
        let frame = session.execute_logical_plan(plan.clone()).await?;
        let mut streams = futures::stream::select_all(frame.execute_stream_partitioned().await?);
        while let Some(batch) = streams.next().await {
            rows += batch?.num_rows();
        }
        best = best.min(begin.elapsed());
    }
    Ok((rows, best))
}

fn time_sweep(files: &[File], predicate: SpanPredicate) -> (usize, Duration) {
    let mut best = Duration::MAX;
    let mut count = 0;
    for _ in 0..3 {
        let begin = Instant::now();
        count = 0;
        let mut out = Vec::with_capacity(8192);
        for file in files {
            let mut sweep = Sweep::new(predicate, &file.nodes, &file.tokens);
            loop {
                out.clear();
                let progress = sweep.fill(&file.nodes, &file.tokens, 8192, &mut out);
                count += std::hint::black_box(&out).len();
                if progress == Progress::Done {
                    break;
                }
            }
        }
        best = best.min(begin.elapsed());
    }
    (count, best)
}

fn main() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let files: Vec<File> = (0..FILES).map(|seed| File::generate(seed.into())).collect();
    let mut out = std::io::stdout();
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    writeln!(out, "{FILES} files of {SPANS_PER_FILE} nodes and {SPANS_PER_FILE} tokens")?;

    for predicate in PREDICATES {
        let (rows, sweep) = time_sweep(&files, predicate);
        writeln!(out, "\n{predicate}: {rows} pairs")?;
        writeln!(out, "  {:<36} {:>9.1} ms", "bare sweep", millis(sweep))?;
        for (name, partitions, ordered) in [
            ("operator, order declared", 1, true),
            ("operator, sorted", 1, false),
            ("operator, sorted, 2 partitions", 2, false),
        ] {
            let (found, time) = runtime.block_on(async {
                let session = session(&files, partitions, ordered).await?;
                let plan = span_join(&session, predicate).await?;
                time(&session, &plan).await
            })?;
            assert_eq!(found, rows, "{name}");
            let ratio = time.as_secs_f64() / sweep.as_secs_f64();
            writeln!(out, "  {name:<36} {:>9.1} ms {ratio:>8.1} sweeps", millis(time))?;
        }
    }

    let sample = &files[..SAMPLE as usize];
    let (hash, span) = runtime.block_on(async {
        let session = session(sample, 1, true).await?;
        let hash = hash_join(&session).await?;
        let span = span_join(&session, SpanPredicate::Overlaps).await?;
        Ok::<_, DataFusionError>((time(&session, &hash).await?, time(&session, &span).await?))
    })?;
    assert_eq!(hash.0, span.0, "both joins find the same pairs");
    let compared = f64::from(SAMPLE) * (SPANS_PER_FILE * SPANS_PER_FILE) as f64;
    writeln!(out, "\noverlaps in {SAMPLE} files: {} pairs", hash.0)?;
    writeln!(
        out,
        "  hash join and filter {:.1} ms ({:.2} ns for each of {compared:.1e} candidates), operator {:.1} ms, ratio {:.0}",
        millis(hash.1),
        hash.1.as_secs_f64() * 1e9 / compared,
        millis(span.1),
        hash.1.as_secs_f64() / span.1.as_secs_f64()
    )?;
    let scale = f64::from(FILES) / f64::from(SAMPLE);
    writeln!(
        out,
        "  for all {FILES} files that is {:.1} s by their number",
        hash.1.as_secs_f64() * scale
    )?;
    Ok(())
}
