//! `python.imports` and `python.external` with a chosen interpreter, and with one that fails.

use std::path::Path;
use std::process::Command;

use cpg_evidence::{ExtractOptions, Scan, ScanOptions, Source};
use tempfile::TempDir;

use crate::support::{Sources, Tables, needs_of};

fn scan(sources: &Sources, python: &Path) -> Scan {
    let extract = ExtractOptions { python: Some(python.to_owned()), ..ExtractOptions::default() };
    let options = ScanOptions { extract, ..ScanOptions::default() };
    cpg_evidence::scan(&[Source::new(sources.path())], &options).expect("a directory")
}

fn tables(scan: &Scan) -> Tables {
    Tables::with(scan, &needs_of(&["python.imports", "python.external", "errors"]))
}

/// A virtual environment, in which something is installed; none where there is no interpreter.
struct Environment {
    folder: TempDir,
}

impl Environment {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let made = Command::new("python3")
            .args(["-m", "venv", "--without-pip"])
            .arg(folder.path())
            .output()
            .ok()?;
        assert!(made.status.success(), "{made:?}");
        let environment = Self { folder };
        environment.write("kit/__init__.py", "");
        environment.write("kit/tool.py", "");
        environment.write("spaces/one/mod.py", "");
        environment.write("single.py", "");
        environment.write(
            "Some_Kit-1.2.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: Some.Kit\nVersion: 1.2\nSummary: tools\n\
             Requires-Python: >=3.8\nRequires-Dist: click>=8\n\
             Requires-Dist: Other_Kit[x] (<2); extra == 'all'\n\nName: no\n",
        );
        environment.write(
            "Some_Kit-1.2.dist-info/RECORD",
            "kit/__init__.py,sha256=x,0\nkit/tool.py,,\nspaces/one/mod.py,,\n\
             Some_Kit-1.2.dist-info/RECORD,,\n../../bin/kit,,\n",
        );
        environment.write("single-3.egg-info/PKG-INFO", "Name: single\nVersion: 3\n");
        environment.write("single-3.egg-info/top_level.txt", "single\n");
        Some(environment)
    }

    fn python(&self) -> std::path::PathBuf {
        self.folder.path().join("bin/python")
    }

    fn packages(&self) -> std::path::PathBuf {
        let lib = self.folder.path().join("lib");
        let version = std::fs::read_dir(lib).expect("a library").next().expect("a version");
        version.expect("it is there").path().join("site-packages")
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.packages().join(path);
        std::fs::create_dir_all(path.parent().expect("below it")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }
}

#[test]
fn what_is_installed_is_found() {
    let Some(environment) = Environment::new() else { return };
    let text = "import kit.tool, sys, os.path, single\nfrom spaces.one import mod\nimport nothing\n\
                import email, collections.nothing\nfrom kit import tool, absent\n";
    let sources = Sources::new(&[("m.py", text)]);
    let tables = tables(&scan(&sources, &environment.python()));
    assert_eq!(
        tables.select(
            "imported_modules",
            "imported role origin kind source_path installed_path distribution"
        ),
        [
            "kit.tool module installed module - kit/tool.py Some.Kit",
            "sys module standard_library builtin - - -",
            "os.path module standard_library module - posixpath.py -",
            "single module installed module - single.py -",
            "spaces.one module installed namespace - - -",
            "spaces.one.mod submodule installed module - spaces/one/mod.py Some.Kit",
            "nothing module - - - - -",
            "email module standard_library package - email/__init__.py -",
            "collections.nothing module - - - - -",
            "kit module installed package - kit/__init__.py Some.Kit",
            "kit.tool submodule installed module - kit/tool.py Some.Kit",
            "kit module installed package - kit/__init__.py Some.Kit",
        ]
    );
}

#[test]
fn distributions_are_told() {
    let Some(environment) = Environment::new() else { return };
    let sources = Sources::new(&[("m.py", "")]);
    let tables = tables(&scan(&sources, &environment.python()));
    assert_eq!(
        tables.select("distributions", "path name normalized_name version requires_python summary"),
        [
            "Some_Kit-1.2.dist-info/METADATA Some.Kit some-kit 1.2 >=3.8 tools",
            "single-3.egg-info/PKG-INFO single single 3 - -",
        ]
    );
    assert_eq!(
        tables.select("distribution_modules", "distribution module"),
        ["Some.Kit kit", "Some.Kit spaces", "single single"]
    );
    assert_eq!(
        tables.select("distribution_requirements", "position normalized_name text"),
        ["0 click click>=8", "1 other-kit Other_Kit[x] (<2); extra == 'all'"]
    );
}

#[test]
fn an_installed_project_is_found_where_its_sources_are() {
    let Some(environment) = Environment::new() else { return };
    let sources = Sources::new(&[
        ("project/src/own/__init__.py", ""),
        ("tests/test_own.py", "import own\n"),
        ("lib/plain.py", ""),
        ("tests/test_plain.py", "import plain\n"),
    ]);
    let lib = sources.path().join("lib").canonicalize().expect("a folder");
    environment.write("editable.pth", lib.to_str().expect("UTF-8"));
    let tables = tables(&scan(&sources, &environment.python()));
    assert_eq!(
        tables.select("imported_modules", "imported origin source_path source_module"),
        ["own source project/src/own/__init__.py own", "plain source lib/plain.py lib.plain",]
    );
}

#[test]
fn what_is_installed_later_makes_another_state() {
    let Some(environment) = Environment::new() else { return };
    let sources = Sources::new(&[("m.py", "import kit\n")]);
    let state = || {
        let scan = scan(&sources, &environment.python());
        ["python.imports", "python.external", "python.cst"].map(|key| scan.fingerprint(key))
    };
    let before = state();
    assert_eq!(before, state());
    environment.write("Some_Kit-1.2.dist-info/RECORD", "kit/__init__.py,,\n");
    let after = state();
    assert!(before[0] != after[0] && before[1] != after[1] && before[2] == after[2]);
    sources.write("m.py", b"import kit, os\n");
    let edited = state();
    assert!(edited[0] != after[0] && edited[1] == after[1]);
}

#[test]
fn an_interpreter_that_fails_is_told_once() {
    let sources = Sources::new(&[("a.py", "import os, b\n"), ("b.py", "")]);
    let tables = tables(&scan(&sources, Path::new("/no/such/python")));
    let errors = tables.select("extract_errors", "extractor kind path");
    assert_eq!(errors, ["python.external subprocess "]);
    assert_eq!(
        tables.select("imported_modules", "imported origin"),
        ["os standard_library", "b source"]
    );
    assert_eq!(tables.select("distributions", "name"), [""; 0]);
}

#[test]
fn distributions_are_those_of_importlib_metadata() {
    let script = "
import importlib.metadata as m, json, re, sys
first = {}
for d in m.distributions():
    name = d.metadata['Name']
    if name: first.setdefault(re.sub('[-_.]+', '-', name).lower(), (name, d.version))
modules = m.packages_distributions() if sys.version_info >= (3, 10) else {}
print(json.dumps([sorted(first.values()), sorted(modules), sys.version_info >= (3, 12)]))";
    let asked = Command::new("python3").args(["-I", "-c", script]).output();
    let Ok(asked) = asked else { return };
    let answer: serde_json::Value = serde_json::from_slice(&asked.stdout).expect("an answer");
    let sources = Sources::new(&[("m.py", "")]);
    let tables = tables(&scan(&sources, Path::new("python3")));
    let expected: Vec<String> = serde_json::from_value::<Vec<(String, String)>>(answer[0].clone())
        .expect("names and versions")
        .into_iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    let mut found = tables.select("distributions", "name version");
    found.sort();
    assert_eq!(found, expected);
    let mut modules = tables.select("distribution_modules", "module");
    modules.sort();
    modules.dedup();
    let expected: Vec<String> = serde_json::from_value(answer[1].clone()).expect("names");
    // What older versions of it leave out is more than what they tell.
    let is_exact = answer[2] == true;
    let missing: Vec<_> = expected.iter().filter(|name| !modules.contains(name)).collect();
    assert_eq!(missing, [""; 0]);
    assert!(!is_exact || modules == expected, "{modules:?}\n{expected:?}");
}
