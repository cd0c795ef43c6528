//! The standard library checks without a word.

use std::collections::BTreeSet;
use std::path::Path;

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

/// What stands between two marks and is written as kinds are: in capitals.
fn kinds(text: &str, mark: char) -> BTreeSet<String> {
    let is_kind = |word: &&str| {
        word.len() > 2
            && word.chars().all(|character| character.is_ascii_uppercase() || character == '_')
    };
    let quoted = |line: &str| -> Vec<String> {
        line.split(mark).skip(1).step_by(2).filter(is_kind).map(str::to_owned).collect()
    };
    text.lines().flat_map(quoted).collect()
}

#[test]
fn the_page_about_the_graph_has_every_kind() -> Result {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/graph.md");
    let page = std::fs::read_to_string(page)?;
    // The first column of the tables.
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let told: String = rows.map(|cell| format!("{cell}\n")).collect();
    let code = |text: &str| -> String {
        let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        lines.map(|line| format!("{line}\n")).collect()
    };
    let said = library()?.iter().flat_map(|source| kinds(&code(&source.text), '"')).collect();
    assert_eq!(kinds(&told, '`'), said);
    Ok(())
}
