use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder};
use cpg_engine::EngineError;

use super::write;
use crate::args::RowFormat;
use crate::failure::Failure;

fn batch() -> RecordBatch {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.values().append_value("cst");
    lists.values().append_value("scip");
    lists.append(true);
    lists.append(false);
    let columns: [(&str, ArrayRef); 3] = [
        ("id", Arc::new(Int64Array::from(vec![Some(i64::MAX), None]))),
        ("text", Arc::new(StringArray::from(vec![Some("say \"hi\", \x1b[31m"), Some("")]))),
        ("providers", Arc::new(lists.finish())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .expect("columns of one length")
}

fn written(batches: &[RecordBatch], format: RowFormat) -> String {
    let mut out = Vec::new();
    let batch = batch();
    let parts = batches.iter().cloned().map(Ok);
    write(&mut out, &batch.schema(), parts, format).expect("memory can be written");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_table_aligns_and_shows_what_it_may_not_obey() {
    insta::assert_snapshot!(written(&[batch()], RowFormat::Table), @r#"
+---------------------+-----------------+-------------+
| id                  | text            | providers   |
+---------------------+-----------------+-------------+
| 9223372036854775807 | say "hi", �[31m | [cst, scip] |
| null                |                 | null        |
+---------------------+-----------------+-------------+
2 rows
"#);
}

#[test]
fn csv_has_a_header_and_flattens_lists() {
    insta::assert_snapshot!(written(&[batch()], RowFormat::Csv).replace('\x1b', "ESC"), @r#"
id,text,providers
9223372036854775807,"say ""hi"", ESC[31m","[cst, scip]"
,,
"#);
}

#[test]
fn json_keeps_int64_as_numbers_and_says_null() {
    insta::assert_snapshot!(written(&[batch()], RowFormat::Ndjson), @r#"
{"id":9223372036854775807,"text":"say \"hi\", \u001b[31m","providers":["cst","scip"]}
{"id":null,"text":"","providers":null}
"#);
    let array: serde_json::Value =
        serde_json::from_str(&written(&[batch(), batch()], RowFormat::Json)).expect("one array");
    assert_eq!(array.as_array().map(Vec::len), Some(4));
    assert_eq!(array[0]["id"], i64::MAX);
    assert!(array[1].get("id").is_some_and(serde_json::Value::is_null));
}

#[test]
fn no_rows_are_still_a_result() {
    assert_eq!(written(&[], RowFormat::Csv), "id,text,providers\n");
    assert_eq!(written(&[], RowFormat::Json), "[]\n");
    assert_eq!(written(&[], RowFormat::Ndjson), "");
    assert!(written(&[], RowFormat::Table).contains("| id | text | providers |"));
}

#[test]
fn an_error_between_rows_ends_the_result() {
    let error = EngineError::Storage { what: "a table".to_owned(), reason: "gone".to_owned() };
    let mut out = Vec::new();
    let parts = [Ok(batch()), Err(error)].into_iter();
    let failure = write(&mut out, &batch().schema(), parts, RowFormat::Csv);
    assert!(matches!(failure, Err(Failure::Engine(EngineError::Storage { .. }))));
}
