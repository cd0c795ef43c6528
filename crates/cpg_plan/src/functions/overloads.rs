//! What a function of DataFusion accepts and returns, asked of DataFusion itself.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use cpg_ir::catalog::Overload;
use cpg_ir::types::PhysicalType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::type_coercion::functions::fields_with_udf;
use datafusion::logical_expr::{ReturnFieldArgs, ScalarUDF};

use super::builtin::Builtin;
use crate::schema::{arrow_type, physical_type};

/// The most arguments that are tried; what takes this many of one type is called variadic.
const MOST_ARGUMENTS: usize = 5;

/// Ways to call `udf`, which is `builtin`'s, fewest arguments first.
pub(super) fn overloads(udf: &ScalarUDF, builtin: &Builtin) -> Vec<Overload> {
    let mut found: Vec<Overload> = Vec::new();
    let most = builtin.most_arguments.unwrap_or(MOST_ARGUMENTS);
    for count in (1..MOST_ARGUMENTS).take_while(|count| *count <= most) {
        let may_be_null = builtin.null_from.is_some_and(|from| count >= from);
        for args in combinations(count) {
            if let Some(returns) = returns(udf, &args) {
                found.push(Overload { args, variadic: false, returns, may_be_null });
            }
        }
    }
    fold_variadic(udf, found)
}

/// Where the last argument may be repeated, one variadic overload stands for all the longer ones.
fn fold_variadic(udf: &ScalarUDF, found: Vec<Overload>) -> Vec<Overload> {
    let mut folded: Vec<Overload> = Vec::new();
    for mut overload in found {
        if folded.iter().any(|kept| kept.variadic && covers(kept, &overload.args)) {
            continue;
        }
        overload.variadic = is_variadic(udf, &overload);
        // A variadic overload over one type says nothing when types are mixed, which programs are not meant to do.
        let mixed = is_open(udf) && overload.args.iter().any(|ty| *ty != overload.args[0]);
        if !mixed {
            folded.push(overload);
        }
    }
    folded
}

/// Whether a call with `args` is one of the variadic overload's.
fn covers(variadic: &Overload, args: &[PhysicalType]) -> bool {
    let fixed = variadic.args.len();
    args.len() >= fixed
        && args[..fixed] == variadic.args[..]
        && args[fixed..].iter().all(|ty| Some(ty) == variadic.args.last())
}

fn is_variadic(udf: &ScalarUDF, overload: &Overload) -> bool {
    let Some(last) = overload.args.last() else {
        return false;
    };
    let mut args = overload.args.clone();
    while args.len() <= MOST_ARGUMENTS {
        args.push(last.clone());
        if returns(udf, &args).as_ref() != Some(&overload.returns) {
            return false;
        }
    }
    true
}

/// Whether the function takes any number of arguments.
fn is_open(udf: &ScalarUDF) -> bool {
    candidates().iter().any(|ty| {
        let args = vec![ty.clone(); MOST_ARGUMENTS + 1];
        returns(udf, &args).is_some()
    })
}

/// The types of arguments that are tried.
fn candidates() -> [PhysicalType; 5] {
    [
        PhysicalType::Int64,
        PhysicalType::Float64,
        PhysicalType::Utf8,
        PhysicalType::Bool,
        PhysicalType::List(Box::new(PhysicalType::Utf8)),
    ]
}

fn combinations(count: usize) -> Vec<Vec<PhysicalType>> {
    (0..count).fold(vec![vec![]], |shorter, _| {
        shorter
            .iter()
            .flat_map(|args| {
                candidates().map(|next| {
                    let mut args = args.clone();
                    args.push(next);
                    args
                })
            })
            .collect()
    })
}

/// What the function returns for arguments of these types; `None` where it takes them not at all, or only after
/// a conversion that would change what they mean.
fn returns(udf: &ScalarUDF, args: &[PhysicalType]) -> Option<PhysicalType> {
    let given: Vec<FieldRef> =
        args.iter().map(|ty| Arc::new(Field::new("argument", arrow_type(ty), false))).collect();
    let coerced = fields_with_udf(&given, udf).ok()?;
    let harmless = args.iter().zip(&coerced).all(|(ty, coerced)| {
        let coerced = physical_type(coerced.data_type());
        coerced.as_ref() == Some(ty)
            || (*ty == PhysicalType::Int64 && coerced == Some(PhysicalType::Float64))
    });
    if !harmless {
        return None;
    }
    let scalars: Vec<Option<&ScalarValue>> = vec![None; args.len()];
    let field = udf
        .return_field_from_args(ReturnFieldArgs {
            arg_fields: &coerced,
            scalar_arguments: &scalars,
        })
        .ok()?;
    match field.data_type() {
        DataType::Null => None,
        ty => physical_type(ty),
    }
}
