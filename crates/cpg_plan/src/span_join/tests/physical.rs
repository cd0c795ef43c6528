//! The operator in physical plans: sorts, partitions, projections, memory and errors.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::displayable;
use datafusion::prelude::{SessionContext, col};

use super::super::{Enclosing, SpanJoinKind, SpanPredicate};
use super::support::{
    KINDS, PREDICATES, Row, limited_session, run, session, sorted, span_join, span_order, table,
    with_tables,
};

/// Nested spans in some files, sorted.
fn nested(files: i64, blocks: i64) -> Vec<Row> {
    let rows = (0..files).flat_map(|file| {
        (0..blocks).flat_map(move |block| {
            let at = block * 10;
            [Row::new(file, at, at + 8), Row::new(file, at + 1, at + 6)]
        })
    });
    sorted(rows.collect())
}

async fn physical(session: &SessionContext, plan: &LogicalPlan) -> Result<String> {
    let plan = session.state().create_physical_plan(plan).await?;
    Ok(displayable(plan.as_ref()).indent(false).to_string())
}

#[tokio::test]
async fn sorts_only_what_is_not_sorted() -> Result<()> {
    let rows = nested(3, 4);
    for (declared, sorts) in [(false, 2), (true, 0)] {
        let order = if declared { span_order() } else { vec![] };
        let session = session(1, 100);
        let a = table(&rows, 1, 10)?.with_sort_order(order.clone());
        let b = table(&rows, 1, 10)?.with_sort_order(order);
        let (a, b) = with_tables(&session, a, b).await?;
        let join = span_join(a, b, SpanPredicate::Overlaps, SpanJoinKind::Inner)?.into_plan();
        let text = physical(&session, &join).await?;
        assert_eq!(text.matches("SortExec").count(), sorts, "{text}");
        assert!(text.contains("SpanJoinExec: join_type=Inner, on=[(file@0, file@0)]"), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn partitions_both_sides_by_key() -> Result<()> {
    let session = session(4, 100);
    let (a, b) = (table(&nested(9, 40), 3, 10)?, table(&nested(9, 40), 1, 10)?);
    let (a, b) = with_tables(&session, a, b).await?;
    let join = span_join(a, b, SpanPredicate::Overlaps, SpanJoinKind::Inner)?.into_plan();
    let text = physical(&session, &join).await?;
    assert_eq!(text.matches("Hash([file@0], 4)").count(), 2, "{text}");
    Ok(())
}

#[tokio::test]
async fn declares_the_order_that_it_yields() -> Result<()> {
    let session = session(1, 16);
    let rows = nested(5, 20);
    let (a, b) = (table(&rows, 1, 10)?, table(&rows, 1, 10)?);
    let (a, b) = with_tables(&session, a, b).await?;
    for kind in KINDS {
        let contains = SpanPredicate::Contains(Enclosing::All);
        let join = span_join(a.clone(), b.clone(), contains, kind)?.into_plan();
        let key = col("a.file").sort(true, false);
        let plan = LogicalPlanBuilder::from(join).sort([key])?.build()?;
        let text = physical(&session, &plan).await?;
        // The inputs are sorted; whether the output has to be depends on the kind.
        let expected = match kind {
            SpanJoinKind::Inner | SpanJoinKind::LeftSemi => 2,
            SpanJoinKind::Left | SpanJoinKind::LeftAnti => 3,
        };
        assert_eq!(text.matches("SortExec").count(), expected, "{kind:?}\n{text}");
        let rows = run(&session, plan).await?;
        assert!(rows.iter().map(|row| &row[0]).is_sorted(), "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn copies_only_columns_that_are_read() -> Result<()> {
    let session = session(1, 100);
    let (a, b) = (table(&nested(2, 3), 1, 10)?, table(&nested(2, 3), 1, 10)?);
    let (a, b) = with_tables(&session, a, b).await?;
    for kind in [SpanJoinKind::Inner, SpanJoinKind::Left] {
        let join = span_join(a.clone(), b.clone(), SpanPredicate::Overlaps, kind)?.into_plan();
        let plan = LogicalPlanBuilder::from(join).project([col("b.name"), col("a.id")])?.build()?;
        let text = physical(&session, &plan).await?;
        assert!(text.contains("projection=[name, id]"), "{text}");
        assert!(!text.contains("ProjectionExec"), "{text}");
        assert_eq!(run(&session, plan).await?.len(), 2 * 3 * 4);
    }
    Ok(())
}

#[tokio::test]
async fn counts_rows_without_columns() -> Result<()> {
    let session = session(1, 7);
    let (a, b) = (table(&nested(2, 3), 1, 10)?, table(&nested(2, 3), 1, 10)?);
    let (a, b) = with_tables(&session, a, b).await?;
    let join = span_join(a, b, SpanPredicate::Overlaps, SpanJoinKind::Inner)?.into_plan();
    let frame = session.execute_logical_plan(join).await?;
    assert_eq!(frame.count().await?, 24);
    Ok(())
}

#[tokio::test]
async fn stops_with_its_consumer() -> Result<()> {
    // All pairs of 20000 spans would be 400 million rows.
    let session = session(1, 1000);
    let rows: Vec<_> = (0..20_000).map(|i| Row::new(1, i, i + 100_000)).collect();
    let (a, b) = (table(&rows, 1, 5000)?, table(&rows, 1, 5000)?);
    let (a, b) = with_tables(&session, a, b).await?;
    let join = span_join(a, b, SpanPredicate::Overlaps, SpanJoinKind::Inner)?.into_plan();
    let plan = LogicalPlanBuilder::from(join).limit(0, Some(2500))?.build()?;
    assert_eq!(run(&session, plan).await?.len(), 2500);
    Ok(())
}

#[tokio::test]
async fn says_when_a_group_does_not_fit_into_memory() -> Result<()> {
    let rows = nested(1, 20_000);
    for (bytes, fits) in [(1 << 20, false), (64 << 20, true)] {
        let session = limited_session(1, 8192, Some(bytes))?;
        let a = table(&rows, 1, 8192)?.with_sort_order(span_order());
        let b = table(&rows, 1, 8192)?.with_sort_order(span_order());
        let (a, b) = with_tables(&session, a, b).await?;
        let join = span_join(a, b, SpanPredicate::Overlaps, SpanJoinKind::Inner)?.into_plan();
        let plan = LogicalPlanBuilder::from(join).project([col("a.id")])?.build()?;
        match run(&session, plan).await {
            Ok(rows) => {
                assert!(fits, "a megabyte does not hold 40000 rows twice");
                assert_eq!(rows.len(), 20_000 * 4);
            }
            Err(error) => {
                assert!(!fits, "{error}");
                let root = error.find_root();
                assert!(matches!(root, DataFusionError::ResourcesExhausted(_)), "{root}");
                let text = error.to_string();
                assert!(text.contains("rows of one key group do not fit into memory"), "{text}");
            }
        }
        assert_eq!(session.runtime_env().memory_pool.reserved(), 0, "all is given back");
    }
    Ok(())
}

#[tokio::test]
async fn holds_no_more_than_a_group_of_many() -> Result<()> {
    // A hundred groups that would not fit into the memory together, of which few pairs are wanted.
    let rows = nested(100, 50);
    let session = limited_session(1, 128, Some(200 << 10))?;
    let a = table(&rows, 1, 128)?.with_sort_order(span_order());
    let b = table(&rows, 1, 128)?.with_sort_order(span_order());
    let (a, b) = with_tables(&session, a, b).await?;
    for predicate in PREDICATES {
        for kind in KINDS {
            let join = span_join(a.clone(), b.clone(), predicate, kind)?;
            let join = join.with_filter(col("a.id").eq(col("b.id")))?;
            let found = run(&session, join.into_plan()).await?;
            let expected = match kind {
                SpanJoinKind::LeftAnti => 0,
                _ => 10_000,
            };
            assert_eq!(found.len(), expected, "{predicate} {kind:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn refuses_inputs_that_are_not_as_declared() -> Result<()> {
    let good = nested(2, 2);
    let unsorted: Vec<_> = good.iter().rev().copied().collect();
    let inverted = vec![Row::new(0, 5, 3)];
    let cases = [
        (&unsorted, &good, "the left input is not sorted by keys, start and descending end"),
        (&good, &unsorted, "the right input is not sorted by keys, start and descending end"),
        (&inverted, &good, "the left input has a span that ends before it starts: 5..3"),
    ];
    // The fault lies within a batch in one case, between batches in the other.
    for batch_size in [100, 1] {
        for (left, right, message) in cases {
            let session = session(1, 100);
            let a = table(left, 1, batch_size)?.with_sort_order(span_order());
            let b = table(right, 1, batch_size)?.with_sort_order(span_order());
            let (a, b) = with_tables(&session, a, b).await?;
            let join = span_join(a, b, SpanPredicate::Overlaps, SpanJoinKind::Left)?.into_plan();
            let error = run(&session, join).await.expect_err(message).to_string();
            assert!(error.contains(message), "{error}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn reports_what_it_did() -> Result<()> {
    let session = session(1, 100);
    let (a, b) = (table(&nested(2, 3), 1, 5)?, table(&nested(2, 3), 1, 5)?);
    let (a, b) = with_tables(&session, a, b).await?;
    let join = span_join(a, b, SpanPredicate::Overlaps, SpanJoinKind::Inner)?.into_plan();
    let plan = session.state().create_physical_plan(&join).await?;
    datafusion::physical_plan::collect(Arc::clone(&plan), session.task_ctx()).await?;
    let metrics = plan.metrics().expect("a join has metrics");
    assert_eq!(metrics.output_rows(), Some(24));
    let read = metrics.sum_by_name("input_rows").map(|value| value.as_usize());
    assert_eq!(read, Some(24));
    let peak = metrics.sum_by_name("peak_mem_used").map(|value| value.as_usize());
    assert!(peak.is_some_and(|bytes| bytes > 0));
    Ok(())
}
