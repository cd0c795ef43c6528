//! From the first word to the last.

use cpg_server::Ended;
use serde_json::{Value, json};

use crate::host::ROOT;
use crate::support::{Client, PROGRAM};

#[test]
fn a_program_that_is_right_is_told_so() {
    let mut client = Client::start(&[("main.cpg", PROGRAM)]);
    client.open("main.cpg", PROGRAM);
    assert_eq!(client.diagnostics("main.cpg"), Vec::<Value>::new());
    assert_eq!(client.stop(), Ended::InOrder);
}

#[test]
fn what_comes_too_early_or_too_late_is_refused() {
    let mut client = Client::silent(&[]);
    let early = client.request("textDocument/hover", json!({}));
    assert_eq!(early.expect_err("not yet").0, -32002);
    client.notify("textDocument/didOpen", json!({}));
    let wrong = client.request("initialize", json!({ "capabilities": 3 }));
    assert_eq!(wrong.expect_err("not so").0, -32602);
    client.ask("initialize", json!({ "capabilities": {} }));
    let again = client.request("initialize", json!({ "capabilities": {} }));
    assert_eq!(again.expect_err("once is enough").0, -32600);
    client.ask("shutdown", Value::Null);
    let late = client.request("textDocument/hover", json!({}));
    assert_eq!(late.expect_err("no more").0, -32600);
    client.notify("textDocument/didOpen", json!({}));
    client.notify("exit", Value::Null);
    assert_eq!(client.ended(), Ended::InOrder);
}

#[test]
fn a_client_that_leaves_ends_the_server() {
    let mut client = Client::start(&[]);
    client.notify("exit", Value::Null);
    assert_eq!(client.ended(), Ended::Abruptly);
    let mut client = Client::silent(&[]);
    client.notify("exit", Value::Null);
    assert_eq!(client.ended(), Ended::Abruptly);
}

#[test]
fn both_sides_agree_how_to_count() {
    for (offered, chosen) in [
        (json!(["utf-16", "utf-8"]), "utf-8"),
        (json!(["utf-32", "utf-16"]), "utf-32"),
        (json!(["utf-7"]), "utf-16"),
        (Value::Null, "utf-16"),
    ] {
        let (client, capabilities) = Client::start_with(&[], offered);
        assert_eq!(capabilities["positionEncoding"], chosen);
        client.stop();
    }
}

#[test]
fn counts_as_agreed() {
    // After the emoji: 4 bytes, 2 units of UTF-16, 1 character.
    let text = "const A = \"😀\" + nmae\n";
    for (encoding, column) in [("utf-8", 19), ("utf-16", 17), ("utf-32", 16)] {
        let (mut client, _) = Client::start_with(&[], json!([encoding]));
        client.open("main.cpg", text);
        let found = client.diagnostics("main.cpg");
        let unknown = found.iter().find(|one| one["code"] == "unknown-name").expect("it is wrong");
        assert_eq!(unknown["range"]["start"], json!({ "line": 0, "character": column }));
        client.stop();
    }
}

#[test]
fn asks_for_settings_and_heeds_them() {
    let mut client = Client::silent(&[("main.cpg", PROGRAM)]);
    client.settings = json!({ "lenses": false });
    let params = json!({
        "capabilities": { "workspace": { "configuration": true } },
        "workspaceFolders": [{ "uri": format!("file://{ROOT}"), "name": "project" }],
    });
    client.ask("initialize", params);
    client.notify("initialized", json!({}));
    client.until(|client| client.asked.iter().any(|(what, _)| what == "workspace/configuration"));
    client.open("main.cpg", PROGRAM);
    let document = json!({ "textDocument": { "uri": Client::uri("main.cpg") } });
    assert_eq!(client.ask("textDocument/codeLens", document.clone()), Value::Null);
    let settings = json!({ "cpglang": { "lenses": true } });
    client.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
    assert!(client.ask("textDocument/codeLens", document).is_array());
    client.settings = json!({ "lenses": false });
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    client.until(|client| client.asked.len() >= 2);
    client.stop();
}

#[test]
fn watches_files_and_shows_progress() {
    let mut client = Client::start(&[("main.cpg", PROGRAM)]);
    client.until(|client| client.asked.iter().any(|(what, _)| what == "client/registerCapability"));
    client.until(|client| client.progress.iter().any(|value| value["kind"] == "end"));
    assert!(client.progress.iter().any(|value| value["kind"] == "begin"));
    client.stop();
}

#[test]
fn folders_may_come_later() {
    let mut client = Client::start(&[]);
    client.host.files.set("/other/main.cpg", Some("view v = from nothing\n"));
    let added = json!([{ "uri": "file:///other", "name": "other" }]);
    let event = json!({ "added": added, "removed": [] });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    client.until(|client| client.told.contains_key("file:///other/main.cpg"));
    client.stop();
}

#[test]
fn a_folder_that_is_closed_stays_while_something_of_it_is_open() {
    let wrong = "view v = from nothing\n";
    let mut client = Client::start(&[("main.cpg", wrong), ("other.cpg", wrong)]);
    let (main, other) = (Client::uri("main.cpg"), Client::uri("other.cpg"));
    let count = |client: &Client, uri: &str| {
        client.told.get(uri).and_then(|told| told.last()).map(|(_, found)| found.len())
    };
    client.open("main.cpg", wrong);
    client.until(|client| count(client, &main) == Some(1) && count(client, &other) == Some(1));
    let removed = json!([{ "uri": format!("file://{ROOT}"), "name": "project" }]);
    let event = json!({ "event": { "added": [], "removed": removed } });
    client.notify("workspace/didChangeWorkspaceFolders", event);
    client.change("main.cpg", json!([{ "text": format!("{wrong}const A = nmae\n") }]));
    assert_eq!(client.diagnostics("main.cpg").len(), 2);
    let document = json!({ "textDocument": { "uri": main } });
    client.notify("textDocument/didClose", document);
    client.until(|client| count(client, &main) == Some(0) && count(client, &other) == Some(0));
    let symbols = client.ask("workspace/symbol", json!({ "query": "v" }));
    assert!(!symbols.to_string().contains("/project/"), "{symbols}");
    client.stop();
}

/// What editors may send, and where it is offered.
const REQUESTS: &[(&str, &str)] = &[
    ("textDocument/hover", "hoverProvider"),
    ("textDocument/completion", "completionProvider"),
    ("textDocument/signatureHelp", "signatureHelpProvider"),
    ("textDocument/declaration", "declarationProvider"),
    ("textDocument/definition", "definitionProvider"),
    ("textDocument/typeDefinition", "typeDefinitionProvider"),
    ("textDocument/implementation", "implementationProvider"),
    ("textDocument/references", "referencesProvider"),
    ("textDocument/documentHighlight", "documentHighlightProvider"),
    ("textDocument/documentSymbol", "documentSymbolProvider"),
    ("workspace/symbol", "workspaceSymbolProvider"),
    ("textDocument/codeAction", "codeActionProvider"),
    ("textDocument/codeLens", "codeLensProvider"),
    ("codeLens/resolve", "codeLensProvider"),
    ("textDocument/documentLink", "documentLinkProvider"),
    ("textDocument/documentColor", "colorProvider"),
    ("textDocument/formatting", "documentFormattingProvider"),
    ("textDocument/rangeFormatting", "documentRangeFormattingProvider"),
    ("textDocument/onTypeFormatting", "documentOnTypeFormattingProvider"),
    ("textDocument/rename", "renameProvider"),
    ("textDocument/prepareRename", "renameProvider"),
    ("textDocument/foldingRange", "foldingRangeProvider"),
    ("textDocument/selectionRange", "selectionRangeProvider"),
    ("textDocument/linkedEditingRange", "linkedEditingRangeProvider"),
    ("textDocument/prepareCallHierarchy", "callHierarchyProvider"),
    ("callHierarchy/incomingCalls", "callHierarchyProvider"),
    ("callHierarchy/outgoingCalls", "callHierarchyProvider"),
    ("textDocument/semanticTokens/full", "semanticTokensProvider"),
    ("textDocument/semanticTokens/full/delta", "semanticTokensProvider"),
    ("textDocument/semanticTokens/range", "semanticTokensProvider"),
    ("textDocument/moniker", "monikerProvider"),
    ("textDocument/prepareTypeHierarchy", "typeHierarchyProvider"),
    ("textDocument/inlineValue", "inlineValueProvider"),
    ("textDocument/inlayHint", "inlayHintProvider"),
    ("textDocument/diagnostic", "diagnosticProvider"),
    ("workspace/diagnostic", "diagnosticProvider/workspaceDiagnostics"),
    ("workspace/willRenameFiles", "workspace/fileOperations/willRename"),
    ("workspace/willCreateFiles", "workspace/fileOperations/willCreate"),
    ("workspace/willDeleteFiles", "workspace/fileOperations/willDelete"),
    ("workspaceSymbol/resolve", "workspaceSymbolProvider/resolveProvider"),
    ("completionItem/resolve", "completionProvider/resolveProvider"),
    ("codeAction/resolve", "codeActionProvider/resolveProvider"),
    ("documentLink/resolve", "documentLinkProvider/resolveProvider"),
    ("inlayHint/resolve", "inlayHintProvider/resolveProvider"),
    ("workspace/textDocumentContent", "workspace/textDocumentContent"),
    ("workspace/executeCommand", "executeCommandProvider"),
];

/// The tests here, as text.
const TESTS: &[&str] = &[
    include_str!("asking.rs"),
    include_str!("bad_input.rs"),
    include_str!("completion.rs"),
    include_str!("editing.rs"),
    include_str!("evidence.rs"),
    include_str!("navigation.rs"),
    include_str!("planned.rs"),
    include_str!("templates.rs"),
    include_str!("testing.rs"),
    include_str!("views.rs"),
];

#[test]
fn all_that_is_offered_is_answered_and_tested() {
    let mut client = Client::silent(&[]);
    // One that can do what clients can do, so that nothing is held back.
    let capabilities = json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    });
    let result = client.ask("initialize", json!({ "capabilities": capabilities }));
    let capabilities = result["capabilities"].clone();
    for (method, capability) in REQUESTS {
        let offered = capabilities.pointer(&format!("/{capability}"));
        let offered = !matches!(offered, None | Some(Value::Bool(false)));
        // Without parameters: whoever knows the request says that these are wrong.
        let code = client.request(method, json!({})).err().map(|(code, _)| code);
        assert_eq!(code == Some(-32601), !offered, "{method}: {code:?}");
        let quoted = format!("\"{method}\"");
        let tested = TESTS.iter().any(|text| text.contains(&quoted));
        assert_eq!(tested, offered, "{method} is offered, or tested");
    }
    let known: Vec<&str> = REQUESTS.iter().map(|(_, capability)| *capability).collect();
    let others = ["positionEncoding", "textDocumentSync", "workspace"];
    for capability in capabilities.as_object().expect("an object").keys() {
        let tested = known.contains(&capability.as_str()) || others.contains(&capability.as_str());
        assert!(tested, "{capability} is offered and not tested");
    }
    client.stop();
}

#[test]
fn whoever_opens_many_documents_at_once_is_told_of_each() {
    let mut client = Client::start(&[]);
    let paths: Vec<String> = (0..60).map(|number| format!("opened_{number}.cpg")).collect();
    // Each is another edit, which cancels the check of the one before.
    for path in &paths {
        client.open(path, "schema Row { id: int }\n");
    }
    for path in &paths {
        assert_eq!(client.diagnostics(path), Vec::<Value>::new(), "{path}");
    }
    client.stop();
}
