//! `line_width`: how long a line is.

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::functions::utils::make_scalar_function;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::line_offset::of_lines;
use super::{OwnFunction, return_field};

const NAME: &str = "line_width";

/// Programs say `position(offset)`; which line the offset is in is found for them.
pub(super) fn function() -> OwnFunction {
    use DataType::{Boolean, Int64, Utf8};
    OwnFunction {
        udf: ScalarUDF::from(LineWidth {
            signature: Signature::exact(
                vec![Int64, Int64, Boolean, Utf8, Utf8],
                Volatility::Immutable,
            ),
        }),
        version: 1,
        description: "How long a line is: its first byte, one past its last, whether it is ASCII, its text, what is counted.",
        called: None,
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct LineWidth {
    signature: Signature,
}

impl ScalarUDFImpl for LineWidth {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        return_field(NAME, DataType::Int64, &args, true)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        make_scalar_function(|args| of_lines(args, |line, unit, _| line.width(unit)), vec![])(
            &args.args,
        )
    }
}
