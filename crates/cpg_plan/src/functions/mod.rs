//! The scalar functions of the language: our own, one subject per file, and those of DataFusion that programs
//! may call ([`builtin`]).
//!
//! All are immutable. Each of our own has a version, which changes whenever the same arguments could give another
//! value; the version of DataFusion's is DataFusion's. Versions enter plan fingerprints.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, FieldRef};
use cpg_ir::catalog::{FunctionCatalog, FunctionExample, FunctionSignature, Overload};
use cpg_ir::types::PhysicalType;
use datafusion::common::Result;
use datafusion::logical_expr::registry::FunctionRegistry;
use datafusion::logical_expr::{ReturnFieldArgs, ScalarUDF};

use crate::aggregates;
use builtin::Builtin;

mod builtin;
mod casefold;
mod collapse_ws;
mod dotted;
mod glob;
mod line_offset;
mod line_width;
mod map_get;
mod nfc;
mod overloads;
mod qualified_name_parts;
mod span;
mod span_part;
mod stable_id;
mod text_map;

/// A scalar function of ours.
struct OwnFunction {
    udf: ScalarUDF,
    version: u32,
    description: &'static str,
    /// How programs call it; none where they have another form for it.
    called: Option<Called>,
}

/// How programs call a function of ours.
struct Called {
    overload: Overload,
    /// An expression of the language and its value.
    example: (&'static str, &'static str),
}

fn called(
    args: &[PhysicalType],
    returns: PhysicalType,
    may_be_null: bool,
    example: (&'static str, &'static str),
) -> Option<Called> {
    let overload = Overload { args: args.to_vec(), variadic: false, returns, may_be_null };
    Some(Called { overload, example })
}

/// A function that plans may call.
#[derive(Debug, Clone)]
pub struct Function {
    /// The implementation.
    pub udf: Arc<ScalarUDF>,
    /// Changes whenever the same arguments could give another value.
    pub version: String,
}

/// Every function by name. Immutable, and the same in every process of one build.
static FUNCTIONS: LazyLock<BTreeMap<String, Function>> = LazyLock::new(|| {
    let mut available = builtin::by_name();
    let names = builtin::BUILTINS.iter().map(|builtin| builtin.name).chain(builtin::FOR_FORMS);
    let theirs = names.filter_map(|name| {
        let version = datafusion::DATAFUSION_VERSION.to_owned();
        Some((name.to_owned(), Function { udf: available.remove(name)?, version }))
    });
    let theirs: Vec<_> = theirs.collect();
    let own = own().into_iter().map(|own| {
        let version = own.version.to_string();
        (own.udf.name().to_owned(), Function { udf: Arc::new(own.udf), version })
    });
    theirs.into_iter().chain(own).collect()
});

/// The functions of DataFusion that programs may call.
fn builtins() -> impl Iterator<Item = (&'static Builtin, Arc<ScalarUDF>)> {
    let mut available = builtin::by_name();
    builtin::BUILTINS
        .iter()
        .filter_map(move |builtin| Some((builtin, available.remove(builtin.name)?)))
}

fn example((call, gives): (&str, &str)) -> FunctionExample {
    FunctionExample { call: call.to_owned(), gives: gives.to_owned() }
}

fn own() -> Vec<OwnFunction> {
    let mut functions = vec![
        text_map::function::<nfc::Nfc>(),
        text_map::function::<casefold::Casefold>(),
        text_map::function::<collapse_ws::CollapseWs>(),
        text_map::function::<dotted::LastName>(),
        text_map::function::<dotted::ParentName>(),
        qualified_name_parts::function(),
        glob::function(),
        line_offset::function(),
        line_width::function(),
        map_get::function(),
        span::function(),
    ];
    functions.extend(span_part::functions());
    functions.extend(stable_id::functions());
    functions
}

/// The function of that name, if plans may call it.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name)
}

/// What programs may call, for the frontend. The same for every build of one version. It takes long: DataFusion is asked of
/// many combinations of types.
pub fn function_catalog() -> FunctionCatalog {
    let builtins = builtins().map(|(builtin, udf)| {
        let signature = FunctionSignature {
            version: datafusion::DATAFUSION_VERSION.to_owned(),
            description: builtin.description.to_owned(),
            example: example(builtin.example),
            overloads: overloads::overloads(&udf, builtin),
        };
        (builtin.name.to_owned(), signature)
    });
    let own = own().into_iter().filter_map(|own| {
        let called = own.called?;
        let signature = FunctionSignature {
            version: own.version.to_string(),
            description: own.description.to_owned(),
            example: example(called.example),
            overloads: vec![called.overload],
        };
        Some((own.udf.name().to_owned(), signature))
    });
    FunctionCatalog { functions: builtins.chain(own).collect() }
}

/// Makes our functions and aggregates known to a session, for SQL and for plans that name them. Called once per
/// session.
///
/// # Errors
/// When the registry takes no functions.
pub fn register(registry: &mut dyn FunctionRegistry) -> Result<()> {
    for own in own() {
        registry.register_udf(Arc::new(own.udf))?;
    }
    for udaf in aggregates::all() {
        registry.register_udaf(udaf)?;
    }
    Ok(())
}

/// The field of a function that gives null where an argument is null, and else only if `may_be_null`.
fn return_field(
    name: &str,
    ty: DataType,
    args: &ReturnFieldArgs,
    may_be_null: bool,
) -> Result<FieldRef> {
    let nullable = may_be_null || args.arg_fields.iter().any(|field| field.is_nullable());
    Ok(Arc::new(Field::new(name, ty, nullable)))
}

/// The version of a scalar function by its implementation's name; `None` where neither we nor DataFusion have it.
pub fn version(name: &str) -> Option<&'static str> {
    static BUILTIN_NAMES: LazyLock<std::collections::HashSet<String>> =
        LazyLock::new(|| builtin::by_name().into_keys().collect());
    match FUNCTIONS.get(name) {
        Some(function) => Some(&function.version),
        None => BUILTIN_NAMES.contains(name).then_some(datafusion::DATAFUSION_VERSION),
    }
}
