//! What editors show of a file.

use serde_json::{Value, json};

use crate::support::{Client, PROGRAM, position};

fn started() -> (Client, Value) {
    let mut client = Client::start(&[("main.cpg", PROGRAM)]);
    client.open("main.cpg", PROGRAM);
    (client, json!({ "textDocument": { "uri": Client::uri("main.cpg") } }))
}

#[test]
fn says_what_things_are() {
    let (mut client, _) = started();
    let cases = [
        ("join de|f as d on", "A definition."),
        ("join de|f as d on", "`def_id: Id<\"py_def\">`"),
        ("join de|f as d on", "Tags: `core`"),
        ("join de|f as d on", "Read by"),
        ("relate member|_of", "Joined on `m.def_id == d.def_id`"),
        ("text name = d.na|me", "What it is called."),
        ("text name = d.na|me", "name: string"),
        ("LIM|IT = 3", "Type: `int`"),
        ("fn ha|lf", "Half of a number."),
        ("rows: co|unt()", "How many rows"),
        ("d.name nf|c", "nfc("),
        ("no|rmalize def", "becomes an entity"),
        ("wh|ere m.score", "Keeps the rows"),
        ("file_id: Fil|eId", "The identity of a file."),
        ("use std.fi|les", "Files."),
        ("where |m.score", "relate `member_of`"),
    ];
    for (near, expected) in cases {
        let hover = client.at("textDocument/hover", "main.cpg", PROGRAM, near);
        let text = hover["contents"]["value"].as_str().unwrap_or_default();
        assert!(text.contains(expected), "{near}: {text}");
    }
    client.stop();
}

#[test]
fn says_what_plans_tell() {
    let (mut client, document) = started();
    client.notify("textDocument/didSave", document.clone());
    client.until_said("textDocument/hover", "normalize de|f", "Granularity: file");
    let lenses = client.ask("textDocument/codeLens", document);
    let plan =
        lenses.as_array().expect("a list").iter().find(|one| one["command"]["title"] == "plan");
    let command = plan.expect("the plan is offered")["command"].clone();
    let run = json!({ "command": command["command"], "arguments": command["arguments"] });
    let plan = client.ask("workspace/executeCommand", run);
    assert!(plan.as_str().expect("a text").ends_with("relations"), "{plan}");
    let wrong = client.request("workspace/executeCommand", json!({ "command": "x" }));
    assert_eq!(wrong.expect_err("there is none").0, -32602);
    client.stop();
}

#[test]
fn counts_readers_above_items() {
    let (mut client, document) = started();
    let lenses = client.ask("textDocument/codeLens", document);
    let mut titles = Vec::new();
    for lens in lenses.as_array().expect("a list").clone() {
        let resolved = client.ask("codeLens/resolve", lens);
        titles.push(resolved["command"]["title"].as_str().expect("a title").to_owned());
    }
    // LIMIT, half, cst_defs, def, member, member_of, counted, paths.
    let readers: Vec<&String> = titles.iter().filter(|title| title.contains("reader")).collect();
    assert_eq!(
        readers,
        [
            "1 reader",
            "0 readers",
            "2 readers",
            "2 readers",
            "1 reader",
            "1 reader",
            "0 readers",
            "0 readers",
        ]
    );
    client.stop();
}

#[test]
fn helps_with_arguments() {
    let text =
        "fn add(a: int, b: int) = a + b\nconst A = add(1, 2)\nconst B = stable_id(\"x\", 1)\n";
    let mut client = Client::start(&[]);
    client.open("main.cpg", text);
    let help = client.at("textDocument/signatureHelp", "main.cpg", text, "add(1, |2)");
    assert_eq!(help["signatures"][0]["label"], "add(a: int, b: int) -> int");
    assert_eq!(help["activeParameter"], 1);
    let help = client.at("textDocument/signatureHelp", "main.cpg", text, "stable_id(|\"x\"");
    assert_eq!(help["activeParameter"], 0);
    let docs = help["signatures"][0]["documentation"]["value"].as_str().expect("a text");
    assert!(docs.contains("`stable_id(\"file\", \"a.py\")"), "{docs}");
    // An example from the catalogue, and the way that takes so many arguments.
    let text = "const C = abs(-1)\nconst D = round(1.5, 0)\n";
    client.change("main.cpg", json!([{ "text": text }]));
    let help = client.at("textDocument/signatureHelp", "main.cpg", text, "abs(|-1");
    let docs = help["signatures"][0]["documentation"]["value"].as_str().expect("a text");
    assert_eq!(docs, "A number without its sign.\n\n`abs(-3)` is `3`");
    let help = client.at("textDocument/signatureHelp", "main.cpg", text, "round(1.5, |0");
    let active = help["activeSignature"].as_u64().expect("a number") as usize;
    let parameters = help["signatures"][active]["parameters"].as_array().expect("a list");
    assert_eq!((parameters.len(), &help["activeParameter"]), (2, &json!(1)), "{help}");
    let none = client.at("textDocument/signatureHelp", "main.cpg", text, "const |C");
    assert_eq!(none, Value::Null);
    client.stop();
}

#[test]
fn hints_at_what_is_inferred() {
    let (mut client, mut params) = started();
    params["range"] = json!({
        "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 },
    });
    let hints = client.ask("textDocument/inlayHint", params);
    let labels: Vec<&str> =
        hints.as_array().expect("a list").iter().filter_map(|one| one["label"].as_str()).collect();
    for expected in [": int", " on m.def_id == d.def_id", ": Text", ": Id<\"py_def\">?"] {
        assert!(labels.contains(&expected), "{expected}: {labels:?}");
    }
    client.stop();
}

#[test]
fn hints_at_what_plans_tell() {
    let (mut client, mut params) = started();
    client.notify("textDocument/didSave", params.clone());
    client.until_said("textDocument/hover", "normalize d|ef", "Granularity: file");
    let position = position(PROGRAM, "normalize def| from");
    params["range"] = json!({ "start": position, "end": position });
    let hints = client.ask("textDocument/inlayHint", params.clone());
    assert_eq!(hints[0]["label"], " per file");
    assert_eq!(hints[0]["position"], position);
    let settings = json!({ "cpglang": { "granularityHints": false } });
    client.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
    assert_eq!(client.ask("textDocument/inlayHint", params), json!([]));
    client.stop();
}

#[test]
fn colours_words() {
    let (mut client, document) = started();
    let full = client.ask("textDocument/semanticTokens/full", document.clone());
    let data = full["data"].as_array().expect("a list").clone();
    assert_eq!(data.len() % 5, 0);
    let mut range = document.clone();
    range["range"] = json!({
        "start": { "line": 4, "character": 0 }, "end": { "line": 5, "character": 0 },
    });
    // const, LIMIT, =, 3
    let part = client.ask("textDocument/semanticTokens/range", range);
    let kinds: Vec<u64> = part["data"]
        .as_array()
        .expect("a list")
        .chunks(5)
        .map(|token| token[3].as_u64().expect("a number"))
        .collect();
    assert_eq!(kinds, [0, 10, 4, 3]);
    // A number in front of the last token is longer now.
    let at = crate::support::position(PROGRAM, "const LIMIT = 3|");
    let change = json!([{ "range": { "start": at, "end": at }, "text": "0" }]);
    client.change("main.cpg", change);
    let mut delta = document;
    delta["previousResultId"] = full["resultId"].clone();
    let delta = client.ask("textDocument/semanticTokens/full/delta", delta);
    let edits = delta["edits"].as_array().expect("a difference");
    assert_eq!(edits.len(), 1);
    let mut patched = data;
    let start = edits[0]["start"].as_u64().expect("a number") as usize;
    let count = edits[0]["deleteCount"].as_u64().expect("a number") as usize;
    let added = edits[0]["data"].as_array().expect("a list").clone();
    patched.splice(start..start + count, added);
    let again = json!({ "textDocument": { "uri": Client::uri("main.cpg") } });
    let full = client.ask("textDocument/semanticTokens/full", again);
    assert_eq!(full["data"], Value::Array(patched));
    client.stop();
}

#[test]
fn outlines_files_and_programs() {
    let (mut client, document) = started();
    let symbols = client.ask("textDocument/documentSymbol", document);
    let symbols = symbols.as_array().expect("a list");
    let names: Vec<&str> = symbols.iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names[..4], ["LIMIT", "half", "cst_defs", "def"]);
    let columns: Vec<&str> = symbols[3]["children"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(columns, ["def_id", "name", "kind", "container_id"]);
    let found = client.ask("workspace/symbol", json!({ "query": "memb" }));
    let names: Vec<&str> =
        found.as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["member", "member_of"]);
    client.stop();
}

#[test]
fn folds_and_selects() {
    let (mut client, document) = started();
    let folds = client.ask("textDocument/foldingRange", document.clone());
    let line =
        PROGRAM.lines().position(|line| line.starts_with("normalize def")).expect("it is there");
    let starts: Vec<u64> = folds
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["startLine"].as_u64())
        .collect();
    assert!(starts.contains(&(line as u64)) || starts.contains(&(line as u64 - 1)), "{starts:?}");
    let mut params = document;
    params["positions"] = json!([crate::support::position(PROGRAM, "m.score >= LIM|IT")]);
    let mut part = client.ask("textDocument/selectionRange", params)[0].clone();
    let mut depth = 0;
    while !part["parent"].is_null() {
        let (own, parent) = (part["range"].clone(), part["parent"]["range"].clone());
        assert_ne!(own, parent);
        part = part["parent"].clone();
        depth += 1;
    }
    assert!(depth >= 4, "a word, a comparison, a line, an item, the file");
    client.stop();
}
