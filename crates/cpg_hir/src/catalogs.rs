//! What the host offers programs.

use cpg_ir::catalog::{ExtractorCatalog, FunctionCatalog};

/// The extractors and functions that programs are checked against.
#[salsa::input(singleton)]
pub struct Catalogs {
    /// By key.
    pub extractors: ExtractorCatalog,
    /// By name.
    pub functions: FunctionCatalog,
}

/// The functions of this build, from the catalogue that is generated from the registry of functions.
///
/// # Errors
/// When the catalogue is not what the types say: a defect of the build.
pub fn builtin_functions() -> serde_json::Result<FunctionCatalog> {
    serde_json::from_str(include_str!("../../cpg_ir/data/functions.json"))
}
