//! `tree_sitter`: what each grammar finds, and what errors cost.

use crate::support::Sources;

/// A program in each language: a definition `f` that another place calls.
const PROGRAMS: [(&str, &str); 9] = [
    ("a.c", "int f(int x) { return x; }\nint g(void) { return f(1); }\n"),
    ("a.cpp", "class K { int f() { return 1; } };\n"),
    ("a.go", "package a\n\nfunc f() int { return 1 }\n\nfunc g() int { return f() }\n"),
    ("a.java", "class K { int f() { return 1; } int g() { return f(); } }\n"),
    ("a.js", "function f() { return 1 }\nf()\n"),
    ("a.py", "def f():\n    return 1\n\nf()\n"),
    ("a.rs", "fn f() -> u8 { 1 }\nfn g() -> u8 { f() }\n"),
    ("a.ts", "interface K { f(): void }\nfunction f(x: number): number { return x }\nf(1)\n"),
    ("a.tsx", "function f() { return <b>1</b> }\nf()\n"),
];

#[test]
fn every_language_has_trees_and_tags() {
    let found = Sources::new(&PROGRAMS).tables_of(&["tree_sitter"]);
    let roots: Vec<_> = found
        .select("ts_nodes", "path node kind parent")
        .into_iter()
        .filter(|row| row.ends_with(" -"))
        .collect();
    assert_eq!(
        roots,
        [
            "a.c 0 translation_unit -",
            "a.cpp 0 translation_unit -",
            "a.go 0 source_file -",
            "a.java 0 program -",
            "a.js 0 program -",
            "a.py 0 module -",
            "a.rs 0 source_file -",
            "a.ts 0 program -",
            "a.tsx 0 program -",
        ]
    );
    assert_eq!(found.select("ts_errors", "path kind"), [""; 0]);
    assert_eq!(found.select("extract_errors", "path message"), [""; 0]);
    let tags = found.select("tags", "path kind is_definition name name_start");
    let about_f: Vec<_> = tags.iter().filter(|row| row.contains(" f ")).collect();
    assert_eq!(
        about_f,
        [
            "a.c function true f 4",
            "a.cpp function true f 14",
            "a.go function true f 16",
            "a.go call false f 60",
            "a.java method true f 14",
            "a.java call false f 49",
            "a.js function true f 9",
            "a.js call false f 26",
            "a.py function true f 4",
            "a.py call false f 23",
            "a.rs function true f 3",
            "a.rs call false f 34",
            "a.ts method true f 14",
            "a.ts function true f 35",
            "a.ts call false f 69",
            "a.tsx function true f 9",
            "a.tsx call false f 33",
        ]
    );
}

#[test]
fn nodes_have_their_place_in_the_tree() {
    let found = Sources::new(&[("a.py", "x = é(1)  # c\n")]).tables_of(&["tree_sitter"]);
    assert_eq!(
        found
            .select("ts_nodes", "node parent position field kind start end is_named is_extra text"),
        [
            "0 - 0 - module 0 15 true false -",
            "1 0 0 - expression_statement 0 9 true false -",
            "2 1 0 - assignment 0 9 true false -",
            "3 2 0 left identifier 0 1 true false x",
            "4 2 1 - = 2 3 false false -",
            "5 2 2 right call 4 9 true false -",
            "6 5 0 function identifier 4 6 true false é",
            "7 5 1 arguments argument_list 6 9 true false -",
            "8 7 0 - ( 6 7 false false -",
            "9 7 1 - integer 7 8 true false 1",
            "10 7 2 - ) 8 9 false false -",
            "11 0 1 - comment 11 14 true true # c",
        ]
    );
}

#[test]
fn what_does_not_fit_the_grammar_is_a_row_and_the_rest_is_there() {
    let found = Sources::new(&[
        ("a.go", "package a\n\nfunc f( {\n}\n\nfunc g() { h() }\n"),
        ("b.js", "function f() { return 1 \n"),
    ])
    .tables_of(&["tree_sitter"]);
    let errors = found.select("ts_errors", "path kind expected line");
    assert!(errors.iter().any(|row| row.starts_with("a.go")), "{errors:?}");
    assert!(errors.contains(&"b.js missing } 1".to_owned()), "{errors:?}");
    let tags = found.select("tags", "path kind name");
    assert!(tags.contains(&"a.go call h".to_owned()), "{tags:?}");
    assert!(tags.contains(&"b.js function f".to_owned()), "{tags:?}");
}

#[test]
fn no_bytes_stop_it() {
    let deep = "(".repeat(5_000);
    let long = format!("x = {}1\n", "1 + ".repeat(5_000));
    let large = "x = 1\n".repeat(1_000_000);
    let files: [(&str, &[u8]); 8] = [
        ("a.py", deep.as_bytes()),
        ("b.js", deep.as_bytes()),
        ("c.py", long.as_bytes()),
        ("d.rs", b"fn f() { \xff\xfe\x00 }"),
        ("e.go", b""),
        ("f.c", b"\xef\xbb\xbfint f(void) { return 1; }\r\n"),
        ("g.py", large.as_bytes()),
        ("h.ts", b"\xff\xfea\x00"),
    ];
    let sources = Sources::new(&files);
    let mut needs = crate::support::all_needs();
    needs.retain(|key, _| key == "errors" || key == "tree_sitter");
    needs.entry("tree_sitter".to_owned()).or_default().remove("ts_nodes");
    let found = crate::support::Tables::with(&sources.scan(), &needs);
    let errors = found.select("extract_errors", "path kind");
    assert!(errors.contains(&"g.py too_large".to_owned()), "{errors:?}");
    assert!(errors.contains(&"d.rs encoding".to_owned()), "{errors:?}");
    assert!(errors.contains(&"h.ts encoding".to_owned()), "{errors:?}");
    assert!(!errors.iter().any(|row| row.ends_with("internal")), "{errors:?}");
    assert_eq!(found.select("tags", "path name name_start"), ["c.py x 0", "f.c f 7"]);
}
