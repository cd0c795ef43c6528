//! Our functions on values, and what the catalogue says of DataFusion's.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray};
use arrow::compute::concat;
use arrow::record_batch::RecordBatch;
use cpg_ir::catalog::Overload;
use cpg_ir::stable_id::{IdHasher, file_id};
use cpg_ir::types::PhysicalType;
use cpg_plan::functions::{function, function_catalog};
use cpg_plan::schema::{arrow_type, physical_type};
use datafusion::prelude::col;

use super::support::{context, sql};

#[tokio::test]
async fn texts_are_normalised() {
    // e + combining acute composes; a lone one stays.
    assert_eq!(sql("select nfc('e\u{301}') = '\u{e9}', nfc(''), nfc(null)").await, "true,,");
    assert_eq!(sql("select casefold('Straße ΣΑΣ') = casefold('STRASSE σας')").await, "true");
    assert_eq!(sql("select casefold(''), casefold(null) is null").await, ",true");
    assert_eq!(
        sql("select '[' || collapse_ws(x) || ']' from (values (' a \t\u{a0} b\n'), ('  '), ('c')) t(x)")
            .await,
        "[]\n[a b]\n[c]"
    );
}

#[tokio::test]
async fn dotted_names_come_apart() {
    let names = "from (values ('a.b.c'), ('a'), ('.a'), ('a.'), (''), (null)) t(x)";
    let show = "coalesce(x, 'null') || ' ' || coalesce(last_name(x), 'null') || ' ' || coalesce(parent_name(x), 'null')";
    assert_eq!(
        sql(&format!("select {show} {names}")).await,
        "  null\n.a a \na a null\na.  a\na.b.c c a.b\nnull null null"
    );
    let parts = "coalesce(array_to_string(qualified_name_parts(x), '|'), 'null') || ' ' || coalesce(array_length(qualified_name_parts(x)), -1)";
    assert_eq!(
        sql(&format!("select {parts} {names}")).await,
        " 0\na 1\na| 2\na|b|c 3\nnull -1\n|a 2"
    );
}

#[tokio::test]
async fn globs_stay_within_folders() {
    let matches = |path: &str, pattern: &str| {
        let query = format!("select glob('{path}', '{pattern}')");
        async move { sql(&query).await == "true" }
    };
    assert!(matches("a/b.py", "a/*.py").await);
    assert!(!matches("a/b/c.py", "a/*.py").await);
    assert!(matches("a/b/c.py", "a/**/*.py").await);
    assert!(matches("a/c.py", "a/**/*.py").await);
    assert!(matches("tests/ü/m.py", "{test,tests}/ü/?.p[xy]").await);
    // As in every tool on this library, `?` and classes stand for a byte.
    assert!(!matches("ü.py", "?.py").await);
    assert!(!matches("A.py", "a.py").await);
    let rows = "from (values ('a', '*'), (null, '*'), ('a', null), ('a', 'b')) t(x, y)";
    assert_eq!(sql(&format!("select glob(x, y) {rows}")).await, "\n\nfalse\ntrue");
}

#[tokio::test]
async fn spans_are_null_as_a_whole() {
    let rows = "from (values (1, 5), (1, null), (null, 5), (7, 7)) t(a, b)";
    let show = "span_start(s) || '-' || span_end(s) || ':' || span_len(s)";
    assert_eq!(
        sql(&format!("select {show} from (select span(a, b) as s {rows})")).await,
        "\n\n1-5:4\n7-7:0"
    );
    // A null struct over values that are not: what lies below the null must not show.
    let hidden =
        "select case when a > 1 then span(a, b) end as s from (values (1, 5), (7, 9)) t(a, b)";
    assert_eq!(sql(&format!("select span_start(s), span_end(s) from ({hidden})")).await, ",\n7,9");
}

#[tokio::test]
async fn ids_are_those_of_extractors() {
    let path = "pkg/mödule.py";
    assert_eq!(
        sql(&format!("select stable_id('file', '{path}')")).await,
        file_id(path).to_string()
    );
    let mut id = IdHasher::new("n");
    id.int(-1).string("").bool(true).float(0.5);
    assert_eq!(
        sql("select stable_id('n', a, b, a < 0, c) from (values (-1, '', 0.5)) t(a, b, c)").await,
        id.finish().to_string()
    );
}

#[tokio::test]
async fn an_id_of_a_null_is_null_and_a_group_of_nulls_has_an_id() {
    let rows = "from (values (1, 'x'), (null, 'x'), (1, null)) t(a, b)";
    let query = |name: &str| {
        format!(
            "select count({name}('n', a, b)) || '/' || count(distinct {name}('n', a, b)) {rows}"
        )
    };
    assert_eq!(sql(&query("stable_id")).await, "1/1");
    assert_eq!(sql(&query("group_id")).await, "3/3");
    // The null of a truth value is neither of the two.
    let truths = "from (values (true), (false), (null)) t(a)";
    assert_eq!(sql(&format!("select count(distinct group_id('n', a)) {truths}")).await, "3");
}

/// Values of every kind that functions could stumble over, all valid as patterns, counts and separators.
fn samples(ty: &PhysicalType) -> ArrayRef {
    let texts = ["", "a", "a.b,c", "Äß\u{301}", "  x  "];
    match ty {
        PhysicalType::Int64 => Arc::new(Int64Array::from(vec![1, 2, 7])),
        PhysicalType::Float64 => Arc::new(Float64Array::from(vec![0.0, -1.5, 2.0, f64::NAN])),
        PhysicalType::Utf8 => Arc::new(StringArray::from(texts.to_vec())),
        PhysicalType::Bool => Arc::new(BooleanArray::from(vec![true, false])),
        PhysicalType::Span | PhysicalType::Map(..) => {
            unreachable!("the language itself says what takes one")
        }
        PhysicalType::List(_) => {
            let mut lists = arrow::array::ListBuilder::new(arrow::array::StringBuilder::new());
            lists.append_value([Some("a"), Some("")]);
            lists.append_value(std::iter::empty::<Option<&str>>());
            Arc::new(lists.finish())
        }
    }
}

/// All combinations of samples as columns of equal length.
fn combined(name: &str, types: &[PhysicalType]) -> Vec<ArrayRef> {
    let mut samples: Vec<ArrayRef> = types.iter().map(samples).collect();
    if name == "regexp_replace" && types.len() == 4 {
        // Flags are letters, which a text of a program can be wrong about.
        samples[3] = Arc::new(StringArray::from(vec!["g", "i"]));
    }
    let rows: usize = samples.iter().map(|sample| sample.len()).product();
    let mut repeat = 1;
    samples
        .iter()
        .map(|sample| {
            let picks: arrow::array::UInt32Array =
                (0..rows).map(|row| ((row / repeat) % sample.len()) as u32).collect();
            repeat *= sample.len();
            arrow::compute::take(sample, &picks, None).expect("the picks are in range")
        })
        .collect()
}

/// What a program's call gives for every combination of samples.
async fn call(name: &str, overload: &Overload) -> ArrayRef {
    let samples = combined(name, &overload.args).into_iter().enumerate();
    let columns = samples.map(|(place, array)| (format!("c{place}"), array, false));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("samples are columns");
    let args = (0..overload.args.len()).map(|place| col(format!("c{place}"))).collect();
    let value = function(name).expect("catalogued").udf.call(args).alias("value");
    let rows = context(1).read_batch(batch).and_then(|rows| rows.select(vec![value]));
    let batches = match rows {
        Ok(rows) => rows.collect().await,
        Err(error) => Err(error),
    };
    let batches = batches.unwrap_or_else(|error| panic!("{name}({:?}): {error}", overload.args));
    let values: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(0).as_ref()).collect();
    concat(&values).expect("batches of one schema")
}

#[tokio::test]
async fn the_catalogue_says_which_functions_give_null() {
    for (name, signature) in function_catalog().functions {
        let takes_spans = |overload: &Overload| overload.args.contains(&PhysicalType::Span);
        let mut nulls = 0;
        for overload in signature.overloads.iter().filter(|overload| !takes_spans(overload)) {
            let value = call(&name, overload).await;
            assert_eq!(
                physical_type(value.data_type()).as_ref(),
                Some(&overload.returns),
                "{name}"
            );
            if !overload.may_be_null {
                assert_eq!(value.null_count(), 0, "{name}({:?})", overload.args);
            }
            nulls += value.null_count();
        }
        let partial = signature.overloads.iter().any(|overload| overload.may_be_null);
        assert_eq!(partial, nulls > 0, "whether {name} ever gives null");
    }
}

#[test]
fn every_function_is_described_and_can_be_called() {
    let catalog = function_catalog();
    assert!(catalog.functions.len() > 60, "{} functions", catalog.functions.len());
    for (name, signature) in &catalog.functions {
        assert!(!signature.overloads.is_empty(), "{name} takes nothing");
        assert!(signature.description.ends_with('.'), "{name}: {}", signature.description);
        for overload in &signature.overloads {
            assert_eq!(
                physical_type(&arrow_type(&overload.returns)),
                Some(overload.returns.clone())
            );
        }
    }
}
