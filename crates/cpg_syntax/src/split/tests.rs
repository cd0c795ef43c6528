use super::split;

/// Each chunk's keyword, name and text.
fn chunks(text: &str) -> Vec<(String, &str)> {
    split(text)
        .chunks
        .into_iter()
        .map(|chunk| {
            let name = chunk.name.unwrap_or_default();
            (format!("{} {name}", chunk.keyword), chunk.range.slice(text).expect("in the text"))
        })
        .collect()
}

fn cut(text: &str) -> Vec<&str> {
    chunks(text).into_iter().map(|(_, text)| text).collect()
}

#[test]
fn items_begin_with_their_docs_and_attributes() {
    let text = "//! Module\n//!  docs\n\n// plain\n/// A\n@tag(x)\nschema A {}\n// of A\n/// B\n// mixed\n@tag(\n  y\n)\nview B = from a\n";
    let split = split(text);
    assert_eq!(split.errors, []);
    assert_eq!(split.module_docs, "Module\n docs");
    assert_eq!(
        cut(text),
        [
            "/// A\n@tag(x)\nschema A {}\n// of A\n",
            "/// B\n// mixed\n@tag(\n  y\n)\nview B = from a\n",
        ]
    );
    let comments: Vec<&str> =
        split.comments.iter().filter_map(|comment| comment.range.slice(text)).collect();
    assert_eq!(comments, ["//! Module", "//!  docs", "// plain"]);
}

#[test]
fn keywords_count_at_the_beginning_of_a_line_only() {
    assert_eq!(
        cut("const A = view\n  const B = 1\nconst C = \"\nconst D\"\n"),
        ["const A = view\n  const B = 1\n", "const C = \"\n", "const D\"\n",]
    );
    assert_eq!(
        cut("const A = 1 /*\nconst B = 2\n*/\nconst C = 3 // \"\nconst D = 4"),
        ["const A = 1 /*\nconst B = 2\n*/\n", "const C = 3 // \"\n", "const D = 4",]
    );
    assert_eq!(
        cut("const A = 1\rconst B = 2\r\nconst C = 3"),
        ["const A = 1\r", "const B = 2\r\n", "const C = 3"]
    );
    assert_eq!(cut("viewer = 1\nview_a = 2\n"), [""; 0]);
}

#[test]
fn docs_inside_a_body_do_not_cut_it() {
    let text = "schema A {\n/// of a\n  a: int\n}\n@tag(b) schema B {}\n";
    assert_eq!(cut(text), ["schema A {\n/// of a\n  a: int\n}\n", "@tag(b) schema B {}\n"]);
    assert_eq!(split(text).comments, []);
}

#[test]
fn names_are_known_before_parsing() {
    let names = |text| chunks(text).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(
        names(
            "schema A {\nview /* x */ `b c` = \nrelate {\nexport a\nuse std.graph.{A}\nuse a . b\n"
        ),
        ["schema A", "view b c", "relate ", "export ", "use std.graph", "use a.b",]
    );
}

#[test]
fn what_is_no_item_is_in_no_chunk() {
    let text = "const A = 1\n/// of nothing\nfoo\n  // in foo\n}\nconst B = 2\n";
    assert_eq!(cut(text), ["const A = 1\n", "const B = 2\n"]);
    let split = split(text);
    assert_eq!(split.errors.len(), 1);
    assert_eq!(split.comments.len(), 2);
}

#[test]
fn nothing_is_a_program() {
    for text in ["", "\n", "\u{FEFF}", "  \r\n// only a comment"] {
        let split = split(text);
        assert_eq!((split.chunks, split.errors), (vec![], vec![]), "{text:?}");
    }
}
