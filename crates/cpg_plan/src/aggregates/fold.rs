//! What becomes of a group's sorted values.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, ListArray};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::Result;

use super::grouped::SortedGroups;

/// An aggregate over sorted values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fold {
    Collect,
    NoisyOr,
}

impl Fold {
    /// The type of the values it takes, given what it is called with.
    pub(super) fn argument(self, given: &DataType) -> DataType {
        match (self, given) {
            (Self::Collect, DataType::Utf8View | DataType::LargeUtf8 | DataType::Null) => {
                DataType::Utf8
            }
            (Self::Collect, given) => given.clone(),
            (Self::NoisyOr, _) => DataType::Float64,
        }
    }

    /// The type of its result.
    pub(super) fn returns(self, argument: &DataType) -> DataType {
        match self {
            Self::Collect => DataType::List(item(argument)),
            Self::NoisyOr => DataType::Float64,
        }
    }

    /// Whether a group without values gives null; `collect` gives an empty list.
    pub(super) fn is_nullable(self) -> bool {
        self != Self::Collect
    }

    /// Whether equal values count once.
    pub(super) fn is_distinct(self) -> bool {
        self == Self::Collect
    }

    /// One result per group.
    pub(super) fn apply(self, groups: SortedGroups) -> Result<ArrayRef> {
        let fold: fn(&[f64]) -> f64 = match self {
            Self::Collect => return Ok(Arc::new(lists(groups.distinct()?)?)),
            Self::NoisyOr => |values| 1.0 - values.iter().map(|x| 1.0 - x).product::<f64>(),
        };
        let values = groups.values.as_primitive::<Float64Type>().values();
        let results: Float64Array = groups
            .offsets
            .windows(2)
            .map(|group| &values[group[0]..group[1]])
            .map(|values| (!values.is_empty()).then(|| fold(values)))
            .collect();
        Ok(Arc::new(results))
    }
}

/// Each group's values as a list.
pub(super) fn lists(groups: SortedGroups) -> Result<ListArray> {
    let offsets = groups.list_offsets()?;
    let item = item(groups.values.data_type());
    Ok(ListArray::try_new(item, offsets, groups.values, None)?)
}

/// The field of a list's elements.
pub(super) fn item(ty: &DataType) -> FieldRef {
    Arc::new(Field::new("item", ty.clone(), true))
}
