//! Aggregates give the same value in whatever order and in however many parts rows arrive.

use std::sync::Arc;

use arrow::array::{Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::MemTable;

use super::support::{context, show, sql};

/// `(k, x, y)` rows in as many partitions as given, `turn` rows later each time, in batches of `batch`.
fn table(
    rows: &[(i64, Option<f64>, Option<&str>)],
    parts: usize,
    turn: usize,
    batch: usize,
) -> MemTable {
    let schema = Arc::new(Schema::new(vec![
        Field::new("k", DataType::Int64, false),
        Field::new("x", DataType::Float64, true),
        Field::new("y", DataType::Utf8, true),
    ]));
    let mut turned = rows.to_vec();
    turned.rotate_left(turn % rows.len());
    let mut partitions = vec![Vec::new(); parts];
    for (place, rows) in turned.chunks(batch).enumerate() {
        let batch = RecordBatch::try_new(
            Arc::clone(&schema),
            vec![
                Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()),
                Arc::new(rows.iter().map(|row| row.1).collect::<Float64Array>()),
                Arc::new(rows.iter().map(|row| row.2).collect::<StringArray>()),
            ],
        );
        partitions[place % parts].push(batch.expect("the columns fit the schema"));
    }
    MemTable::try_new(schema, partitions).expect("the batches fit the schema")
}

async fn aggregate(table: MemTable, partitions: usize, query: &str) -> String {
    let context = context(partitions);
    context.register_table("t", Arc::new(table)).expect("the name is free");
    let frame = context.sql(query).await.expect("the query is valid");
    show(&frame.collect().await.expect("the query runs"))
}

#[tokio::test]
async fn values_and_not_arrival_decide() {
    // Sums of these depend on the order of addition in every bit but the first few.
    let values = [1e16, 1.0, -1e16, 0.1, 0.2, 0.3, 1e-3, 7.7, -3.3, 1e8];
    let rows: Vec<_> = (0..500_usize)
        .map(|i| {
            let y = ["b", "a", "ü", ""][i % 4];
            let x = (i % 7 != 0).then_some(values[(i * i) % values.len()] * 1e-17 + 0.01);
            ((i % 23) as i64, x, (i % 5 != 0).then_some(y))
        })
        .collect();
    let bits = "select k, noisy_or(x) as n, exact_sum(x) as s, exact_avg(x) as a, \
                array_to_string(collect(y), '|') as c, array_length(collect(x)) as l, map_of(y, x) as m from t group by k";
    let expected = aggregate(table(&rows, 1, 0, 500), 1, bits).await;
    assert_eq!(expected.lines().count(), 23);
    for (parts, turn, batch) in [(1, 7, 3), (4, 0, 11), (4, 250, 1), (3, 499, 64)] {
        let found = aggregate(table(&rows, parts, turn, batch), parts, bits).await;
        assert_eq!(found, expected, "{parts} partitions, turned by {turn}, batches of {batch}");
    }
}

#[tokio::test]
async fn independent_evidence_adds_up() {
    let rows = "from (values (1, 0.5), (1, 0.5), (2, 0.9), (2, null), (3, null), (4, 1.0), (4, 0.2)) t(k, x)";
    let query = format!("select k, noisy_or(x) as n {rows} group by k");
    assert_eq!(sql(&query).await, "1,0.75\n2,0.9\n3,\n4,1.0");
}

#[tokio::test]
async fn collections_are_sorted_sets_without_nulls() {
    let rows = "from (values (1, 'b'), (1, 'a'), (1, 'b'), (1, null), (2, null)) t(k, x)";
    let query = format!("select k, collect(x) as c {rows} group by k");
    assert_eq!(sql(&query).await, "1,[a, b]\n2,[]");
    let numbers = "from (values (3), (1), (3)) t(x)";
    assert_eq!(
        sql(&format!("select collect(x), collect(x > 2) {numbers}")).await,
        "[1, 3],[false, true]"
    );
    let spans = "from (values (3, 4), (1, 9), (3, 4)) t(a, b)";
    assert_eq!(sql(&format!("select array_length(collect(span(a, b))) {spans}")).await, "2");
}

#[tokio::test]
async fn maps_have_each_key_once_and_the_least_value() {
    let rows = "from (values (1, 'b', 2), (1, 'a', 3), (1, 'a', 1), (1, null, 9), (1, 'c', null), \
                (1, 'c', 7), (1, 'd', null), (2, null, 1)) t(k, x, y)";
    let query = format!("select k, map_of(x, y) as m {rows} group by k");
    assert_eq!(sql(&query).await, "1,{a: 1, b: 2, c: 7, d: }\n2,{}");
    assert_eq!(sql(&format!("select map_of(y, x) filter (where k = 2) {rows}")).await, "{1: }");
    let looked = format!("select get(map_of(x, y), 'b'), get(map_of(x, y), 'e') {rows}");
    assert_eq!(sql(&looked).await, "2,");
}

#[tokio::test]
async fn a_group_without_rows_has_its_value_too() {
    let none = "from (values (1.0, 'a')) t(x, y) where x > 2";
    assert_eq!(
        sql(&format!(
            "select noisy_or(x), exact_sum(x), exact_avg(x), collect(y), map_of(y, x) {none}"
        ))
        .await,
        ",,,[],{}"
    );
}

#[tokio::test]
async fn filters_of_aggregates_hold() {
    let rows = "from (values (1, 'b', true), (1, 'a', false), (1, 'c', null)) t(k, x, keep)";
    let query = format!("select k, collect(x) filter (where keep) as c {rows} group by k");
    assert_eq!(sql(&query).await, "1,[b]");
}
