//! The standard library checks without a word.

use std::path::Path;

use cpg_base::{LineIndex, OsSystem, SourceId, System, TextUnit};
use cpg_hir::{RootDatabase, Source, builtin_functions, compile, module_path};

#[test]
fn checks_and_compiles() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
    let mut sources = Vec::new();
    for path in OsSystem.files_below(&root, "cpg")? {
        let relative = path.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        let text = String::from_utf8(OsSystem.read(&path)?)?;
        let id = SourceId::new(&format!("std/{relative}"));
        sources.push(Source { id, module: module_path("std", &relative), text, library: true });
    }
    let mut db = RootDatabase::new(cpg_evidence::catalog(), builtin_functions()?);
    db.set_sources(sources.clone());

    let problems = match compile(&db) {
        Ok(outcome) => outcome.warnings,
        Err(diagnostics) => diagnostics,
    };
    let told: Vec<String> = problems
        .iter()
        .map(|problem| {
            let label = &problem.labels[0];
            let text = sources.iter().find(|s| s.id == label.source).map_or("", |s| &s.text);
            let place =
                LineIndex::new(text).line_column(text, label.range.start(), TextUnit::Utf32);
            let (line, column) = (place.line + 1, place.column + 1);
            let help = problem.help.as_deref().unwrap_or_default();
            let (code, message) = (problem.code, &problem.message);
            format!(
                "{}:{line}:{column} {code}: {message} [{}] ({help})",
                label.source, label.message
            )
        })
        .collect();
    assert_eq!(told.join("\n"), "");
    Ok(())
}
