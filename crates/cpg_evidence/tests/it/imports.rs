//! `cst_imports`.

use crate::support::{Sources, python};

#[test]
fn every_form() {
    let text = "\
import a, b.c, d.e as f
from g import h, i as j
from . import k
from ..l.m import *
if x:
    from .n import o
def p():
    import q
";
    let tables = python(text);
    assert_eq!(
        tables.select(
            "cst_imports",
            "@ kind module_name name alias bound_name level is_star target target_module"
        ),
        [
            "a import a - - a 0 false a a",
            "b.c import b.c - - b 0 false b.c b.c",
            "d.e as f import d.e - f f 0 false d.e d.e",
            "h from g h - h 0 false g.h g",
            "i as j from g i j j 0 false g.i g",
            "k from - k - k 1 false pkg.k pkg",
            "* from l.m - - - 2 true l.m l.m",
            "o from n o - o 1 false pkg.n.o pkg.n",
            "q import q - - q 0 false q q",
        ]
    );
    assert_eq!(
        tables.select("cst_imports", "target is_conditional @scope")[6..],
        [
            "l.m false import a, b.c, d.e as f",
            "pkg.n.o true import a, b.c, d.e as f",
            "q false def p():"
        ]
    );
}

#[test]
fn packages_count_from_themselves() {
    let sources = Sources::new(&[
        ("p/__init__.py", "from .a import b\n"),
        ("top.py", "from .a import b\nfrom .. import c\n"),
    ]);
    assert_eq!(
        sources.tables().select("cst_imports", "path module target"),
        ["p/__init__.py p p.a.b", "top.py top a.b", "top.py top .c"]
    );
}

#[test]
fn dotted_imports_bind_their_first_name() {
    assert_eq!(
        python("import a.b.c\na.b.c.f()\n").select("cst_callsites", "qualified_name"),
        ["a.b.c.f"]
    );
    assert_eq!(
        python("import a.b.c as d\nd.f()\n").select("cst_callsites", "qualified_name"),
        ["a.b.c.f"]
    );
}
