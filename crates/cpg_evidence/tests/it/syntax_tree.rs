//! `python.ast` where the interpreter at hand cannot be asked: later syntax, places in f-strings, broken programs. For
//! everything else see `oracle`.

use std::collections::BTreeMap;

use crate::support::{Tables, python};

/// The nodes from the one numbered `from` on: depth, field, kind, value and text.
fn nodes(tables: &Tables, from: usize) -> Vec<String> {
    let rows = tables.select("ast_nodes", "node parent field kind value @");
    let mut nodes: BTreeMap<usize, (String, String)> = BTreeMap::new();
    for row in rows {
        let mut parts = row.splitn(3, ' ');
        let mut next = || parts.next().expect("three parts").to_owned();
        let node = next().parse().expect("a number");
        nodes.insert(node, (next(), next()));
    }
    let mut depths: Vec<usize> = Vec::new();
    let mut lines = Vec::new();
    for (parent, rest) in nodes.values() {
        depths.push(parent.parse::<usize>().map_or(0, |parent| depths[parent] + 1));
        lines.push(format!("{}{rest}", "  ".repeat(depths[depths.len() - 1])));
    }
    lines.split_off(from)
}

#[test]
fn an_elif_is_an_if_in_the_else() {
    let tables = python("if a: pass\nelif b: pass\nelse: c;\n");
    assert_eq!(
        nodes(&tables, 1),
        [
            "  body If - if a: pass",
            "    test Name a a",
            "    body Pass - pass",
            "    orelse If - elif b: pass",
            "      test Name b b",
            "      body Pass - pass",
            "      orelse Expr - c",
            "        value Name c c",
        ]
    );
    // The chain, and the semicolon that ends it.
    let ends = tables.select("ast_nodes", "kind start end");
    assert!(ends.contains(&"If 0 32".to_owned()), "{ends:?}");
    assert!(ends.contains(&"If 11 32".to_owned()), "{ends:?}");
}

#[test]
fn type_parameters() {
    let tables = python("class A[T: int = str, *Ts, **P]: pass\ntype B[T] = T\n");
    assert_eq!(
        nodes(&tables, 1),
        [
            "  body ClassDef A class A[T: int = str, *Ts, **P]: pass",
            "    body Pass - pass",
            "    type_params TypeVar T T: int = str",
            "      bound Name int int",
            "      default_value Name str str",
            "    type_params TypeVarTuple Ts *Ts",
            "    type_params ParamSpec P **P",
            "  body TypeAlias - type B[T] = T",
            "    name Name B B",
            "    type_params TypeVar T T",
            "    value Name T T",
        ]
    );
}

#[test]
fn places_in_strings() {
    let tables = python("'a' f'b{x!r:>{w}}c{y = }' 'd'\n");
    assert_eq!(
        nodes(&tables, 2),
        [
            "    value JoinedStr - 'a' f'b{x!r:>{w}}c{y = }' 'd'",
            "      values Constant ab 'a' f'b",
            "      values FormattedValue r {x!r:>{w}}",
            "        value Name x x",
            "        format_spec JoinedStr - :>{w}",
            "          values Constant > >",
            "          values FormattedValue - {w}",
            "            value Name w w",
            "      values Constant cy =  c{y = ",
            "      values FormattedValue r {y = }",
            "        value Name y y",
            "      values Constant d 'd'",
        ]
    );
    let template = python("t'{a!s:b}c' t''\n");
    assert_eq!(
        nodes(&template, 2),
        [
            "    value TemplateStr - t'{a!s:b}c' t''",
            "      values Interpolation s {a!s:b}",
            "        value Name a a",
            "        format_spec JoinedStr - :b",
            "          values Constant b b",
            "      values Constant c c",
        ]
    );
}

#[test]
fn definitions_start_at_their_keyword() {
    let tables = python("@d # x\nasync def f(a, /, *b, c=1, **k): x = lambda: 0\n");
    assert_eq!(
        nodes(&tables, 1),
        [
            "  body AsyncFunctionDef f async def f(a, /, *b, c=1, **k): x = lambda: 0",
            "    args arguments - (a, /, *b, c=1, **k)",
            "      posonlyargs arg a a",
            "      vararg arg b b",
            "      kwonlyargs arg c c",
            "      kw_defaults Constant 1 1",
            "      kwarg arg k k",
            "    body Assign - x = lambda: 0",
            "      targets Name x x",
            "      value Lambda - lambda: 0",
            "        args arguments - ",
            "        body Constant 0 0",
            "    decorator_list Name d d",
        ]
    );
}

#[test]
fn broken_programs_have_a_tree() {
    let tables = python("def f(:\n    x = = 1\nclass : y.\nf'{'\n");
    let kinds = tables.select("ast_nodes", "kind");
    for kind in ["Module", "FunctionDef", "ClassDef", "Attribute", "JoinedStr"] {
        assert!(kinds.contains(&kind.to_owned()), "{kind}: {kinds:?}");
    }
    // Made-up names are no values.
    assert!(!tables.select("ast_nodes", "value").contains(&String::new()));
}
