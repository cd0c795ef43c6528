//! What changes texts, and texts that change.

use serde_json::{Value, json};

use crate::support::{Client, PROGRAM, applied, position};

fn uri_of(path: &str) -> Value {
    json!({ "textDocument": { "uri": Client::uri(path) } })
}

/// What files are after a workspace edit.
fn edited(edit: &Value, path: &str, text: &str) -> String {
    match edit["changes"].get(Client::uri(path)) {
        Some(edits) => applied(text, edits),
        None => text.to_owned(),
    }
}

/// A program must be as right as before.
fn assert_right(path: &str, text: &str) {
    let mut client = Client::start(&[]);
    client.open(path, text);
    assert_eq!(client.diagnostics(path), Vec::<Value>::new(), "{text}");
    client.stop();
}

fn renamed(near: &str, name: &str) -> Result<String, String> {
    let mut client = Client::start(&[("main.cpg", PROGRAM)]);
    client.open("main.cpg", PROGRAM);
    let mut params = Client::position_params("main.cpg", PROGRAM, near);
    params["newName"] = json!(name);
    let edit = client.request("textDocument/rename", params).map_err(|(_, why)| why);
    client.stop();
    edit.map(|edit| edited(&edit, "main.cpg", PROGRAM))
}

#[test]
fn renames_items_columns_and_row_sources() {
    let cases: [(&str, &str, &[&str]); 7] = [
        ("normalize de|f ", "definition", &["key def_id -> definition at", "join definition as d"]),
        ("{ na|me, kind }", "label", &["text label = d.name nfc", "{ name: label, kind }"]),
        ("LIM|IT = 3", "LEAST", &["const LEAST = 3", "m.score >= LEAST"]),
        ("id def|_id", "own_id", &["id own_id in", "m.dst == d.own_id"]),
        (
            "keep ki|nd",
            "sort_of",
            &["keep kind as sort_of", "{ name, kind: sort_of }", "group by kind: d.sort_of"],
        ),
        ("from member_of as |m\n", "x", &["from member_of as x", "x.dst", "x.score"]),
        ("{ row|s: count", "many", &["{ many: count() }"]),
    ];
    for (near, name, expected) in cases {
        let text = renamed(near, name).expect("it can be renamed");
        for part in expected {
            assert!(text.contains(part), "{near}: no {part} in {text}");
        }
        assert_right("main.cpg", &text);
    }
}

#[test]
fn refuses_names_that_cannot_be() {
    let cases = [
        ("normalize de|f ", "member", "has normalize `member` already"),
        ("normalize de|f ", "", "is no name"),
        ("evidence cst|_defs", "x", "extractor's table"),
        ("  na|me: string", "x", "the extractor calls"),
        ("where m.sco|re", "x", "the language calls"),
        ("use std.files.repo|_files", "x", "standard library"),
        ("nf|c", "x", "comes with the language"),
    ];
    for (near, name, why) in cases {
        let refused = renamed(near, name).expect_err(near);
        assert!(refused.contains(why), "{near}: {refused}");
    }
    let mut client = Client::start(&[]);
    client.open("main.cpg", PROGRAM);
    let params = Client::position_params("main.cpg", PROGRAM, "LIM|IT = 3");
    let prepared = client.ask("textDocument/prepareRename", params);
    assert_eq!(prepared["placeholder"], "LIMIT");
    let params = Client::position_params("main.cpg", PROGRAM, "nf|c");
    assert!(client.request("textDocument/prepareRename", params).is_err());
    client.stop();
}

#[test]
fn renames_over_files() {
    let lib = "const SIZE = 1\n";
    let one = "use lib.SIZE\n\nconst A = SIZE\n";
    let two = "use lib.SIZE as S\n\nconst B = S\n";
    let mut client = Client::start(&[("lib.cpg", lib), ("one.cpg", one), ("two.cpg", two)]);
    client.open("lib.cpg", lib);
    let mut params = Client::position_params("lib.cpg", lib, "SI|ZE");
    params["newName"] = json!("LENGTH");
    let edit = client.ask("textDocument/rename", params);
    assert_eq!(edited(&edit, "lib.cpg", lib), "const LENGTH = 1\n");
    assert_eq!(edited(&edit, "one.cpg", one), "use lib.LENGTH\n\nconst A = LENGTH\n");
    assert_eq!(edited(&edit, "two.cpg", two), "use lib.LENGTH as S\n\nconst B = S\n");

    let files =
        json!([{ "oldUri": Client::uri("lib.cpg"), "newUri": Client::uri("cpg/deep/base.cpg") }]);
    let edit = client.ask("workspace/willRenameFiles", json!({ "files": files }));
    assert_eq!(edited(&edit, "one.cpg", one), "use cpg.deep.base.SIZE\n\nconst A = SIZE\n");
    client.stop();
}

#[test]
fn renames_with_folders() {
    let one = "use cpg.a.lib.SIZE\n\nconst A = SIZE\n";
    let lib = "const SIZE = 1\n";
    let mut client = Client::start(&[("cpg/a/lib.cpg", lib), ("one.cpg", one)]);
    client.open("one.cpg", one);
    assert_eq!(client.diagnostics("one.cpg"), Vec::<Value>::new());
    let files = json!([{ "oldUri": Client::uri("cpg/a"), "newUri": Client::uri("cpg/b") }]);
    let edit = client.ask("workspace/willRenameFiles", json!({ "files": files }));
    let text = edited(&edit, "one.cpg", one);
    assert_eq!(text, "use cpg.b.lib.SIZE\n\nconst A = SIZE\n");
    client.host.files.set("/project/cpg/a/lib.cpg", None);
    client.host.files.set("/project/cpg/b/lib.cpg", Some(lib));
    client.notify("workspace/didRenameFiles", json!({ "files": files }));
    client.change("one.cpg", json!([{ "text": text }]));
    assert_eq!(client.diagnostics("one.cpg"), Vec::<Value>::new());
    let uri = Client::uri("one.cpg");
    let wrong = |client: &Client| client.told[&uri].last().map(|(_, found)| found.len());
    let folder = json!({ "files": [{ "uri": Client::uri("cpg/b") }] });
    client.host.files.set("/project/cpg/b/lib.cpg", None);
    client.notify("workspace/didDeleteFiles", folder);
    client.until(|client| wrong(client) == Some(1));
    client.host.files.set("/project/cpg/b/lib.cpg", Some(lib));
    let file = json!({ "files": [{ "uri": Client::uri("cpg/b/lib.cpg") }] });
    client.notify("workspace/didCreateFiles", file);
    client.until(|client| wrong(client) == Some(0));
    client.stop();
}

#[test]
fn lays_out() {
    let text = "const   A=1\n\n\n\nview v =\n from   repo_files as r where r.path==\"a\"\n";
    let neat = cpg_syntax::format(text).text;
    let mut client = Client::start(&[]);
    client.open("main.cpg", text);
    let mut params = uri_of("main.cpg");
    params["options"] = json!({ "tabSize": 8, "insertSpaces": false });
    let edits = client.ask("textDocument/formatting", params.clone());
    assert_eq!(applied(text, &edits), neat);
    params["range"] = json!({
        "start": { "line": 0, "character": 3 }, "end": { "line": 0, "character": 4 },
    });
    let edits = client.ask("textDocument/rangeFormatting", params);
    assert_eq!(applied(text, &edits), text.replace("const   A=1", "const A = 1"));
    client.stop();

    let typed = "schema S {\na:int }\n";
    let mut client = Client::start(&[]);
    client.open("main.cpg", typed);
    let mut params = uri_of("main.cpg");
    params["position"] = position(typed, "int }|");
    params["ch"] = json!("}");
    params["options"] = json!({ "tabSize": 2, "insertSpaces": true });
    let edits = client.ask("textDocument/onTypeFormatting", params);
    assert_eq!(applied(typed, &edits), cpg_syntax::format(typed).text);
    client.stop();
}

fn actions(client: &mut Client, path: &str, text: &str, near: &str, only: Value) -> Vec<Value> {
    let mut params = uri_of(path);
    let at = position(text, near);
    params["range"] = json!({ "start": at, "end": at });
    let diagnostics = client.diagnostics(path);
    params["context"] = json!({ "diagnostics": diagnostics });
    if !only.is_null() {
        params["context"]["only"] = only;
    }
    client.ask("textDocument/codeAction", params).as_array().expect("a list").clone()
}

fn run(found: &[Value], title: &str, path: &str, text: &str) -> String {
    let titled =
        found.iter().find(|one| one["title"].as_str().is_some_and(|own| own.contains(title)));
    let action = titled.unwrap_or_else(|| panic!("no {title} among {found:?}"));
    edited(&action["edit"], path, text)
}

#[test]
fn mends_what_is_wrong() {
    let text = PROGRAM.replace("m.score >= LIMIT", "m.scroe >= LIMIT");
    let mut client = Client::start(&[]);
    client.open("main.cpg", &text);
    let found = actions(&mut client, "main.cpg", &text, "m.scr|oe", Value::Null);
    assert_eq!(run(&found, "replace `scroe` by `score`", "main.cpg", &text), PROGRAM);
    let fix = found.iter().find(|one| one["kind"] == "quickfix").expect("it is a fix");
    assert_eq!(fix["diagnostics"][0]["code"], "unknown-column");
    let none = actions(&mut client, "main.cpg", &text, "m.scr|oe", json!(["refactor.inline"]));
    assert!(none.is_empty());
    client.stop();

    let guarded = PROGRAM.replace(" unless d.container_start is null", "");
    let mut client = Client::start(&[]);
    client.open("main.cpg", &guarded);
    let found = actions(&mut client, "main.cpg", &guarded, "at d.container|_start", Value::Null);
    assert_right("main.cpg", &run(&found, "unless", "main.cpg", &guarded));
    client.stop();
}

#[test]
fn brings_in_what_is_missing() {
    let text = PROGRAM.replace("use std.files.repo_files\n\n", "") + "\nview v = from repo_files\n";
    let mut client = Client::start(&[]);
    client.open("main.cpg", &text);
    let found = actions(&mut client, "main.cpg", &text, "from repo|_files", Value::Null);
    assert_right("main.cpg", &run(&found, "use std.files.repo_files", "main.cpg", &text));
    client.stop();
}

#[test]
fn says_the_same_in_another_way() {
    let mut client = Client::start(&[]);
    client.open("main.cpg", PROGRAM);
    let found = actions(&mut client, "main.cpg", PROGRAM, "relate mem|ber_of", Value::Null);
    let text = run(&found, "write `on", "main.cpg", PROGRAM);
    assert!(text.contains("on m.def_id == d.def_id\n"), "{text}");
    assert_right("main.cpg", &text);
    let found = actions(&mut client, "main.cpg", PROGRAM, "view coun|ted", Value::Null);
    let text = run(&found, "schema", "main.cpg", PROGRAM);
    assert!(text.contains("view counted: counted_row ="), "{text}");
    assert_right("main.cpg", &text);
    client.stop();
}

#[test]
fn keeps_rows_out_in_which_a_value_is_not_there() {
    let text = PROGRAM
        .replace(
            "span d.start .. d.end\n  key def_id",
            "span d.container_start .. d.end\n  key def_id",
        )
        .replace("  edge \"MEMBER_OF\"", "  score m.size\n  edge \"MEMBER_OF\"")
        .replace("  key def_id ->", "  derive size = d.container_end - d.start\n  key def_id ->");
    let mut client = Client::start(&[]);
    client.open("main.cpg", &text);
    let found = actions(&mut client, "main.cpg", &text, "span d.container|_start", Value::Null);
    let text = run(&found, "leave the rows out: `where", "main.cpg", &text);
    assert!(text.contains("{\n  where d.container_start is not null\n  where d.kind"), "{text}");
    client.change("main.cpg", json!([{ "text": text }]));
    let found = actions(&mut client, "main.cpg", &text, "score m.si|ze", Value::Null);
    let text = run(&found, "leave the rows out: `require", "main.cpg", &text);
    assert!(text.contains("  require m.size is not null\n  score m.size\n"), "{text}");
    assert_right("main.cpg", &text);
    client.stop();
}

#[test]
fn makes_a_template_of_an_item() {
    let mut client = Client::start(&[]);
    client.open("main.cpg", PROGRAM);
    let found = actions(&mut client, "main.cpg", PROGRAM, "relate mem|ber_of", Value::Null);
    let text = run(&found, "extract a template", "main.cpg", PROGRAM);
    let instance = "/// Members of definitions.\nrelate member_of = member_of_of(member, def)\n\n\
        template relate member_of_of(source: relation, target: relation) from source as m to target as d {\n";
    assert!(text.contains(instance), "{text}");
    assert_right("main.cpg", &text);
    let found = actions(&mut client, "main.cpg", PROGRAM, "normalize d|ef", Value::Null);
    let text = run(&found, "extract a template", "main.cpg", PROGRAM);
    assert!(text.contains("@tag(core)\nnormalize def = def_of(cst_defs)\n\n"), "{text}");
    assert_right("main.cpg", &text);
    client.stop();
}

#[test]
fn makes_a_template_of_a_view() {
    let both = "  where m.score >= LIMIT\n  group by d.kind { rows: count() }\n";
    let program = PROGRAM
        .replace(both, &format!("{both}| from def\n  group by def.kind {{ rows: count() }}\n"));
    let mut client = Client::start(&[]);
    client.open("main.cpg", &program);
    let found = actions(&mut client, "main.cpg", &program, "view coun|ted", Value::Null);
    let text = run(&found, "extract a template", "main.cpg", &program);
    let instance = "view counted = counted_of(member_of, def)\n\n\
        template view counted_of(rows: relation, joined: relation) =\n  from rows as m\n  join joined as d on";
    assert!(text.contains(instance), "{text}");
    // What is read twice is one parameter.
    assert!(text.contains("| from joined as def\n"), "{text}");
    assert_right("main.cpg", &text);
    client.stop();
}

#[test]
fn keeps_rows_out_of_views() {
    let program = format!(
        "{PROGRAM}\nview places =\n  from cst_defs as c\n  join def as d on d.kind == c.kind\n  \
         select {{ place: c.container_start .. c.end }}\n\nexport places\n"
    );
    let program = program.replace("c.container_start .. c.end", "span(c.container_start, c.end)");
    let mut client = Client::start(&[]);
    client.open("main.cpg", &program);
    let found = actions(&mut client, "main.cpg", &program, "span(c.container|_start", Value::Null);
    let text = run(&found, "leave the rows out: `where", "main.cpg", &program);
    assert!(text.contains("c.kind\n  where c.container_start is not null\n  select"), "{text}");
    assert_right("main.cpg", &text);
    client.stop();
}

/// A program and what is written there after an action, near a place, whose title contains something.
fn acted(program: &str, near: &str, title: &str) -> String {
    let mut client = Client::start(&[]);
    client.open("main.cpg", program);
    let found = actions(&mut client, "main.cpg", program, near, Value::Null);
    client.stop();
    run(&found, title, "main.cpg", program)
}

#[test]
fn adds_the_id_of_an_entity_that_has_none() {
    let program = PROGRAM.replace("  id member_id in \"py_member\"\n  span d.start .. d.end\n", "");
    let text = acted(&program, "normalize mem|ber", "add `id member_id in \"member\"` and `span");
    let said =
        "  where d.kind == \"function\"\n  id member_id in \"member\"\n  span d.start .. d.end\n";
    assert!(text.contains(said), "{text}");
    assert_right("main.cpg", &text);
    let program = PROGRAM.replace("  id member_id in \"py_member\"\n", "");
    let text = acted(&program, "normalize mem|ber", "add `id member_id in \"member\"`");
    assert_right("main.cpg", &text);
    let program = PROGRAM.replace("\"py_member\"\n  span d.start .. d.end\n", "\"py_member\"\n");
    let text = acted(&program, "normalize mem|ber", "add `span d.start .. d.end`");
    assert_right("main.cpg", &text);
}

#[test]
fn adds_a_key_where_no_join_follows_from_types() {
    let program = PROGRAM
        .replace("  key def_id -> def at d.start .. d.end\n", "")
        .replace("relate member_of from member as m to def as d", "relate member_of from member as m to kind as d")
        .replace("join def as d on m.dst == d.def_id", "join kind as d on m.dst == d.kind_id")
        .replace(
            "/// Members of definitions.",
            "normalize kind from repo_files as f {\n  id kind_id in \"kind\" of f.path\n  derive kind = 1\n}\n\n/// Members of definitions.",
        );
    // An id that is taken over values is told by no place.
    let mut client = Client::start(&[]);
    client.open("main.cpg", &program);
    assert_eq!(client.diagnostics("main.cpg")[0]["code"], "no-strategy");
    let found = actions(&mut client, "main.cpg", &program, "relate mem|ber_of", Value::Null);
    let titles = found.iter().filter_map(|one| one["title"].as_str());
    assert!(titles.into_iter().all(|title| !title.starts_with("add `key")), "{found:?}");
    client.stop();
    let program = PROGRAM.replace("  key def_id -> def at d.start .. d.end\n", "").replace(
        "  id member_id in \"py_member\"\n  span d.start .. d.end\n",
        "  id member_id in \"py_member\" of d.name\n",
    );
    let text = acted(&program, "relate mem|ber_of", "add `key def_id -> def at d.start .. d.end`");
    assert_right("main.cpg", &text);
    let other = "add `key container_id -> def at d.container_start .. d.container_end unless d.container_start is null`";
    assert_right("main.cpg", &acted(&program, "relate mem|ber_of", other));
}

#[test]
fn adds_what_rows_compete_by() {
    let program = PROGRAM
        .replace("  edge \"MEMBER_OF\"", "  rank per 1 by score desc keep 1\n  edge \"MEMBER_OF\"");
    let text = acted(&program, "rank per |1", "use `m.member_id`");
    assert!(text.contains("rank per m.member_id by score desc"), "{text}");
    assert_right("main.cpg", &text);
    let view = "\nview first = from def as d window per d.kind { at: row_number() } select { d.name, at }\nexport first\n";
    let program = format!("{PROGRAM}{view}");
    let text = acted(&program, "at: row_|number()", "add `by d.def_id`");
    assert!(text.contains("window per d.kind by d.def_id { at: row_number() }"), "{text}");
    assert_right("main.cpg", &text);
}

#[test]
fn tidies_imports() {
    let files = [("b.cpg", "const X = 1\nconst Y = 2\n"), ("a.cpg", "const Z = 3\n")];
    let text = "use b.Y\nuse b.X\nuse a.Z\n\nconst S = X + Y\n";
    let mut client = Client::start(&files);
    client.open("main.cpg", text);
    let only = json!(["source.organizeImports"]);
    let found = actions(&mut client, "main.cpg", text, "const S|", only);
    let tidy = run(&found, "sort", "main.cpg", text);
    assert_eq!(tidy, "use b.{X, Y}\n\nconst S = X + Y\n");
    client.stop();
}

#[test]
fn an_edit_in_one_file_is_seen_in_another() {
    let files =
        [("lib.cpg", "const SIZE = 1\n"), ("main.cpg", "use lib.SIZE\n\nconst A = SIZE + 1\n")];
    let mut client = Client::start(&files);
    client.open("lib.cpg", files[0].1);
    client.open("main.cpg", files[1].1);
    assert_eq!(client.diagnostics("main.cpg"), Vec::<Value>::new());
    client.change("lib.cpg", json!([{ "text": "const LENGTH = 1\n" }]));
    let uri = Client::uri("main.cpg");
    let code = |client: &Client| {
        let told = client.told.get(&uri).and_then(|told| told.last());
        told.and_then(|(_, found)| Some(found.first()?["code"].as_str()?.to_owned()))
    };
    client.until(|client| code(client).as_deref() == Some("unknown-name"));
    client.change("lib.cpg", json!([{ "text": "const SIZE = 2\n" }]));
    client.until(|client| code(client).is_none());
    client.stop();
}

#[test]
fn an_edit_that_another_one_follows_is_told_nevertheless() {
    let mut client = Client::start(&[]);
    client.open("main.cpg", "const A = 1 \nconst B = nmae\n");
    client.open("other.cpg", "const C = 1\n");
    assert_eq!(client.diagnostics("main.cpg").len(), 1);
    assert_eq!(client.diagnostics("other.cpg"), Vec::<Value>::new());
    for round in 0..20 {
        // The same offset, on another line each time.
        let before = if round % 2 == 0 { "const A = 1\n\n" } else { "const A = 1 \n" };
        client.change("main.cpg", json!([{ "text": format!("{before}const B = nmae\n") }]));
        client.change("other.cpg", json!([{ "text": format!("const C = {round}\n") }]));
        let found = client.diagnostics("main.cpg");
        assert_eq!(found[0]["range"]["start"]["line"], 2 - round % 2);
    }
    client.stop();
}

#[test]
fn files_on_disk_come_change_and_go() {
    let main = "use lib.SIZE\n\nconst A = SIZE + 1\n";
    let mut client = Client::start(&[("main.cpg", main)]);
    let uri = Client::uri("main.cpg");
    let wrong = |client: &Client| {
        client.told.get(&uri).and_then(|t| t.last()).is_some_and(|(_, f)| !f.is_empty())
    };
    client.until(wrong);
    let changed = |client: &mut Client, text: Option<&str>, kind: i32| {
        client.host.files.set("/project/lib.cpg", text);
        let changes = json!([{ "uri": Client::uri("lib.cpg"), "type": kind }]);
        client.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    };
    changed(&mut client, Some("const SIZE = 1\n"), 1);
    client.until(|client| !wrong(client));
    changed(&mut client, Some("const LENGTH = 1\n"), 2);
    client.until(wrong);
    changed(&mut client, Some("const SIZE = 3\n"), 2);
    client.until(|client| !wrong(client));
    changed(&mut client, None, 3);
    client.until(wrong);
    client.stop();
}

#[test]
fn closing_a_document_forgets_what_was_not_saved() {
    let mut client = Client::start(&[("main.cpg", "const A = 1\n")]);
    client.open("main.cpg", "const A = nothing\n");
    assert_eq!(client.diagnostics("main.cpg").len(), 1);
    client.notify("textDocument/didClose", uri_of("main.cpg"));
    let uri = Client::uri("main.cpg");
    client.until(|client| client.told[&uri].last().is_some_and(|(_, found)| found.is_empty()));
    client.stop();
}

#[test]
fn related_places_are_told() {
    let text = "const A = 1\nconst A = 2\n";
    let mut client = Client::start(&[]);
    client.open("main.cpg", text);
    let found = client.diagnostics("main.cpg");
    assert_eq!(found[0]["code"], "duplicate-item");
    let related = &found[0]["relatedInformation"][0];
    assert_eq!(related["message"], "the first one");
    assert_eq!(related["location"]["range"]["start"], json!({ "line": 0, "character": 6 }));
    assert!(found[0]["message"].as_str().expect("a text").contains("help: "));
    client.stop();
}
