//! `explain ITEM` and `lineage`.

use serde_json::Value;

use crate::sandbox::Sandbox;

const PROGRAM: &str = r#"use std.python.evidence.cst_defs

/// A named thing.
normalize thing from cst_defs as d {
  id thing_id in "thing" of d.path, d.name
  text name = d.name nfc
}

/// How many things have a name.
view counts =
  from thing as t
  where t.name != ""
  group by t.name { n: count() }

view unbuilt = from thing as t select { t.name }

export counts

check unique counts(name)
"#;

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("things.cpg", PROGRAM);
    sandbox
}

#[test]
fn an_item_is_explained() {
    insta::assert_snapshot!(project().run(&["explain", "counts"]).expect(0).stdout);
}

#[test]
fn its_plans_are_shown() {
    let sandbox = project();
    let run = sandbox.run(&["explain", "things.counts", "--logical", "--physical"]).expect(0);
    insta::assert_snapshot!(run.stdout);
    let ir = sandbox.run(&["explain", "counts", "--ir"]).expect(0);
    let ir: Value = serde_json::from_str(&ir.stdout).expect("the meaning is JSON");
    assert_eq!(ir["spec"]["kind"], "view");
}

#[test]
fn programs_read_what_is_known() {
    let sandbox = project();
    let args = ["explain", "counts", "--fingerprint", "--signals", "--message-format", "json"];
    let run = sandbox.run(&args).expect(0);
    let object: Value = serde_json::from_str(&run.stdout).expect("an object");
    assert_eq!(object["item"], "things.counts");
    assert_eq!(object["signals"]["inputs"]["things.thing"], serde_json::json!(["name"]));
    assert_eq!(object["fingerprint"]["plan"].as_str().map(str::len), Some(64));
    assert_eq!(sandbox.run(&args).stdout, run.stdout, "it is the same every time");
}

#[test]
fn what_no_output_needs_is_explained_too() {
    let run = project().run(&["explain", "unbuilt"]).expect(0);
    assert!(run.stdout.contains("not built: no output needs it"), "{}", run.stdout);
}

#[test]
fn what_is_neither_item_nor_code_is_wrong_usage() {
    let sandbox = project();
    sandbox.run(&["explain", "count"]).expect(2).says(&["`counts`"]);
    sandbox.run(&["lineage", "counts.nmae"]).expect(2).says(&["`name`"]);
    sandbox.run(&["lineage", "nowhere.at.all"]).expect(2);
}

#[test]
fn columns_are_followed_both_ways() {
    let sandbox = project();
    let up = sandbox.run(&["lineage", "counts"]).expect(0).stdout;
    assert_eq!(
        up,
        "things.counts.name\n  <- things.thing.name\n    <- std.python.evidence.cst_defs.name\n\
         things.counts.n\nwhich rows there are\n  <- things.thing.name\n"
    );
    let down = sandbox.run(&["lineage", "thing.name", "--down"]).expect(0).stdout;
    assert_eq!(down, "things.thing.name\n  -> things.counts.name\n  -> things.unbuilt.name\n");
    let dot = sandbox.run(&["lineage", "counts.name", "--format", "dot"]).expect(0).stdout;
    assert!(dot.contains("\"things.thing.name\" -> \"things.counts.name\";"), "{dot}");
    let mermaid = sandbox.run(&["lineage", "counts.name", "--format", "mermaid"]).expect(0).stdout;
    assert!(mermaid.starts_with("flowchart LR\n"), "{mermaid}");
    let json = sandbox.run(&["lineage", "counts.name", "--format", "json"]).expect(0).stdout;
    let json: Value = serde_json::from_str(&json).expect("an object");
    assert_eq!(json["edges"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_was_inferred_of_columns_is_shown() {
    let sandbox = Sandbox::new();
    sandbox.write("notes.ndjson", "{\"name\":\"f\",\"path\":\"a.py\"}\n");
    sandbox.write(
        "files.cpg",
        "evidence notes from ndjson \"notes.ndjson\"\nview all = from notes as n select { n.name, n.path }\nexport all\n",
    );
    let run = sandbox.run(&["explain", "notes"]).expect(0);
    let inferred = "inferred from the files\n  name: string? (certain: the files say so)\n  path: Path? (likely: called so, and carried alike)\n";
    assert!(run.stdout.contains(inferred), "{}", run.stdout);
    assert!(!sandbox.run(&["explain", "all"]).expect(0).stdout.contains("inferred"));
    assert!(run.stdout.contains("columns\n  name  string?\n"), "{}", run.stdout);
}
