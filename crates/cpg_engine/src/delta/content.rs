//! What rows a segment holds, whatever their order.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};

/// The sum of the hashes of some rows: equal for equal rows in any order, and for others with a chance that does not
/// matter. See Bellare and Micciancio, "A New Paradigm for Collision-Free Hashing" (1997), on sums of hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub(crate) struct RowsHash {
    rows: u64,
    sum: [u64; 4],
}

impl RowsHash {
    fn add(&mut self, row: &[u8]) {
        let hash = blake3::hash(row);
        let (words, _) = hash.as_bytes().as_chunks::<8>();
        for (sum, word) in self.sum.iter_mut().zip(words) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*word));
        }
        self.rows += 1;
    }
}

/// Hashes rows of one schema, or some columns of them.
pub(crate) struct RowsHasher {
    columns: Vec<usize>,
    converter: RowConverter,
}

impl RowsHasher {
    /// For the columns of rows of `schema` that are `hashed`.
    ///
    /// # Errors
    /// When one is of a type that has no order, which the language does not have.
    pub(crate) fn new(
        schema: &SchemaRef,
        hashed: impl Fn(&str) -> bool,
    ) -> Result<Self, ArrowError> {
        let fields = schema.fields().iter().enumerate().filter(|(_, field)| hashed(field.name()));
        let (columns, fields): (_, Vec<_>) =
            fields.map(|(at, field)| (at, SortField::new(field.data_type().clone()))).unzip();
        Ok(Self { columns, converter: RowConverter::new(fields)? })
    }

    /// Adds the rows of `batch` to `hash`.
    ///
    /// # Errors
    /// When it is not of the schema.
    pub(crate) fn hash(&self, batch: &RecordBatch, hash: &mut RowsHash) -> Result<(), ArrowError> {
        let columns: Vec<_> = self.columns.iter().map(|at| Arc::clone(batch.column(*at))).collect();
        for row in &self.converter.convert_columns(&columns)? {
            hash.add(row.as_ref());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::*;

    fn batch(rows: &[(i64, Option<&str>)]) -> RecordBatch {
        let ids: ArrayRef = Arc::new(rows.iter().map(|(id, _)| Some(*id)).collect::<Int64Array>());
        let names: ArrayRef = Arc::new(rows.iter().map(|(_, name)| *name).collect::<StringArray>());
        RecordBatch::try_from_iter_with_nullable([("id", ids, true), ("name", names, true)])
            .expect("two columns")
    }

    fn hash(batches: &[RecordBatch]) -> RowsHash {
        hash_of(batches, |_| true)
    }

    fn hash_of(batches: &[RecordBatch], hashed: impl Fn(&str) -> bool) -> RowsHash {
        let hasher = RowsHasher::new(&batches[0].schema(), hashed).expect("types with an order");
        let mut all = RowsHash::default();
        for batch in batches {
            hasher.hash(batch, &mut all).expect("of the schema");
        }
        all
    }

    #[test]
    fn order_and_batches_do_not_matter_and_values_do() {
        let one = hash(&[batch(&[(1, Some("a")), (2, None), (2, None)])]);
        assert_eq!(one, hash(&[batch(&[(2, None)]), batch(&[(2, None), (1, Some("a"))])]));
        for other in [
            &[(1, Some("a")), (2, None)][..],
            &[(1, Some("a")), (2, None), (2, Some(""))],
            &[(2, Some("a")), (1, None), (2, None)],
        ] {
            assert_ne!(one, hash(&[batch(other)]), "{other:?}");
        }
    }

    #[test]
    fn other_columns_do_not_matter() {
        let ids = |rows: &[_]| hash_of(&[batch(rows)], |column| column == "id");
        let one = ids(&[(1, Some("a")), (2, None)]);
        assert_eq!(one, ids(&[(2, Some("b")), (1, None)]));
        assert_ne!(one, ids(&[(1, Some("a")), (1, None)]));
    }
}
