//! Keys: what tells things of a file apart by names alone.

use std::collections::BTreeSet;

use crate::support::{Sources, python};

const TEXT: &str = "\
import a.b, a.c
from d import e, e

class C[T](Base):
    '''Doc.'''
    __x = 1
    @wrap(1)
    @prop
    def m(self, n=lambda x: x): return [n(i) for i in self.f()] + [i for i in n(1)]
    @prop.setter
    def m(self, n): self.f(n).f(n); n[0](n, k=lambda: n)

if C:
    class C(C):
        def m(self): nonlocal_ = self
else:
    def C(): pass

def make():
    global made
    def made(a, a): return a
    def made(): return lambda: (lambda: 1)
    return made
";

/// What is named, with the columns that tell it from others.
const KEYS: [(&str, &str); 9] = [
    ("cst_defs", "path key"),
    ("cst_params", "path key"),
    ("cst_refs", "path container_key name ordinal"),
    ("cst_imports", "path container_key target bound_name ordinal"),
    ("cst_callsites", "path container_key callee_name ordinal"),
    ("cst_call_args", "path container_key callee_name call_ordinal position"),
    ("cst_decorators", "path owner_key position"),
    ("cst_bases", "path class_key position"),
    ("cst_docstrings", "path owner_key"),
];

/// The columns that hold the key of a definition.
const OF_DEFINITIONS: [(&str, &str); 13] = [
    ("cst_defs", "container_key"),
    ("cst_params", "function_key"),
    ("cst_refs", "container_key"),
    ("cst_refs", "definition_key"),
    ("cst_bindings", "container_key"),
    ("cst_imports", "container_key"),
    ("cst_callsites", "container_key"),
    ("cst_callsites", "definition_key"),
    ("cst_call_args", "container_key"),
    ("cst_decorators", "owner_key"),
    ("cst_decorators", "definition_key"),
    ("cst_bases", "class_key"),
    ("cst_docstrings", "owner_key"),
];

#[test]
fn definitions_are_numbered_where_names_repeat() {
    assert_eq!(
        python(TEXT).select("cst_defs", "key container_key @"),
        [
            "C - class C[T](Base):",
            "C.m C def m(self, n=lambda x: x): return [n(i) for i in self.f()] + [i for i in n(1)]",
            "C.<lambda1> C lambda x: x",
            "C.m#2 C def m(self, n): self.f(n).f(n); n[0](n, k=lambda: n)",
            "C.m#2.<lambda1> C.m#2 lambda: n",
            "C#2 - class C(C):",
            "C#2.m C#2 def m(self): nonlocal_ = self",
            "C#3 - def C(): pass",
            "make - def make():",
            "made make def made(a, a): return a",
            "made#2 make def made(): return lambda: (lambda: 1)",
            "made#2.<lambda1> made#2 lambda: (lambda: 1)",
            "made#2.<lambda1>.<lambda1> made#2.<lambda1> lambda: 1",
        ]
    );
}

#[test]
fn parameters_and_variables_have_the_key_of_their_scope() {
    let tables = python(TEXT);
    assert_eq!(
        tables.select("cst_params", "function_key key"),
        [
            "C.m C.m.self",
            "C.m C.m.n",
            "C.<lambda1> C.<lambda1>.x",
            "C.m#2 C.m#2.self",
            "C.m#2 C.m#2.n",
            "C#2.m C#2.m.self",
            "made made.a",
            "made made.a#1",
        ]
    );
    let variables = tables.rows["cst_bindings"].iter();
    let variables = variables.filter(|row| {
        let kinds = ["parameter", "function", "class", "import", "global"];
        row["is_first"] == "true" && !kinds.contains(&row["kind"].as_str())
    });
    assert_eq!(
        variables.map(|row| row["key"].as_str()).collect::<Vec<_>>(),
        ["T#1", "C._C__x", "C.m.i#1", "C.m.i#2", "C#2.m.nonlocal_"]
    );
    let references = tables.select("cst_refs", "name binding_kind binding_key definition_key");
    for expected in [
        "n parameter C.m#2.n -",
        "i local C.m.i#2 -",
        "made definition made -",
        "self parameter C#2.m.self -",
    ] {
        assert!(references.contains(&expected.to_owned()), "{expected} in {references:#?}");
    }
}

#[test]
fn calls_of_a_name_are_numbered_in_their_definition() {
    let tables = python(TEXT);
    assert_eq!(
        tables.select("cst_callsites", "container_key callee_name ordinal @"),
        [
            "C wrap 0 wrap(1)",
            "C.m n 0 n(i)",
            "C.m f 0 self.f()",
            "C.m n 1 n(1)",
            "C.m#2 f 1 self.f(n)",
            "C.m#2 f 0 self.f(n).f(n)",
            "C.m#2 - 0 n[0](n, k=lambda: n)",
        ]
    );
    assert_eq!(
        tables.select("cst_call_args", "container_key callee_name call_ordinal position @"),
        [
            "C wrap 0 0 1",
            "C.m n 0 0 i",
            "C.m n 1 0 1",
            "C.m#2 f 1 0 n",
            "C.m#2 f 0 0 n",
            "C.m#2 - 0 0 n",
            "C.m#2 - 0 1 lambda: n",
        ]
    );
    assert_eq!(
        tables.select("cst_imports", "target bound_name ordinal"),
        ["a.b a 0", "a.c a 0", "d.e e 0", "d.e e 1"]
    );
}

#[test]
fn keys_stay_when_lines_move() {
    let moved = TEXT.replace("\nclass", "\n# a comment\nclass").replace("\nif C:", "\n\nif C:");
    let (before, after) = (python(TEXT), python(&format!("\n{moved}")));
    for (table, columns) in KEYS.into_iter().chain(OF_DEFINITIONS).chain([("cst_bindings", "key")])
    {
        assert_eq!(
            before.select(table, columns),
            after.select(table, columns),
            "{table}: {columns}"
        );
    }
}

/// Every beginning of a text is a text that somebody types.
#[test]
fn keys_are_unique_and_known_in_broken_text() {
    let broken = "def (:\n  def x(\n  x = lambda: lambda\nclass :\n  def m(self, self, *: self.m(\n    y: \
                  lambda: 0 = 1\nf'{lambda x: 1}'; (lambda: 0) += 1; del lambda: 1\n@(lambda: 0)\nimport \
                  \nfor lambda: 1 in x: pass\nwith f() as lambda: 2: pass\n";
    let files: Vec<(String, &str)> = [TEXT, broken]
        .into_iter()
        .flat_map(|text| (0..=text.len()).map(move |end| &text[..end]))
        .enumerate()
        .map(|(number, text)| (format!("f{number}.py"), text))
        .collect();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let tables = Sources::new(&files).tables_of(&["python.cst"]);
    for (table, columns) in KEYS {
        let mut seen = BTreeSet::new();
        for key in tables.select(table, columns) {
            assert!(seen.insert(key.clone()), "{table}: {key}");
        }
    }
    let known: BTreeSet<_> = tables.select("cst_defs", "path key").into_iter().collect();
    for (table, column) in OF_DEFINITIONS {
        for (key, row) in
            tables.select(table, &format!("path {column}")).iter().zip(&tables.rows[table])
        {
            assert!(row[column] == "-" || known.contains(key), "{table}.{column}: {key}");
        }
    }
}

#[test]
fn scopes_have_the_key_of_their_definition_or_a_number() {
    let tables = python(TEXT);
    assert_eq!(
        tables.select("scopes", "kind key parent_key"),
        [
            "module  -",
            "class C type_parameters#1",
            "type_parameters type_parameters#1 ",
            "function C.m C",
            "lambda C.<lambda1> C",
            "comprehension C.m.comprehension#1 C.m",
            "comprehension C.m.comprehension#2 C.m",
            "function C.m#2 C",
            "lambda C.m#2.<lambda1> C.m#2",
            "class C#2 ",
            "function C#2.m C#2",
            "function C#3 ",
            "function make ",
            "function made make",
            "function made#2 make",
            "lambda made#2.<lambda1> made#2",
            "lambda made#2.<lambda1>.<lambda1> made#2.<lambda1>",
        ]
    );
    let symbols = tables.select("symbols", "resolution scope_key name owner_key");
    for expected in ["free C.m.comprehension#1 n C.m.n", "free C.m#2.<lambda1> n C.m#2.n"] {
        assert!(symbols.contains(&expected.to_owned()), "{expected} in {symbols:#?}");
    }
    let bindings = tables.select("cst_bindings", "name kind scope_key");
    for expected in ["m function C", "i for C.m.comprehension#2", "made function "] {
        assert!(bindings.contains(&expected.to_owned()), "{expected} in {bindings:#?}");
    }
}
