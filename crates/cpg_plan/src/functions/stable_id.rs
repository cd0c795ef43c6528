//! `stable_id` and `group_id`: [`cpg_ir::stable_id`] over columns.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, FieldRef, Float64Type, Int64Type};
use cpg_ir::stable_id::IdHasher;
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::{OwnFunction, return_field};
use crate::schema::{arrow_type, physical_type};

pub(super) fn functions() -> [OwnFunction; 2] {
    [
        OwnFunction {
            udf: ScalarUDF::from(StableId::new(Nulls::Strict)),
            version: 1,
            description: "The stable id that a namespace gives to some values; null where one of them is.",
            called: None,
        },
        OwnFunction {
            udf: ScalarUDF::from(StableId::new(Nulls::Distinct)),
            version: 1,
            description: "As `stable_id`, null being a value like any other.",
            called: None,
        },
    ]
}

/// What a null among the values means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Nulls {
    /// The id is null.
    Strict,
    /// One more value.
    Distinct,
}

/// The first argument is the namespace, a constant. The others may be integers, strings, truth values and
/// numbers.
#[derive(Debug, PartialEq, Eq, Hash)]
struct StableId {
    nulls: Nulls,
    signature: Signature,
}

impl StableId {
    fn new(nulls: Nulls) -> Self {
        Self { nulls, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for StableId {
    fn name(&self) -> &str {
        match self.nulls {
            Nulls::Strict => "stable_id",
            Nulls::Distinct => "group_id",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        if types.is_empty() {
            return plan_err!("{} needs a namespace", self.name());
        }
        types
            .iter()
            .map(|ty| match ty {
                DataType::Null => Ok(DataType::Utf8),
                ty => match physical_type(ty).map(|ty| arrow_type(&ty)) {
                    Some(ty) if !ty.is_nested() => Ok(ty),
                    _ => plan_err!("{} takes no value of type {ty}", self.name()),
                },
            })
            .collect()
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let mut field = return_field(self.name(), DataType::Int64, &args, false)?;
        if self.nulls == Nulls::Distinct {
            field = Arc::new(field.as_ref().clone().with_nullable(false));
        }
        Ok(field)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some((ColumnarValue::Scalar(ScalarValue::Utf8(Some(namespace))), values)) =
            args.args.split_first()
        else {
            return exec_err!("the namespace of {} is no constant string", self.name());
        };
        let constant = values.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let arrays = values.iter().map(|value| value.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let inputs = arrays.iter().map(Input::new).collect::<Result<Vec<_>>>()?;

        let prepared = IdHasher::new(namespace);
        let ids: Int64Array = (0..rows)
            .map(|row| {
                if self.nulls == Nulls::Strict && inputs.iter().any(|input| input.is_null(row)) {
                    return None;
                }
                let mut hasher = prepared.clone();
                inputs.iter().for_each(|input| input.feed(row, &mut hasher));
                Some(hasher.finish())
            })
            .collect();
        Ok(if constant {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&ids, 0)?)
        } else {
            ColumnarValue::Array(Arc::new(ids))
        })
    }
}

/// One argument's values.
enum Input<'a> {
    Int(&'a Int64Array),
    String(&'a StringArray),
    Bool(&'a BooleanArray),
    Float(&'a Float64Array),
}

impl<'a> Input<'a> {
    fn new(array: &'a ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Int64 => Self::Int(array.as_primitive::<Int64Type>()),
            DataType::Utf8 => Self::String(array.as_string()),
            DataType::Boolean => Self::Bool(array.as_boolean()),
            DataType::Float64 => Self::Float(array.as_primitive::<Float64Type>()),
            ty => return exec_err!("no stable id is taken over values of type {ty}"),
        })
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Int(array) => array.is_null(row),
            Self::String(array) => array.is_null(row),
            Self::Bool(array) => array.is_null(row),
            Self::Float(array) => array.is_null(row),
        }
    }

    /// A null is encoded as a value of another type, which no value at this place has.
    fn feed(&self, row: usize, hasher: &mut IdHasher) {
        match self {
            Self::Bool(array) if array.is_null(row) => hasher.int(0),
            _ if self.is_null(row) => hasher.bool(false),
            Self::Int(array) => hasher.int(array.value(row)),
            Self::String(array) => hasher.string(array.value(row)),
            Self::Bool(array) => hasher.bool(array.value(row)),
            Self::Float(array) => hasher.float(array.value(row)),
        };
    }
}
