//! Two tables as multisets of rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, RecordBatch, StructArray, UInt32Array,
    make_comparator,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{SortOptions, concat_batches, take, take_record_batch};
use arrow::datatypes::{DataType, Float64Type, SchemaRef};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};

use super::Engine;

/// How the rows of a relation differ from those that a test expects.
#[derive(Debug, Clone, PartialEq)]
pub struct TestOutcome {
    /// The rows that were expected and are not there, in the order of their values.
    pub missing: RecordBatch,
    /// The rows that are there and were not expected, of the same columns and in the same order.
    pub unexpected: RecordBatch,
}

impl TestOutcome {
    /// Whether the rows are those that were expected.
    pub fn passed(&self) -> bool {
        self.missing.num_rows() == 0 && self.unexpected.num_rows() == 0
    }
}

pub(super) fn compare(
    schema: &SchemaRef,
    expected: &[RecordBatch],
    computed: &[RecordBatch],
) -> Engine<TestOutcome> {
    let (expected, computed) = (whole(schema, expected)?, whole(schema, computed)?);
    let fields = schema.fields().iter().map(|field| SortField::new(field.data_type().clone()));
    let converter = RowConverter::new(fields.collect())?;
    // By row, in its order: which rows of each table are that row.
    let mut rows: BTreeMap<Vec<u8>, [Vec<u32>; 2]> = BTreeMap::new();
    for (side, batch) in [&expected, &computed].into_iter().enumerate() {
        let columns = batch.columns().iter().map(comparable).collect::<Result<Vec<_>, _>>()?;
        let keys = converter.convert_columns(&columns)?;
        for (at, key) in (0..).zip(keys.iter()) {
            if let Some(places) = rows.entry(key.as_ref().to_vec()).or_default().get_mut(side) {
                places.push(at);
            }
        }
    }
    let (mut missing, mut unexpected) = (Vec::<u32>::new(), Vec::<u32>::new());
    for [expected, computed] in rows.values() {
        missing.extend(expected.iter().skip(computed.len()));
        unexpected.extend(computed.iter().skip(expected.len()));
    }
    Ok(TestOutcome {
        missing: take_record_batch(&expected, &UInt32Array::from(missing))?,
        unexpected: take_record_batch(&computed, &UInt32Array::from(unexpected))?,
    })
}

/// All rows in one batch, whatever their batches say of nulls.
fn whole(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch, ArrowError> {
    let batches = batches
        .iter()
        .map(|batch| RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec()))
        .collect::<Result<Vec<_>, _>>()?;
    concat_batches(schema, &batches)
}

/// The values with numbers rounded to what is compared of them.
fn comparable(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(match column.data_type() {
        DataType::Float64 => {
            let numbers = column.as_primitive::<Float64Type>();
            Arc::new(numbers.unary::<_, Float64Type>(rounded)) as ArrayRef
        }
        DataType::List(item) => {
            let list = column.as_list::<i32>();
            let values = comparable(list.values())?;
            let nulls = list.nulls().cloned();
            Arc::new(ListArray::try_new(Arc::clone(item), list.offsets().clone(), values, nulls)?)
        }
        DataType::Map(..) => Arc::new(by_key(column.as_map())?),
        _ => Arc::clone(column),
    })
}

/// The maps with their entries in the order of their keys.
fn by_key(maps: &MapArray) -> Result<MapArray, ArrowError> {
    let compare = make_comparator(maps.keys(), maps.keys(), SortOptions::default())?;
    let mut order: Vec<u32> = Vec::with_capacity(maps.keys().len());
    let mut lengths = Vec::with_capacity(maps.len());
    for row in 0..maps.len() {
        let at = |place: usize| u32::try_from(maps.value_offsets()[place]).unwrap_or_default();
        let mut entries: Vec<u32> = (at(row)..at(row + 1)).collect();
        entries.sort_by(|a, b| compare(*a as usize, *b as usize));
        lengths.push(entries.len());
        order.extend(entries);
    }
    let order = UInt32Array::from(order);
    let columns =
        vec![take(maps.keys(), &order, None)?, comparable(&take(maps.values(), &order, None)?)?];
    let entries = StructArray::try_new(maps.entries().fields().clone(), columns, None)?;
    let DataType::Map(field, sorted) = maps.data_type() else {
        return Err(ArrowError::CastError("a map has another type".to_owned()));
    };
    let (offsets, nulls) = (OffsetBuffer::from_lengths(lengths), maps.nulls().cloned());
    MapArray::try_new(Arc::clone(field), offsets, entries, nulls, *sorted)
}

/// A number to twelve digits: what is computed differs in the last ones by the order of its steps.
fn rounded(number: f64) -> f64 {
    if !number.is_finite() {
        return if number.is_nan() { f64::NAN } else { number };
    }
    // `+ 0.0` turns -0.0 into 0.0.
    format!("{number:.11e}").parse::<f64>().map_or(number, |rounded| rounded + 0.0)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Float64Array, Int64Array, StringArray};
    use arrow::datatypes::{Field, Schema};

    use super::*;

    fn batch(numbers: &[f64], names: &[Option<&str>]) -> (SchemaRef, RecordBatch) {
        let fields = [("n", DataType::Float64), ("name", DataType::Utf8)];
        let fields = fields.map(|(name, ty)| Field::new(name, ty, true));
        let schema = Arc::new(Schema::new(fields.to_vec()));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Float64Array::from(numbers.to_vec())),
            Arc::new(StringArray::from(names.to_vec())),
        ];
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).expect("columns fit");
        (schema, batch)
    }

    #[test]
    fn order_and_last_digits_do_not_matter() {
        let (schema, expected) = batch(&[0.3, 0.0, 1.0], &[Some("a"), None, None]);
        let (_, computed) = batch(&[1.0, 0.1 + 0.2, -0.0], &[None, Some("a"), None]);
        let outcome = compare(&schema, &[expected], &[computed]).expect("rows compare");
        assert!(outcome.passed(), "{outcome:?}");
    }

    #[test]
    fn how_often_a_row_stands_matters() {
        let (schema, expected) = batch(&[1.0, 1.0, 2.0], &[None, None, Some("b")]);
        let (_, computed) = batch(&[1.0, 3.0, 3.0], &[None, None, None]);
        let outcome = compare(&schema, &[expected], &[computed]).expect("rows compare");
        let (_, missing) = batch(&[1.0, 2.0], &[None, Some("b")]);
        let (_, unexpected) = batch(&[3.0, 3.0], &[None, None]);
        assert_eq!(outcome, TestOutcome { missing, unexpected });
    }

    #[test]
    fn large_integers_are_exact() {
        let schema = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, false)]));
        let of = |id: i64| {
            RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(Int64Array::from(vec![id]))])
                .expect("columns fit")
        };
        let outcome = compare(&schema, &[of(i64::MAX)], &[of(i64::MAX - 1)]);
        assert!(!outcome.expect("rows compare").passed());
    }
}
