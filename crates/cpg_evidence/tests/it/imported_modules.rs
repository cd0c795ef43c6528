//! `imported_modules` and `exported_names`, without an interpreter. For equality with `importlib` see `oracle`.

use crate::support::Sources;

const COLUMNS: &str = "path imported role origin kind source_path source_module";

fn found(files: &[(&str, &str)]) -> Vec<String> {
    Sources::new(files).tables_of(&["python.imports"]).select("imported_modules", COLUMNS)
}

fn exported(files: &[(&str, &str)]) -> Vec<String> {
    let tables = Sources::new(files).tables_of(&["python.imports"]);
    tables.select("exported_names", "path kind name is_conditional")
}

#[test]
fn packages_modules_and_names_in_them() {
    let files = [
        ("p/__init__.py", "from .a import f\nfrom . import a, g\n"),
        ("p/a.py", "import p.b as b, p\n"),
        ("p/b/__init__.py", "from ..a import f\nfrom ... import x\nfrom .c import d\n"),
    ];
    assert_eq!(
        found(&files),
        [
            "p/__init__.py p.a module source module p/a.py p.a",
            "p/__init__.py p module source package p/__init__.py p",
            "p/__init__.py p.a submodule source module p/a.py p.a",
            "p/__init__.py p module source package p/__init__.py p",
            "p/a.py p.b module source package p/b/__init__.py p.b",
            "p/a.py p module source package p/__init__.py p",
            "p/b/__init__.py p.a module source module p/a.py p.a",
            "p/b/__init__.py  module - - - -",
            "p/b/__init__.py p.b.c module - - - -",
        ]
    );
}

#[test]
fn a_package_comes_before_a_module_and_both_before_a_stub() {
    let text = "import a, b, c, d, e\n";
    let files = [
        ("m.py", text),
        ("a.py", ""),
        ("a/__init__.py", ""),
        ("b.py", ""),
        ("b/__init__.pyi", ""),
        ("c.pyi", ""),
        ("c/d.py", ""),
        ("d.cpython-311-x86_64-linux-gnu.so", ""),
        ("e.abi3.so", ""),
        ("e.py", ""),
    ];
    assert_eq!(
        found(&files),
        [
            "m.py a module source package a/__init__.py a",
            "m.py b module source module b.py b",
            "m.py c module source module c.pyi c",
            "m.py d module source extension d.cpython-311-x86_64-linux-gnu.so -",
            "m.py e module source module e.py e",
        ]
    );
}

#[test]
fn the_standard_library_is_a_list() {
    let files = [
        ("p/__init__.py", ""),
        ("p/m.py", "import os.path, xml\nfrom json import decoder\nimport numpy\n"),
    ];
    assert_eq!(
        found(&files),
        [
            "p/m.py os.path module standard_library - - -",
            "p/m.py xml module standard_library - - -",
            "p/m.py json module standard_library - - -",
            "p/m.py numpy module - - - -",
        ]
    );
}

#[test]
fn ones_own_root_comes_before_the_standard_library_and_other_roots_after() {
    let files = [
        ("a/json/__init__.py", ""),
        ("a/json/own.py", "import json\n"),
        ("b/q/__init__.py", "import json, other\n"),
        ("c/d/other/__init__.py", ""),
        ("b/e/other/__init__.py", ""),
    ];
    assert_eq!(
        found(&files),
        [
            "a/json/own.py json module source package a/json/__init__.py json",
            "b/q/__init__.py json module standard_library - - -",
            "b/q/__init__.py other module source package b/e/other/__init__.py other",
        ]
    );
}

#[test]
fn src_layouts_tests_and_scripts() {
    let files = [
        ("src/p/__init__.py", ""),
        ("tests/test_p.py", "import p\nimport helper\nfrom helper import f\n"),
        ("tests/helper.py", ""),
    ];
    assert_eq!(
        found(&files),
        [
            "tests/test_p.py p module source package src/p/__init__.py p",
            "tests/test_p.py helper module source module tests/helper.py tests.helper",
            "tests/test_p.py helper module source module tests/helper.py tests.helper",
        ]
    );
}

#[test]
fn namespaces_have_parts_in_several_roots() {
    let files = [
        ("x/src/ns/a.py", "from ns import a, b, c\nfrom ns.b import d\nfrom . import b\n"),
        ("y/src/ns/b.py", ""),
        ("z/ns.txt", ""),
    ];
    assert_eq!(
        found(&files),
        [
            "x/src/ns/a.py ns module source namespace - -",
            "x/src/ns/a.py ns.a submodule source module x/src/ns/a.py ns.a",
            "x/src/ns/a.py ns module source namespace - -",
            "x/src/ns/a.py ns.b submodule source module y/src/ns/b.py ns.b",
            "x/src/ns/a.py ns module source namespace - -",
            "x/src/ns/a.py ns.b module source module y/src/ns/b.py ns.b",
            "x/src/ns/a.py ns module source namespace - -",
            "x/src/ns/a.py ns.b submodule source module y/src/ns/b.py ns.b",
        ]
    );
}

#[test]
fn a_module_that_is_no_package_has_no_modules() {
    let files = [("a.py", "import b.c\nfrom b import c\n"), ("b.py", ""), ("b/c.py", "")];
    assert_eq!(found(&files), ["a.py b.c module - - - -", "a.py b module source module b.py b"]);
}

#[test]
fn dots_lead_to_folders_and_not_out_of_the_source() {
    let files = [
        ("top.py", "from . import beside\nfrom .beside import x\nfrom .. import out\n"),
        ("beside.py", ""),
        ("__init__.py", ""),
    ];
    assert_eq!(
        found(&files),
        [
            "top.py  module source package __init__.py __init__",
            "top.py beside submodule source module beside.py beside",
            "top.py beside module source module beside.py beside",
            "top.py . module - - - -",
        ]
    );
}

#[test]
fn what_all_says() {
    let text = "\
__all__ = ['gone']
__all__: list[str] = ['a', 'b'] + ['c']
__all__ += ['d']
__all__.append('e')
__all__.extend(('f', *['g']))
__all__.remove('d')
if x:
    __all__ += ['h']
else:
    __all__ += sub.__all__
__all__ += [n for n in dir()]
__all__ = __all__ + other.inner.__all__
def f():
    __all__ = ['no']
";
    let files =
        [("p/__init__.py", text), ("q.py", "import other as o\n__all__ = list(o.__all__)\n")];
    let rows = exported(&files);
    assert_eq!(
        rows,
        [
            "p/__init__.py name a false",
            "p/__init__.py name b false",
            "p/__init__.py name c false",
            "p/__init__.py name e false",
            "p/__init__.py name f false",
            "p/__init__.py name g false",
            "p/__init__.py name h true",
            "p/__init__.py module p.sub true",
            "p/__init__.py unknown - false",
            "p/__init__.py module p.other.inner false",
            "q.py module other false",
        ]
    );
}

#[test]
fn a_module_that_comes_is_found_by_files_that_did_not_change() {
    let sources = Sources::new(&[("a.py", "import b\n")]);
    let fingerprint = |sources: &Sources| sources.scan().fingerprint("python.imports");
    let before = fingerprint(&sources);
    sources.write("b.py", b"");
    let with_b = fingerprint(&sources);
    assert_ne!(before, with_b);
    // What files of other languages there are does not matter.
    sources.write("c.txt", b"text");
    assert_eq!(fingerprint(&sources), with_b);
}
