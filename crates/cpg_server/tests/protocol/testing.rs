//! Tests of a program, run from the editor.

use serde_json::{Value, json};

use crate::support::{Client, PROGRAM};

const COMMAND: &str = "workspace/executeCommand";

/// A program with a test of that name.
fn with_test(name: &str) -> String {
    format!(
        "{PROGRAM}\ntest \"{name}\" for counted {{\n  given member_of []\n  given def []\n  expect []\n}}\n"
    )
}

fn started(name: &str) -> Client {
    let text = with_test(name);
    let mut client = Client::start(&[]);
    client.open("main.cpg", &text);
    assert_eq!(client.diagnostics("main.cpg"), Vec::<Value>::new());
    client
}

/// What the line above the test runs.
fn lens(client: &mut Client) -> Value {
    let document = json!({ "textDocument": { "uri": Client::uri("main.cpg") } });
    let lenses = client.ask("textDocument/codeLens", document);
    let mut lenses = lenses.as_array().expect("a list").iter();
    let lens = lenses.find(|lens| lens["command"]["title"] == "run test").expect("it is there");
    json!({ "command": lens["command"]["command"], "arguments": lens["command"]["arguments"] })
}

#[test]
fn a_test_that_passes_says_so() {
    let mut client = started("passes");
    let command = lens(&mut client);
    assert_eq!(client.ask(COMMAND, command), json!({ "passed": true }));
    assert_eq!(client.shown, ["\"passes\" passed"]);
    let told = client.progress.iter().any(|value| value["title"] == "testing \"passes\"");
    assert!(told, "{:?}", client.progress);
    client.stop();
}

#[test]
fn a_test_that_fails_is_told_where_it_stands_until_something_changes() {
    let mut client = started("fails");
    let command = lens(&mut client);
    let answer = client.ask(COMMAND, command);
    assert_eq!(answer["passed"], false);
    assert_eq!(answer["report"], "\"fails\": 1 row is missing\n\n- 1\n");
    assert_eq!(client.shown, ["\"fails\": 1 row is missing"]);
    let uri = Client::uri("main.cpg");
    client.until(|client| client.told[&uri].last().is_some_and(|(_, found)| !found.is_empty()));
    let (_, found) = client.told[&uri].last().expect("it was told").clone();
    assert_eq!(found[0]["code"], "test-failed");
    assert_eq!(found[0]["message"], "\"fails\": 1 row is missing\n- 1");
    let line =
        with_test("fails").lines().position(|line| line.starts_with("test")).expect("a line");
    assert_eq!(found[0]["range"]["start"], json!({ "line": line, "character": 5 }));
    let start = json!({ "line": 0, "character": 0 });
    client.change("main.cpg", json!([{ "range": { "start": start, "end": start }, "text": "\n" }]));
    assert_eq!(client.diagnostics("main.cpg"), Vec::<Value>::new());
    client.stop();
}

#[test]
fn what_cannot_be_run_says_why() {
    let mut client = started("panics");
    let command = lens(&mut client);
    let (code, why) = client.request(COMMAND, command.clone()).expect_err("it panics");
    assert_eq!(code, -32803);
    assert!(why.contains("\"panics\" cannot be run"), "{why}");

    let mut other = command.clone();
    other["arguments"][2] = json!("none");
    let (code, why) = client.request(COMMAND, other).expect_err("there is none");
    assert_eq!((code, why.as_str()), (-32602, "`main` has no test \"none\""));
    let (code, _) = client
        .request(COMMAND, json!({ "command": "cpglang.runTest", "arguments": [] }))
        .expect_err("it takes three");
    assert_eq!(code, -32602);

    let broken = with_test("panics").replace("const LIMIT = 3", "const LIMIT = nmae");
    client.change("main.cpg", json!([{ "text": broken }]));
    let (code, why) = client.request(COMMAND, command).expect_err("it has errors");
    assert_eq!(code, -32803);
    assert!(why.starts_with("the program has "), "{why}");
    client.stop();
}

#[test]
fn edits_do_not_wait_for_tests() {
    let mut client = started("passes");
    let command = lens(&mut client);
    let asked: Vec<_> = (0..20)
        .map(|_| {
            let id = client.send(COMMAND, command.clone());
            let start = json!({ "line": 0, "character": 0 });
            let range = json!({ "start": start, "end": start });
            client.change("main.cpg", json!([{ "range": range, "text": "\n" }]));
            id
        })
        .collect();
    for id in asked {
        // An edit came first, or the test did.
        if let Err((code, why)) = client.wait(&id) {
            assert_eq!(code, -32801, "{why}");
        }
    }
    client.stop();
}
