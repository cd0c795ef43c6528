//! Templates, what is made with them, and policies.

use serde_json::{Value, json};

use crate::support::{Client, applied, position_at};

const PROGRAM: &str = "use std.files.repo_files

/// Rows whose column has that value.
template view picked(rows: relation, by: column, wanted: string) =
  from rows as r
  where r.by == wanted
  select { found: r.by }

/// The files called that.
view files = picked(repo_files, path, \"a.py\")

export files

policy write for files { sort by found }
policy maintain for * { optimize when total_files > 10 }
";

fn started() -> Client {
    let mut client = Client::start(&[("main.cpg", PROGRAM)]);
    client.open("main.cpg", PROGRAM);
    client
}

#[test]
fn says_what_they_are_and_where() {
    let mut client = started();
    assert_eq!(client.diagnostics("main.cpg"), Vec::<Value>::new());
    let cases = [
        ("view fi|les =", "The files called that."),
        ("view fi|les =", "`found: Path`"),
        ("view fi|les =", "`sort by found` (for this item)"),
        ("view fi|les =", "`optimize when total_files > 10` (for *)"),
        ("= pic|ked(repo", "Rows whose column has that value."),
        ("temp|late view", "with parameters"),
        ("pol|icy write", "laid out"),
    ];
    for (near, expected) in cases {
        let hover = client.at("textDocument/hover", "main.cpg", PROGRAM, near);
        let text = hover["contents"]["value"].as_str().unwrap_or_default();
        assert!(text.contains(expected), "{near}: {text}");
    }
    let line_of = |found: &Value| found[0]["range"]["start"]["line"].as_u64();
    let template = client.at("textDocument/definition", "main.cpg", PROGRAM, "= pic|ked(repo");
    assert_eq!(line_of(&template), Some(3));
    let made = client.at("textDocument/definition", "main.cpg", PROGRAM, "write for fi|les");
    assert_eq!(line_of(&made), Some(9));
    client.stop();
}

#[test]
fn renames_them_wherever_they_are_used() {
    let mut client = started();
    for (near, uses) in [("= pic|ked(repo", 2), ("view fi|les =", 3)] {
        let mut params = Client::position_params("main.cpg", PROGRAM, near);
        params["newName"] = json!("other");
        let edit = client.ask("textDocument/rename", params);
        let text = applied(PROGRAM, &edit["changes"][Client::uri("main.cpg")]);
        assert_eq!(text.matches("other").count(), uses, "{near}: {text}");
    }
    client.stop();
}

#[test]
fn offers_templates_and_settings() {
    let cases: [(&str, &str, &[&str]); 3] = [
        ("view files = picked", "view files = |picked", &["picked"]),
        ("{ sort by found }", "{ | }", &["partition", "sort", "stats", "target_file_size"]),
        ("for files {", "for | {", &["files"]),
    ];
    for (at, line, expected) in cases {
        let marked = PROGRAM.replacen(at, line, 1);
        let text = marked.replace('|', "");
        let caret = marked.find('|').expect("a caret");
        let mut client = Client::start(&[]);
        client.open("main.cpg", &text);
        let document = json!({ "uri": Client::uri("main.cpg") });
        let params = json!({ "textDocument": document, "position": position_at(&text, caret) });
        let found = client.ask("textDocument/completion", params);
        let items = found["items"].as_array().expect("a list");
        let labels: Vec<&str> = items.iter().filter_map(|one| one["label"].as_str()).collect();
        for label in expected {
            assert!(labels.contains(label), "{line}: {label} is not among {labels:?}");
        }
        client.stop();
    }
}
