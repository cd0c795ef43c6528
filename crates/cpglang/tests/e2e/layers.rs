//! The layers of the graph, edge by edge on small programs: scopes, control flow, data flow, types, symbols of an index.

use crate::sandbox::Sandbox;

/// The build of one module, `m.py`.
fn built(text: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("code/m.py", text);
    sandbox.build("code");
    sandbox
}

/// The edges of a kind, as `KIND name:line -> KIND name:line`, with the label and a confidence below one.
fn edges(sandbox: &Sandbox, kind: &str) -> Vec<String> {
    let end = |of: &str| {
        format!(
            "concat({of}.kind, ' ', coalesce({of}.name, {of}.text, ''), \
             coalesce(':' || cast({of}.start_line as varchar), ''))"
        )
    };
    let sql = format!(
        "select concat({}, ' -> ', {}, coalesce(' ' || e.label, ''), \
             case when e.confidence < 1 then concat(' ', round(e.confidence, 2)) else '' end) \
         from cpg_edges e join cpg_nodes s on e.src = s.node_id join cpg_nodes d on e.dst = d.node_id \
         where e.kind = '{kind}' order by s.start, s.kind, d.start, d.kind, d.name, e.label",
        end("s"),
        end("d")
    );
    sandbox.column("code/.cpglang", &sql)
}

#[test]
fn scopes_bind_and_capture() {
    let sandbox = built(
        "import os\n\
         def outer(a):\n    \
             b = [a for a in a]\n    \
             def inner():\n        \
                 return a, b, inner, os\n    \
             return inner\n",
    );
    assert_eq!(
        edges(&sandbox, "SCOPE_PARENT"),
        [
            "SCOPE outer:2 -> SCOPE top:1",
            "SCOPE listcomp:3 -> SCOPE outer:2",
            "SCOPE inner:4 -> SCOPE outer:2",
        ]
    );
    assert_eq!(
        edges(&sandbox, "BINDS"),
        [
            "SCOPE top:1 -> IMPORT os:1",
            "SCOPE top:1 -> FUNCTION outer:2",
            "SCOPE outer:2 -> PARAMETER a:2",
            "SCOPE outer:2 -> VARIABLE b:3",
            "SCOPE outer:2 -> FUNCTION inner:4",
            "SCOPE listcomp:3 -> VARIABLE a:3",
        ]
    );
    assert_eq!(
        edges(&sandbox, "CAPTURES"),
        [
            "SCOPE inner:4 -> PARAMETER a:2",
            "SCOPE inner:4 -> VARIABLE b:3",
            "SCOPE inner:4 -> FUNCTION inner:4",
        ]
    );
}

#[test]
fn control_flow_says_how_it_goes_on_and_what_decides() {
    let sandbox = built(
        "def f(a):\n    \
             while a:\n        \
                 if a.b:\n            \
                     break\n        \
                 a = a.c\n    \
             raise a\n",
    );
    assert_eq!(
        edges(&sandbox, "FLOW"),
        [
            "BLOCK body:1 -> EXIT exit next",
            "BLOCK loop:2 -> BLOCK body:3 true",
            "BLOCK loop:2 -> BLOCK body:6 false",
            "BLOCK body:3 -> BLOCK body:4 true",
            "BLOCK body:3 -> BLOCK body:5 false",
            "BLOCK body:4 -> BLOCK body:6 break",
            "BLOCK body:5 -> BLOCK loop:2 loop",
            "BLOCK body:6 -> EXIT raise raise",
            "ENTRY entry -> BLOCK body:1 next",
            "ENTRY entry -> BLOCK loop:2 next",
        ]
    );
    assert_eq!(
        edges(&sandbox, "CONTROLS"),
        [
            "BLOCK loop:2 -> BLOCK body:3",
            "BLOCK body:3 -> BLOCK loop:2",
            "BLOCK body:3 -> BLOCK body:4",
            "BLOCK body:3 -> BLOCK body:5",
        ]
    );
    let dominated = edges(&sandbox, "DOMINATES");
    for expected in ["BLOCK loop:2 -> BLOCK body:6", "BLOCK body:3 -> BLOCK body:4"] {
        assert!(dominated.contains(&expected.to_owned()), "{expected} in {dominated:#?}");
    }
    // Every block is in a scope.
    let lost = "select count(*) from cpg_nodes b left anti join \
                (select dst from cpg_edges where kind = 'CONTAINS') e on b.node_id = e.dst \
                where b.kind in ('BLOCK', 'ENTRY', 'EXIT', 'SCOPE')";
    assert_eq!(sandbox.column("code/.cpglang", lost), ["0"]);
}

#[test]
fn values_flow_through_names_calls_and_returns() {
    let sandbox = built(
        "def twice(value):\n    \
             result = value + value\n    \
             return result\n\
         \n\
         def use(a):\n    \
             if a:\n        \
                 b = 1\n    \
             else:\n        \
                 b = twice(a)\n    \
             return b\n",
    );
    assert_eq!(
        edges(&sandbox, "REACHES"),
        [
            "PARAMETER value:1 -> REFERENCE value:2",
            "PARAMETER value:1 -> REFERENCE value:2",
            "REFERENCE result:2 -> REFERENCE result:3",
            "PARAMETER a:5 -> REFERENCE a:6",
            "PARAMETER a:5 -> REFERENCE a:9",
            "REFERENCE b:7 -> REFERENCE b:10",
            "REFERENCE b:9 -> REFERENCE b:10",
        ]
    );
    assert_eq!(
        edges(&sandbox, "FLOWS_TO"),
        [
            "FUNCTION twice:1 -> CALL twice:9 0.99",
            "REFERENCE value:2 -> REFERENCE result:2 0.7",
            "REFERENCE value:2 -> REFERENCE result:2 0.7",
            "REFERENCE result:3 -> FUNCTION twice:1",
            "CALL twice:9 -> REFERENCE b:9",
            "ARGUMENT a -> PARAMETER value:1 0.89",
            "REFERENCE a:9 -> ARGUMENT a",
            "REFERENCE b:10 -> FUNCTION use:5",
        ]
    );
}

#[test]
fn names_with_several_definitions_lead_to_those_that_count() {
    let sandbox = built(
        "from typing import overload\n\
         class C:\n    \
             @property\n    \
             def p(self): pass\n    \
             @p.setter\n    \
             def p(self, to): pass\n\
         if C:\n    \
             def f(): pass\n\
         else:\n    \
             def f(): pass\n\
         f\n\
         @overload\n\
         def g(a: int) -> int: ...\n\
         @overload\n\
         def g(a: str) -> str: ...\n\
         def g(a): return a\n\
         def h(): return g(1)\n\
         class D:\n    \
             early = late\n    \
             def late(self): pass\n    \
             now = late\n",
    );
    let refers = edges(&sandbox, "REFERS_TO");
    let to = |from: &str| {
        refers.iter().filter(|edge| edge.starts_with(from)).map(String::as_str).collect::<Vec<_>>()
    };
    // What the setter is made of is the getter.
    assert_eq!(to("REFERENCE p:5"), ["REFERENCE p:5 -> METHOD p:4 0.95"]);
    assert_eq!(
        to("REFERENCE f:11"),
        ["REFERENCE f:11 -> FUNCTION f:8 0.95", "REFERENCE f:11 -> FUNCTION f:10 0.95"]
    );
    // From another scope it is the last.
    assert_eq!(to("REFERENCE g:17"), ["REFERENCE g:17 -> FUNCTION g:16 0.95"]);
    // Before its definition, a name of a class means something else.
    assert_eq!(to("REFERENCE late:19"), [""; 0]);
    assert_eq!(to("REFERENCE late:21"), ["REFERENCE late:21 -> METHOD late:20"]);
    // What only says types is not called.
    assert_eq!(edges(&sandbox, "CALLS"), ["CALL g:17 -> FUNCTION g:16 0.8"]);
}

#[test]
fn imports_lead_to_variables_and_modules() {
    let sandbox = Sandbox::new();
    sandbox.write("code/p/__init__.py", "from .b import LIMIT\nfrom .c import c\n");
    sandbox.write("code/p/b.py", "LIMIT = 1\n");
    sandbox.write("code/p/c.py", "c = 2\n");
    sandbox.write("code/m.py", "from p import LIMIT, b, c\nLIMIT, b.LIMIT, c\n");
    sandbox.build("code");
    let of_m = |kind: &str, from: &str| {
        let edges = edges(&sandbox, kind);
        edges.into_iter().filter(|edge| edge.starts_with(from)).collect::<Vec<_>>()
    };
    // Of two things that have one name, a package offers what it binds and not its module.
    assert_eq!(of_m("IMPORT_RESOLVES_TO", "IMPORT c:1"), ["IMPORT c:1 -> VARIABLE c:1 0.95"]);
    assert_eq!(
        of_m("REFERS_TO", "REFERENCE LIMIT:2"),
        ["REFERENCE LIMIT:2 -> VARIABLE LIMIT:1 0.9"]
    );
    assert_eq!(of_m("REFERS_TO", "REFERENCE b:2"), ["REFERENCE b:2 -> MODULE b 0.95"]);
    assert_eq!(of_m("REFERS_TO", "REFERENCE c:2"), ["REFERENCE c:2 -> VARIABLE c:1 0.9"]);
}

#[test]
fn types_are_what_annotations_say_and_values_are() {
    let sandbox = built(
        "from typing import Optional\n\
         class Box: pass\n\
         def f(a: Box, b: \"Box\", c: Optional[int]) -> Box:\n    \
             d = Box()\n    \
             return d\n",
    );
    assert_eq!(
        edges(&sandbox, "ANNOTATED_AS"),
        [
            "FUNCTION f:3 -> TYPE Box",
            "PARAMETER a:3 -> TYPE Box",
            "PARAMETER b:3 -> TYPE Box part",
            "PARAMETER c:3 -> TYPE Optional",
            "PARAMETER c:3 -> TYPE int part",
        ]
    );
    assert_eq!(
        edges(&sandbox, "HAS_TYPE"),
        [
            "FUNCTION f:3 -> CLASS Box:2 0.9",
            "PARAMETER a:3 -> CLASS Box:2 0.98",
            "PARAMETER c:3 -> EXTERNAL_SYMBOL Optional 0.9",
            "VARIABLE d:4 -> CLASS Box:2 0.8",
        ]
    );
}

#[test]
fn properties_tell_what_nodes_do_not() {
    let sandbox = built("def f(a): return a\n");
    let keys = sandbox.column("code/.cpglang", "select distinct key from cpg_props order by key");
    assert!(keys.contains(&"parameter_kind".to_owned()), "{keys:?}");
    for told in ["name", "qualified_name", "start_line", "text"] {
        assert!(!keys.contains(&told.to_owned()), "{told} in {keys:?}");
    }
}

/// A field of a protobuf message that has a length.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("messages of the test are small");
    assert!(length < 128, "a length of one byte");
    [&[number << 3 | 2, length], content].concat()
}

/// What an indexer says of a place: line, column and end column from 0, the symbol, and whether it is defined there.
fn occurrence((line, column, end): (u8, u8, u8), symbol: &str, defines: bool) -> Vec<u8> {
    let mut message = [field(1, &[line, column, end]), field(2, symbol.as_bytes())].concat();
    if defines {
        message.extend([3 << 3, 1]);
    }
    field(2, &message)
}

#[test]
fn an_index_says_what_names_mean() {
    let sandbox = Sandbox::new();
    // Nobody but the index knows what the attribute is.
    sandbox.write("code/m.py", "def f(): pass\ndef g(x): x.h()\n");
    sandbox.build("code");
    let calls = |sandbox: &Sandbox| edges(sandbox, "CALLS");
    assert_eq!(calls(&sandbox), [""; 0]);
    assert_eq!(edges(&sandbox, "SYMBOL_OF"), [""; 0]);
    let errors = "select count(*) from errors";
    assert_eq!(sandbox.column("code/.cpglang", errors), ["0"], "nobody misses an index");

    let document = [
        field(1, b"m.py"),
        occurrence((0, 4, 5), "p m/f().", true),
        occurrence((1, 4, 5), "p m/g().", true),
        occurrence((1, 12, 13), "p m/f().", false),
        occurrence((1, 10, 11), "local 1", false),
    ];
    // One document of an index.
    sandbox.write("code/index.scip", field(2, &document.concat()));
    sandbox.build("code");
    assert_eq!(
        edges(&sandbox, "SYMBOL_OF"),
        ["FUNCTION f:1 -> SYMBOL p m/f().", "FUNCTION g:2 -> SYMBOL p m/g()."]
    );
    assert_eq!(calls(&sandbox), ["CALL h:2 -> FUNCTION f:1 0.97"]);
    assert_eq!(edges(&sandbox, "CALL_GRAPH"), ["FUNCTION g:2 -> FUNCTION f:1 0.97"]);
}
