//! `qualified_name_parts`: the names of a dotted name.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, FieldRef};
use cpg_ir::types::PhysicalType;
use datafusion::common::Result;
use datafusion::common::cast::as_string_array;
use datafusion::functions::utils::make_scalar_function;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::{OwnFunction, called, return_field};
use crate::schema::arrow_type;

const NAME: &str = "qualified_name_parts";

pub(super) fn function() -> OwnFunction {
    OwnFunction {
        udf: ScalarUDF::from(QualifiedNameParts {
            signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable),
        }),
        version: 1,
        description: "The names between the dots of a dotted name, in order; none for an empty name.",
        called: called(
            &[PhysicalType::Utf8],
            strings(),
            false,
            (r#"qualified_name_parts("a.b")"#, r#"["a", "b"]"#),
        ),
    }
}

fn strings() -> PhysicalType {
    PhysicalType::List(Box::new(PhysicalType::Utf8))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct QualifiedNameParts {
    signature: Signature,
}

impl ScalarUDFImpl for QualifiedNameParts {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(arrow_type(&strings()))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        return_field(NAME, arrow_type(&strings()), &args, false)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        make_scalar_function(split_all, vec![])(&args.args)
    }
}

fn split_all(args: &[ArrayRef]) -> Result<ArrayRef> {
    let names = as_string_array(&args[0])?;
    let mut lists = ListBuilder::with_capacity(StringBuilder::new(), names.len());
    for name in names {
        if let Some(name) = name {
            name.split('.')
                .filter(|_| !name.is_empty())
                .for_each(|part| lists.values().append_value(part));
        }
        lists.append(name.is_some());
    }
    Ok(Arc::new(lists.finish()))
}
