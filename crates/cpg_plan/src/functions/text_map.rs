//! Functions from one string to one string.

use std::borrow::Cow;
use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::DataType;
use cpg_ir::types::PhysicalType;
use datafusion::common::Result;
use datafusion::common::cast::as_string_array;
use datafusion::functions::utils::make_scalar_function;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::{OwnFunction, called};

/// A pure map over strings; null stays null.
pub(super) trait TextMap: Debug + Eq + Hash + Send + Sync + 'static {
    const NAME: &'static str;
    const VERSION: u32;
    const DESCRIPTION: &'static str;
    /// An expression of the language and its value.
    const EXAMPLE: (&'static str, &'static str);
    /// Whether some string maps to null.
    const MAY_BE_NULL: bool = false;

    fn apply(text: &str) -> Option<Cow<'_, str>>;
}

/// The function that applies `M` to every row.
pub(super) fn function<M: TextMap>() -> OwnFunction {
    OwnFunction {
        udf: ScalarUDF::from(TextFunction::<M> {
            signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable),
            map: PhantomData,
        }),
        version: M::VERSION,
        description: M::DESCRIPTION,
        called: called(&[PhysicalType::Utf8], PhysicalType::Utf8, M::MAY_BE_NULL, M::EXAMPLE),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct TextFunction<M> {
    signature: Signature,
    map: PhantomData<M>,
}

impl<M: TextMap> ScalarUDFImpl for TextFunction<M> {
    fn name(&self) -> &str {
        M::NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn return_field_from_args(
        &self,
        args: datafusion::logical_expr::ReturnFieldArgs,
    ) -> Result<arrow::datatypes::FieldRef> {
        super::return_field(M::NAME, DataType::Utf8, &args, M::MAY_BE_NULL)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        make_scalar_function(apply_all::<M>, vec![])(&args.args)
    }
}

fn apply_all<M: TextMap>(args: &[ArrayRef]) -> Result<ArrayRef> {
    let texts = as_string_array(&args[0])?;
    let mapped: StringArray = texts.iter().map(|text| text.and_then(M::apply)).collect();
    Ok(Arc::new(mapped))
}
