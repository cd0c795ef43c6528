//! What the standard library's outputs look like as JSON, in `docs/schemas/graph`.

use std::fs;

use serde_json::Value;

use crate::sandbox::{Sandbox, repository};

/// The outputs whose form is written down.
const OUTPUTS: [&str; 7] = [
    "cpg_edges",
    "cpg_edges_by_dst",
    "cpg_edges_by_src",
    "cpg_nodes",
    "cpg_props",
    "cpg_props_map",
    "exported_defs",
];

/// `UPDATE=1` writes them anew.
#[test]
fn the_schemas_are_those_of_the_program() {
    let sandbox = Sandbox::new();
    for output in OUTPUTS {
        let run = sandbox.run(&["explain", output, "--json-schema"]).expect(0);
        let path = repository().join(format!("docs/schemas/graph/{output}.json"));
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
            fs::write(&path, &run.stdout).expect("it can be written");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == run.stdout, "{} is stale: run with UPDATE=1", path.display());
    }
}

#[test]
fn rows_have_the_form() {
    let sandbox = Sandbox::small();
    sandbox.run(&["build", "--source", "code"]).expect(0);
    for output in ["cpg_edges", "cpg_props_map"] {
        rows_of_output_have_the_form(&sandbox, output);
    }
}

fn rows_of_output_have_the_form(sandbox: &Sandbox, output: &str) {
    let rows = sandbox.rows("code/.cpglang", &format!("select * from {output}"));
    let schema = sandbox.run(&["explain", output, "--json-schema"]).expect(0);
    let schema: Value = serde_json::from_str(&schema.stdout).expect("a schema is JSON");
    assert!(!rows.is_empty(), "{output}");
    for row in rows {
        let row = row.as_object().expect("a row is an object");
        let columns: Vec<&String> = row.keys().collect();
        let properties = schema["properties"].as_object().expect("columns");
        assert!(columns.iter().all(|column| properties.contains_key(*column)), "{columns:?}");
        assert_eq!(columns.len(), properties.len());
        for (column, value) in row {
            let ty = &properties[column]["type"];
            let is = |name: &str| {
                *ty == name || ty.as_array().is_some_and(|all| all.iter().any(|t| t == name))
            };
            let fits = match value {
                Value::Null => is("null"),
                Value::Bool(_) => is("boolean"),
                Value::Number(number) => is("number") || (is("integer") && number.is_i64()),
                Value::String(_) => is("string"),
                Value::Array(_) => is("array"),
                Value::Object(_) => is("object"),
            };
            assert!(fits, "{column}: {value} is not {ty}");
        }
    }
}
