//! A program typed character by character, broken on nearly every keystroke: what is told must be what a fresh check
//! of that text says.

use std::collections::BTreeMap;

use cpg_base::{LineIndex, SourceId, TextUnit};
use cpg_hir::{RootDatabase, Source, builtin_functions, check};
use cpg_server::Host as _;
use serde_json::{Value, json};

use crate::support::{Client, PROGRAM, TestHost, position_at};

/// What a fresh check says of one file: code, line and column, message.
fn fresh(host: &TestHost, text: &str) -> Vec<(String, u64, u64)> {
    let id = SourceId::new("/project/main.cpg");
    let functions = builtin_functions().expect("the catalogue of functions is well-formed");
    let mut db = RootDatabase::new(host.extractors(), functions);
    let mut sources = host.library();
    let module = "main".to_owned();
    sources.push(Source { id: id.clone(), module, text: text.to_owned(), library: false });
    db.set_sources(sources);
    let lines = LineIndex::new(text);
    let found = check(&db).into_iter().filter(|one| one.labels[0].source == id);
    found
        .map(|one| {
            let start = one.labels[0].range.start();
            let place = lines.line_column(text, start, TextUnit::Utf16);
            (one.code.id().to_owned(), u64::from(place.line), u64::from(place.column))
        })
        .collect()
}

fn told(found: &[Value]) -> Vec<(String, u64, u64)> {
    found
        .iter()
        .map(|one| {
            let start = &one["range"]["start"];
            let number = |value: &Value| value.as_u64().expect("a number");
            let code = one["code"].as_str().expect("a code").to_owned();
            (code, number(&start["line"]), number(&start["character"]))
        })
        .collect()
}

#[test]
fn nothing_stale_is_told_while_a_program_is_typed() {
    let mut client = Client::start(&[]);
    client.open("main.cpg", "");
    let mut texts: BTreeMap<i64, String> = BTreeMap::from([(1, String::new())]);
    let mut text = String::new();
    let type_at = |client: &mut Client, text: &mut String, at: usize, by: &str| {
        let position = position_at(text, at);
        text.insert_str(at, by);
        let range = json!({ "start": position, "end": position });
        client.change("main.cpg", json!([{ "range": range, "text": by }]))
    };
    // The second half first, so that names are missing and then come.
    let (head, tail) = PROGRAM.split_at(PROGRAM.find("/// A definition.").expect("it is there"));
    for c in tail.chars() {
        let at = text.len();
        let version = type_at(&mut client, &mut text, at, &c.to_string());
        texts.insert(version, text.clone());
        while client.pump(std::time::Duration::from_micros(200)) {}
    }
    for (at, c) in head.char_indices() {
        let version = type_at(&mut client, &mut text, at, &c.to_string());
        texts.insert(version, text.clone());
        while client.pump(std::time::Duration::from_micros(200)) {}
    }
    assert_eq!(text, PROGRAM);
    assert_eq!(client.diagnostics("main.cpg"), Vec::<Value>::new());
    let all = client.told[&Client::uri("main.cpg")].clone();
    assert!(all.len() > 20, "{} publications", all.len());
    for (version, found) in &all {
        let text = &texts[&version.expect("a version")];
        assert_eq!(told(found), fresh(&client.host, text), "version {version:?}:\n{text}");
    }
    client.stop();
}
