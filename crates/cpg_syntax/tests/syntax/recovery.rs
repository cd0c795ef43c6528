//! Programs with broken items: each broken place gives one error, and everything else is read.
//!
//! `tests/recovery/*.cpg` say on their first line how many errors and how many whole items they have.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use cpg_syntax::{parse_item, split};

use crate::render::{all_errors, error, slice, snapshot, with_members};

#[test]
fn a_broken_item_hides_no_other() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recovery");
    let mut files: Vec<_> = fs::read_dir(directory)
        .expect("the directory is there")
        .map(|entry| entry.expect("and readable").path())
        .collect();
    files.sort();
    assert!(files.len() >= 8);
    for path in files {
        let name = path.file_stem().expect("files have names").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("programs are UTF-8");
        let counts: Vec<usize> = text
            .lines()
            .next()
            .expect("there is a first line")
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|number| number.parse().ok())
            .collect();
        let mut said = String::new();
        let errors = all_errors(&text);
        for found in &errors {
            said.push_str(&error(&text, found));
        }
        let mut whole = 0;
        for chunk in split(&text).chunks.iter().flat_map(with_members) {
            let parsed = parse_item(slice(&text, chunk.range), chunk.keyword);
            let state = match (&parsed.item, parsed.errors.is_empty()) {
                (Some(_), true) => "whole",
                (Some(_), false) => "in part",
                (None, _) => "broken",
            };
            whole += usize::from(state == "whole");
            writeln!(
                said,
                "{} {}: {state}",
                chunk.keyword,
                chunk.name.as_deref().unwrap_or_default()
            )
            .expect("text");
        }
        assert_eq!([errors.len(), whole], counts[..], "{name}:\n{said}");
        snapshot(&format!("recovery_{name}"), &said);
    }
}
