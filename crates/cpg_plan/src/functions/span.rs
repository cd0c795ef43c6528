//! `span`: two byte offsets as one value.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, FieldRef, Int64Type};
use cpg_ir::types::PhysicalType;
use datafusion::common::Result;
use datafusion::functions::utils::make_scalar_function;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::{OwnFunction, called, return_field};
use crate::schema::{arrow_type, span_fields};

pub(super) const NAME: &str = "span";

pub(super) fn function() -> OwnFunction {
    OwnFunction {
        udf: ScalarUDF::from(Span {
            signature: Signature::exact(
                vec![DataType::Int64, DataType::Int64],
                Volatility::Immutable,
            ),
        }),
        version: 1,
        description: "The span from a first byte to one past a last byte.",
        called: called(
            &[PhysicalType::Int64, PhysicalType::Int64],
            PhysicalType::Span,
            false,
            ("span(cast(3, Offset<byte>), cast(8, Offset<byte>))", "3 .. 8"),
        ),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Span {
    signature: Signature,
}

impl ScalarUDFImpl for Span {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(arrow_type(&PhysicalType::Span))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        return_field(NAME, arrow_type(&PhysicalType::Span), &args, false)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        make_scalar_function(build, vec![])(&args.args)
    }
}

/// Null where either end is. The ends' own validity goes to the span, since its fields are never null.
fn build(args: &[ArrayRef]) -> Result<ArrayRef> {
    let [start, end] = [&args[0], &args[1]].map(|ends| ends.as_primitive::<Int64Type>());
    let nulls = NullBuffer::union(start.nulls(), end.nulls());
    let ends =
        [start, end].map(|ends| Arc::new(Int64Array::new(ends.values().clone(), None)) as ArrayRef);
    Ok(Arc::new(StructArray::try_new(span_fields(), ends.to_vec(), nulls)?))
}
