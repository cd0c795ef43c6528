//! What the texts of a program do not tell: what SQL means, and what lies in files.

use serde_json::{Value, json};

use crate::support::Client;

pub fn codes(found: &[Value]) -> Vec<&str> {
    found.iter().filter_map(|one| one["code"].as_str()).collect()
}

/// Waits until exactly these codes are told of a file.
pub fn until_told(client: &mut Client, path: &str, wanted: &[&str]) {
    let uri = Client::uri(path);
    client.until(|client| {
        let told = client.told.get(&uri).and_then(|told| told.last());
        told.is_some_and(|(_, found)| codes(found) == wanted)
    });
}

#[test]
fn sql_is_read_as_it_is_typed() {
    let text = |query: &str| {
        format!(
            "evidence cst_defs from extractor python.cst {{ name: string }}\n\
             view named = sql \"\"\"{query}\"\"\"\n\
             view same = from named as n select {{ n.name }}\n"
        )
    };
    let mut client = Client::start(&[]);
    client.open("main.cpg", &text("slect * from cst_defs"));
    assert_eq!(codes(&client.diagnostics("main.cpg")), ["bad-sql"]);
    client.change("main.cpg", json!([{ "text": text("select * from cst_defz") }]));
    assert_eq!(codes(&client.diagnostics("main.cpg")), ["unknown-name"]);
    let right = text("select * from cst_defs");
    client.change("main.cpg", json!([{ "text": right }]));
    assert_eq!(client.diagnostics("main.cpg"), Vec::<Value>::new());
    // Its columns are known to those that read it.
    let wrong = right.replace("n.name", "n.nmae");
    client.change("main.cpg", json!([{ "text": wrong }]));
    assert_eq!(codes(&client.diagnostics("main.cpg")), ["unknown-column"]);
    client.stop();
}

const FROM_FILE: &str = "evidence owners from csv \"owners.csv\"
view names = from owners as o select { o.owner }
";

#[test]
fn files_of_evidence_are_looked_at_when_something_is_saved() {
    let mut client = Client::start(&[("main.cpg", FROM_FILE)]);
    until_told(&mut client, "main.cpg", &["missing-file"]);
    client.open("main.cpg", FROM_FILE);
    // The file comes, with another column; then it is mended.
    client.host.files.set("/project/owners.csv", Some("path,name\na,b\n"));
    client.save("main.cpg");
    until_told(&mut client, "main.cpg", &["unknown-column"]);
    client.host.files.set("/project/owners.csv", Some("path,owner\na,b\n"));
    client.save("main.cpg");
    until_told(&mut client, "main.cpg", &[]);
    let hover = client.at("textDocument/hover", "main.cpg", FROM_FILE, "from ow|ners as o");
    assert!(hover.to_string().contains("owner: string"), "{hover}");
    // A contract that the file does not keep.
    let contract = FROM_FILE.replace("owners.csv\"\n", "owners.csv\" { owner: string, at: int }\n");
    client.change("main.cpg", json!([{ "text": contract }]));
    until_told(&mut client, "main.cpg", &["unknown-column"]);
    client.stop();
}

#[test]
fn a_look_is_not_lost_when_somebody_types() {
    let mut client = Client::start(&[("main.cpg", FROM_FILE)]);
    client.open("main.cpg", FROM_FILE);
    client.host.files.set("/project/owners.csv", Some("path,owner\na,b\n"));
    for round in 0..30 {
        client.save("main.cpg");
        let text = format!("{FROM_FILE}const A = {round}\n");
        client.change("main.cpg", json!([{ "text": text }]));
    }
    until_told(&mut client, "main.cpg", &[]);
    client.stop();
}

/// What the client is asked to watch now.
fn watched(client: &Client) -> Vec<&str> {
    let registered =
        client.asked.iter().rev().find(|(method, _)| method == "client/registerCapability");
    let watchers = &registered.expect("it is asked").1["registrations"][0]["registerOptions"];
    let watchers = watchers["watchers"].as_array().expect("a list").iter();
    watchers.map(|one| one["globPattern"].as_str().expect("a pattern")).collect()
}

#[test]
fn files_of_evidence_are_watched() {
    let mut client = Client::start(&[("main.cpg", FROM_FILE)]);
    client.open("main.cpg", FROM_FILE);
    until_told(&mut client, "main.cpg", &["missing-file"]);
    client.until(|client| watched(client).contains(&"**/owners.csv"));
    assert!(watched(&client).contains(&"**/*.cpg"));
    client.host.files.set("/project/owners.csv", Some("path,owner\na,b\n"));
    client.changed("owners.csv");
    until_told(&mut client, "main.cpg", &[]);
    client.host.files.set("/project/owners.csv", Some("path,name\na,b\n"));
    client.changed("owners.csv");
    until_told(&mut client, "main.cpg", &["unknown-column"]);
    // Another file, a folder of them, a pattern, and a Delta table.
    for (said, patterns) in [
        ("csv \"more/people.csv\"", &["**/more/people.csv"][..]),
        ("csv \"./more\"", &["**/more", "**/more/**"]),
        ("csv \"more/*.csv\"", &["**/more/*.csv"]),
        ("delta \"more/table\"", &["**/more/table/_delta_log/*"]),
    ] {
        let text = FROM_FILE.replace("csv \"owners.csv\"", said);
        client.change("main.cpg", json!([{ "text": text }]));
        client.save("main.cpg");
        client.until(|client| patterns.iter().all(|one| watched(client).contains(one)));
        assert!(!watched(&client).contains(&"**/owners.csv"), "{said}");
    }
    let count = |client: &Client, what: &str| {
        client.asked.iter().filter(|(method, _)| method == what).count()
    };
    let (more, less) = ("client/registerCapability", "client/unregisterCapability");
    assert_eq!(count(&client, more), count(&client, less) + 1);
    client.stop();
}

const FROM_COMMAND: &str = "evidence licenses from extractor external.licenses { path: Path }
";

#[test]
fn the_profile_is_watched() {
    let mut client = Client::start(&[("main.cpg", FROM_COMMAND)]);
    client.open("main.cpg", FROM_COMMAND);
    until_told(&mut client, "main.cpg", &["unknown-extractor"]);
    client.until(|client| watched(client).contains(&"**/cpglang.toml"));
    client.host.files.set("/project/cpglang.toml", Some("licenses"));
    client.changed("cpglang.toml");
    until_told(&mut client, "main.cpg", &[]);
    client.host.files.set("/project/cpglang.toml", None);
    client.changed("cpglang.toml");
    until_told(&mut client, "main.cpg", &["unknown-extractor"]);
    client.stop();
}
