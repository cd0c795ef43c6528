//! Every program of this repository parses.

use std::fs;
use std::path::{Path, PathBuf};

use cpg_syntax::{parse_item, split};

fn programs(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("the directory is readable") {
        let path = entry.expect("its entries are, too").path();
        if path.is_dir() {
            programs(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "cpg") {
            found.push(path);
        }
    }
}

/// The programs of the standard library and of the examples, with their places.
pub fn repository_programs() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    programs(&root.join("stdlib"), &mut found);
    programs(&root.join("examples"), &mut found);
    assert!(!found.is_empty());
    found.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("programs are UTF-8");
        (path, text)
    };
    found.into_iter().map(read).collect()
}

#[test]
fn the_repositorys_programs_parse() {
    let mut items = 0;
    for (path, text) in repository_programs() {
        let split = split(&text);
        assert_eq!(split.errors, [], "{}", path.display());
        for chunk in &split.chunks {
            let parsed = parse_item(
                chunk.range.slice(&text).expect("chunks lie in the text"),
                chunk.keyword,
            );
            assert_eq!(parsed.errors, [], "{}: {:?}", path.display(), chunk.name);
            assert!(parsed.item.is_some());
            items += 1;
        }
    }
    assert!(items > 20, "only {items} items");
}
