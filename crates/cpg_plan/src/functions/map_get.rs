//! `get`: the value that a map has for a key.
//!
//! DataFusion's own `get_field` takes only constant keys, and its `map_extract` gives lists.

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array, make_comparator};
use arrow::compute::{SortOptions, take};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, exec_datafusion_err, plan_err};
use datafusion::functions::utils::make_scalar_function;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::{OwnFunction, return_field};

const NAME: &str = "get";

/// Maps have types without end, so the language itself says what a call takes and gives.
pub(super) fn function() -> OwnFunction {
    OwnFunction {
        udf: ScalarUDF::from(Get { signature: Signature::user_defined(Volatility::Immutable) }),
        version: 1,
        description: "The value that a map has for a key; null where it has none.",
        called: None,
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Get {
    signature: Signature,
}

/// The types of a map's keys and values.
fn parts(map: &DataType) -> Result<[DataType; 2]> {
    if let DataType::Map(entries, _) = map
        && let DataType::Struct(fields) = entries.data_type()
        && let [key, value] = fields.iter().as_slice()
    {
        return Ok([key.data_type().clone(), value.data_type().clone()]);
    }
    plan_err!("`{NAME}` takes a map, not {map}")
}

impl ScalarUDFImpl for Get {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [map, _] = types else {
            return plan_err!("`{NAME}` takes a map and a key");
        };
        let [key, _] = parts(map)?;
        Ok(vec![map.clone(), key])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [_, value] = parts(&types[0])?;
        Ok(value)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let [_, value] = parts(args.arg_fields[0].data_type())?;
        return_field(NAME, value, &args, true)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        make_scalar_function(look_up, vec![])(&args.args)
    }
}

fn look_up(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [maps, keys] = args else {
        return plan_err!("`{NAME}` takes a map and a key");
    };
    let maps = maps.as_map();
    let compare = make_comparator(maps.keys(), keys, SortOptions::default())?;
    let found = |row: usize| {
        let place = |offset: i32| usize::try_from(offset).unwrap_or_default();
        let mut entries = place(maps.value_offsets()[row])..place(maps.value_offsets()[row + 1]);
        let known = maps.is_valid(row) && keys.is_valid(row);
        entries.find(|entry| known && compare(*entry, row).is_eq())
    };
    let places = (0..maps.len())
        .map(|row| found(row).map(u32::try_from).transpose())
        .collect::<std::result::Result<UInt32Array, _>>()
        .map_err(|_| exec_datafusion_err!("more entries than maps can hold at once"))?;
    Ok(take(maps.values(), &places, None)?)
}
