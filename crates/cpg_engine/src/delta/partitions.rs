//! Rows to files of their own for each value of some columns.

use std::ops::Range;

use arrow::array::ArrayRef;
use arrow::compute::partition;
use arrow::record_batch::RecordBatch;
use datafusion::common::ScalarValue;

/// The values of a table's partition columns that a file's rows share, in the order of the columns.
pub(crate) type Values = Vec<ScalarValue>;

/// Cuts rows where one of `columns` changes its value: each piece with the values that its rows share.
///
/// # Errors
/// When there is no such column.
pub(crate) fn pieces(
    batch: &RecordBatch,
    columns: &[String],
) -> Result<Vec<(Values, Range<usize>)>, String> {
    if columns.is_empty() {
        return Ok(vec![(Vec::new(), 0..batch.num_rows())]);
    }
    let arrays = columns
        .iter()
        .map(|name| {
            batch.column_by_name(name).cloned().ok_or_else(|| format!("no column `{name}`"))
        })
        .collect::<Result<Vec<ArrayRef>, String>>()?;
    let ranges = partition(&arrays).map_err(|error| error.to_string())?.ranges();
    ranges
        .into_iter()
        .map(|range| {
            let value = |array: &ArrayRef| ScalarValue::try_from_array(array, range.start);
            let values = arrays.iter().map(value).collect::<Result<Values, _>>();
            Ok((values.map_err(|error| error.to_string())?, range.clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray};

    use super::*;

    fn batch() -> RecordBatch {
        let kind: ArrayRef =
            Arc::new(StringArray::from(vec![Some("a"), Some("a"), None, Some("b")]));
        let size: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 2, 2]));
        RecordBatch::try_from_iter_with_nullable([("kind", kind, true), ("size", size, false)])
            .expect("the columns are of one length")
    }

    #[test]
    fn rows_are_cut_where_a_value_changes() {
        let ranges = |columns: &[&str]| {
            let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
            let pieces = pieces(&batch(), &columns).expect("these can be partitioned by");
            pieces.into_iter().map(|(_, range)| range).collect::<Vec<_>>()
        };
        assert_eq!(ranges(&[]), std::iter::once(0..4).collect::<Vec<_>>());
        assert_eq!(ranges(&["kind"]), [0..2, 2..3, 3..4]);
        assert_eq!(ranges(&["size"]), [0..1, 1..4]);
        assert_eq!(ranges(&["kind", "size"]), [0..1, 1..2, 2..3, 3..4]);
    }

    #[test]
    fn a_missing_column_is_told() {
        let found = pieces(&batch(), &["other".to_owned()]);
        assert_eq!(found.expect_err("there is none"), "no column `other`");
    }
}
