//! `cargo xtask exactness [PACKAGE…]`: how exact the evidence of real packages is.
//!
//! The tests that compare extractors with CPython, file by file, run over whole packages instead of a few files, and tell
//! what they counted. Without arguments the counts become `docs/exactness.md`.

mod page;
mod sources;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::corpus;
use crate::indexers;
use crate::process::{Outcome, cargo, output, root, say, succeeds, target_dir};

/// Whose evidence is compared: the interpreter's own library, and packages of the corpus.
const PACKAGES: [&str; 5] = ["cpython", "django", "flask", "rich", "sympy"];

/// Those for which there is an index to compare with: larger ones take an indexer minutes and gigabytes.
const INDEXED: [&str; 2] = ["flask", "rich"];

/// What a test told.
struct Counts {
    name: String,
    files: usize,
    rows: usize,
    skipped: BTreeMap<String, usize>,
    explained: BTreeMap<String, usize>,
    differences: Vec<String>,
}

impl Counts {
    fn read(line: &str) -> Outcome<Self> {
        let told: Value = serde_json::from_str(line)?;
        let number = |value: &Value| value.as_u64().and_then(|number| usize::try_from(number).ok());
        let by_reason = |value: &Value| -> Option<BTreeMap<String, usize>> {
            let reasons = value.as_object()?.iter();
            reasons.map(|(reason, count)| Some((reason.clone(), number(count)?))).collect()
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let read = || {
            Some(Self {
                name: text(&told["name"])?,
                files: number(&told["files"])?,
                rows: number(&told["rows"])?,
                skipped: by_reason(&told["skipped"])?,
                explained: by_reason(&told["explained"])?,
                differences: told["differences"]
                    .as_array()?
                    .iter()
                    .map(text)
                    .collect::<Option<_>>()?,
            })
        };
        read().ok_or_else(|| format!("these are no counts: {line}").into())
    }
}

/// What was found of a package.
struct Report {
    /// With its version.
    package: String,
    counts: Vec<Counts>,
}

/// Compares and tells; writes the page when all packages were compared.
pub fn run(args: &[String]) -> Outcome {
    if args.iter().any(|arg| arg.starts_with('-')) {
        return Err(format!("give packages, by default {}", PACKAGES.join(", ")).into());
    }
    let wanted: Vec<&str> = match args {
        [] => PACKAGES.to_vec(),
        some => some.iter().map(String::as_str).collect(),
    };
    let tests = tests()?;
    let python = output(Command::new("python3").arg("--version"))?;
    let mut reports = Vec::new();
    for package in wanted {
        say(&format!("{package} …"));
        reports.push(report(&tests, package, python.trim())?);
    }
    let page = page::of(&reports, python.trim());
    if args.is_empty() {
        fs::write(root().join("docs/exactness.md"), page)?;
    } else {
        say(&page);
    }
    let mut differences = 0;
    for report in &reports {
        for counts in &report.counts {
            for difference in &counts.differences {
                differences += 1;
                say(&format!("{}: {}: {difference}", report.package, counts.name));
            }
        }
    }
    match differences {
        0 => Ok(()),
        _ => Err(format!("{differences} files differ").into()),
    }
}

/// The tests of the extractors, built for release: there is much to compare.
fn tests() -> Outcome<PathBuf> {
    let mut build = cargo();
    build.args(["test", "--release", "--locked", "--package", "cpg_evidence", "--test", "it"]);
    let told = output(build.args(["--no-run", "--message-format", "json"]))?;
    let executable = told.lines().find_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        line["executable"].as_str().map(PathBuf::from)
    });
    executable.ok_or_else(|| "cargo tells of no test".into())
}

fn report(tests: &Path, package: &str, python: &str) -> Outcome<Report> {
    let out = target_dir().join("exactness");
    fs::create_dir_all(&out)?;
    let (requirement, folder) = match package {
        "cpython" => (format!("the library of {python}"), sources::library(&out.join("library"))?),
        _ => {
            let package = corpus::package(package)?;
            (package.requirement, package.root)
        }
    };
    let told = out.join(format!("{package}.ndjson"));
    if told.exists() {
        fs::remove_file(&told)?;
    }
    let mut command = Command::new(tests);
    command.args(["oracle::", "scip_indexers::"]).current_dir(root().join("crates/cpg_evidence"));
    command.env("CPG_ORACLE", &folder).env("CPG_ORACLE_COUNTS", &told);
    if INDEXED.contains(&package) {
        let name = requirement.replace("==", "-");
        command.env("CPG_ORACLE_INDEX", indexers::index(&folder, &name)?);
    }
    // Whether there are differences is told by the counts, which a test writes before it fails.
    let did_well = succeeds(&mut command);
    let lines = fs::read_to_string(&told)?;
    let counts = lines.lines().map(Counts::read).collect::<Outcome<Vec<_>>>()?;
    if !did_well && counts.iter().all(|counts| counts.differences.is_empty()) {
        return Err(format!("a test failed on {package}: {command:?}").into());
    }
    Ok(Report { package: requirement, counts })
}
