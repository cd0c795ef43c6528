//! `python.symtable` where the interpreter at hand cannot be asked: later syntax, broken programs, the owners of names.
//! For everything else see `oracle`.

use crate::support::{Sources, Tables, python};

/// The symbols of `scope`, the number of a scope in `scopes`: name, resolution and owner.
fn symbols(tables: &Tables, scope: usize) -> Vec<String> {
    let prefix = format!("{scope} ");
    let rows = tables.select("symbols", "scope name resolution owner");
    rows.iter().filter_map(|row| row.strip_prefix(&prefix)).map(str::to_owned).collect()
}

fn scopes(tables: &Tables) -> Vec<String> {
    let mut scopes = tables.select("scopes", "scope kind name parent is_nested");
    scopes.sort_by_key(|row| row.split(' ').next().and_then(|scope| scope.parse::<u32>().ok()));
    scopes
}

#[test]
fn generic_functions() {
    let tables = python(
        "def f[T: int, *Ts, **P](a: T = 1, *, k=2) -> P:\n    def g(): return T\n    return g\n",
    );
    assert_eq!(
        scopes(&tables),
        [
            "0 module top - false",
            "1 type_parameters f 0 false",
            "2 type_variable T 1 true",
            "3 function f 1 true",
            "4 function g 3 true",
        ]
    );
    assert_eq!(symbols(&tables, 0), ["f local 0"]);
    assert_eq!(
        symbols(&tables, 1),
        [".defaults local 1", ".kwdefaults local 1", "P local 1", "T cell 1", "Ts local 1"]
    );
    assert_eq!(symbols(&tables, 2), ["int global_implicit -"]);
    assert_eq!(symbols(&tables, 3), ["T free 1", "a local 3", "g local 3", "k local 3"]);
    assert_eq!(symbols(&tables, 4), ["T free 1"]);
    let parameters = tables.select("symbols", "name is_type_parameter is_referenced is_assigned");
    assert!(parameters.contains(&"T true true true".to_owned()), "{parameters:?}");
    assert!(parameters.contains(&"Ts true false true".to_owned()), "{parameters:?}");
}

#[test]
fn generic_classes_have_private_parameters() {
    let tables =
        python("class _C[__T](__B[__T]):\n    __x: __T\n    def __m(self): return __T, __x\n");
    assert_eq!(
        scopes(&tables),
        [
            "0 module top - false",
            "1 type_parameters _C 0 false",
            "2 class _C 1 true",
            "3 function __m 2 true",
        ]
    );
    assert_eq!(symbols(&tables, 0), ["_C local 0"]);
    // Of the names in the header, only the parameters are private.
    assert_eq!(
        symbols(&tables, 1),
        [".generic_base local 1", ".type_params cell 1", "_C__T cell 1", "__B global_implicit -"]
    );
    assert_eq!(
        symbols(&tables, 2),
        [
            ".type_params free 1",
            "_C__T free 1",
            "_C__m local 2",
            "_C__x local 2",
            "__type_params__ local 2",
        ]
    );
    assert_eq!(symbols(&tables, 3), ["_C__T free 1", "_C__x global_implicit -", "self local 3"]);
    let namespaces = tables.select("symbols", "name is_namespace");
    assert!(namespaces.contains(&"_C__m true".to_owned()), "{namespaces:?}");
}

#[test]
fn type_expressions_see_the_class_around() {
    let text = "\
def outer():
    a = b = c = 1
    class C:
        a = int
        global b
        type X[T: a = b] = list[a, b, c, T]
        def m(self): return a
";
    let tables = python(text);
    assert_eq!(
        scopes(&tables)[3..],
        [
            "3 type_parameters X 2 true",
            "4 type_variable T 3 true",
            "5 type_variable T 3 true",
            "6 type_alias X 3 true",
            "7 function m 2 true",
        ]
    );
    assert_eq!(symbols(&tables, 4), ["__classdict__ free 2", "a global_implicit 2"]);
    assert_eq!(symbols(&tables, 5), ["__classdict__ free 2", "b global_explicit -"]);
    assert_eq!(
        symbols(&tables, 6),
        [
            "T free 3",
            "__classdict__ free 2",
            "a global_implicit 2",
            "b global_explicit -",
            "c free 1",
            "list global_implicit -",
        ]
    );
    // A function does not see the class.
    assert_eq!(symbols(&tables, 7), ["a free 1", "self local 7"]);
    assert_eq!(symbols(&tables, 1), ["C local 1", "a cell 1", "b local 1", "c cell 1"]);
}

#[test]
fn aliases_outside_of_classes() {
    let tables = python("type A = B\ntype B[T] = A\n");
    assert_eq!(
        scopes(&tables),
        [
            "0 module top - false",
            "1 type_alias A 0 false",
            "2 type_parameters B 0 false",
            "3 type_alias B 2 true",
        ]
    );
    assert_eq!(symbols(&tables, 0), ["A local 0", "B local 0"]);
    assert_eq!(symbols(&tables, 1), ["B global_implicit 0"]);
    assert_eq!(symbols(&tables, 3), ["A global_implicit 0"]);
    let namespaces = tables.select("symbols", "scope name is_namespace");
    assert!(namespaces.contains(&"0 A true".to_owned()), "{namespaces:?}");
    assert!(namespaces.contains(&"0 B true".to_owned()), "{namespaces:?}");
    assert!(namespaces.contains(&"1 B false".to_owned()), "{namespaces:?}");
}

#[test]
fn owners() {
    let text = "\
import os
def f(x):
    def g():
        nonlocal x
        global y
        y = x = os
        return [z for z in [w := len]], super
    class K:
        def m(self): return super().m(x), __class__
";
    let tables = python(text);
    assert_eq!(symbols(&tables, 0), ["f local 0", "os local 0", "y global_explicit 0"]);
    assert_eq!(symbols(&tables, 1), ["K local 1", "g local 1", "x cell 1"]);
    assert_eq!(
        symbols(&tables, 2),
        [
            "__class__ global_implicit -",
            "len global_implicit -",
            "os global_implicit 0",
            "super global_implicit -",
            "w local 2",
            "x free 1",
            "y global_explicit 0",
        ]
    );
    assert_eq!(symbols(&tables, 3), [".0 local 3", "z local 3"]);
    assert_eq!(symbols(&tables, 4), ["m local 4", "x free 1"]);
    assert_eq!(
        symbols(&tables, 5),
        ["__class__ free 4", "self local 5", "super global_implicit -", "x free 1"]
    );
}

#[test]
fn what_is_not_evaluated_has_no_scope() {
    let text = "\
from __future__ import annotations
def f(a: (lambda: b) = (lambda: c)) -> [d for d in e]: g: h = 1
";
    let tables = python(text);
    assert_eq!(
        scopes(&tables),
        ["0 module top - false", "1 function f 0 false", "2 lambda lambda 0 false"]
    );
    assert_eq!(symbols(&tables, 0), ["annotations local 0", "f local 0"]);
    assert_eq!(symbols(&tables, 1), ["a local 1", "g local 1"]);
    // After other statements the import says nothing, and neither does one of another name.
    for first in
        ["x = 1\nfrom __future__ import annotations\n", "from .__future__ import annotations\n"]
    {
        let tables = python(&format!("{first}def f(a: b): pass\n"));
        assert!(symbols(&tables, 0).contains(&"b global_implicit -".to_owned()), "{first}");
    }
}

#[test]
fn programs_that_the_interpreter_refuses() {
    let text = "\
def f():
    nonlocal a
    global b
    nonlocal b
    a, b = 1, 2
    return [b := c for c in d]
class C:
    x = [y := 1 for z in w]
    def g(p, p): return (
";
    let tables = python(text);
    assert!(!tables.select("extract_errors", "kind").contains(&"internal".to_owned()));
    let of_f = symbols(&tables, 1);
    assert!(of_f.contains(&"a global_implicit -".to_owned()), "{of_f:?}");
    assert!(of_f.contains(&"b global_explicit 0".to_owned()), "{of_f:?}");
    assert!(symbols(&tables, 5).contains(&"p local 5".to_owned()), "{:?}", symbols(&tables, 5));
}

#[test]
fn what_scopes_hand_on_is_bounded() {
    let names: Vec<String> = (0..600).map(|name| format!("a{name}")).collect();
    let names = names.join(", ");
    let text = format!("x = lambda {names}: {}[{names}]\n", "lambda: ".repeat(2_000));
    let tables = Sources::new(&[("a.py", text), ("b.py", "y = 1\n".to_owned())]).tables();
    assert_eq!(
        tables.select("extract_errors", "path extractor kind"),
        ["a.py python.symtable too_deep"]
    );
    assert_eq!(tables.select("symbols", "path name"), ["b.py y"]);
    assert_eq!(tables.select("scopes", "path").len(), 2_003);
}
