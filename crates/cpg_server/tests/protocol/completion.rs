//! What may be written.

use serde_json::Value;

use crate::support::{Client, PROGRAM};

/// The labels offered at `|` in `line`, which replaces `at` of the program.
fn offered(at: &str, line: &str) -> Vec<String> {
    items(at, line).iter().map(|one| one["label"].as_str().expect("a label").to_owned()).collect()
}

fn items(at: &str, line: &str) -> Vec<Value> {
    let marked = PROGRAM.replacen(at, line, 1);
    assert_ne!(marked, PROGRAM, "{at} is in the program");
    let text = marked.replace('|', "");
    let caret = marked.find('|').expect("a caret");
    let mut client = Client::start(&[]);
    client.open("main.cpg", &text);
    let position = crate::support::position_at(&text, caret);
    let document = serde_json::json!({ "uri": Client::uri("main.cpg") });
    let params = serde_json::json!({ "textDocument": document, "position": position });
    let found = client.ask("textDocument/completion", params);
    client.stop();
    found["items"].as_array().expect("a list").clone()
}

#[test]
fn offers_what_fits() {
    let cases: [(&str, &str, &[&str]); 24] = [
        // Columns of a row source, in whole and in broken clauses.
        ("where m.score >= LIMIT", "where m.|", &["score", "src", "dst", "confidence"]),
        ("where m.score >= LIMIT", "where m.score >= d.|", &["def_id", "kind", "span"]),
        ("text name = d.name nfc", "text name = d.|", &["name", "kind", "container_start"]),
        ("span d.start .. d.end\n  text", "span d.|\n  text", &["start", "end"]),
        ("keep kind", "keep |", &["kind", "name", "start"]),
        ("node \"DEF\" { name, kind }", "node \"DEF\" { | }", &["name", "kind", "def_id"]),
        ("on m.dst == d.def_id", "on |", &["src", "dst", "def_id", "m", "d"]),
        ("on m.dst == d.def_id", "on m.span.|", &["start", "end"]),
        // Names of items.
        ("from member_of as m", "from |", &["member_of", "def", "cst_defs", "repo_files"]),
        (
            "relate member_of from member as m to def as d {\n  edge \"MEMBER_OF\"\n}",
            "relate x from |",
            &["member", "def"],
        ),
        ("key container_id -> def at", "key container_id -> | at", &["def", "member"]),
        ("export counted, paths", "export |", &["counted", "def", "member_of"]),
        // Functions and constants.
        ("where m.score >= LIMIT", "where m.score >= |", &["LIMIT", "half", "abs", "span"]),
        ("{ rows: count() }", "{ rows: | }", &["count", "sum", "noisy_or"]),
        // Types.
        ("  kind: string\n", "  kind: |\n", &["string", "Offset", "Id"]),
        ("  kind: string\n", "  kind: Id<|>\n", &["def", "member"]),
        ("  start: Offset<byte>", "  start: Offset<|", &["byte", "utf16"]),
        // Paths.
        ("use std.files.repo_files", "use |", &["std"]),
        ("use std.files.repo_files", "use std.|", &["files"]),
        ("use std.files.repo_files", "use std.files.|", &["repo_files"]),
        ("extractor python.cst", "extractor |", &["python.cst", "repo"]),
        ("@tag(core)", "@|", &["tag"]),
        // Words.
        ("  keep kind\n", "  keep kind\n  |\n", &["where", "derive", "text", "node"]),
        ("const LIMIT = 3", "|", &["view", "relate", "normalize", "const"]),
    ];
    for (at, line, expected) in cases {
        let found = offered(at, line);
        for label in expected {
            assert!(found.iter().any(|own| own == label), "{line}: no {label} in {found:?}");
        }
    }
}

#[test]
fn offers_words_that_the_grammar_takes() {
    let cases = [
        ("  keep kind\n", "  keep kind |\n", "as"),
        ("d.container_end unless d.container_start is null", "d.container_end |", "unless"),
        ("where m.score >= LIMIT", "where m.score |", "between"),
        ("where m.score >= LIMIT", "where m.score is |", "null"),
        ("  group by", "  |\n  group by", "where"),
        ("from member_of as m", "from member_of |", "as"),
        ("evidence cst_defs from extractor", "evidence cst_defs |", "from"),
        ("normalize member from cst_defs as d", "normalize member |", "from"),
    ];
    for (at, line, expected) in cases {
        let found = offered(at, line);
        assert!(found.iter().any(|own| own == expected), "{line}: no {expected} in {found:?}");
    }
}

#[test]
fn what_fits_best_comes_first() {
    let found = offered("on m.dst == d.def_id", "on m.dst == d.|");
    assert_eq!(found[0], "def_id");
    let found = items("where m.score >= LIMIT", "where m.sc|");
    assert_eq!(found[0]["label"], "score");
    assert_eq!(found[0]["textEdit"]["newText"], "score");
    let found = items("where m.score >= LIMIT", "where sc|");
    assert_eq!(found[0]["textEdit"]["newText"], "m.score");
}

#[test]
fn what_is_not_imported_is_brought_in() {
    let marked = "view v = from rep|\n";
    let text = marked.replace('|', "");
    let mut client = Client::start(&[]);
    client.open("main.cpg", &text);
    let params = Client::position_params("main.cpg", &text, "from rep|");
    let found = client.ask("textDocument/completion", params);
    let one = &found["items"][0];
    assert_eq!(one["label"], "repo_files");
    let added = one["additionalTextEdits"][0]["newText"].as_str().expect("an edit");
    assert_eq!(added, "use std.files.repo_files\n\n");
    client.stop();
}

#[test]
fn nothing_is_offered_in_comments_and_strings() {
    for (at, line) in [
        ("/// A definition.", "/// A def|"),
        ("\"MEMBER_OF\"", "\"MEM|\""),
        ("const LIMIT = 3", "const LIMIT = 3|"),
    ] {
        assert_eq!(offered(at, line), Vec::<String>::new(), "{line}");
    }
}
