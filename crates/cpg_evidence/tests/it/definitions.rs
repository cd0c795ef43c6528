//! `cst_scopes`, `cst_defs`, `cst_params`, `cst_decorators`, `cst_docstrings`, `cst_bases`.

use crate::support::python;

const NESTED: &str = "\
import functools

@functools.cache
# a comment
@wrap(1)
async def outer(a, /, b: int = 0, *args, c, **kw):
    '''Doc.

    More.
    '''
    def inner():
        return lambda x, *, y=lambda: 1: x
    return [i for i in (lambda: a)()]

class C(Base, metaclass=Meta):
    @property
    def method(self): return lambda: self

f = lambda: 0
";

#[test]
fn definitions_have_their_place_and_container() {
    let tables = python(NESTED);
    assert_eq!(
        tables.select(
            "cst_defs",
            "kind qualified_name @container container_kind is_method is_async start_line"
        ),
        [
            "function pkg.m.outer - - false true 6",
            "function pkg.m.outer.inner async def outer(a, /, b: int = 0, *args, c, **kw): function false false 11",
            "lambda pkg.m.outer.inner.<lambda1> def inner(): function false false 12",
            "lambda pkg.m.outer.inner.<lambda2> def inner(): function false false 12",
            "lambda pkg.m.outer.<lambda1> async def outer(a, /, b: int = 0, *args, c, **kw): function false false 13",
            "class pkg.m.C - - false false 15",
            "function pkg.m.C.method class C(Base, metaclass=Meta): class true false 17",
            "lambda pkg.m.C.method.<lambda1> def method(self): return lambda: self function false false 17",
            "lambda pkg.m.<lambda1> - - false false 19",
        ]
    );
    assert_eq!(
        tables.select("cst_defs", "@ @name")[0],
        "async def outer(a, /, b: int = 0, *args, c, **kw): outer"
    );
}

#[test]
fn parameters() {
    assert_eq!(
        python(NESTED).select("cst_params", "@ name position kind has_default annotation"),
        [
            "a a 0 positional_only false -",
            "b b 1 positional_or_keyword true int",
            "args args 2 var_positional false -",
            "c c 3 keyword_only false -",
            "kw kw 4 var_keyword false -",
            "x x 0 positional_or_keyword false -",
            "y y 1 keyword_only true -",
            "self self 0 positional_or_keyword false -",
        ]
    );
    // A star without a name is no parameter, and what follows it is keyword-only.
    assert_eq!(
        python("def f(a, *, k): pass\n").select("cst_params", "name position kind"),
        ["a 0 positional_or_keyword", "k 1 keyword_only"]
    );
}

#[test]
fn scopes_have_parents() {
    assert_eq!(
        python("def f[T](x: T): return {a: b for a, b in x}\n")
            .select("cst_scopes", "kind qualified_name @ @parent"),
        [
            "function pkg.m.f def f[T](x: T): return {a: b for a, b in x} [T]",
            "module pkg.m def f[T](x: T): return {a: b for a, b in x} -",
            "type_parameters pkg.m.<type_parameters> [T] def f[T](x: T): return {a: b for a, b in x}",
            "comprehension pkg.m.f.<comprehension> {a: b for a, b in x} def f[T](x: T): return {a: b for a, b in x}",
        ]
    );
}

#[test]
fn decorators_from_the_top() {
    assert_eq!(
        python(NESTED)
            .select("cst_decorators", "@ position qualified_name is_call @owner @container"),
        [
            "functools.cache 0 functools.cache false async def outer(a, /, b: int = 0, *args, c, **kw): -",
            "wrap(1) 1 - true async def outer(a, /, b: int = 0, *args, c, **kw): -",
            "property 0 builtins.property false def method(self): return lambda: self class C(Base, metaclass=Meta):",
        ]
    );
}

#[test]
fn docstrings_are_cleaned() {
    let tables = python(
        "\"mod\" 'ule'\nclass C:\n    r'''\n    Doc.\n      More.\n    '''\n    def f(self): f'no'\n",
    );
    assert_eq!(
        tables.select("cst_docstrings", "owner_kind text @owner start_line"),
        ["module module - 1", "class Doc.\n  More. class C: 3"]
    );
}

#[test]
fn bases_and_keywords() {
    let tables =
        python("import abc\nclass A: pass\nclass B(A, abc.ABC, *more, metaclass=M, **kw): pass\n");
    assert_eq!(
        tables.select(
            "cst_bases",
            "@ position keyword class_qualified_name qualified_name @definition"
        ),
        [
            "A 0 - pkg.m.B pkg.m.A class A: pass",
            "abc.ABC 1 - pkg.m.B abc.ABC -",
            "more 2 - pkg.m.B - -",
            "M 3 metaclass pkg.m.B - -",
            "kw 4 - pkg.m.B - -",
        ]
    );
}

#[test]
fn names_declared_global_are_the_modules() {
    let tables = python("def make():\n    global f\n    def f(): pass\nf()\n");
    assert_eq!(tables.select("cst_defs", "qualified_name"), ["pkg.m.make", "pkg.m.f"]);
    assert_eq!(
        tables.select("cst_callsites", "qualified_name @definition"),
        ["pkg.m.f def f(): pass"]
    );
}
