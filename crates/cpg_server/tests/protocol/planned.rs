//! What plans and the newest build find wrong: told after something was saved, until something changes.

use serde_json::{Value, json};

use crate::evidence::until_told;
use crate::host::RUNS;
use crate::support::{Client, PROGRAM, position};

fn built(client: &Client, says: Option<&str>) {
    client.host.files.set(&format!("/project/{RUNS}/newest"), says);
}

fn told(client: &Client) -> Value {
    let told = client.told[&Client::uri("main.cpg")].last();
    json!(told.expect("something was told").1)
}

#[test]
fn findings_are_told_where_they_are_made() {
    let program = format!(
        "{PROGRAM}\npolicy scan for def {{ pruning on }}\npolicy schema for * {{ mode strict }}\n"
    );
    let mut client = Client::start(&[("main.cpg", &program)]);
    client.open("main.cpg", &program);
    assert_eq!(client.diagnostics("main.cpg"), Vec::<Value>::new());
    built(&client, Some("columns counted `rows` is gone\nscans def nothing is scanned\n"));
    client.save("main.cpg");
    until_told(&mut client, "main.cpg", &["schema-diverged", "unfit-policy"]);
    let found = told(&client);
    let (columns, scans) = (&found[0], &found[1]);
    assert_eq!(columns["range"]["start"], position(&program, "view |counted"));
    assert_eq!(columns["message"], "`rows` is gone\nhelp: mend it");
    assert_eq!(columns["severity"], 1);
    let related = &columns["relatedInformation"][0];
    assert_eq!(related["location"]["range"]["start"], position(&program, "for * { |mode"));
    assert_eq!(scans["range"]["start"], position(&program, "scan for |def"));
    assert_eq!(scans["severity"], 2);
    let related = &scans["relatedInformation"][0];
    assert_eq!(related["location"]["range"]["start"], position(&program, "normalize |def"));
    // What was found of the program as it was is not said of another.
    client.change("main.cpg", json!([{ "text": format!("{program}\n") }]));
    until_told(&mut client, "main.cpg", &[]);
    client.stop();
}

#[test]
fn a_build_that_ends_is_looked_at() {
    let mut client = Client::start(&[("main.cpg", PROGRAM)]);
    client.open("main.cpg", PROGRAM);
    assert_eq!(client.diagnostics("main.cpg"), Vec::<Value>::new());
    built(&client, Some("relation member cannot be planned\nrelation gone no such item\n"));
    client.changed(&format!("{RUNS}/newest"));
    // What has no place is told all the same.
    until_told(&mut client, "main.cpg", &["internal", "internal"]);
    let found = told(&client);
    assert_eq!(found[0]["range"]["start"], json!({ "line": 0, "character": 0 }));
    assert_eq!(found[1]["range"]["start"], position(PROGRAM, "normalize |member"));
    built(&client, None);
    client.changed(&format!("{RUNS}/newest"));
    until_told(&mut client, "main.cpg", &[]);
    client.stop();
}

#[test]
fn who_asks_is_told_them_too() {
    let mut client = Client::silent(&[("main.cpg", PROGRAM)]);
    built(&client, Some("columns counted `rows` is gone\n"));
    let params = json!({
        "capabilities": {
            "textDocument": { "diagnostic": {} },
            "workspace": { "diagnostics": { "refreshSupport": true } },
        },
        "workspaceFolders": [{ "uri": "file:///project", "name": "project" }],
    });
    client.ask("initialize", params);
    client.notify("initialized", json!({}));
    client.open("main.cpg", PROGRAM);
    client.save("main.cpg");
    client.until(|client| {
        client.asked.iter().any(|(method, _)| method == "workspace/diagnostic/refresh")
    });
    let document = json!({ "textDocument": { "uri": Client::uri("main.cpg") } });
    let report = client.ask("textDocument/diagnostic", document);
    assert_eq!(report["items"][0]["code"], "schema-diverged", "{report}");
    client.stop();
}
