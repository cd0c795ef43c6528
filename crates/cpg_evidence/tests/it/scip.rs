//! What indexes give. What real indexers write is compared in `scip_indexers`.

use cpg_evidence::{ExtractOptions, ScanOptions, Source};
use protobuf::{EnumOrUnknown, Message};
use scip::types::symbol_information::Kind;
use scip::types::{
    Diagnostic, Document, Index, Metadata, Occurrence, PositionEncoding, Relationship, Severity,
    Signature, SymbolInformation, SyntaxKind, ToolInfo,
};

use crate::support::{Sources, Tables, all_needs, batches};

fn occurrence(range: &[i32], symbol: &str, symbol_roles: i32) -> Occurrence {
    let (range, symbol) = (range.to_vec(), symbol.to_owned());
    Occurrence { range, symbol, symbol_roles, ..Occurrence::default() }
}

fn document(path: &str, occurrences: Vec<Occurrence>) -> Document {
    Document { relative_path: path.to_owned(), occurrences, ..Document::default() }
}

fn index(documents: Vec<Document>) -> Index {
    let tool =
        ToolInfo { name: "test".to_owned(), version: "1.2".to_owned(), ..ToolInfo::default() };
    let metadata = Metadata { tool_info: Some(tool).into(), ..Metadata::default() };
    Index { metadata: Some(metadata).into(), documents, ..Index::default() }
}

fn sources(files: &[(&str, &str)], index: &Index) -> Sources {
    let sources = Sources::new(files);
    sources.write("index.scip", &index.write_to_bytes().expect("a message"));
    sources
}

fn tables(files: &[(&str, &str)], index: &Index) -> Tables {
    sources(files, index).tables_of(&["scip"])
}

fn errors(tables: &Tables) -> Vec<String> {
    tables.select("extract_errors", "path extractor kind start message")
}

const PLACES: &str = "path start end symbol is_local is_definition is_write is_read roles";

#[test]
fn occurrences_have_spans_roles_and_ranges() {
    let mut defined = occurrence(&[1, 4, 5], "p `m`/é().", 1);
    defined.enclosing_range = vec![1, 0, 2, 12];
    defined.syntax_kind = EnumOrUnknown::new(SyntaxKind::IdentifierFunction);
    defined.override_documentation = vec!["instead".to_owned()];
    // Unsorted, as indexers leave them.
    let occurrences = vec![occurrence(&[2, 11, 12], "local 0", 12), defined];
    let found = tables(
        &[("m.py", "\"𝒳\"\ndef é(a):\n    return a")],
        &index(vec![document("m.py", occurrences)]),
    );
    assert_eq!(
        found.select("scip_occurrences", PLACES),
        [
            "m.py 11 13 p `m`/é(). false true false false 1",
            "m.py 29 30 local 0 true false true true 12",
        ]
    );
    let ranges = "enclosing_start enclosing_end syntax_kind index_line index_column index_end_line \
                  index_end_column documentation";
    assert_eq!(
        found.select("scip_occurrences", ranges),
        ["7 30 IdentifierFunction 1 4 1 5 instead", "- - - 2 11 2 12 -"]
    );
    assert_eq!(errors(&found), [""; 0]);
}

#[test]
fn columns_count_what_the_document_says() {
    let encodings = [
        ("a.py", PositionEncoding::UTF8CodeUnitOffsetFromLineStart, 6),
        ("b.py", PositionEncoding::UTF16CodeUnitOffsetFromLineStart, 4),
        ("c.py", PositionEncoding::UTF32CodeUnitOffsetFromLineStart, 3),
        ("d.py", PositionEncoding::UnspecifiedPositionEncoding, 4),
    ];
    let documents = encodings.map(|(path, encoding, column)| Document {
        position_encoding: EnumOrUnknown::new(encoding),
        ..document(path, vec![occurrence(&[0, column, column + 1], "x", 8)])
    });
    let files = encodings.map(|(path, ..)| (path, "'𝒳'x"));
    let found = tables(&files, &index(documents.to_vec()));
    let starts = found.select("scip_occurrences", "path start end");
    assert_eq!(starts, ["a.py 6 7", "b.py 6 7", "c.py 6 7", "d.py 6 7"]);
    let units = found.select("scip_documents", "position_encoding occurrences");
    assert_eq!(units, ["utf8 1", "utf16 1", "utf32 1", "- 1"]);
}

#[test]
fn the_raw_file_counts_where_it_is_in_another_encoding() {
    let latin = Sources::new(&[("m.py", b"# coding: latin-1\nx = '\xe9'; y = 2")]);
    let occurrences = vec![occurrence(&[1, 9, 10], "y", 1)];
    let bytes = index(vec![document("m.py", occurrences)]).write_to_bytes().expect("a message");
    latin.write("index.scip", &bytes);
    assert_eq!(latin.tables_of(&["scip"]).select("scip_occurrences", "start end"), ["27 28"]);
}

#[test]
fn symbols_relationships_and_what_lies_outside() {
    let related = Relationship {
        symbol: "base".to_owned(),
        is_implementation: true,
        is_reference: true,
        ..Relationship::default()
    };
    let symbol = SymbolInformation {
        symbol: "pkg C#".to_owned(),
        documentation: vec!["first".to_owned(), "second".to_owned()],
        kind: EnumOrUnknown::new(Kind::Class),
        display_name: "C".to_owned(),
        enclosing_symbol: "pkg".to_owned(),
        signature_documentation: Some(Signature {
            text: "class C".to_owned(),
            ..Signature::default()
        })
        .into(),
        relationships: vec![related],
        ..SymbolInformation::default()
    };
    let outside = SymbolInformation { symbol: "base".to_owned(), ..SymbolInformation::default() };
    let mut document = document("z.py", Vec::new());
    document.symbols = vec![symbol];
    document.language = "python".to_owned();
    let mut index = index(vec![document]);
    index.external_symbols = vec![outside];
    let found = tables(&[("a.py", ""), ("z.py", "")], &index);
    assert_eq!(
        found.select(
            "scip_symbols",
            "path symbol kind display_name signature enclosing_symbol is_external"
        ),
        ["index.scip base - - - - true", "z.py pkg C# Class C class C pkg false"]
    );
    assert_eq!(found.select("scip_symbols", "documentation"), ["-", "first\n\nsecond"]);
    assert_eq!(
        found.select(
            "scip_relationships",
            "path symbol target is_reference is_implementation is_definition"
        ),
        ["z.py pkg C# base true true false"]
    );
    assert_eq!(
        found.select("scip_metadata", "path tool tool_version documents external_symbols"),
        ["index.scip test 1.2 1 1"]
    );
    assert_eq!(found.select("scip_documents", "path language symbols"), ["z.py python 1"]);
}

#[test]
fn diagnostics() {
    let diagnostic = Diagnostic {
        severity: EnumOrUnknown::new(Severity::Warning),
        code: "W1".to_owned(),
        message: "never used".to_owned(),
        source: "lint".to_owned(),
        tags: vec![EnumOrUnknown::from_i32(1), EnumOrUnknown::from_i32(77)],
        ..Diagnostic::default()
    };
    let mut told = occurrence(&[0, 0, 1], "", 0);
    told.diagnostics = vec![diagnostic];
    let found = tables(&[("a.py", "x = 1")], &index(vec![document("a.py", vec![told])]));
    assert_eq!(
        found.select(
            "scip_diagnostics",
            "start end severity code message source is_unnecessary is_deprecated"
        ),
        ["0 1 Warning W1 never used lint true false"]
    );
    assert_eq!(found.select("scip_occurrences", "start"), [""; 0]);
}

#[test]
fn without_an_index_tables_are_empty() {
    let sources = Sources::new(&[("a.py", "")]);
    let found = sources.tables_of(&["scip"]);
    assert_eq!(errors(&found), [""; 0]);
    assert_eq!(found.select("scip_metadata", "tool"), [""; 0]);

    // Who names one misses it.
    let extract = ExtractOptions {
        scip_index: Some(sources.path().join("other.scip")),
        ..ExtractOptions::default()
    };
    let options = ScanOptions { extract, ..ScanOptions::default() };
    let scan = cpg_evidence::scan(&[Source::new(sources.path())], &options).expect("a folder");
    let mut needs = all_needs();
    needs.retain(|key, _| key == "errors" || key == "scip");
    let message = "there is no SCIP index; an indexer such as scip-python makes one";
    let errors = errors(&Tables::with(&scan, &needs));
    assert_eq!(errors, [format!("other.scip scip missing - {message}")]);
}

#[test]
fn an_index_of_other_sources_gives_errors_and_no_spans() {
    let texts = [("a.py", "abc = 1\n"), ("b.py", "abcd"), ("c.py", "x"), ("d.py", "fine")];
    let mut text = document("c.py", vec![occurrence(&[0, 0, 1], "s", 1)]);
    text.text = "y".to_owned();
    let mut kept = document("d.py", vec![occurrence(&[0, 0, 4], "s", 1)]);
    kept.text = "fine".to_owned();
    let found = tables(
        &texts,
        &index(vec![
            document(
                "a.py",
                vec![occurrence(&[0, 0, 3], "good", 1), occurrence(&[7, 0, 3], "s", 1)],
            ),
            document("b.py", vec![occurrence(&[0, 0, 3], "s", 1)]),
            text,
            kept,
            document("gone.py", vec![occurrence(&[0, 0, 3], "s", 1)]),
            document("gone_too.py", Vec::new()),
        ]),
    );
    assert_eq!(found.select("scip_occurrences", "path start end"), ["d.py 0 4"]);
    let stale = "the index was made from another version of the file:";
    assert_eq!(
        errors(&found),
        [
            format!("a.py scip stale - {stale} `s` is at [7, 0, 3], which is not there"),
            format!("b.py scip stale 0 {stale} `s` begins or ends within a word"),
            format!("c.py scip stale - {stale} its text has 1 bytes there and 1 here, or others"),
            "index.scip scip stale - 2 documents of the index are about no file of the sources, first \
             `gone.py`"
                .to_owned(),
        ]
    );
}

#[test]
fn broken_bytes_cost_what_they_hold() {
    let documents =
        ["a.py", "b.py"].map(|path| document(path, vec![occurrence(&[0, 0, 3], "s", 1)]));
    let files = [("a.py", "abc"), ("b.py", "abc")];
    let index = index(documents.to_vec());
    let sources = sources(&files, &index);
    let bytes = index.write_to_bytes().expect("a message");
    for length in 0..bytes.len() {
        sources.write("index.scip", &bytes[..length]);
        let found = sources.tables_of(&["scip"]);
        assert!(found.select("scip_occurrences", "path").len() < 2, "{length}");
        for flip in [0xff, 0x80, 0x01] {
            let mut flipped = bytes.clone();
            flipped[length] ^= flip;
            sources.write("index.scip", &flipped);
            let found = sources.tables_of(&["scip"]);
            assert!(!found.select("extract_errors", "kind").contains(&"internal".to_owned()));
        }
    }
    // A document that is broken inside.
    let mut inside = bytes.clone();
    let symbol = bytes.iter().rposition(|byte| *byte == b's').expect("a symbol");
    inside[symbol] = 0xff;
    sources.write("index.scip", &inside);
    let found = sources.tables_of(&["scip"]);
    assert_eq!(found.select("scip_occurrences", "path"), ["a.py"]);
    assert_eq!(found.select("extract_errors", "path kind"), ["b.py broken"]);
}

#[test]
fn the_same_rows_for_any_number_of_threads_and_a_fingerprint_of_the_index() {
    let names: Vec<String> =
        (0..300).map(|number| format!("d{}/m{number}.py", number % 7)).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), "abc = 1\n")).collect();
    let documents: Vec<_> =
        names.iter().map(|name| document(name, vec![occurrence(&[0, 0, 3], name, 1)])).collect();
    let mut index = index(documents);
    index.external_symbols = (0..5000)
        .map(|number| SymbolInformation {
            symbol: format!("s{number}"),
            ..SymbolInformation::default()
        })
        .collect();
    let sources = sources(&files, &index);
    let mut needs = all_needs();
    needs.retain(|key, _| matches!(key.as_str(), "scip" | "errors"));
    let scan = sources.scan();
    let (one, summary) = batches(&scan, &needs, 1);
    assert!(one == batches(&scan, &needs, 4).0);
    assert_eq!((summary.errors, summary.changed), (0, 0));
    let rows: usize = one.iter().map(|batch| batch.batch.num_rows()).sum();
    assert_eq!(rows, 300 + 300 + 5000 + 1);

    let before = (scan.fingerprint("scip"), scan.fingerprint("python.cst"));
    index.documents[7].occurrences[0].symbol.push('x');
    sources.write("index.scip", &index.write_to_bytes().expect("a message"));
    let changed = sources.scan();
    assert_ne!(changed.fingerprint("scip"), before.0);
    assert_eq!(changed.fingerprint("python.cst"), before.1);
    // The index changed after the first scan looked at it, so that its rows are not to be kept.
    let summary = batches(&scan, &needs, 1).1;
    assert!(summary.changed > 0 && summary.errors > 0);
}
