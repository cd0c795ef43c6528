//! `imported_modules` against `importlib`, and `exported_names` against the `__all__` of modules that are imported.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cpg_evidence::{ExtractOptions, ScanOptions, Source};
use tempfile::TempDir;

use super::counts::Counts;
use super::{COMMON, given, is_given, python_files};
use crate::support::{Tables, needs_of};

/// Parts of the interpreter's own library, which import each other in every way.
const PACKAGES: [&str; 8] =
    ["asyncio", "concurrent", "email", "importlib", "json", "logging", "unittest", "xml"];

fn python(script: &str, input: &str) -> Option<String> {
    let mut child = Command::new("python3")
        .args(["-I", "-X", "utf8", "-W", "ignore", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "the script failed");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn library() -> Option<PathBuf> {
    let found = python("import sysconfig; print(sysconfig.get_paths()['stdlib'])", "")?;
    Some(PathBuf::from(found.trim()))
}

/// Copies of the packages, laid out as a project is: with sources, tests, and a folder that is no package.
fn project() -> Option<TempDir> {
    let library = library()?;
    let folder = tempfile::tempdir().expect("a temporary directory");
    let copy = |from: &Path, to: &Path| {
        let mut files = Vec::new();
        python_files(from, &mut files);
        for file in files {
            let to = to.join(file.strip_prefix(from).expect("below it"));
            std::fs::create_dir_all(to.parent().expect("below the root")).expect("a folder");
            std::fs::copy(&file, &to).expect("a file of ours");
        }
    };
    for package in PACKAGES {
        let below = if package < "f" { "src" } else { "lib/inner" };
        copy(&library.join(package), &folder.path().join(below).join(package));
    }
    copy(&library.join("wsgiref"), &folder.path().join("tools/scripts"));
    std::fs::remove_file(folder.path().join("tools/scripts/__init__.py")).expect("it was copied");
    Some(folder)
}

fn tables(root: &Path) -> Tables {
    let extract = ExtractOptions { python: Some("python3".into()), ..ExtractOptions::default() };
    let options = ScanOptions { extract, ..ScanOptions::default() };
    let scan = cpg_evidence::scan(&[Source::new(root)], &options).expect("a directory");
    Tables::with(&scan, &needs_of(&["python.imports", "errors"]))
}

/// Why a row may say more of a module than the interpreter does.
const MEANT: &str =
    "stubs, and the sources of what is compiled, are found in front of machine code";

fn compare(root: &Path, counts: &mut Counts) -> Option<()> {
    let root = root.canonicalize().expect("a directory");
    let tables = tables(&root);
    assert!(!tables.select("extract_errors", "kind").contains(&"subprocess".to_owned()));
    let rows = tables.select(
        "imported_modules",
        "path start role origin kind source_path installed_path imported",
    );
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        let parts: Vec<&str> = row.split(' ').collect();
        let [path, start, role, origin, kind, source, installed, imported] = parts[..] else {
            // A name of nothing: the module of a relative import in no package.
            continue;
        };
        let file = if source == "-" { installed } else { source };
        let row = format!("{start} {role} {origin} {kind} {file}");
        found.entry(path.to_owned()).or_default().push(row);
        names.entry(path.to_owned()).or_default().push(imported.to_owned());
    }
    let mut files = Vec::new();
    python_files(&root, &mut files);
    files.sort();
    let paths = std::iter::once(&root).chain(&files).map(|path| path.to_str().expect("UTF-8"));
    let script = format!("import os\n{COMMON}\n{}", include_str!("imports.py"));
    let said = python(&script, &paths.collect::<Vec<_>>().join("\0"))?;
    for file in said.split("= ").skip(1) {
        let (path, rows) = file.split_once('\n').expect("a path is a line");
        let below = Path::new(path).strip_prefix(&root).expect("below it");
        let below = below.to_str().expect("UTF-8").to_owned();
        let expected: Vec<&str> = rows.lines().collect();
        let skipped = expected.iter().find_map(|row| {
            row.strip_prefix("! ").or_else(|| row.split_once("# ").map(|(_, reason)| reason))
        });
        if let Some(reason) = skipped {
            *counts.skipped.entry(reason.to_owned()).or_default() += 1;
            continue;
        }
        let own = found.remove(&below).unwrap_or_default();
        counts.files += 1;
        counts.rows += expected.len();
        let differing = expected.iter().zip(&own).enumerate();
        let differing = differing.filter(|(_, (expected, own))| **expected != own.as_str());
        let (meant, differing): (Vec<_>, Vec<_>) = differing.partition(|(_, (expected, own))| {
            own.ends_with(".pyi") || own.ends_with(".py") && expected.contains(" extension ")
        });
        if !meant.is_empty() {
            *counts.explained.entry(MEANT.to_owned()).or_default() += meant.len();
        }
        let differs = differing.first().map(|(at, _)| *at);
        let end = expected.len().min(own.len());
        if let Some(at) = differs.or((expected.len() != own.len()).then_some(end)) {
            let name = names.get(&below).and_then(|names| names.get(at));
            let (expected, own) = (expected.get(at), own.get(at));
            counts
                .differences
                .push(format!("{below}: {name:?}: expected {expected:?}, found {own:?}"));
        }
    }
    Some(())
}

#[test]
fn modules_are_those_that_importlib_finds() {
    let project = if is_given() { None } else { project() };
    let roots =
        given().into_iter().chain(project.as_ref().map(|project| project.path().to_owned()));
    let mut counts = Counts::default();
    for root in roots {
        if compare(&root, &mut counts).is_none() {
            return;
        }
    }
    counts.judge("python.imports", 100);
}

/// Modules whose `__all__` is compared: importing them does nothing else.
const EXPORTERS: [&str; 12] = [
    "argparse",
    "asyncio",
    "collections",
    "concurrent.futures",
    "dataclasses",
    "email",
    "enum",
    "functools",
    "json",
    "logging",
    "unittest",
    "typing",
];

#[test]
fn exports_are_those_of_the_interpreter() {
    let Some(library) = library() else { return };
    let script = "import importlib, json, sys\nfor name in sys.stdin.read().split():\n    \
                  print(json.dumps(sorted(importlib.import_module(name).__all__)))";
    let said = python(script, &EXPORTERS.join("\n")).expect("it was there");
    let folder = tempfile::tempdir().expect("a temporary directory");
    let mut packages: Vec<&str> =
        EXPORTERS.iter().map(|name| name.split('.').next().expect("a first part")).collect();
    packages.dedup();
    for package in packages {
        let (own, file) = (library.join(package), format!("{package}.py"));
        let mut files = Vec::new();
        if own.is_dir() {
            python_files(&own, &mut files);
        } else {
            files.push(library.join(file));
        }
        for file in files {
            let to = folder.path().join(file.strip_prefix(&library).expect("below it"));
            std::fs::create_dir_all(to.parent().expect("below the root")).expect("a folder");
            std::fs::copy(&file, &to).expect("a file of ours");
        }
    }
    let tables = tables(folder.path());
    let mut all: Said = BTreeMap::new();
    for row in tables.select("exported_names", "module kind name is_conditional") {
        let parts: Vec<&str> = row.split(' ').collect();
        let [module, kind, name, is_conditional] = parts[..] else { panic!("{row}") };
        let entry = (kind == "module", name.to_owned(), is_conditional == "true");
        all.entry(module.to_owned()).or_default().push(entry);
    }
    let mut certain = 0;
    for (module, expected) in EXPORTERS.iter().zip(said.lines()) {
        let expected: BTreeSet<String> = serde_json::from_str(expected).expect("a list");
        let always = names(&all, module, false);
        certain += always.len();
        assert!(always.is_subset(&expected), "{module}: {always:?} {expected:?}");
        let sometimes = names(&all, module, true);
        assert!(expected.is_subset(&sometimes), "{module}: {sometimes:?} {expected:?}");
    }
    assert!(certain > 300, "{certain}");
}

/// By module: whether it is what another module says, the name, and whether it depends on something.
type Said = BTreeMap<String, Vec<(bool, String, bool)>>;

/// What a module exports, and what it exports under some condition.
fn names(all: &Said, module: &str, with_conditional: bool) -> BTreeSet<String> {
    let said = all.get(module).map_or(&[][..], Vec::as_slice);
    let said = said.iter().filter(|(.., is_conditional)| with_conditional || !is_conditional);
    said.flat_map(|(is_module, name, _)| match is_module {
        true => names(all, name, with_conditional),
        false => [name.clone()].into(),
    })
    .collect()
}
