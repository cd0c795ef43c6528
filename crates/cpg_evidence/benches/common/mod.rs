//! What benchmarks of extraction share.

use std::path::{Path, PathBuf};

use cpg_ir::manifest::EvidenceNeeds;

/// Every extractor that reads Python source by itself.
pub const PYTHON: &[&str] = &[
    "repo",
    "python.cst",
    "python.symtable",
    "python.ast",
    "python.flow",
    "python.imports",
    "errors",
];

/// The directory that is extracted.
pub fn source() -> PathBuf {
    let example = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/bookshop");
    std::env::var_os("CPGLANG_BENCH_SOURCE").map_or_else(example, PathBuf::from)
}

/// Every column of every table of these extractors.
pub fn needs(extractors: &[&str]) -> EvidenceNeeds {
    let catalog = cpg_evidence::catalog().extractors.into_iter();
    let wanted = catalog.filter(|(key, _)| extractors.contains(&key.as_str()));
    wanted
        .map(|(key, signature)| {
            let tables = signature.tables.into_iter().map(|(table, row)| {
                (table, row.columns.into_iter().map(|column| column.name).collect())
            });
            (key, tables.collect())
        })
        .collect()
}
