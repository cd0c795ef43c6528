//! From names to places.

use serde_json::{Value, json};

use crate::support::{Client, PROGRAM, position};

fn started() -> Client {
    let mut client = Client::start(&[("main.cpg", PROGRAM)]);
    client.open("main.cpg", PROGRAM);
    client
}

/// What is written on the places of an answer.
fn written(found: &Value) -> Vec<String> {
    let found = found.as_array().expect("a list");
    found
        .iter()
        .map(|one| {
            let uri = one["uri"].as_str().expect("an address");
            let text = if uri.contains("main.cpg") { PROGRAM } else { crate::host::LIBRARY };
            let range = &one["range"];
            let line = range["start"]["line"].as_u64().expect("a number") as usize;
            let line_text = text.lines().nth(line).unwrap_or_default();
            let start = range["start"]["character"].as_u64().expect("a number") as usize;
            let end = range["end"]["character"].as_u64().expect("a number") as usize;
            format!("{}: {}", line_text.trim(), &line_text[start..end])
        })
        .collect()
}

#[test]
fn goes_to_definitions() {
    let mut client = started();
    let cases = [
        ("join de|f as d on", "normalize def from cst_defs as d {: def"),
        ("m.score >= LIM|IT", "const LIMIT = 3: LIMIT"),
        ("from cst_d|efs as d {\n  id", "evidence cst_defs from extractor python.cst {: cst_defs"),
        ("text name = d.na|me", "name: string: name"),
        ("keep ki|nd", "kind: string: kind"),
        ("== d.def|_id", "id def_id in \"py_def\": def_id"),
        ("on m.d|st", "relate member_of from member as m to def as d {: member_of"),
        ("where |m.score", "from member_of as m: m"),
        ("use std.files.repo|_files", "evidence repo_files from extractor repo {: repo_files"),
        ("-> d|ef at d.container", "normalize def from cst_defs as d {: def"),
    ];
    for (near, expected) in cases {
        let found = client.at("textDocument/definition", "main.cpg", PROGRAM, near);
        assert_eq!(written(&found), [expected], "{near}");
    }
    let module = client.at("textDocument/definition", "main.cpg", PROGRAM, "use std.fi|les");
    assert_eq!(module[0]["uri"], "file:///library/std/files.cpg");
    let nothing = client.at("textDocument/definition", "main.cpg", PROGRAM, "| python.cst");
    assert_eq!(nothing, Value::Null);
    client.stop();
}

#[test]
fn goes_to_declarations_and_types() {
    let text = "use std.files.repo_files\n\nview v = from repo_files as r where r.path == \"a\"\n";
    let mut client = Client::start(&[]);
    client.open("main.cpg", text);
    let found = client.at("textDocument/declaration", "main.cpg", text, "from repo|_files");
    assert_eq!(found[0]["range"]["start"], json!({ "line": 0, "character": 14 }));
    client.stop();

    let mut client = started();
    let found = client.at("textDocument/typeDefinition", "main.cpg", PROGRAM, "on m.d|st");
    assert_eq!(written(&found), ["normalize def from cst_defs as d {: def"]);
    let found = client.at("textDocument/typeDefinition", "main.cpg", PROGRAM, "where |m.score");
    assert_eq!(written(&found), ["relate member_of from member as m to def as d {: member_of"]);
    client.stop();
}

#[test]
fn finds_references() {
    let mut client = started();
    let mut find = |near: &str, declaration: bool| {
        let mut params = Client::position_params("main.cpg", PROGRAM, near);
        params["context"] = json!({ "includeDeclaration": declaration });
        written(&client.ask("textDocument/references", params)).len()
    };
    // Its key, the key and the side of others, and a join.
    assert_eq!(find("normalize de|f ", true), 5);
    assert_eq!(find("normalize de|f ", false), 4);
    // `kind` of the evidence: declared, kept, compared.
    assert_eq!(find("  ki|nd: string", true), 3);
    // `kind` of the entity: kept as, a property, grouped by.
    assert_eq!(find("LIM|IT = 3", true), 2);
    client.stop();
}

#[test]
fn highlights_in_one_file() {
    let mut client = started();
    let found = client.at("textDocument/documentHighlight", "main.cpg", PROGRAM, "LIM|IT = 3");
    let kinds: Vec<i64> =
        found.as_array().expect("a list").iter().filter_map(|one| one["kind"].as_i64()).collect();
    assert_eq!(kinds, [3, 2]);
    client.stop();
}

#[test]
fn names_of_row_sources_are_edited_together() {
    let mut client = started();
    let asked = "textDocument/linkedEditingRange";
    let found = client.at(asked, "main.cpg", PROGRAM, "join def as |d on m.dst");
    let lines = found["ranges"].as_array().expect("a list").iter().map(|one| &one["start"]["line"]);
    let written = |text: &str| position(PROGRAM, text)["line"].clone();
    let lines: Vec<Value> = lines.cloned().collect();
    let (join, group) = (written("|join def as d"), written("|group by d.kind"));
    assert_eq!(lines, [join.clone(), join, group]);
    // Others know this name, too.
    let found = client.at(asked, "main.cpg", PROGRAM, "normalize de|f from");
    assert_eq!(found, Value::Null);
    client.stop();
}

#[test]
fn links_modules() {
    let mut client = started();
    let document = json!({ "textDocument": { "uri": Client::uri("main.cpg") } });
    let links = client.ask("textDocument/documentLink", document);
    assert_eq!(links[0]["target"], "file:///library/std/files.cpg");
    client.stop();
}

#[test]
fn shows_who_reads_whom() {
    let mut client = started();
    let items =
        client.at("textDocument/prepareCallHierarchy", "main.cpg", PROGRAM, "relate member|_of");
    let names = |found: &Value, side: &str| -> Vec<String> {
        let found = found.as_array().expect("a list");
        found.iter().map(|one| one[side]["name"].as_str().expect("a name").to_owned()).collect()
    };
    let readers = client.ask("callHierarchy/incomingCalls", json!({ "item": items[0] }));
    assert_eq!(names(&readers, "from"), ["counted"]);
    let read = client.ask("callHierarchy/outgoingCalls", json!({ "item": items[0] }));
    assert_eq!(names(&read, "to"), ["def", "member"]);
    client.stop();
}
