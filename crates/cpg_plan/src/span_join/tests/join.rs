//! The operator against DataFusion's own joins on the same tables.

use std::ops::Rem;

use datafusion::common::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::prelude::{SessionContext, col, lit};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::super::{Enclosing, SpanJoinKind, SpanPredicate};
use super::support::{
    KINDS, PREDICATES, Row, condition, run, run_sorted, session, sorted, span_join, table,
    with_tables,
};

/// Some hundred spans in a few files, one of which is large, with nulls everywhere.
fn random_rows(runner: &mut TestRunner, count: usize) -> Vec<Row> {
    let nullable = |chance: f64, value: i64| {
        proptest::bool::weighted(chance).prop_map(move |null| (!null).then_some(value))
    };
    let file = (0..6_i64).prop_map(|file| if file > 3 { 100 } else { file });
    let row = (file, 0..60_i64, 0..14_i64).prop_flat_map(move |(file, start, length)| {
        let ends = (nullable(0.04, start), nullable(0.04, start + length));
        (nullable(0.05, file), ends).prop_map(|(file, (start, end))| Row { file, start, end })
    });
    proptest::collection::vec(row, count)
        .new_tree(runner)
        .expect("the strategy rejects nothing")
        .current()
}

/// DataFusion's join with the span condition as a filter.
fn oracle(
    a: LogicalPlan,
    b: LogicalPlan,
    predicate: SpanPredicate,
    kind: SpanJoinKind,
    filter: Option<Expr>,
) -> Result<LogicalPlan> {
    let conditions = [col("a.file").eq(col("b.file")), condition(predicate)];
    LogicalPlanBuilder::from(a)
        .join_on(b, kind.join_type(), conditions.into_iter().chain(filter))?
        .build()
}

/// The rows of the inner join `pairs` whose enclosing span is the innermost one, by the definition. The columns are
/// file, start, end, id and name of both sides.
fn innermost(predicate: SpanPredicate, pairs: &[Vec<String>]) -> Vec<Vec<String>> {
    let (outer, inner) = match predicate {
        SpanPredicate::Contains(_) => (0, 5),
        SpanPredicate::Within(_) | SpanPredicate::Overlaps => (5, 0),
    };
    let number = |row: &[String], column: usize| row[column].parse::<i64>().expect("a number");
    let rank = |row: &[String]| {
        let (start, end) = (number(row, outer + 1), number(row, outer + 2));
        (end - start, -start)
    };
    let best = |row: &&Vec<String>| {
        let rivals = pairs.iter().filter(|other| other[inner + 3] == row[inner + 3]);
        rivals.map(|other| rank(other)).min() == Some(rank(row))
    };
    pairs.iter().filter(best).cloned().collect()
}

async fn compare(session: &SessionContext, a: &LogicalPlan, b: &LogicalPlan) -> Result<()> {
    let filters = [
        None,
        Some((col("a.id") + col("b.id")).rem(lit(3)).not_eq(lit(0))),
        Some(col("a.name").eq(col("b.name"))),
    ];
    for predicate in PREDICATES.into_iter().filter(|predicate| predicate.innermost().is_none()) {
        for kind in KINDS {
            for filter in &filters {
                let mut join = span_join(a.clone(), b.clone(), predicate, kind)?;
                if let Some(filter) = filter {
                    join = join.with_filter(filter.clone())?;
                }
                let found = run_sorted(session, join.into_plan()).await?;
                let plan = oracle(a.clone(), b.clone(), predicate, kind, filter.clone())?;
                let expected = run_sorted(session, plan).await?;
                assert_eq!(found, expected, "{predicate} {kind:?} {filter:?}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn agrees_with_join_and_filter() -> Result<()> {
    let mut runner = TestRunner::deterministic();
    for (partitions, batch_size) in [(1, 8192), (1, 13), (4, 29)] {
        let session = session(partitions, batch_size);
        let a = table(&random_rows(&mut runner, 300), partitions, 31)?;
        let b = table(&random_rows(&mut runner, 250), 1, 17)?;
        let (a, b) = with_tables(&session, a, b).await?;
        compare(&session, &a, &b).await?;
    }
    Ok(())
}

#[tokio::test]
async fn agrees_when_a_side_is_empty() -> Result<()> {
    let mut runner = TestRunner::deterministic();
    let some = random_rows(&mut runner, 40);
    for (left, right) in [(vec![], some.clone()), (some, vec![]), (vec![], vec![])] {
        for partitions in [1, 4] {
            let session = session(partitions, 16);
            let (left, right) = (table(&left, 1, 16)?, table(&right, 1, 16)?);
            let (a, b) = with_tables(&session, left, right).await?;
            compare(&session, &a, &b).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn chooses_the_innermost_of_those_that_pass_the_filter() -> Result<()> {
    let mut runner = TestRunner::deterministic();
    let keep = (col("a.id") + col("b.id")).rem(lit(3)).not_eq(lit(0));
    for partitions in [1, 4] {
        let session = session(partitions, 19);
        let a = table(&random_rows(&mut runner, 300), partitions, 31)?;
        let b = table(&random_rows(&mut runner, 250), 1, 17)?;
        let (a, b) = with_tables(&session, a, b).await?;
        for predicate in PREDICATES.into_iter().filter(|predicate| predicate.innermost().is_some())
        {
            for filter in [None, Some(keep.clone())] {
                let joined = |kind| {
                    let join = span_join(a.clone(), b.clone(), predicate, kind)?;
                    let join = match &filter {
                        Some(filter) => join.with_filter(filter.clone())?,
                        None => join,
                    };
                    Ok::<_, datafusion::error::DataFusionError>(join.into_plan())
                };
                let all =
                    oracle(a.clone(), b.clone(), predicate, SpanJoinKind::Inner, filter.clone())?;
                let all = run_sorted(&session, all).await?;
                let best = innermost(predicate, &all);
                assert!(best.len() < all.len(), "the data has spans in several others");

                let found = run_sorted(&session, joined(SpanJoinKind::Inner)?).await?;
                // Of equal spans it takes the first row, of which there is one for each inner row.
                let inner =
                    if predicate == SpanPredicate::Contains(Enclosing::Innermost) { 8 } else { 3 };
                let mut inners: Vec<_> = found.iter().map(|row| &row[inner]).collect();
                inners.sort();
                let unique = inners.len();
                inners.dedup();
                assert_eq!(inners.len(), unique, "one enclosing span for each");
                assert!(found.iter().all(|row| best.contains(row)), "{predicate}");
                let mut expected: Vec<_> = best.iter().map(|row| &row[inner]).collect();
                expected.sort();
                expected.dedup();
                assert_eq!(inners, expected, "{predicate} {filter:?}");

                // The other kinds follow from the pairs.
                let mut matched: Vec<_> = found.iter().map(|row| row[..5].to_vec()).collect();
                matched.dedup();
                let semi = run_sorted(&session, joined(SpanJoinKind::LeftSemi)?).await?;
                assert_eq!(semi, matched, "{predicate} {filter:?}");
                let anti = run_sorted(&session, joined(SpanJoinKind::LeftAnti)?).await?;
                assert_eq!(anti.len() + semi.len(), 300);
                assert!(anti.iter().all(|row| !semi.contains(row)));
                let left = run_sorted(&session, joined(SpanJoinKind::Left)?).await?;
                assert_eq!(left.len(), found.len() + anti.len());
                assert!(found.iter().all(|row| left.contains(row)));
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn joins_on_several_keys() -> Result<()> {
    let mut runner = TestRunner::deterministic();
    for partitions in [1, 4] {
        let session = session(partitions, 21);
        let a = table(&random_rows(&mut runner, 300), partitions, 31)?;
        let b = table(&random_rows(&mut runner, 250), 1, 17)?;
        let (a, b) = with_tables(&session, a, b).await?;
        let parity = |id: &str| col(id).rem(lit(2_i64));
        let join = super::super::SpanJoin::try_new(
            a.clone(),
            b.clone(),
            vec![(col("a.file"), col("b.file")), (parity("a.id"), parity("b.id"))],
            (col("a.start"), col("a.end")),
            (col("b.start"), col("b.end")),
            SpanPredicate::Overlaps,
            SpanJoinKind::Left,
        )?;
        let found = run_sorted(&session, join.into_plan()).await?;
        let same = Some(parity("a.id").eq(parity("b.id")));
        let plan = oracle(a, b, SpanPredicate::Overlaps, SpanJoinKind::Left, same)?;
        assert_eq!(found, run_sorted(&session, plan).await?);
    }
    Ok(())
}

#[tokio::test]
async fn streams_one_huge_group() -> Result<()> {
    // One file of 5000 blocks of three nested spans; every batch boundary falls into the group.
    let nested = |shift: i64| {
        let blocks = (0..5000_i64).flat_map(move |block| {
            let at = block * 10 + shift;
            [Row::new(1, at, at + 8), Row::new(1, at + 1, at + 6), Row::new(1, at + 2, at + 4)]
        });
        blocks.collect::<Vec<_>>()
    };
    for partitions in [1, 4] {
        let session = session(partitions, 1000);
        let (a, b) = (table(&nested(0), partitions, 700)?, table(&nested(1), 1, 900)?);
        let (a, b) = with_tables(&session, a, b).await?;
        for predicate in PREDICATES {
            let join = span_join(a.clone(), b.clone(), predicate, SpanJoinKind::Inner)?;
            let found = run_sorted(&session, join.into_plan()).await?;
            // Block by block: 0..8 1..6 2..4 against 1..9 2..7 3..5, and all but the last block's end reach no further.
            let expected = match predicate {
                SpanPredicate::Overlaps => 9 * 5000,
                SpanPredicate::Contains(Enclosing::All) => 3 * 5000,
                SpanPredicate::Contains(Enclosing::Innermost) => 2 * 5000,
                SpanPredicate::Within(Enclosing::All) => 3 * 5000,
                SpanPredicate::Within(Enclosing::Innermost) => 2 * 5000,
            };
            assert_eq!(found.len(), expected, "{predicate}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn keeps_the_order_of_rows_whatever_the_batches() -> Result<()> {
    let mut runner = TestRunner::deterministic();
    let whole = |rows: Vec<Row>| {
        let rows = rows.into_iter();
        sorted(rows.filter(|row| row.file.and(row.start).and(row.end).is_some()).collect())
    };
    let left = whole(random_rows(&mut runner, 300));
    let right = whole(random_rows(&mut runner, 250));
    for predicate in PREDICATES {
        for kind in KINDS {
            let mut orders = Vec::new();
            for batch_size in [1, 7, 64, 8192] {
                let session = session(1, batch_size);
                let (a, b) = (table(&left, 1, batch_size)?, table(&right, 1, batch_size)?);
                let (a, b) = with_tables(&session, a, b).await?;
                orders.push(run(&session, span_join(a, b, predicate, kind)?.into_plan()).await?);
            }
            assert!(!orders[0].is_empty());
            orders.dedup();
            assert_eq!(orders.len(), 1, "{predicate} {kind:?}");
        }
    }
    Ok(())
}
