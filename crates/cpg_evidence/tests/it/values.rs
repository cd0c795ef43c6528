//! `cst_attributes`, `cst_assignments`, `cst_returns` and `cst_type_exprs`: what they say beyond the syntax tree, which
//! `oracle` compares.

use crate::support::python;

#[test]
fn attributes_say_what_their_base_is() {
    let text = "\
import os.path as p
class C:
    def m(self):
        self.a.b = p.join(C.m, 'x'.upper, super().m)
        del self.a
@p.d
def f(x: p.T): return x.y
";
    let columns = "@ context expression_context root_name receiver_kind qualified_name";
    assert_eq!(
        python(text).select("cst_attributes", columns),
        [
            "self.a load attribute_base self self pkg.m.C.a",
            "self.a.b store assignment_target self other -",
            "p.join load call_callee p name os.path.join",
            "C.m load argument C name pkg.m.C.m",
            "'x'.upper load argument - literal builtins.str.upper",
            "super().m load argument - super -",
            "self.a del other self self pkg.m.C.a",
            "p.d load decorator p name os.path.d",
            "p.T load annotation p name os.path.T",
            "x.y load other x name -",
        ]
    );
    let tables = python(text);
    let named = tables.select("cst_attributes", "@name @value @definition");
    assert!(named.contains(&"m C def m(self):".to_owned()), "{named:?}");
}

#[test]
fn assignments_are_unpacked() {
    let text = "\
import os
a = b[0] = os
a, (self.c, *d), *e, f = g()
(h, [i, j]) = k, lambda: 0
l += 1
n: int
(o): 'int' = len
p = [q := 1 for r in s]
*t, = u
v, w = *x, y
a, *b, c = 1, 'x', len
for d, (e, f) in g: pass
with h as i, j: pass
";
    let columns =
        "kind target_kind @ operator annotation @value value_kind value_path value_qualified_name";
    assert_eq!(
        python(text).select("cst_assignments", columns),
        [
            "assign name a - - os name - os",
            "assign subscript b[0] - - os name - os",
            "assign name a - - g() call 0 -",
            "assign attribute self.c - - g() call 1.0 -",
            "assign name d - - g() call 1.1: -",
            "assign name e - - g() call 2:-1 -",
            "assign name f - - g() call -1 -",
            "assign name h - - k name - -",
            "assign name i - - lambda: 0 lambda 0 pkg.m.<lambda1>",
            "assign name j - - lambda: 0 lambda 1 pkg.m.<lambda1>",
            "augmented name l += - 1 constant - -",
            "annotated name n - int - - - -",
            "annotated name o - 'int' len name - builtins.len",
            "assign name p - - [q := 1 for r in s] other - -",
            "walrus name q - - 1 constant - -",
            "for name r - - s name - -",
            "assign name t - - u name 0: -",
            "assign name v - - *x, y other 0 -",
            "assign name w - - *x, y other 1 -",
            "assign name a - - 1 constant - -",
            "assign name b - - 1, 'x', len other 1:-1 -",
            "assign name c - - len name - builtins.len",
            "for name d - - g name 0 -",
            "for name e - - g name 1.0 -",
            "for name f - - g name 1.1 -",
            "with name i - - h name - -",
        ]
    );
}

#[test]
fn elements_are_found_by_literals() {
    let text = "\
a = [f, *g, h], (-1,), {k}
b = {'x': f, 2: g, k: h, **m, True: n}
c = [p for p in q], {r: s for r in t}
d[0] = e['x\\n'][i][1:][::2][-1]
";
    let tables = python(text);
    assert_eq!(
        tables.select("cst_elements", "@ position star @key key_literal"),
        [
            "[f, *g, h] 0 - - 0",
            "f 0 - - 0",
            "g 1 * - -",
            "h 2 - - -",
            "(-1,) 1 - - 1",
            "-1 0 - - 0",
            "{k} 2 - - 2",
            "k 0 - - -",
            "f 0 - 'x' 'x'",
            "g 1 - 2 2",
            "h 2 - k -",
            "m 3 ** - -",
            "n 4 - True 1",
            "[p for p in q] 0 - - 0",
            "p 0 - - -",
            "{r: s for r in t} 1 - - 1",
            "s 0 - r -",
        ]
    );
    assert_eq!(
        tables.select("cst_displays", "kind is_comprehension @"),
        [
            "list false [f, *g, h]",
            "tuple false [f, *g, h], (-1,), {k}",
            "tuple false (-1,)",
            "set false {k}",
            "dict false {'x': f, 2: g, k: h, **m, True: n}",
            "list true [p for p in q]",
            "tuple false [p for p in q], {r: s for r in t}",
            "dict true {r: s for r in t}",
        ]
    );
    assert_eq!(
        tables
            .select("cst_subscripts", "context @value @index index_kind index_literal slice_from"),
        [
            "store d 0 constant 0 -",
            "load e 'x\\n' constant 'x\\n' -",
            "load e['x\\n'] i name - -",
            "load e['x\\n'][i] 1: slice - 1",
            "load e['x\\n'][i][1:] ::2 slice - -",
            "load e['x\\n'][i][1:][::2] -1 other -1 -",
        ]
    );
}

#[test]
fn parts_give_the_whole_its_value() {
    let text = "async def f(): return a if b else (c or d and await e, g := h)\n";
    assert_eq!(
        python(text).select("cst_parts", "@ whole_kind @whole"),
        [
            "a if a if b else (c or d and await e, g := h)",
            "(c or d and await e, g := h) if a if b else (c or d and await e, g := h)",
            "c or c or d and await e",
            "d and d and await e",
            "d and await e or c or d and await e",
            "await e and d and await e",
            "e await await e",
            "h walrus g := h",
        ]
    );
}

#[test]
fn operations_are_done_by_special_methods() {
    let text = "\
def f():
    a += -b @ c
    with d, e as g: raise h
    return 1 < i in j
[k async for k in l]
";
    assert_eq!(
        python(text).select("cst_operations", "kind operator @operand @other container_kind"),
        [
            "augmented + a -b @ c function",
            "unary - b - function",
            "binary @ -b c function",
            "with - d - function",
            "with - e - function",
            "raise - h - function",
            "compare < 1 i function",
            "compare in j i function",
            "async_for - l - -",
        ]
    );
}

#[test]
fn attributes_of_instances_are_those_of_the_class() {
    let text = "class C:\n    def m(self, x): self.a: int = x\n    b = 1\n";
    let columns = "target_text target_qualified_name container_kind @container";
    assert_eq!(
        python(text).select("cst_assignments", columns),
        ["self.a pkg.m.C.a function def m(self, x): self.a: int = x", "b - class class C:",]
    );
}

#[test]
fn functions_give_values() {
    let text = "\
def f(x):
    if x: return
    yield
    y = yield f
    yield from (z for z in x)
    return lambda: len
class C: a = lambda: (yield)
";
    assert_eq!(
        python(text).select("cst_returns", "kind @ value_kind value_qualified_name @container"),
        [
            "return return - - def f(x):",
            "yield yield - - def f(x):",
            "yield yield f name pkg.m.f def f(x):",
            "yield_from yield from (z for z in x) other - def f(x):",
            "return return lambda: len lambda pkg.m.f.<lambda1> def f(x):",
            "lambda len name builtins.len lambda: len",
            "lambda yield other - lambda: (yield)",
            "yield yield - - lambda: (yield)",
        ]
    );
}

#[test]
fn types_and_their_parts() {
    let text = "\
from typing import Annotated, Literal, Optional as O
class A: pass
def f(x: O['A'], *y: Literal['A'], **z: Annotated[A, 'A']): ...
def g() -> 'dict[str, A] | None': ...
v: A | list[int, ...] | None = None
w: 'a b'
u: '\\x41'
type B[T: (A, int) = A] = T
";
    let columns = "role @owner @parent position form @ is_quoted qualified_name";
    assert_eq!(
        python(text).select("cst_type_exprs", columns),
        [
            "parameter x - 0 generic O['A'] false typing.Optional",
            "parameter x O['A'] 0 string 'A' false -",
            "parameter x 'A' 0 name A true pkg.m.A",
            "parameter y - 0 generic Literal['A'] false typing.Literal",
            "parameter z - 0 generic Annotated[A, 'A'] false typing.Annotated",
            "parameter z Annotated[A, 'A'] 0 name A false pkg.m.A",
            "return def g() -> 'dict[str, A] | None': ... - 0 string 'dict[str, A] | None' false -",
            "return def g() -> 'dict[str, A] | None': ... dict[str, A] | None 0 generic dict[str, A] true builtins.dict",
            "return def g() -> 'dict[str, A] | None': ... 'dict[str, A] | None' 0 union dict[str, A] | None true -",
            "return def g() -> 'dict[str, A] | None': ... dict[str, A] 0 name str true builtins.str",
            "return def g() -> 'dict[str, A] | None': ... dict[str, A] 1 name A true pkg.m.A",
            "return def g() -> 'dict[str, A] | None': ... dict[str, A] | None 1 none None true -",
            "variable v A | list[int, ...] | None 0 name A false pkg.m.A",
            "variable v - 0 union A | list[int, ...] | None false -",
            "variable v A | list[int, ...] | None 1 generic list[int, ...] false builtins.list",
            "variable v list[int, ...] 0 name int false builtins.int",
            "variable v list[int, ...] 1 ellipsis ... false -",
            "variable v A | list[int, ...] | None 2 none None false -",
            "variable w - 0 string 'a b' false -",
            "variable u - 0 string '\\x41' false -",
            "bound T - 0 tuple (A, int) false -",
            "bound T (A, int) 0 name A false pkg.m.A",
            "bound T (A, int) 1 name int false builtins.int",
            "default T - 0 name A false pkg.m.A",
            "alias B - 0 name T false -",
        ]
    );
}

#[test]
fn long_strings_are_no_types() {
    let deep = format!("x: '{}int{}'\n", "[".repeat(1_500), "]".repeat(1_500));
    assert_eq!(python(&deep).select("cst_type_exprs", "form"), ["string"]);
    let union = format!("x: {}int\n", "int | ".repeat(3_000));
    let forms = python(&union).select("cst_type_exprs", "form");
    assert_eq!(forms.len(), 3_002);
}
