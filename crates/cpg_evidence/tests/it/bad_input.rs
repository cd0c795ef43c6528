//! Whatever a file holds, the run goes on and the rest of it is there.

use std::ops::ControlFlow;

use cpg_evidence::ExtractorMap;

use crate::support::{Sources, Tables, all_needs};

fn errors(tables: &Tables) -> Vec<String> {
    tables.select("extract_errors", "path extractor kind start end line")
}

fn one(bytes: &[u8]) -> Tables {
    Sources::new(&[("a.py", bytes)]).tables()
}

#[test]
fn what_does_not_parse_is_kept_as_far_as_it_goes() {
    let tables = one(b"def f(:\n    pass\n\nclass C:\n    x = = 1\n\ndef g(): return h(\n");
    let defs = tables.select("cst_defs", "qualified_name");
    assert_eq!(defs, ["a.f", "a.C", "a.g"]);
    assert_eq!(tables.select("cst_callsites", "callee_name"), ["h"]);
    let kinds = tables.select("extract_errors", "kind line");
    assert!(kinds.contains(&"syntax 1".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"syntax 5".to_owned()), "{kinds:?}");
}

#[test]
fn broken_headers_leave_no_row_without_a_container() {
    let tables = one(b"def (x):\n    f(x)\nclass :\n    def m(self): self.m(\nimport \nfrom . import\nx = lambda\n");
    let spans = tables.select("cst_defs", "start end");
    for container in tables.select("cst_callsites", "container_start container_end") {
        assert!(container == "- -" || spans.contains(&container), "{container} in {spans:?}");
    }
    assert!(!tables.select("extract_errors", "kind").is_empty());
}

#[test]
fn invalid_utf8_keeps_offsets() {
    let tables = one(b"x = '\xff'; y = 1\n");
    assert_eq!(errors(&tables), ["a.py python.cst encoding 5 6 1"]);
    assert_eq!(tables.select("cst_refs", "name start"), ["x 0", "y 9"]);
}

#[test]
fn declared_encodings_count_raw_bytes() {
    let tables = one(b"# coding: latin-1\nx = '\xe9\xe9'; f(y)\n");
    assert_eq!(errors(&tables), [""; 0]);
    assert_eq!(tables.select("cst_refs", "name start end"), ["x 18 19", "f 28 29", "y 30 31"]);
    assert_eq!(tables.select("cst_callsites", "start end start_line"), ["28 32 2"]);
    let unsupported = one(b"# coding: koi8-r\nx = 1\n");
    assert_eq!(errors(&unsupported), ["a.py python.cst encoding - - -"]);
    assert!(unsupported.select("cst_refs", "name").is_empty());
}

#[test]
fn a_mark_in_front_counts() {
    let tables = one(b"\xef\xbb\xbfdef f(): pass\n");
    assert_eq!(tables.select("cst_defs", "start end text"), ["3 16 def f(): pass"]);
    assert_eq!(tables.select("repo_files", "encoding"), ["utf-8-sig"]);
    assert_eq!(errors(&tables), [""; 0]);
}

#[test]
fn nul_bytes_and_other_encodings() {
    let tables = one(b"x = 1\n\0\ny = 2\n");
    assert!(
        errors(&tables).contains(&"a.py python.cst syntax 6 7 2".to_owned()),
        "{:?}",
        errors(&tables)
    );
    assert_eq!(tables.select("cst_refs", "name"), ["x", "y"]);
    let wide = one(b"\xff\xfex\0=\x001\0");
    assert_eq!(errors(&wide), ["a.py python.cst encoding - - -"]);
}

#[test]
fn empty_and_blank_files() {
    for text in ["", "\n", "\r\n\r\n", "# only a comment", "\x0c"] {
        let tables = one(text.as_bytes());
        assert_eq!(errors(&tables), [""; 0], "{text:?}");
        assert_eq!(
            tables.select("cst_scopes", "kind start end"),
            [format!("module 0 {}", text.len())]
        );
    }
}

#[test]
fn mixed_line_ends() {
    let tables = one(b"a = 1\rb = 2\r\ndef f():\n    c\r    d\n");
    assert_eq!(
        tables.select("cst_refs", "name start_line start"),
        ["a 1 0", "b 2 6", "c 4 26", "d 5 32"]
    );
    assert_eq!(tables.select("cst_defs", "start_line end_line"), ["3 5"]);
}

#[test]
fn nesting_has_a_bound() {
    let deep: Vec<(&str, String)> = vec![
        ("bracket.py", "(".repeat(100_000) + &")".repeat(100_000)),
        ("bracket_open.py", "[".repeat(100_000)),
        ("call.py", format!("x = {}", "f(".repeat(50_000))),
        ("minus.py", format!("x = {}1\n", "-".repeat(100_000))),
        ("minus_small.py", format!("x = {}1\n", "-".repeat(60_000))),
        ("plus_small.py", format!("x = 1{}\n", "+1".repeat(30_000))),
        ("attribute.py", format!("x{}\n", ".a".repeat(100_000))),
        ("fstring.py", "f'{".repeat(100_000)),
        ("lambda.py", format!("x = {}1\n", "lambda: ".repeat(20_000))),
        ("indent.py", (0..9_000).map(|n| format!("{}if 1:\n", " ".repeat(n))).collect()),
    ];
    let mut files = deep.clone();
    files.push(("fine.py", "def f(): pass\n".to_owned()));
    // Deep, but not too deep.
    files.push(("steep.py", format!("x = {}1{}\n", "(".repeat(900), ")".repeat(900))));
    files.push(("chain.py", format!("x = 1{}\n", " + 1".repeat(7_000))));
    files.push(("dots.py", format!("x{}.f()\n", ".a".repeat(7_000))));
    let tables = Sources::new(&files).tables();
    let mut expected: Vec<_> = deep.iter().map(|(path, _)| format!("{path} too_deep")).collect();
    expected.sort();
    assert_eq!(tables.select("extract_errors", "path kind"), expected);
    assert_eq!(tables.select("cst_defs", "qualified_name"), ["fine.f"]);
    assert_eq!(tables.select("cst_callsites", "path"), ["dots.py"]);
}

#[test]
fn too_large_files_are_listed_only() {
    let sources = Sources::new(&[("b.py", "def f(): pass\n")]);
    let file = std::fs::File::create(sources.path().join("a.py")).expect("a file");
    file.set_len(50 * 1024 * 1024 + 1).expect("a sparse file");
    let tables = sources.tables();
    assert_eq!(errors(&tables), ["a.py repo too_large - - -"]);
    assert_eq!(
        tables.select("repo_files", "path size encoding"),
        ["a.py 52428801 unknown", "b.py 14 utf-8"]
    );
    assert_eq!(tables.select("cst_defs", "path"), ["b.py"]);
}

#[test]
fn the_largest_file_that_is_looked_at_is_read_whole() {
    let mut text = b"def f(): pass\n#".to_vec();
    text.resize(50 * 1024 * 1024 - 15, b'x');
    text.extend(b"\ndef g(): pass\n");
    assert_eq!(text.len(), 50 * 1024 * 1024);
    let tables = Sources::new(&[("a.py", text)]).some_tables(&["cst_defs", "extract_errors"]);
    assert_eq!(errors(&tables), [""; 0]);
    assert_eq!(
        tables.select("cst_defs", "name start end"),
        ["f 0 13".to_owned(), format!("g {} {}", 50 * 1024 * 1024 - 14, 50 * 1024 * 1024 - 1)]
    );
}

#[test]
fn one_broken_file_among_many_costs_itself_only() {
    let mut files: Vec<(String, String)> =
        (0..500).map(|n| (format!("m{n:03}.py"), format!("def f{n}(): pass\n"))).collect();
    files[250].1 = "def (\0".to_owned() + &"[".repeat(100_000);
    let names: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let tables = Sources::new(&names).some_tables(&["cst_defs", "extract_errors"]);
    assert_eq!(tables.select("extract_errors", "path kind"), ["m250.py too_deep"]);
    let found = tables.select("cst_defs", "path name");
    let expected = (0..500).filter(|n| *n != 250).map(|n| format!("m{n:03}.py f{n}"));
    assert_eq!(found, expected.collect::<Vec<_>>());
}

#[test]
fn files_that_vanish_or_change_after_the_scan() {
    let sources = Sources::new(&[("a.py", "a = 1\n"), ("b.py", "b = 1\n"), ("c.py", "c = 1\n")]);
    let scan = sources.scan();
    std::fs::remove_file(sources.path().join("a.py")).expect("it is there");
    sources.write("b.py", b"b = 2\n");
    let tables = Tables::of(&scan);
    assert_eq!(errors(&tables), ["a.py repo vanished - - -", "b.py repo changed - - -"]);
    assert_eq!(tables.select("cst_refs", "name"), ["c"]);
    assert_eq!(tables.select("repo_files", "path"), ["c.py"]);
    assert_eq!((tables.summary.files, tables.summary.changed, tables.summary.errors), (1, 2, 2));
}

#[cfg(unix)]
#[test]
fn paths_that_are_not_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let sources = Sources::new(&[("b.py", "")]);
    let name = OsStr::from_bytes(b"a\xff.py");
    if std::fs::write(sources.path().join(name), "x = 1\n").is_err() {
        eprintln_skip("the file system takes no such name");
        return;
    }
    let tables = sources.tables();
    assert_eq!(errors(&tables), ["a\u{fffd}.py repo path - - -"]);
    assert_eq!(tables.select("repo_files", "path"), ["b.py"]);
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let sources = Sources::new(&[("a.py", "x = 1\n"), ("b.py", "y = 1\n"), ("d/c.py", "z = 1\n")]);
    let forbid = |path: &str| {
        std::fs::set_permissions(sources.path().join(path), std::fs::Permissions::from_mode(0o000))
            .expect("ours");
    };
    forbid("a.py");
    forbid("d");
    let readable = std::fs::read(sources.path().join("a.py")).is_ok();
    let tables = sources.tables();
    std::fs::set_permissions(sources.path().join("d"), std::fs::Permissions::from_mode(0o700))
        .expect("ours");
    if readable {
        eprintln_skip("this user may read everything");
        return;
    }
    assert_eq!(errors(&tables), ["a.py repo unreadable - - -", "d repo unreadable - - -"]);
    assert_eq!(tables.select("cst_refs", "name"), ["y"]);
}

/// Cut anywhere and with any byte changed, source gives rows or errors, and every span is within the file.
#[test]
fn mutilated_source_never_stops_a_run() {
    let text: &[u8] = b"@d(1)\nasync def f[T](a, *b: int, c=lambda x: x) -> None:\n    '''doc'''\n    global g\n\
        \x20   with h() as (i, j): del k[0]\n    return [m async for m in n if (o := p)]\n\
        class Q(R, s=t): u: v = f'{w!r:{x}}' 'y'\nmatch z:\n    case {'a': aa, **bb} | [*cc]: pass\nfrom . import dd as ee\n";
    let mut files = Vec::new();
    for position in 0..text.len() {
        files.push((format!("cut/{position:03}.py"), text[..position].to_vec()));
        let mut changed = text.to_vec();
        changed[position] = b"()[]{}'\"\\:\n\t\x00\xff#,.*@;"[position % 20];
        files.push((format!("changed/{position:03}.py"), changed));
    }
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text)).collect();
    let sources = Sources::new(&files);
    let map = ExtractorMap::new(&all_needs()).expect("known needs");
    let scan = sources.scan();
    let summary =
        cpg_evidence::extract(&scan, &map, 0..scan.segments(), 2, |_, _| ControlFlow::Continue(()))
            .expect("bad input");
    assert_eq!(summary.files, files.len());
    let tables = sources.tables();
    assert!(!tables.select("extract_errors", "kind").contains(&"internal".to_owned()));
    for (table, rows) in &tables.rows {
        let size = |path: &str| std::fs::metadata(sources.path().join(path)).expect("a file").len();
        let mut spans = std::collections::BTreeSet::new();
        for row in rows.iter().filter(|row| row.contains_key("start") && row["start"] != "-") {
            let offset = |column: &str| row[column].parse::<u64>().expect("an offset");
            assert!(
                offset("start") <= offset("end") && offset("end") <= size(&row["path"]),
                "{table} {row:?}"
            );
            let distinct = [
                "cst_assignments",
                "cst_attributes",
                "cst_callsites",
                "cst_defs",
                "cst_imports",
                "cst_params",
                "cst_refs",
            ];
            if distinct.contains(&table.as_str()) {
                assert!(
                    spans.insert((&row["path"], &row["start"], &row["end"])),
                    "{table} {row:?}"
                );
            }
        }
    }
}

/// Says why a test has nothing to look at here.
#[allow(clippy::print_stderr, reason = "what a test skips is for the reader of its output")]
fn eprintln_skip(why: &str) {
    eprintln!("skipped: {why}");
}
