//! The standard library checks without a word.

use cpg_hir::compile;

use crate::pages::library;
use crate::render::{Result, database, render};

#[test]
fn checks_and_compiles() -> Result {
    let sources = library()?;
    let db = database(&sources)?;
    let told = match compile(&db) {
        Ok(outcome) => outcome.warnings,
        Err(diagnostics) => diagnostics,
    };
    assert_eq!(render(&told, &sources), "");
    Ok(())
}
