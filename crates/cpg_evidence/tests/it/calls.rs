//! `cst_callsites` and `cst_call_args`.

use crate::support::python;

#[test]
fn shapes_and_receivers() {
    let text = "\
import os
def f(): pass
class C:
    def m(self):
        self.n()
        self.a.b()
        super().m()
        def inner(): self.m()
    @classmethod
    def k(cls): cls.m(); cls()
    @staticmethod
    def s(self): self.m()
    def n(self): C.m(self)
f()
os.path.join('a')
C().m()
''.join(x)
xs[0]()
f()()
(lambda: 1)()
unknown.thing()
[].append(1)
";
    assert_eq!(
        python(text).select(
            "cst_callsites",
            "@callee shape receiver_kind receiver_name receiver_qualified_name qualified_name @definition"
        ),
        [
            "self.n attribute self self pkg.m.C pkg.m.C.n def n(self): C.m(self)",
            "self.a.b attribute other self - - -",
            "super name - - - builtins.super -",
            "super().m attribute super - - - -",
            "self.m attribute self self pkg.m.C pkg.m.C.m def m(self):",
            "cls.m attribute cls cls pkg.m.C pkg.m.C.m def m(self):",
            "cls name - - - - -",
            "self.m attribute name self - - -",
            "C.m attribute name C pkg.m.C pkg.m.C.m def m(self):",
            "f name - - - pkg.m.f def f(): pass",
            "os.path.join attribute name os os.path os.path.join -",
            "C name - - - pkg.m.C class C:",
            "C().m attribute call - - - -",
            "''.join attribute literal - builtins.str builtins.str.join -",
            "xs[0] subscript - - - - -",
            "f name - - - pkg.m.f def f(): pass",
            "f() call - - - - -",
            "lambda: 1 lambda - - - pkg.m.<lambda1> lambda: 1",
            "unknown.thing attribute name unknown - - -",
            "[].append attribute literal - builtins.list builtins.list.append -",
        ]
    );
}

#[test]
fn a_reassigned_self_is_no_instance() {
    let text = "class C:\n    def m(self):\n        self = other()\n        self.m()\n";
    assert_eq!(
        python(text).select("cst_callsites", "callee_text receiver_kind qualified_name"),
        ["other - -", "self.m name -"]
    );
}

#[test]
fn calls_stand_in_the_definition_that_runs_them() {
    let text = "\
@deco(1)
def f(a=default()):
    body()
class C(base()):
    attr = value()
    fs = [g() for _ in it()]
h = lambda: inside()
";
    assert_eq!(
        python(text).select("cst_callsites", "callee_name container_kind @container"),
        [
            "deco - -",
            "default - -",
            "body function def f(a=default()):",
            "base - -",
            "value class class C(base()):",
            "g class class C(base()):",
            "it class class C(base()):",
            "inside lambda lambda: inside()",
        ]
    );
}

#[test]
fn counts_lines_and_awaits() {
    let text = "async def f():\n    await g(\n        1, *a, k=2, **b)\n    g()\n";
    assert_eq!(
        python(text).select(
            "cst_callsites",
            "arg_count keyword_count has_star has_double_star is_await start_line end_line text"
        ),
        ["2 2 true true true 2 3 g(", "0 0 false false false 4 4 g()"]
    );
}

#[test]
fn arguments() {
    let text = "import m\ndef f(): pass\ng(f, *m.xs, lambda: 1, k=g(2), **{'a': 1})\n";
    assert_eq!(
        python(text)
            .select("cst_call_args", "@ position keyword star value_kind value_qualified_name"),
        [
            "f 0 - - name pkg.m.f",
            "m.xs 1 - * attribute m.xs",
            "lambda: 1 2 - - lambda pkg.m.<lambda1>",
            "g(2) 3 k - call -",
            "2 0 - - constant -",
            "{'a': 1} 4 - ** other -",
        ]
    );
}
