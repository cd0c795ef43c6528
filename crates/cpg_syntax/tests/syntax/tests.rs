//! `test` items: every form, and what is said of wrong ones.

use crate::errors::said;
use crate::outline::outline;
use crate::render;

#[test]
fn every_form() {
    render::snapshot(
        "items_test",
        &outline(
            r#"
/// Of two.
@tag(core)
test "the nearer scope wins" for call_by_name {
  given call [ { call_id: 1, name: "f" or null, ... }, ]
  given `a b` [
    { given: -1, expect: [1 .. 2, null,], in: stable_id("x", 1) }
    { ..., }
    {}
  ]
  expect [ { src: 1 .. LIMIT + 1, dst: [] } ],
}
test "" for v { expect [] }
"#,
        ),
    );
}

#[test]
fn errors() {
    render::snapshot(
        "errors_tests",
        &said(&[
            "test for v { expect [] }",
            "test x for v { expect [] }",
            "test \"x\" v { expect [] }",
            "test \"x\" for v",
            "test \"x\" for v {\n  exect []\n}",
            "test \"x\" for v {\n  given []\n}",
            "test \"x\" for v {\n  given a { b: 1 }\n}",
            "test \"x\" for v {\n  given a [b: 1]\n}",
            "test \"x\" for v {\n  given a [{ b = 1 }]\n}",
            "test \"x\" for v {\n  given a [{ b: }]\n  expect []\n}",
            "test \"x\" for v {\n  given a [{ b: 1 .. }]\n}",
            "test \"x\" for v {\n  given a [{ b: 1, .. }]\n}",
            "test \"x\" for v {\n  given a [{ ..., b: 1 }]\n}",
            "test \"x\" for v {\n  given a [{ b: 1 c: 2 }]\n}",
            "test \"x\" for v {\n  given a [{ b: 1 } { b: 2 }]\n}",
            "test \"x\" for v {\n  given a [{ b: [1, }]\n}",
            "test \"x\" for v {\n  given a [{ b: 1 }\n  expect []\n}",
            "test \"x\" for v { expect [] expect [] }",
        ]),
    );
}
