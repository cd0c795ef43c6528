//! What no editor should send, and what no program should be.

use serde_json::{Value, json};

use crate::support::{Client, PROGRAM};

/// The server still answers as it should.
fn assert_alive(mut client: Client) {
    client.open("alive.cpg", "const A = nmae\n");
    let found = client.diagnostics("alive.cpg");
    assert_eq!(found[0]["code"], "unknown-name");
    assert_eq!(client.stop(), cpg_server::Ended::InOrder);
}

#[test]
fn edits_of_what_is_not_open_are_logged() {
    let mut client = Client::start(&[("main.cpg", PROGRAM)]);
    client.change("main.cpg", json!([{ "text": "x" }]));
    client.notify(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": Client::uri("b.cpg") } }),
    );
    client
        .notify("textDocument/didSave", json!({ "textDocument": { "uri": Client::uri("b.cpg") } }));
    client.notify("textDocument/didOpen", json!({ "text": 3 }));
    client.notify("no/such", json!({}));
    client.notify("$/setTrace", json!({ "value": "off" }));
    client.until(|client| client.logged.len() >= 5);
    assert_alive(client);
}

#[test]
fn edits_out_of_order_count_as_they_come() {
    let mut client = Client::start(&[]);
    client.open("main.cpg", "const A = 1\n");
    let uri = Client::uri("main.cpg");
    for (version, text) in [(7, "const A = x\n"), (3, "const A = y\n")] {
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        client.notify("textDocument/didChange", params);
    }
    client.until(|client| {
        let told = client.told.get(&uri).and_then(|told| told.last());
        told.is_some_and(|(version, found)| {
            *version == Some(3)
                && found[0]["message"].as_str().is_some_and(|text| text.contains("`y`"))
        })
    });
    assert!(client.logged.iter().any(|line| line.contains("version 3")));
    assert_alive(client);
}

#[test]
fn places_beyond_the_end_are_moved_inside() {
    let mut client = Client::start(&[]);
    client.open("main.cpg", PROGRAM);
    let far = json!({ "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 });
    let document = json!({ "uri": Client::uri("main.cpg") });
    let beyond = json!({ "start": far, "end": far });
    for method in [
        "textDocument/hover",
        "textDocument/definition",
        "textDocument/declaration",
        "textDocument/typeDefinition",
        "textDocument/completion",
        "textDocument/signatureHelp",
        "textDocument/documentHighlight",
        "textDocument/prepareCallHierarchy",
    ] {
        for line in 0..3 {
            let position = json!({ "line": line, "character": 1000 });
            client.ask(method, json!({ "textDocument": document, "position": position }));
        }
        client.ask(method, json!({ "textDocument": document, "position": far }));
    }
    client.ask("textDocument/inlayHint", json!({ "textDocument": document, "range": beyond }));
    client.ask(
        "textDocument/semanticTokens/range",
        json!({ "textDocument": document, "range": beyond }),
    );
    client.ask(
        "textDocument/selectionRange",
        json!({ "textDocument": document, "positions": [far] }),
    );
    // A range that ends before it starts.
    let start = json!({ "line": 0, "character": 5 });
    let reversed = json!({ "start": far, "end": start });
    client.change("main.cpg", json!([{ "range": reversed, "text": "" }]));
    client.change("main.cpg", json!([{ "range": beyond, "text": "\nconst Z = nmae\n" }]));
    let found = client.diagnostics("main.cpg");
    assert!(found.iter().any(|one| one["code"] == "unknown-name"), "{found:?}");
    assert_alive(client);
}

#[test]
fn surrogate_pairs_are_never_cut() {
    let text = "const A = \"😀😀\"\n";
    let mut client = Client::start(&[]);
    client.open("main.cpg", text);
    // In the middle of the first pair: moved to where it starts.
    let range = json!({
        "start": { "line": 0, "character": 12 }, "end": { "line": 0, "character": 13 },
    });
    client.change("main.cpg", json!([{ "range": range, "text": "é" }]));
    let at = json!({ "line": 0, "character": 12 });
    let document = json!({ "uri": Client::uri("main.cpg") });
    client.ask("textDocument/hover", json!({ "textDocument": document, "position": at }));
    let params =
        json!({ "textDocument": document, "options": { "tabSize": 2, "insertSpaces": true } });
    assert_eq!(client.ask("textDocument/formatting", params), json!([]));
    assert_eq!(client.diagnostics("main.cpg"), Vec::<Value>::new());
    assert_alive(client);
}

#[test]
fn windows_line_ends_are_lines() {
    let text = PROGRAM.replace('\n', "\r\n").replace("m.score", "m.scroe");
    let mut client = Client::start(&[]);
    client.open("main.cpg", &text);
    let found = client.diagnostics("main.cpg");
    let line = text.lines().position(|line| line.contains("scroe")).expect("it is there");
    assert_eq!(found[0]["range"]["start"]["line"], line);
    let document = json!({ "textDocument": { "uri": Client::uri("main.cpg") } });
    let mut params = document.clone();
    params["options"] = json!({ "tabSize": 2, "insertSpaces": true });
    assert_eq!(client.ask("textDocument/formatting", params), json!([]));
    client.ask("textDocument/semanticTokens/full", document.clone());
    client.ask("textDocument/foldingRange", document);
    assert_alive(client);
}

#[test]
fn files_may_vanish_while_something_is_asked() {
    let mut client = Client::start(&[("main.cpg", PROGRAM), ("other.cpg", "const B = 1\n")]);
    client.open("main.cpg", PROGRAM);
    let mut asked = Vec::new();
    for round in 0..20 {
        let params = Client::position_params("main.cpg", PROGRAM, "join de|f as d");
        asked.push(client.send("textDocument/hover", params.clone()));
        client.host.files.set("/project/other.cpg", (round % 2 == 1).then_some("const B = 1\n"));
        let changes = json!([{ "uri": Client::uri("other.cpg"), "type": 3 - 2 * (round % 2) }]);
        client.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
        let renamed =
            json!([{ "oldUri": Client::uri("other.cpg"), "newUri": Client::uri("next.cpg") }]);
        client.notify("workspace/didRenameFiles", json!({ "files": renamed }));
    }
    let document = json!({ "textDocument": { "uri": Client::uri("main.cpg") } });
    asked.push(client.send("textDocument/semanticTokens/full", document.clone()));
    client.host.files.set("/project/main.cpg", None);
    client.notify("textDocument/didClose", document.clone());
    let gone = client.ask("textDocument/documentSymbol", document);
    assert_eq!(gone, Value::Null);
    for id in asked {
        if let Err((code, _)) = client.wait(&id) {
            assert_eq!(code, -32801);
        }
    }
    assert_alive(client);
}

#[test]
fn ten_thousand_cancelled_requests_are_all_answered() {
    let mut client = Client::start(&[("main.cpg", PROGRAM)]);
    client.open("main.cpg", PROGRAM);
    let mut asked = Vec::new();
    for round in 0..10_000_i32 {
        let params = Client::position_params("main.cpg", PROGRAM, "join de|f as d");
        let id = client.send("textDocument/completion", params);
        client.notify("$/cancelRequest", json!({ "id": round + 2 }));
        asked.push(id);
        if round % 1000 == 0 {
            let start = json!({ "line": 0, "character": 0 });
            let change = json!([{ "range": { "start": start, "end": start }, "text": "\n" }]);
            client.change("main.cpg", change);
        }
    }
    client.notify("$/cancelRequest", json!({ "id": "never asked" }));
    let mut cancelled = 0;
    for id in asked {
        match client.wait(&id) {
            Ok(_) => {}
            Err((-32800, _)) => cancelled += 1,
            Err((-32801, _)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(cancelled > 0);
    assert_alive(client);
}

#[test]
fn texts_that_are_no_programs_are_answered() {
    for text in [
        "",
        "\u{FEFF}",
        "\0\0\0",
        "use",
        "use .",
        "use a.{",
        "view",
        "view v",
        "view v = ",
        "relate r from a to b { on",
        "normalize n from n { key k -> n of",
        "evidence e from extractor",
        "check unique (",
        "union u: of nodes in",
        "@",
        "@tag(\nview v = from",
        "const A = \"",
        "/*",
        "/// only\n",
        "export ,",
        "fn f(a: ) = f(",
        "schema S { a: Id<\n",
    ] {
        let mut client = Client::start(&[]);
        client.open("main.cpg", text);
        let document = json!({ "uri": Client::uri("main.cpg") });
        let only = json!({ "textDocument": document });
        for method in [
            "textDocument/documentSymbol",
            "textDocument/foldingRange",
            "textDocument/codeLens",
            "textDocument/documentLink",
            "textDocument/semanticTokens/full",
        ] {
            client.ask(method, only.clone());
        }
        for character in 0..=text.chars().count().min(40) {
            let position = json!({ "line": 0, "character": character });
            let params = json!({ "textDocument": document, "position": position });
            for method in ["hover", "completion", "signatureHelp", "definition"] {
                client.ask(&format!("textDocument/{method}"), params.clone());
            }
            let range = json!({ "start": position, "end": position });
            let context = json!({ "diagnostics": [] });
            let params = json!({ "textDocument": document, "range": range, "context": context });
            client.ask("textDocument/codeAction", params);
        }
        assert_alive(client);
    }
}

#[test]
fn documents_that_are_no_files_are_programs_of_their_own() {
    let mut client = Client::start(&[]);
    let document = json!({
        "uri": "untitled:Untitled-1", "languageId": "cpg", "version": 1, "text": "const A = nmae\n",
    });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    client.until(|client| client.told.contains_key("untitled:Untitled-1"));
    let document = json!({ "textDocument": { "uri": "untitled:Untitled-1" } });
    client.notify("textDocument/didClose", document);
    assert_alive(client);
}
