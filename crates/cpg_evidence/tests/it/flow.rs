//! `python.flow` on cases that are checked by hand. An edge reads `what is evaluated -kind-> what is evaluated next`;
//! blocks in which nothing is go by their kind. For agreement with the interpreter see `oracle`.

use std::collections::BTreeMap;

use crate::support::{Sources, Tables, python};

/// The edges of a scope, by the number of the scope.
fn edges_in(tables: &Tables, scope: usize) -> Vec<String> {
    let blocks = tables.select("cfg_blocks", "scope block kind @");
    let labels: BTreeMap<(String, String), String> = blocks
        .iter()
        .map(|row| {
            let [scope, block, kind, text]: [&str; 4] =
                row.splitn(4, ' ').collect::<Vec<_>>().try_into().expect("four columns");
            let label = match (kind, text) {
                (kind, "-") => kind.to_owned(),
                ("body", text) => text.to_owned(),
                (kind, text) => format!("{kind} {text}"),
            };
            ((scope.to_owned(), block.to_owned()), label)
        })
        .collect();
    let rows = tables.select("cfg_edges", "scope from_block kind to_block");
    rows.iter()
        .map(|row| row.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .filter(|row| row[0] == scope.to_string())
        .map(|row| {
            let label = |block: &str| &labels[&(row[0].clone(), block.to_owned())];
            format!("{} -{}-> {}", label(&row[1]), row[2], label(&row[3]))
        })
        .collect()
}

/// The edges of the function `f` that the lines are the body of.
fn edges(lines: &[&str]) -> Vec<String> {
    let body: Vec<String> = lines.iter().map(|line| format!("    {line}\n")).collect();
    edges_in(&python(&format!("def f():\n{}", body.concat())), 1)
}

/// Where values come from: `name line<-lines`, where `-` is no definition.
fn reaching(text: &str) -> Vec<String> {
    let tables = python(text);
    let line = |offset: &str| match offset.parse::<usize>() {
        Ok(offset) => (text[..offset].matches('\n').count() + 1).to_string(),
        Err(_) => "-".to_owned(),
    };
    let mut uses: BTreeMap<(usize, String), Vec<String>> = BTreeMap::new();
    for row in tables.select("def_use", "use_start name definition_start") {
        let [start, name, definition]: [&str; 3] =
            row.split(' ').collect::<Vec<_>>().try_into().expect("three columns");
        let key = (start.parse().expect("an offset"), name.to_owned());
        uses.entry(key).or_default().push(line(definition));
    }
    uses.into_iter()
        .map(|((start, name), from)| {
            format!("{name} {}<-{}", line(&start.to_string()), from.join(","))
        })
        .collect()
}

#[test]
fn straight_and_branching() {
    assert_eq!(edges(&["a()", "return b"]), ["entry -next-> a()", "a() -return-> exit"]);
    assert_eq!(
        edges(&["if a:", "  b()", "elif c:", "  return", "else:", "  d()", "e()"]),
        [
            "entry -next-> a",
            "a -true-> b()",
            "a -false-> c",
            "b() -next-> e()",
            "c -true-> return",
            "c -false-> d()",
            "return -return-> exit",
            "d() -next-> e()",
            "e() -next-> exit",
        ]
    );
}

#[test]
fn conditions_branch_where_they_decide() {
    assert_eq!(
        edges(&["if a and not (b or c): d()"]),
        [
            "entry -next-> a",
            "a -false-> exit",
            "a -true-> b",
            "b -true-> exit",
            "b -false-> c",
            "c -true-> exit",
            "c -false-> d()",
            "d() -next-> exit",
        ]
    );
    assert_eq!(
        edges(&["x = a or b"]),
        ["entry -next-> a", "a -false-> b", "a -true-> x", "b -next-> x", "x -next-> exit",]
    );
    assert_eq!(
        edges(&["return p if q else r"]),
        ["entry -next-> q", "q -true-> p", "q -false-> r", "p -return-> exit", "r -return-> exit",]
    );
}

#[test]
fn loops() {
    assert_eq!(
        edges(&[
            "for x in y:",
            "  if a: continue",
            "  if b: break",
            "  c()",
            "else:",
            "  d()",
            "e()"
        ]),
        [
            "entry -next-> y",
            "y -next-> loop y",
            "loop y -true-> x in y:",
            "loop y -false-> d()",
            "x in y: -true-> continue",
            "x in y: -false-> b",
            "continue -continue-> loop y",
            "b -true-> break",
            "b -false-> c()",
            "break -break-> e()",
            "c() -loop-> loop y",
            "d() -next-> e()",
            "e() -next-> exit",
        ]
    );
    // What cannot be false does not end.
    assert_eq!(
        edges(&["while True:", "  if a: return b", "c()"]),
        [
            "entry -next-> loop True",
            "loop True -next-> a",
            "a -false-> loop True",
            "a -true-> return b",
            "return b -return-> exit",
            "c() -next-> exit",
        ]
    );
}

#[test]
fn exceptions() {
    assert_eq!(
        edges(&[
            "try:",
            "  a()",
            "except B as e:",
            "  c()",
            "except:",
            "  d()",
            "else:",
            "  g()",
            "h()"
        ]),
        [
            "entry -next-> a()",
            "a() -next-> g()",
            "a() -raise-> except B",
            "g() -next-> h()",
            "except B -true-> e:",
            "except B -false-> d()",
            "e: -next-> h()",
            "d() -next-> h()",
            "h() -next-> exit",
        ]
    );
    assert_eq!(
        edges(&["raise a", "b()"]),
        ["entry -next-> raise a", "raise a -raise-> raise", "b() -next-> exit"]
    );
    assert_eq!(
        edges(&["assert a, b", "c()"]),
        [
            "entry -next-> a",
            "a -false-> b",
            "a -true-> c()",
            "b -raise-> raise",
            "c() -next-> exit",
        ]
    );
}

#[test]
fn ways_through_finally() {
    assert_eq!(
        edges(&["for x in y:", "  try:", "    if a: break", "    b()", "  finally:", "    c()"]),
        [
            "entry -next-> y",
            "y -next-> loop y",
            "loop y -false-> exit",
            "loop y -true-> x",
            "x -next-> a",
            "a -true-> break",
            "a -false-> b()",
            "a -raise-> finally c()",
            "break -finally-> finally c()",
            "b() -next-> finally c()",
            "b() -raise-> finally c()",
            "finally c() -break-> exit",
            "finally c() -raise-> raise",
            "finally c() -loop-> loop y",
        ]
    );
    // A context may end an exception.
    assert_eq!(
        edges(&["with a as b:", "  return c", "d()"]),
        [
            "entry -next-> a",
            "a -next-> b:",
            "b: -finally-> with_exit a",
            "b: -raise-> with_exit a",
            "with_exit a -return-> exit",
            "with_exit a -raise-> raise",
            "with_exit a -next-> d()",
            "d() -next-> exit",
        ]
    );
}

#[test]
fn patterns() {
    assert_eq!(
        edges(&["match a:", "  case 1: b()", "  case [x, *y] if x: c()", "  case _: d()", "e()"]),
        [
            "entry -next-> a",
            "a -next-> case 1",
            "case 1 -true-> b()",
            "case 1 -false-> case [x, *y]",
            "b() -next-> e()",
            "case [x, *y] -true-> x, *y] if x",
            "case [x, *y] -false-> d()",
            "x, *y] if x -true-> c()",
            "x, *y] if x -false-> d()",
            "c() -next-> e()",
            "d() -next-> e()",
            "e() -next-> exit",
        ]
    );
}

#[test]
fn comprehensions_are_loops() {
    let tables = python("x = [a for b in c if d for e in f]\n");
    assert_eq!(
        edges_in(&tables, 0),
        [
            "entry -next-> x = [a for b in c if d for e in f]",
            "x = [a for b in c if d for e in f] -next-> exit"
        ]
    );
    assert_eq!(
        edges_in(&tables, 1),
        [
            "entry -next-> loop c",
            "loop c -false-> exit",
            "loop c -true-> b in c if d",
            "b in c if d -false-> loop c",
            "b in c if d -true-> f",
            "f -next-> loop f",
            "loop f -false-> loop c",
            "loop f -true-> a for b in c if d for e",
            "a for b in c if d for e -loop-> loop f",
        ]
    );
}

#[test]
fn definitions_reach_uses() {
    assert_eq!(
        reaching("def f(a):\n    if a:\n        x = 1\n    else:\n        x = 2\n    return x\n"),
        ["a 2<-1", "x 6<-3,5"]
    );
    assert_eq!(
        reaching("def f():\n    x = 0\n    while g:\n        x += 1\n    del x\n    return x\n"),
        ["x 4<-2,4", "x 5<-2,4", "x 6<--"]
    );
    assert_eq!(reaching("for i in j:\n    pass\nprint(i)\ndef f(): return i\n"), ["i 3<--,1"]);
    assert_eq!(
        reaching("import a.b, c as d\nfrom e import f as g\na, d, g\nclass h: pass\nh\n"),
        ["a 3<-1", "d 3<-1", "g 3<-2", "h 5<-4"]
    );
}

#[test]
fn exceptions_come_from_anywhere_in_a_block() {
    assert_eq!(
        reaching(
            "def f():\n    x = 1\n    try:\n        x = 2\n        g()\n        x = 3\n    except E as e:\n        return x, e\n    return x, e\n"
        ),
        ["x 8<-2,4,6", "e 8<-7", "x 9<-6", "e 9<--"]
    );
}

#[test]
fn assignment_expressions_in_comprehensions_may_bind() {
    assert_eq!(
        reaching("def f(a):\n    x = 0\n    [x := b for b in a]\n    return x\n"),
        ["b 3<-3", "a 3<-1", "x 4<-2,3"]
    );
}

#[test]
fn dominators_are_what_all_paths_share() {
    let tables = python("if a:\n    b\nelse:\n    c\nd\n");
    let text: BTreeMap<String, String> = tables
        .select("cfg_blocks", "block @")
        .iter()
        .filter_map(|row| row.split_once(' '))
        .map(|(block, text)| (block.to_owned(), text.to_owned()))
        .collect();
    let pairs: Vec<String> = tables
        .select("dominators", "block dominator")
        .iter()
        .filter_map(|row| row.split_once(' '))
        .map(|(block, by)| format!("{}<{}", text[block], text.get(by).map_or("-", |by| by)))
        .collect();
    assert_eq!(pairs, ["-<-", "-<d", "a<-", "b<a", "c<a", "d<a"]);
}

/// What decides whether the blocks of the function `f` are reached, that the lines are the body of: `decides: decided`.
fn controls(lines: &[&str]) -> Vec<String> {
    let body: Vec<String> = lines.iter().map(|line| format!("    {line}\n")).collect();
    let tables = python(&format!("def f():\n{}", body.concat()));
    let text: BTreeMap<String, String> = tables
        .select("cfg_blocks", "scope block @")
        .iter()
        .filter_map(|row| row.strip_prefix("1 ")?.split_once(' '))
        .map(|(block, text)| (block.to_owned(), text.to_owned()))
        .collect();
    tables
        .select("control_dependences", "scope_key block controlled")
        .iter()
        .filter_map(|row| row.strip_prefix("f ")?.split_once(' '))
        .map(|(block, controlled)| format!("{}: {}", text[block], text[controlled]))
        .collect()
}

#[test]
fn conditions_control_what_not_every_way_passes() {
    assert_eq!(controls(&["a()", "b()"]), [""; 0]);
    assert_eq!(controls(&["if a:", "  b()", "else:", "  c()", "d()"]), ["a: b()", "a: c()"]);
    // What follows an early end depends on it.
    assert_eq!(controls(&["if a:", "  return", "b()"]), ["a: return", "a: b()"]);
    assert_eq!(
        controls(&["while a:", "  if b:", "    break", "  c()", "d()"]),
        ["a: b", "b: a", "b: break", "b: c()"]
    );
    // A loop without an end, and exceptions that may come at any place.
    assert_eq!(controls(&["while True:", "  if a:", "    b()"]), ["True: a", "a: b()"]);
    // What the exception is decides whether the function returns or raises, too.
    assert_eq!(
        controls(&["try:", "  a()", "except E:", "  b()", "c()"]),
        ["E: -", "E: -", "E: b()", "E: c()"]
    );
}

#[test]
fn what_is_large_or_deep_takes_its_time_once() {
    let cases: String = (0..5_000).map(|n| format!("    case {n}: x = {n}\n")).collect();
    let methods: String =
        (0..10_000).map(|n| format!("    def m{n}(self): return {n}\n")).collect();
    let deep: String = (0..900)
        .map(|n| format!("{}if a{n}:\n", " ".repeat(n)))
        .chain([format!("{}x = 1\n", " ".repeat(900)), "x\n".to_owned()])
        .collect();
    let ifs = "if a:\n    x = x\n".repeat(3_000);
    let files = [
        ("cases.py", format!("match v:\n{cases}print(x)\n")),
        ("class.py", format!("class C:\n{methods}")),
        ("deep.py", deep),
        ("ifs.py", format!("x = 0\n{ifs}")),
        ("or.py", format!("x = {}a\n", "a or ".repeat(10_000))),
    ];
    let sources = Sources::new(&files);
    let tables = sources.some_tables(&[
        "cfg_blocks",
        "cfg_edges",
        "def_use",
        "dominators",
        "control_dependences",
        "extract_errors",
    ]);
    let errors = tables.select("extract_errors", "path extractor kind start");
    assert_eq!(errors, ["ifs.py python.flow too_large 0"]);
    let count = |path: &str, table: &str| {
        tables.select(table, "path").iter().filter(|row| *row == path).count()
    };
    assert_eq!(count("cases.py", "def_use"), 5_001);
    assert_eq!(count("class.py", "dominators"), 10_002 * 3);
    assert_eq!(count("deep.py", "def_use"), 2);
    assert_eq!(count("cases.py", "control_dependences"), 9_999);
    assert_eq!(count("deep.py", "control_dependences"), 900);
    assert_eq!(count("or.py", "control_dependences"), 10_000);
    assert_eq!(count("or.py", "cfg_edges"), 20_003);
}
