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
