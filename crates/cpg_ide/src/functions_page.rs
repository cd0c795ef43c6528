//! The page of all functions, in the words that editors show.

use std::path::Path;

use cpg_hir::builtin_functions;

use crate::hover::overloads;
use crate::words::{self, FORMS, Form, Stands};

const TITLE: &str = "# All functions

Every function that a program may call, in the words that editors show; a program adds its own with `fn`. All are pure: the
same arguments give the same value at any time and on any machine, and the version of each enters the fingerprints of
what is computed with it. A value is null where an argument is, unless the function says otherwise; a result whose type
ends with `?` may be null for other arguments, too. The tests run each example. This page is written from the catalogue
of functions (`UPDATE=1 cargo test -p cpg_ide functions_page`).
";

fn entry(name: &str, ways: &[String], says: &str, shown: &str) -> String {
    format!("\n### {name}\n\n```text\n{}\n```\n\n{says}\n\n{shown}\n", ways.join("\n"))
}

fn form(form: &Form) -> String {
    entry(form.name, &[form.call.to_owned()], form.says, &form.shown())
}

fn page() -> String {
    let mut text = String::from(TITLE);
    let forms = |stands: Stands| FORMS.iter().filter(move |form| form.stands == stands).map(form);
    text.push_str("\n## Values of a row\n");
    text.extend(forms(Stands::Anywhere));
    let catalogue = builtin_functions().expect("the catalogue is whole");
    for (name, function) in &catalogue.functions {
        if words::form(name).is_none() {
            let shown = words::shown(&function.example.call, &function.example.gives);
            text.push_str(&entry(name, &overloads(name, function), &function.description, &shown));
        }
    }
    text.push_str("\n## Values of many rows\n\nThey stand alone in the braces of `group by`, `window` and `fuse`. Nulls count for none of them.\n");
    text.extend(forms(Stands::Aggregate));
    text.push_str(
        "\n## Values of a row among others\n\nThey stand alone in the braces of `window`.\n",
    );
    text.extend(forms(Stands::Window));
    text
}

/// `UPDATE=1` writes it anew.
#[test]
fn the_page_says_what_the_catalogue_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/language/all-functions.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).expect("it can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "{} is stale: run this test with UPDATE=1", path.display());
}
