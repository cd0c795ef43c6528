//! `cst_refs` and `cst_bindings`: which name is which.

use crate::support::python;

/// Every load of a name, with what it is bound to.
fn loads(text: &str) -> Vec<String> {
    python(text)
        .select("cst_refs", "context name start_line binding_kind @binding qualified_name")
        .into_iter()
        .filter_map(|row| row.strip_prefix("load ").map(str::to_owned))
        .collect()
}

#[test]
fn blocks_around_are_seen_and_classes_are_not() {
    let text = "\
x = 1
class C:
    x = 2
    y = x
    def m(self, z=x):
        return x
    comp = [x for _ in x]
";
    assert_eq!(
        loads(text),
        ["x 4 local x -", "x 5 local x -", "x 6 global x -", "x 7 global x -", "x 7 local x -",]
    );
    let spans = python(text).select("cst_refs", "name start_line binding_start");
    // The default and the first iterable are evaluated in the class, the body and the element outside of it.
    assert_eq!(spans[3..], ["x 4 19", "x 5 19", "x 6 0", "comp 7 78", "x 7 0", "_ 7 92", "x 7 19"]);
}

#[test]
fn a_name_bound_anywhere_in_a_block_is_its_own() {
    let text = "\
n = 0
def f():
    g = n
    del n
    for i in range(3):
        with open(i) as h: pass
    try: pass
    except OSError as e: print(e, h)
";
    assert_eq!(
        loads(text),
        [
            "n 3 local - -",
            "range 5 builtin - builtins.range",
            "open 6 builtin - builtins.open",
            "i 6 local i -",
            "OSError 8 builtin - builtins.OSError",
            "print 8 builtin - builtins.print",
            "e 8 local e -",
            "h 8 local h -",
        ]
    );
}

#[test]
fn global_and_nonlocal() {
    let text = "\
def outer():
    n = 0
    def inner():
        nonlocal n
        global g
        n = g = 1
        return n
    return n, g
";
    let tables = python(text);
    assert_eq!(
        tables.select("cst_refs", "name start_line context binding_kind binding_start"),
        [
            "n 2 store local 17",
            "n 6 store local 17",
            "g 6 store global 88",
            "n 7 load local 17",
            "n 8 load local 17",
            "g 8 load global 88",
        ]
    );
    assert_eq!(
        tables.select("cst_bindings", "name kind @scope start_line"),
        [
            "outer function def outer(): 1",
            "n assignment def outer(): 2",
            "inner function def outer(): 3",
            "n nonlocal def inner(): 4",
            "g global def inner(): 5",
            "n assignment def outer(): 6",
            "g assignment def outer(): 6",
        ]
    );
}

#[test]
fn every_kind_of_binding() {
    let text = "\
import a.b, c as d
from e import f
def g(h): pass
class I: pass
j = [k for k in h]
(l := 1)
m: int
match j:
    case {'x': n, **o}: pass
    case [*p] | I(q) as r: pass
type S = int
def t[U](): pass
for v in j: pass
with j as (w, *x): pass
try: pass
except* I as y: pass
z += 1
lambda aa: aa
print([ab := 1 for ac in j])
";
    assert_eq!(
        python(text).select("cst_bindings", "name kind"),
        [
            "a import",
            "d import",
            "f import",
            "g function",
            "h parameter",
            "I class",
            "j assignment",
            "k for",
            "l walrus",
            "m annotation",
            "n match",
            "o match",
            "p match",
            "q match",
            "r match",
            "S type_alias",
            "t function",
            "U type_parameter",
            "v for",
            "w with",
            "x with",
            "y except",
            "z assignment",
            "aa parameter",
            "ab walrus",
            "ac for",
        ]
    );
    // An assignment expression in a comprehension binds around it.
    let scopes = python(text).select("cst_bindings", "name @scope");
    assert!(scopes.contains(&"ab import a.b, c as d".to_owned()), "{scopes:?}");
}

#[test]
fn type_parameters_see_the_class_around_them() {
    let text = "\
class C[T]:
    A = int
    def f[U: A](self, x: A, y: U, z: T) -> A: return A
";
    assert_eq!(
        loads(text),
        [
            "int 2 builtin - builtins.int",
            "A 3 local A -",
            "A 3 local A -",
            "U 3 local U -",
            "T 3 local T -",
            "A 3 local A -",
            "A 3 unresolved - -",
        ]
    );
}

#[test]
fn definitions_and_imports_have_paths() {
    let text = "\
import os.path, sys as system
from . import sibling
from .near import thing as other
def f():
    def g(): pass
    return g, f, os, system, sibling, other, __name__, unknown
if f: 
    def twice(): pass
else:
    def twice(): pass
twice
";
    assert_eq!(
        loads(text),
        [
            "g 6 definition g pkg.m.f.g",
            "f 6 definition f pkg.m.f",
            "os 6 import os os",
            "system 6 import system sys",
            "sibling 6 import sibling pkg.sibling",
            "other 6 import other pkg.near.thing",
            "__name__ 6 global - pkg.m.__name__",
            "unknown 6 unresolved - -",
            "f 7 definition f pkg.m.f",
            "twice 11 definition twice pkg.m.twice",
        ]
    );
    let definitions = python(text).select("cst_refs", "name @definition");
    assert!(definitions.contains(&"f def f():".to_owned()));
    // Of two definitions of a name neither is the one.
    assert!(definitions.contains(&"twice -".to_owned()));
}

#[test]
fn functions_of_a_class_have_it_as_a_name() {
    let text = "\
class C:
    def m(self): return __class__.n(), lambda: __class__
    x = __class__
    def n(__class__): return __class__
    class D:
        y = __class__
        def o(self): return __class__
";
    assert_eq!(
        loads(text),
        [
            "__class__ 2 definition - pkg.m.C",
            "__class__ 2 definition - pkg.m.C",
            "__class__ 3 unresolved - -",
            "__class__ 4 parameter __class__ -",
            "__class__ 6 definition - pkg.m.C",
            "__class__ 7 definition - pkg.m.C.D",
        ]
    );
    let calls = python(text).select("cst_callsites", "qualified_name @definition");
    assert_eq!(calls, ["pkg.m.C.n def n(__class__): return __class__"]);
}

#[test]
fn where_names_stand() {
    let text = "\
@deco
class C(Base, k=Meta):
    a: Dict[Key, call(arg)] = val
    b.c.d = f(x, *y, k=z)(w)
    del e
async def g() -> R: await h
";
    let rows = python(text).select("cst_refs", "name context expression_context");
    assert_eq!(
        rows,
        [
            "deco load decorator",
            "Base load base",
            "Meta load base",
            "a store assignment_target",
            "Dict load annotation",
            "Key load annotation",
            "call load call_callee",
            "arg load argument",
            "val load other",
            "b load attribute_base",
            "f load call_callee",
            "x load argument",
            "y load argument",
            "z load argument",
            "w load argument",
            "e del other",
            "R load annotation",
            "h load other",
        ]
    );
}
