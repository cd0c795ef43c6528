//! The node in logical plans: its checks, its identity, and what the optimiser does around it.

use datafusion::common::Result;
use datafusion::logical_expr::{
    JoinType, LogicalPlan, LogicalPlanBuilder, UserDefinedLogicalNodeCore, build_join_schema,
};
use datafusion::prelude::{SessionContext, cast, col, lit};

use super::super::{Enclosing, SpanJoin, SpanJoinKind, SpanPredicate};
use super::support::{KINDS, Row, run_sorted, session, span_join, table, with_tables};

async fn inputs(session: &SessionContext) -> Result<(LogicalPlan, LogicalPlan)> {
    let a = table(&[Row::new(1, 0, 9), Row::new(1, 2, 5), Row::new(2, 0, 4)], 1, 10)?;
    let b = table(&[Row::new(1, 3, 4), Row::new(2, 6, 7), Row::new(3, 0, 1)], 1, 10)?;
    with_tables(session, a, b).await
}

#[tokio::test]
async fn has_the_columns_of_an_ordinary_join() -> Result<()> {
    let (a, b) = inputs(&session(1, 10)).await?;
    for kind in KINDS {
        let join = span_join(a.clone(), b.clone(), SpanPredicate::Overlaps, kind)?;
        let expected = build_join_schema(a.schema(), b.schema(), &kind.join_type())?;
        assert_eq!(join.schema().as_ref(), &expected, "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn refuses_what_it_cannot_join() -> Result<()> {
    let (a, b) = inputs(&session(1, 10)).await?;
    let join = |keys, left_span| {
        SpanJoin::try_new(
            a.clone(),
            b.clone(),
            keys,
            left_span,
            (col("b.start"), col("b.end")),
            SpanPredicate::Overlaps,
            SpanJoinKind::Inner,
        )
        .map_err(|error| error.strip_backtrace())
    };
    let span = || (col("a.start"), col("a.end"));
    let file = || vec![(col("a.file"), col("b.file"))];

    let error = join(vec![], span()).expect_err("no keys");
    assert!(error.contains("at least one pair"), "{error}");
    let error = join(vec![(col("a.name"), col("b.name"))], span()).expect_err("strings as keys");
    assert!(error.contains("a.name is Utf8"), "{error}");
    let error = join(file(), (col("b.start"), col("a.end"))).expect_err("the wrong side");
    assert!(error.contains("b.start"), "{error}");
    let error = span_join(a.clone(), a.clone(), SpanPredicate::Overlaps, SpanJoinKind::Inner)
        .expect_err("no aliases in a self-join");
    assert!(!error.strip_backtrace().is_empty());

    let whole = join(file(), span()).expect("what the others lack");
    let error = whole.clone().with_filter(col("a.id") + lit(1)).expect_err("no truth value");
    assert!(error.strip_backtrace().contains("not a truth value"), "{error}");
    whole.with_filter(col("id").gt(lit(1))).expect_err("an ambiguous column");
    Ok(())
}

#[tokio::test]
async fn resolves_unqualified_columns_on_their_side() -> Result<()> {
    let (a, b) = inputs(&session(1, 10)).await?;
    let bare = SpanJoin::try_new(
        a.clone(),
        b.clone(),
        vec![(col("file"), col("file"))],
        (col("start"), col("end")),
        (col("start"), col("end")),
        SpanPredicate::Overlaps,
        SpanJoinKind::Inner,
    )?;
    assert_eq!(bare, span_join(a, b, SpanPredicate::Overlaps, SpanJoinKind::Inner)?);
    Ok(())
}

#[tokio::test]
async fn is_rebuilt_from_its_parts_and_compared_by_them() -> Result<()> {
    let (a, b) = inputs(&session(1, 10)).await?;
    let plain = span_join(a.clone(), b.clone(), SpanPredicate::Overlaps, SpanJoinKind::Left)?;
    let filtered = plain.clone().with_filter(col("a.id").lt(col("b.id")))?;
    for join in [&plain, &filtered] {
        let rebuilt = join.with_exprs_and_inputs(join.expressions(), vec![a.clone(), b.clone()])?;
        assert_eq!(&rebuilt, join);
        assert_eq!(rebuilt.partial_cmp(join), Some(std::cmp::Ordering::Equal));
    }
    assert_ne!(plain, filtered);
    assert_ne!(plain.partial_cmp(&filtered), Some(std::cmp::Ordering::Equal));
    let contains = SpanPredicate::Contains(Enclosing::All);
    let other = span_join(a.clone(), b, contains, SpanJoinKind::Left)?;
    assert_eq!(plain.partial_cmp(&other), Some(std::cmp::Ordering::Less));
    filtered
        .with_exprs_and_inputs(plain.expressions(), vec![a.clone(), a])
        .expect_err("an expression is missing");
    Ok(())
}

#[tokio::test]
async fn reads_only_needed_columns() -> Result<()> {
    let session = session(1, 10);
    let (a, b) = inputs(&session).await?;
    let join = span_join(a, b, SpanPredicate::Contains(Enclosing::All), SpanJoinKind::Inner)?;
    let plan = LogicalPlanBuilder::from(join.into_plan())
        .project([col("b.id"), (col("a.id") + lit(10_i64)).alias("shifted")])?
        .build()?;
    let optimised = session.state().optimize(&plan)?.display_indent().to_string();
    let scans: Vec<_> = optimised.lines().filter(|line| line.contains("TableScan")).collect();
    assert_eq!(
        scans,
        [
            "    TableScan: a projection=[file, start, end, id]",
            "    TableScan: b projection=[file, start, end, id]"
        ],
        "{optimised}"
    );
    assert_eq!(run_sorted(&session, plan).await?, [["0", "10"], ["0", "11"]]);
    Ok(())
}

#[tokio::test]
async fn keeps_filters_above_itself() -> Result<()> {
    let session = session(1, 10);
    let (a, b) = inputs(&session).await?;
    let join = span_join(a, b, SpanPredicate::Contains(Enclosing::All), SpanJoinKind::Left)?;
    let plan = LogicalPlanBuilder::from(join.into_plan())
        .filter(col("b.id").is_null().and(col("a.file").gt(lit(1_i64))))?
        .project([col("a.id")])?
        .build()?;
    assert_eq!(run_sorted(&session, plan).await?, [["2"]]);
    Ok(())
}

#[tokio::test]
async fn coerces_types_inside_its_filter() -> Result<()> {
    let session = session(1, 10);
    let (a, b) = inputs(&session).await?;
    let narrow = cast(col("b.id"), arrow::datatypes::DataType::Int32);
    let join = span_join(a, b, SpanPredicate::Contains(Enclosing::All), SpanJoinKind::Inner)?
        .with_filter(col("a.id").gt(narrow))?;
    let plan = LogicalPlanBuilder::from(join.into_plan()).project([col("a.id")])?.build()?;
    assert_eq!(run_sorted(&session, plan).await?, [["1"]]);
    Ok(())
}

#[tokio::test]
async fn joins_a_table_with_itself_under_aliases() -> Result<()> {
    let session = session(1, 10);
    let (a, _) = inputs(&session).await?;
    let outer = LogicalPlanBuilder::from(a.clone()).alias("o")?.build()?;
    let join = SpanJoin::try_new(
        outer,
        a,
        vec![(col("o.file"), col("a.file"))],
        (col("o.start"), col("o.end")),
        (col("a.start"), col("a.end")),
        SpanPredicate::Contains(Enclosing::All),
        SpanJoinKind::Inner,
    )?
    .with_filter(col("o.id").not_eq(col("a.id")))?;
    assert_eq!(join.kind().join_type(), JoinType::Inner);
    let plan =
        LogicalPlanBuilder::from(join.into_plan()).project([col("o.id"), col("a.id")])?.build()?;
    assert_eq!(run_sorted(&session, plan).await?, [["0", "1"]]);
    Ok(())
}
