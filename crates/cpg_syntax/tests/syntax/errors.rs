//! What is said of wrong programs, and that the proposed fixes mend them.

use std::fmt::Write;

use crate::render::{self, all_errors, apply, error};

/// Each program with its errors.
pub fn said(programs: &[&str]) -> String {
    let mut text = String::new();
    for program in programs {
        writeln!(
            text,
            "{}",
            program.escape_debug().to_string().replace("\\n", "\n").replace("\\\"", "\"")
        )
        .expect("text");
        let errors = all_errors(program);
        assert!(!errors.is_empty(), "no error in {program}");
        for found in errors {
            text.push_str(&error(program, &found));
        }
        text.push('\n');
    }
    text
}

#[test]
fn expressions() {
    render::snapshot(
        "errors_expressions",
        &said(&[
            "const C = ",
            "const C = a +",
            "const C = a b",
            "const C = (a + b",
            "const C = f(a b)",
            "const C = f (a)",
            "const C = a < b < c",
            "const C = a is null == b",
            "const C = 1 + if a then b else c",
            "const C = if a then b",
            "const C = case { a -> b }",
            "const C = case { a => b c => d }",
            "const C = 99999999999999999999",
            "const C = 1e999",
            "const C = 12abc",
            "const C = \"a\\qb\"",
            "const C = cast(a)",
            "const C = a in ()",
            "const C = a between 1 or 2",
            "const C = and",
            "const C = a. + 1",
            "const C == 1",
        ]),
    );
}

#[test]
fn operators_of_other_languages() {
    let programs = [
        "const C = a = b",
        "const C = a && b || c",
        "const C = !a and b",
        "const C = a <> b",
        "const C = 'it is \"so\"'",
        "const C = a;",
        "relate r from a to b {\n  on a.x = b.x\n}",
        "view v = from a select { x = 1 }",
        "normalize n from a { derive x: 1 }",
    ];
    render::snapshot("errors_operators_of_other_languages", &said(&programs));
    for program in programs {
        let mut mended = program.to_owned();
        while let Some(fix) = all_errors(&mended).into_iter().find_map(|error| error.fix) {
            mended = apply(&mended, &fix);
        }
        assert_eq!(all_errors(&mended), [], "{mended}");
    }
}

#[test]
fn items_and_headers() {
    render::snapshot(
        "errors_items_and_headers",
        &said(&[
            "shcema S {}",
            "foo",
            "fixpoint p {}",
            "check uniqe a(b)",
            "check unique a",
            "check unique a()",
            "check references a(b) c(d)",
            "check expect a b > 0",
            "check coverage a in b > 60%",
            "check coverage a in b >= 60",
            "check empty a severity fatal",
            "fn f(x: int): int = x",
            "fn f(x: int) x",
            "fn f(x: List<int>= [])",
            "fn f(a) = a",
            "  schema S {}",
            "hello: world\nschema S {}",
            "schema S {}\n}\nschema T {",
            "schema S { a: int b: int }",
            "schema S { a int }",
            "schema S { a: }",
            "schema {}",
            "schema S { a: int }\n  schema T { a: int }",
            "use a",
            "use a.{}",
            "use a.{b c}",
            "export",
            "export a b",
            "evidence e from json \"x\" {}",
            "evidence e from extractor { a: int }",
            "normalize n from {}",
            "relate r from a too b {}",
            "relate r to b {}",
            "union u of a",
            "union u: S a, b",
            "union u: S of a byy c",
            "union u: S of nodes in",
            "view v from a",
            "view v = a",
            "@ schema S {}",
            "@tag( schema S {}",
            "/// of nothing",
            "@tag(a)",
            "schema S {\n  a: int /// trailing\n}",
            "schema S {}\n//! late",
        ]),
    );
}

#[test]
fn clauses() {
    render::snapshot(
        "errors_clauses",
        &said(&[
            "normalize n from a {\n  id x \"n\"\n}",
            "normalize n from a {\n  span a . b\n}",
            "normalize n from a {\n  key x = b at c .. d\n}",
            "normalize n from a {\n  key x -> b\n}",
            "normalize n from a {\n  keep\n  node \"N\"\n}",
            "normalize n from a {\n  nod \"N\" { a }\n}",
            "normalize n from a {\n  node \"N\" { a b: c }\n}",
            "normalize n from a {\n  node \"N\" { a: }\n}",
            "normalize n from a {\n  frobnicate x\n}",
            "relate r from a to b {\n  rank by x\n}",
            "relate r from a to b {\n  rank per x by y keep many\n}",
            "relate r from a to b {\n  feature x = y\n}",
            "relate r from a to b {\n  provider scip\n}",
            "relate r from a to b {\n  on\n  score 1\n}",
            "relate r from a to b {\n  /// why\n  score 1\n}",
            "view v =\n  from a\n  limit 3",
            "view v =\n  from a\n  order by b",
            "view v =\n  from a\n  group by b { c: count() }\n  having c > 1",
            "view v =\n  from a\n  union from b",
            "view v =\n  from a\n  inner join b on c == d",
            "view v =\n  from a\n  where b like \"x%\"",
            "view v =\n  from a\n  wher b",
            "view v =\n  from a\n  left joim b on c",
            "view v =\n  from a\n  group by b\n  select { c }",
            "view v =\n  from a\n  sort b",
            "view v =\n  from a join b",
            "union u: S of a fuse per { b }",
        ]),
    );
}

#[test]
fn characters_and_ends() {
    render::snapshot(
        "errors_characters_and_ends",
        &said(&[
            "const C = \"abc",
            "const C = \"",
            "const C = 'abc",
            "const C = `abc",
            "const C = /* 1\n/* */ 2",
            "/* nothing\n",
            "const naïve = 1",
            "const C = a \u{202E}+ b",
            "const C =\u{A0}1",
            "const C = “a”",
            "const C = a − b",
            "const C = 1\0",
            "é",
            "schema S {\n  a: int,\n  b\u{200B}: int\n  c: \"x\n}",
        ]),
    );
}
