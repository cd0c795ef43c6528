//! Clients that ask what is wrong instead of being told.

use serde_json::{Value, json};

use crate::host::ROOT;
use crate::support::Client;

const WRONG: &str = "const A = nmae\n";

fn started(files: &[(&str, &str)]) -> Client {
    let mut client = Client::silent(files);
    let params = json!({
        "capabilities": {
            "textDocument": { "diagnostic": {} },
            "workspace": { "diagnostics": { "refreshSupport": true } },
        },
        "workspaceFolders": [{ "uri": format!("file://{ROOT}"), "name": "project" }],
    });
    let result = client.ask("initialize", params);
    let offered = &result["capabilities"]["diagnosticProvider"];
    assert_eq!(offered["interFileDependencies"], true);
    assert_eq!(offered["workspaceDiagnostics"], true);
    client.notify("initialized", json!({}));
    client
}

fn document(path: &str, previous: Option<&Value>) -> Value {
    json!({ "textDocument": { "uri": Client::uri(path) }, "previousResultId": previous })
}

fn codes(report: &Value) -> Vec<&str> {
    let items = report["items"].as_array().expect("a list");
    items.iter().map(|one| one["code"].as_str().expect("a code")).collect()
}

#[test]
fn says_what_is_wrong_and_whether_it_is_as_before() {
    let mut client = started(&[]);
    client.open("main.cpg", WRONG);
    let first = client.ask("textDocument/diagnostic", document("main.cpg", None));
    assert_eq!((&first["kind"], codes(&first)), (&json!("full"), vec!["unknown-name"]));
    let id = &first["resultId"];
    let again = client.ask("textDocument/diagnostic", document("main.cpg", Some(id)));
    assert_eq!(again, json!({ "kind": "unchanged", "resultId": id }));
    client.change("main.cpg", json!([{ "text": "const A = 1\n" }]));
    let mended = client.ask("textDocument/diagnostic", document("main.cpg", Some(id)));
    assert_eq!((&mended["kind"], codes(&mended)), (&json!("full"), vec![]));
    let unknown = client.ask("textDocument/diagnostic", document("none.cpg", None));
    assert_eq!(unknown, json!({ "kind": "full", "items": [] }));
    client.stop();
}

#[test]
fn says_what_is_wrong_everywhere() {
    let files = [("main.cpg", WRONG), ("right.cpg", "const B = 1\n")];
    let mut client = started(&files);
    let ask = |client: &mut Client, previous: Value| {
        let report = client.ask("workspace/diagnostic", json!({ "previousResultIds": previous }));
        report["items"].as_array().expect("a list").clone()
    };
    let all = ask(&mut client, json!([]));
    let of = |all: &[Value], path: &str| {
        all.iter().find(|one| one["uri"] == Client::uri(path)).expect("it is there").clone()
    };
    assert_eq!(codes(&of(&all, "main.cpg")), ["unknown-name"]);
    assert_eq!(codes(&of(&all, "right.cpg")), Vec::<&str>::new());
    let known: Vec<Value> =
        all.iter().map(|one| json!({ "uri": one["uri"], "value": one["resultId"] })).collect();
    let again = ask(&mut client, json!(known));
    assert_eq!(again.len(), all.len());
    assert!(again.iter().all(|one| one["kind"] == "unchanged"), "{again:?}");
    client.stop();
}

#[test]
fn all_folders_are_asked() {
    let mut client = started(&[("main.cpg", WRONG)]);
    client.host.files.set("/other/main.cpg", Some(WRONG));
    let added = json!([{ "uri": "file:///other", "name": "other" }]);
    let event = json!({ "added": added, "removed": [] });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    let report = client.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let wrong =
        report["items"].as_array().expect("a list").iter().filter(|one| !codes(one).is_empty());
    assert_eq!(wrong.count(), 2, "{report}");
    client.stop();
}

#[test]
fn what_is_asked_for_is_not_told_too() {
    let mut client = started(&[("main.cpg", WRONG), ("other.cpg", WRONG)]);
    let (main, other) = (Client::uri("main.cpg"), Client::uri("other.cpg"));
    let told = |client: &Client, uri: &str| {
        client.told.get(uri).and_then(|told| told.last()).map(|(_, found)| found.len())
    };
    // Until it asks about all files, it is told of those that are not open.
    client.until(|client| told(client, &main) == Some(1) && told(client, &other) == Some(1));
    client.open("main.cpg", WRONG);
    client.until(|client| told(client, &main) == Some(0));
    let document = json!({ "textDocument": { "uri": main } });
    client.notify("textDocument/didClose", document);
    client.until(|client| told(client, &main) == Some(1));
    client.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    client.until(|client| told(client, &main) == Some(0) && told(client, &other) == Some(0));
    client.stop();
}

#[test]
fn is_told_to_ask_again_when_another_file_was_edited() {
    let uses = "use other.B\nconst A = B\n";
    let mut client = started(&[("main.cpg", uses), ("other.cpg", "const B = 1\n")]);
    client.open("main.cpg", uses);
    client.open("other.cpg", "const B = 1\n");
    let asked = |client: &mut Client| {
        client.ask("textDocument/diagnostic", document("main.cpg", None))["items"].clone()
    };
    assert_eq!(asked(&mut client), json!([]));
    client.change("other.cpg", json!([{ "text": "const C = 1\n" }]));
    client.until(|client| {
        client.asked.iter().any(|(method, _)| method == "workspace/diagnostic/refresh")
    });
    assert_ne!(asked(&mut client), json!([]));
    client.stop();
}

#[test]
fn who_would_not_ask_again_is_told() {
    let mut client = Client::silent(&[]);
    let params = json!({ "capabilities": { "textDocument": { "diagnostic": {} } } });
    let result = client.ask("initialize", params);
    assert_eq!(result["capabilities"].get("diagnosticProvider"), None);
    client.notify("initialized", json!({}));
    client.open("main.cpg", WRONG);
    assert_eq!(client.diagnostics("main.cpg").len(), 1);
    client.stop();
}
