//! What becomes of a group's sorted values.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, ListArray, MapArray, StructArray, UInt32Array,
    make_comparator,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{SortOptions, take};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{Result, internal_err};

use super::grouped::{SortedGroups, index};
use crate::schema::{map_fields, map_type};

/// An aggregate over sorted values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fold {
    Collect,
    MapOf,
    NoisyOr,
}

impl Fold {
    /// The type of the values it takes, given what it is called with.
    pub(super) fn argument(self, given: &DataType) -> DataType {
        match (self, given) {
            (
                Self::Collect | Self::MapOf,
                DataType::Utf8View | DataType::LargeUtf8 | DataType::Null,
            ) => DataType::Utf8,
            (Self::Collect | Self::MapOf, given) => given.clone(),
            (Self::NoisyOr, _) => DataType::Float64,
        }
    }

    /// How many arguments it takes.
    pub(super) fn arity(self) -> usize {
        match self {
            Self::MapOf => 2,
            Self::Collect | Self::NoisyOr => 1,
        }
    }

    /// The type of the values that are kept: of several arguments, a structure of them.
    pub(super) fn kept(self, arguments: &[DataType]) -> Result<DataType> {
        match (self, arguments) {
            (Self::MapOf, [key, value]) => {
                Ok(DataType::Struct(map_fields(key.clone(), value.clone())))
            }
            (Self::Collect | Self::NoisyOr, [one]) => Ok(one.clone()),
            _ => {
                internal_err!("an aggregate of {} arguments has {}", self.arity(), arguments.len())
            }
        }
    }

    /// The values that are kept of those that arrive; null where nothing is.
    pub(super) fn keep(self, arguments: &[ArrayRef]) -> Result<ArrayRef> {
        match (self, arguments) {
            (Self::MapOf, [key, value]) => {
                let fields = map_fields(key.data_type().clone(), value.data_type().clone());
                let columns = vec![Arc::clone(key), Arc::clone(value)];
                // An entry without a key is none, so the fields' own nulls are hidden.
                let keyed = key.logical_nulls();
                Ok(Arc::new(StructArray::try_new(fields, columns, keyed)?))
            }
            (Self::Collect | Self::NoisyOr, [one]) => Ok(Arc::clone(one)),
            _ => {
                internal_err!("an aggregate of {} arguments has {}", self.arity(), arguments.len())
            }
        }
    }

    /// The type of its result.
    pub(super) fn returns(self, arguments: &[DataType]) -> Result<DataType> {
        Ok(match (self, arguments) {
            (Self::MapOf, [key, value]) => map_type(key.clone(), value.clone()),
            (Self::Collect, [argument]) => DataType::List(item(argument)),
            (Self::NoisyOr, [_]) => DataType::Float64,
            _ => {
                return internal_err!(
                    "an aggregate of {} arguments has {}",
                    self.arity(),
                    arguments.len()
                );
            }
        })
    }

    /// Whether a group without values gives null; `collect` gives an empty list, `map_of` an empty map.
    pub(super) fn is_nullable(self) -> bool {
        self == Self::NoisyOr
    }

    /// Whether equal values count once.
    pub(super) fn is_distinct(self) -> bool {
        self != Self::NoisyOr
    }

    /// One result per group.
    pub(super) fn apply(self, groups: SortedGroups) -> Result<ArrayRef> {
        let fold: fn(&[f64]) -> f64 = match self {
            Self::Collect => return Ok(Arc::new(lists(groups.distinct()?)?)),
            Self::MapOf => return Ok(Arc::new(maps(&groups)?)),
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

/// Each group's entries, which are sorted, as a map. Of several entries of one key the first that has a value is kept.
fn maps(groups: &SortedGroups) -> Result<MapArray> {
    let entries = groups.values.as_struct();
    let [keys, values] = entries.columns() else {
        return internal_err!("the entry of a map has a key and a value");
    };
    let compare = make_comparator(keys, keys, SortOptions::default())?;
    let mut kept: Vec<u32> = Vec::new();
    let mut lengths = Vec::with_capacity(groups.offsets.len());
    for group in groups.offsets.windows(2) {
        let before = kept.len();
        for row in group[0]..group[1] {
            let place = index(row)?;
            match kept.last_mut() {
                Some(last)
                    if *last as usize >= group[0] && compare(*last as usize, row).is_eq() =>
                {
                    if values.is_null(*last as usize) {
                        *last = place;
                    }
                }
                _ => kept.push(place),
            }
        }
        lengths.push(kept.len() - before);
    }
    let kept = UInt32Array::from(kept);
    let columns = vec![take(keys, &kept, None)?, take(values, &kept, None)?];
    let fields = map_fields(keys.data_type().clone(), values.data_type().clone());
    let DataType::Map(field, sorted) =
        map_type(keys.data_type().clone(), values.data_type().clone())
    else {
        return internal_err!("the type of maps is none");
    };
    let entries = StructArray::try_new(fields, columns, None)?;
    Ok(MapArray::try_new(field, OffsetBuffer::from_lengths(lengths), entries, None, sorted)?)
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
