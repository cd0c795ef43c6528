//! `repo_files` and `file_line_index`.

use crate::support::Sources;

#[test]
fn files() {
    let sources = Sources::new(&[
        ("README.md", "# hi\n".as_bytes()),
        ("lib/pkg/__init__.py", b""),
        ("lib/pkg/a.py", b"# coding: latin-1\nx = '\xe9'"),
        ("lib/pkg/logo.png", b"\x89PNG\r\n\x1a\n\0"),
        ("run", b"#!/usr/bin/env python3\n"),
    ]);
    assert_eq!(
        sources.tables().select(
            "repo_files",
            "path size encoding language line_count module package is_package"
        ),
        [
            "README.md 5 utf-8 markdown 1 - - false",
            "lib/pkg/__init__.py 0 utf-8 python 0 pkg pkg true",
            "lib/pkg/a.py 25 iso-8859-1 python 2 pkg.a pkg false",
            "lib/pkg/logo.png 9 binary - 0 - - false",
            "run 23 utf-8 python 1 run - false",
        ]
    );
    let hashes = sources.tables().select("repo_files", "content_hash");
    assert_eq!(hashes[1], blake3::hash(b"").to_hex().as_str());
}

#[test]
fn ids_are_those_of_the_language() {
    let sources = Sources::new(&[("a/b.txt", "x")]);
    let expected = cpg_ir::stable_id::file_id("a/b.txt").to_string();
    assert_eq!(sources.tables().select("repo_files", "file_id"), [expected]);
}

#[test]
fn lines() {
    let sources = Sources::new(&[
        ("a.txt", "a\r\né\rb\n\nend".as_bytes()),
        ("b.bin", b"x\n\0\n"),
        ("c.py", b"# coding: latin-1\nx = '\xe9'\n"),
        ("d.py", "# coding: koi8-r\nя".as_bytes()),
        ("e.txt", b"\xef\xbb\xbfx\xff"),
    ]);
    assert_eq!(
        sources.tables().select(
            "file_line_index",
            "path line start end ascii text start_utf8 start_utf16 start_utf32"
        ),
        [
            "a.txt 1 0 1 true - 0 0 0",
            "a.txt 2 3 5 false é 3 3 3",
            "a.txt 3 6 7 true - 6 5 5",
            "a.txt 4 8 8 true - 8 7 7",
            "a.txt 5 9 12 true - 9 8 8",
            "c.py 1 0 17 true - 0 0 0",
            "c.py 2 18 25 false x = 'é' 18 18 18",
            "c.py 3 26 26 true - 27 26 26",
            "d.py 1 0 16 true - 0 0 0",
            "d.py 2 17 19 false - 17 17 17",
            "e.txt 1 0 5 false \u{feff}x? 0 0 0",
        ]
    );
}
