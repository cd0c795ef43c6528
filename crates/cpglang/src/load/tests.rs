use std::path::{Path, PathBuf};

use cpg_base::{Code, MemorySystem};

use cpg_evidence::ExternalCommands;

use super::{Loaded, Roots, program};
use crate::failure::Failure;

/// Modules and paths of the project's files.
fn project(loaded: &Loaded) -> Vec<(&str, &str)> {
    let own = loaded.files.iter().filter(|file| !file.library);
    own.map(|file| (file.module.as_str(), file.id.as_str())).collect()
}

fn loaded(system: &MemorySystem, roots: Roots<'_>) -> Result<Loaded, Failure> {
    program(system, &ExternalCommands::default(), roots)
}

#[test]
fn the_standard_library_is_embedded() {
    let loaded = loaded(&MemorySystem::default(), Roots::Paths(&[])).expect("nothing to read");
    let calls = loaded.files.iter().find(|file| file.module == "std.python.calls");
    let calls = calls.expect("stdlib/python/calls.cpg is part of the library");
    assert_eq!(calls.id.as_str(), "std/python/calls.cpg");
    assert!(calls.library && !calls.text.is_empty());
}

#[test]
fn a_project_is_its_folder_and_the_folder_cpg() {
    let system = MemorySystem::default()
        .with_file("src/shop.cpg", "")
        .with_file("src/cpg/rules/calls.cpg", "")
        .with_file("src/package/data.cpg", "")
        .with_file("src/main.py", "");
    let loaded = loaded(&system, Roots::Project(Path::new("src"))).expect("all can be read");
    let expected = [("cpg.rules.calls", "src/cpg/rules/calls.cpg"), ("shop", "src/shop.cpg")];
    assert_eq!(project(&loaded), expected);
}

#[test]
fn paths_replace_the_project() {
    let system = MemorySystem::default()
        .with_file("one.cpg", "")
        .with_file("rules/a/two.cpg", "")
        .with_file("rules/readme.md", "");
    let paths = ["rules", "./one.cpg"].map(PathBuf::from);
    let system = system.with_file("./one.cpg", "");
    let loaded = loaded(&system, Roots::Paths(&paths)).expect("all can be read");
    assert_eq!(project(&loaded), [("a.two", "rules/a/two.cpg"), ("one", "one.cpg")]);
}

#[test]
fn what_cannot_be_a_program_is_wrong_usage() {
    let system = MemorySystem::default()
        .with_file("a/x.cpg", "")
        .with_file("b/x.cpg", "")
        .with_file("c/std/x.cpg", "");
    for paths in [&["missing.cpg"][..], &["a", "b"], &["c"]] {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let failure = loaded(&system, Roots::Paths(&paths)).expect_err("refused");
        assert!(matches!(failure, Failure::Usage { .. }), "{paths:?}: {failure:?}");
    }
    let twice = ["a", "a/x.cpg"].map(PathBuf::from);
    assert!(loaded(&system, Roots::Paths(&twice)).is_ok(), "one file named twice is one file");
}

#[test]
fn a_file_that_is_no_text_is_reported_and_the_rest_loaded() {
    let system = MemorySystem::default()
        .with_file("p/bad.cpg", b"const A = 1\n// caf\xe9\n".as_slice())
        .with_file("p/big.cpg", vec![b' '; cpg_syntax::MAX_FILE_BYTES + 1])
        .with_file("p/good.cpg", "const B = 1\n");
    let loaded = loaded(&system, Roots::Project(Path::new("p"))).expect("all can be read");
    let codes: Vec<_> = loaded.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::NotUtf8, Code::FileTooLarge]);
    assert_eq!(loaded.diagnostics[0].labels[0].range.start(), 18);
    assert_eq!(project(&loaded), [("bad", "p/bad.cpg"), ("good", "p/good.cpg")]);
}

#[test]
fn the_project_is_the_nearest_folder_of_all_that_is_given() {
    let system = MemorySystem::default()
        .with_file("a/b/one.cpg", "")
        .with_file("a/b/c/two.cpg", "")
        .with_file("a/d/three.cpg", "");
    let folder = |paths: &[&str]| {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let loaded = loaded(&system, Roots::Paths(&paths)).expect("all can be read");
        loaded.folder
    };
    assert_eq!(folder(&["a/b/one.cpg"]), Path::new("a/b"));
    assert_eq!(folder(&["a/b"]), Path::new("a/b"));
    assert_eq!(folder(&["a/b/one.cpg", "a/b/c"]), Path::new("a/b"));
    assert_eq!(folder(&["a/b/c", "a/d/three.cpg"]), Path::new("a"));
    assert_eq!(folder(&[]), Path::new("."));
    let loaded = loaded(&system, Roots::Project(Path::new("a/d"))).expect("all can be read");
    assert_eq!(loaded.folder, Path::new("a/d"));
}
