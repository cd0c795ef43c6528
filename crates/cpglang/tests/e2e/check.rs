//! `check`: programs with mistakes.

use serde_json::Value;

use crate::sandbox::Sandbox;

const CALLS: &str = r#"use std.python.definitions.def
use std.python.calls.call

relate near from call as c to def as d {
  on c.local_id == d.def_idd
  edge "NEAR"
  provider "x"
}

relate nearer from call as c to deff as d {
  on c.local_id == d.def_id
  edge "NEARER"
  provider "x"
}
"#;

const VIEWS: &str = r#"use std.python.definitions.def

view broken =
  from def as d
  where d.name = "x"
  select { d.name }

view fine = from def as d select { d.name }

export fine
"#;

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("calls.cpg", CALLS);
    sandbox.write("cpg/views.cpg", VIEWS);
    sandbox
}

/// Codes with file and line, as programs read them.
fn places(objects: &[Value]) -> Vec<(String, String, u64)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let diagnostics = objects.iter().filter(|object| object["type"] == "diagnostic");
    diagnostics
        .map(|d| {
            let label = &d["labels"][0];
            let line = label["start"]["line"].as_u64().expect("the text is known") + 1;
            (text(&d["code"]), text(&label["source"]), line)
        })
        .collect()
}

#[test]
fn a_good_program_has_nothing_to_say() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["check"]).expect(0).says(&["no errors in 0 files"]);
    assert_eq!(run.stdout, "");
    let example = Sandbox::bookshop();
    example.run(&["check", "shop/shop.cpg"]).expect(0).says(&["no errors in 1 file"]);
}

#[test]
fn several_mistakes_in_several_files_are_all_told() {
    let sandbox = project();
    let run = sandbox.run(&["check", "--message-format", "json"]).expect(1);
    let objects = run.objects();
    let expected = [
        ("unknown-column", "calls.cpg", 5),
        ("unknown-name", "calls.cpg", 10),
        ("syntax", "cpg/views.cpg", 5),
    ];
    let expected = expected.map(|(code, file, line)| (code.to_owned(), file.to_owned(), line));
    assert_eq!(places(&objects), expected);
    let last = objects.last().expect("there is a summary");
    assert_eq!(
        last.to_string(),
        r#"{"checked":2,"errors":3,"files":2,"type":"summary","version":1,"warnings":0}"#
    );
    assert_eq!(run.stderr, "");
    let again = sandbox.run(&["check", "--message-format", "json"]);
    assert_eq!(again.stdout, run.stdout, "the stream is the same every time");
}

#[test]
fn people_see_the_places_and_the_nearest_names() {
    let sandbox = project();
    let run = sandbox.run(&["check"]).expect(1).says(&[
        "[calls.cpg:5:22]",
        "[calls.cpg:10:33]",
        "[cpg/views.cpg:5:",
        "`def_id`",
        "`def`",
        "3 errors in 2 files",
        "cpglang explain ",
    ]);
    assert_eq!(run.stdout, "", "only results go to standard output");
    assert!(!run.stderr.contains('\x1b'), "no colours where there is no terminal");
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn a_build_of_a_wrong_program_touches_nothing() {
    let sandbox = project();
    sandbox.write("a.py", "x = 1\n");
    sandbox.run(&["build"]).expect(1).says(&["3 errors in 2 files"]);
    assert!(!sandbox.path(".cpglang").exists());
}

#[test]
fn items_that_need_each_other_are_shown() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "cycle.cpg",
        "view a = from b as x select { x.n }\nview b = from a as x select { x.n }\nexport a\n",
    );
    let run = sandbox.run(&["check", "--message-format", "json"]).expect(1);
    let codes: Vec<_> = places(&run.objects()).into_iter().map(|(code, ..)| code).collect();
    assert!(codes.iter().all(|code| code == "cyclic-items"), "{codes:?}");
    assert!(!codes.is_empty());
}

#[test]
fn a_file_that_is_no_text_is_told_and_the_rest_checked() {
    let sandbox = project();
    sandbox.write("latin.cpg", b"// caf\xe9\nview x = from nowhere\n");
    let run = sandbox.run(&["check", "--message-format", "json"]).expect(1);
    let places = places(&run.objects());
    assert_eq!(places.len(), 4, "{places:?}");
    assert_eq!(places[3], ("not-utf8".to_owned(), "latin.cpg".to_owned(), 1));
}

#[test]
fn what_is_no_program_is_wrong_usage() {
    let sandbox = Sandbox::new();
    sandbox.run(&["check", "missing.cpg"]).expect(2).says(&["missing.cpg"]);
    sandbox.write("std/mine.cpg", "");
    sandbox.run(&["check", "."]).expect(2).says(&["std"]);
}
