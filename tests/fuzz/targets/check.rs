//! Checking and compiling: diagnostics in the text, and none that blames the compiler.
#![no_main]

use cpg_base::{Code, Severity, SourceId};
use cpg_hir::{RootDatabase, Source, builtin_functions, check, compile};
use cpg_ir::catalog::{ExtractorCatalog, ExtractorSignature};
use cpg_ir::types::{Column, ColumnType, RowSchema, SemanticType, TextUnit};
use libfuzzer_sys::fuzz_target;

/// One extractor with a table of every kind of column.
fn extractors() -> ExtractorCatalog {
    use SemanticType as S;
    let columns = [
        ("file_id", S::FileId, false),
        ("path", S::Path, false),
        ("name", S::String, false),
        ("start", S::Offset(TextUnit::Byte), false),
        ("end", S::Offset(TextUnit::Byte), false),
        ("line", S::Line { base: 1 }, true),
        ("maybe", S::String, true),
        ("number", S::Int, false),
        ("yes", S::Bool, false),
    ];
    let columns = columns.map(|(name, semantic, nullable)| Column {
        name: name.to_owned(),
        ty: ColumnType { semantic, nullable },
    });
    let table = RowSchema { columns: columns.to_vec() };
    let signature = ExtractorSignature {
        version: 1,
        description: String::new(),
        tables: [("t".to_owned(), table)].into(),
        docs: Default::default(),
    };
    ExtractorCatalog { extractors: [("x".to_owned(), signature)].into() }
}

fuzz_target!(|text: &str| {
    let functions = builtin_functions().expect("the catalogue is whole");
    let mut db = RootDatabase::new(extractors(), functions);
    db.set_sources(vec![Source {
        id: SourceId::new("main.cpg"),
        module: "main".to_owned(),
        text: text.to_owned(),
        library: false,
    }]);
    let found = check(&db);
    for diagnostic in &found {
        assert_ne!(diagnostic.code, Code::Internal, "{diagnostic:?}");
        for label in &diagnostic.labels {
            assert!(label.range.slice(text).is_some(), "{diagnostic:?}");
        }
    }
    if found.iter().all(|diagnostic| diagnostic.severity != Severity::Error)
        && let Err(diagnostics) = compile(&db)
    {
        assert!(diagnostics.iter().all(|one| one.code != Code::Internal), "{diagnostics:?}");
    }
});
