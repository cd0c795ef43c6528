//! The programs in `tests/corpus`, each through every stage.

use std::fs;

use cpg_syntax::ast::ItemKind;
use cpg_syntax::{parse_item, split};

use crate::sandbox::{Sandbox, repository};

/// The names that a program exports.
fn exports(text: &str) -> Vec<String> {
    let chunks = split(text).chunks.into_iter();
    let items = chunks.filter_map(|chunk| parse_item(chunk.range.slice(text)?, chunk.keyword).item);
    items
        .flat_map(|item| match item.kind {
            ItemKind::Export(export) => export.names,
            _ => Vec::new(),
        })
        .map(|name| name.text)
        .collect()
}

#[test]
fn every_program_goes_through_every_stage() {
    let folder = repository().join("tests/corpus");
    let mut cases = 0;
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cpg"))
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_stem().expect("files have names").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("programs are UTF-8");
        let sandbox = Sandbox::new();
        sandbox.write(&format!("{name}.cpg"), &text);

        sandbox.run(&["fmt", "--check"]).expect(0);
        let checked = sandbox.run(&["check", "--message-format", "json"]).expect(0);
        assert_eq!(checked.objects().len(), 1, "{name}: {}", checked.stdout);
        let tested = sandbox.run(&["test"]).expect(0);
        assert!(tested.stdout.contains("passed  "), "{name} has no tests");

        let mut meaning = String::new();
        let exports = exports(&text);
        assert!(!exports.is_empty(), "{name} exports nothing");
        for export in exports {
            let item = format!("{name}.{export}");
            let run = sandbox.run(&["explain", &item, "--ir", "--logical", "--fingerprint"]);
            meaning.push_str(&format!("# {item}\n\n{}\n", run.expect(0).stdout));
        }
        insta::with_settings!({
            snapshot_path => folder.join("snapshots"),
            prepend_module_to_snapshot => false,
        }, {
            insta::assert_snapshot!(name, meaning);
        });
        cases += 1;
    }
    assert!(cases >= 5, "only {cases} programs");
}
