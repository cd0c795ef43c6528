//! `check --fix`.

use crate::sandbox::Sandbox;

const WRONG: &str = r#"use std.python.definitions.{def, module}

view names =
  from def as d
  where d.nmae = "x" and d.container_id != null
  select { d.name }

view empty = from def as d where d.kind in ("a", "a") select { d.kind }

export names, empty
"#;

const MENDED: &str = r#"use std.python.definitions.{def}

view names =
  from def as d
  where d.name == "x" and d.container_id is not null
  select { d.name }

view empty = from def as d where d.kind in ("a") select { d.kind }

export names, empty
"#;

#[test]
fn what_can_be_mended_is() {
    let sandbox = Sandbox::new();
    sandbox.write("names.cpg", WRONG);
    let run = sandbox.run(&["check", "--fix"]).expect(0).says(&[
        "fixed[syntax] names.cpg:5:16: replace `=` by `==`",
        "fixed[unknown-column] names.cpg:5:11: replace `nmae` by `name`",
        "fixed[null-comparison]",
        "fixed[unused-use]",
        "fixed[duplicate-value]",
    ]);
    assert_eq!(run.stdout, "");
    let text = std::fs::read_to_string(sandbox.path("names.cpg")).expect("the file is there");
    assert_eq!(text, MENDED);
    let again = sandbox.run(&["check", "--fix"]).expect(0);
    assert!(!again.stderr.contains("fixed"), "{}", again.stderr);
}

#[test]
fn what_is_left_is_told() {
    let sandbox = Sandbox::new();
    let wrong = "view v = from nowhere as n select { n.x }\n\nexprt v\n";
    sandbox.write("v.cpg", wrong);
    let run = sandbox.run(&["check", "--fix", "--message-format", "json"]).expect(1);
    let kinds: Vec<String> = run
        .objects()
        .iter()
        .map(|one| one["type"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(kinds, ["fixed", "diagnostic", "summary"]);
    let text = std::fs::read_to_string(sandbox.path("v.cpg")).expect("the file is there");
    assert_eq!(text, wrong.replace("exprt", "export"));
}

#[test]
fn without_the_flag_nothing_is_written() {
    let sandbox = Sandbox::new();
    sandbox.write("names.cpg", WRONG);
    let before = sandbox.listing(".");
    sandbox.run(&["check"]).expect(1);
    assert_eq!(sandbox.listing("."), before);
}

#[test]
fn a_file_that_is_no_text_stays() {
    let sandbox = Sandbox::new();
    let bytes = b"// caf\xe9\nexprt v\n";
    sandbox.write("latin.cpg", bytes);
    sandbox.run(&["check", "--fix"]).expect(1);
    assert_eq!(std::fs::read(sandbox.path("latin.cpg")).expect("the file is there"), bytes);
}
