//! `glob`: whether a path matches a pattern.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::{DataType, FieldRef};
use cpg_ir::types::PhysicalType;
use datafusion::common::cast::as_string_array;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::functions::utils::make_scalar_function;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use globset::{GlobBuilder, GlobMatcher};

use super::{OwnFunction, called, return_field};

const NAME: &str = "glob";

pub(super) fn function() -> OwnFunction {
    OwnFunction {
        udf: ScalarUDF::from(Glob {
            signature: Signature::exact(
                vec![DataType::Utf8, DataType::Utf8],
                Volatility::Immutable,
            ),
        }),
        version: 1,
        description: "Whether a path matches a pattern: `*` stays within one folder, `**` crosses folders, `?` and `[a-z]` stand for one byte, `{a,b}` chooses.",
        called: called(
            &[PhysicalType::Utf8, PhysicalType::Utf8],
            PhysicalType::Bool,
            false,
            (r#"glob("src/a/b.py", "src/**/*.py")"#, "true"),
        ),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Glob {
    signature: Signature,
}

impl ScalarUDFImpl for Glob {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        return_field(NAME, DataType::Boolean, &args, false)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        make_scalar_function(match_all, vec![])(&args.args)
    }
}

fn match_all(args: &[ArrayRef]) -> Result<ArrayRef> {
    let paths = as_string_array(&args[0])?;
    let patterns = as_string_array(&args[1])?;
    // Nearly always one pattern for all rows; looked up, never iterated.
    let mut matchers: HashMap<&str, GlobMatcher> = HashMap::new();
    let mut matches = BooleanArray::builder(paths.iter().len());
    for (path, pattern) in paths.iter().zip(patterns) {
        let (Some(path), Some(pattern)) = (path, pattern) else {
            matches.append_null();
            continue;
        };
        if !matchers.contains_key(pattern) {
            matchers.insert(pattern, matcher(pattern)?);
        }
        matches.append_option(matchers.get(pattern).map(|glob| glob.is_match(path)));
    }
    Ok(Arc::new(matches.finish()))
}

fn matcher(pattern: &str) -> Result<GlobMatcher> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| exec_datafusion_err!("{NAME}: {error}"))
}
