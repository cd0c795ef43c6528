//! `cargo xtask agreement [PACKAGE…]`: how right the graphs of real packages are.
//!
//! Each graph is built twice, without an index and with the one that `scip-python` writes, and three things are counted: how
//! many names lead to the scope that CPython says, how many references lead to the definition that the index says, and how
//! many calls lead anywhere. The tables that are printed are those of `docs/agreement.md`.

mod calls;
mod references;
mod scopes;
mod sources;

use std::fs;
use std::path::PathBuf;

use crate::corpus::{self, Package};
use crate::graph::Binary;
use crate::indexers;
use crate::process::{Outcome, say, target_dir};

use calls::Calls;
use references::References;
use scopes::Names;
use sources::Sources;

const USAGE: &str = "usage: cargo xtask agreement [PACKAGE…] [--binary FILE] [--list FILE]\n\
    PACKAGE is a name or `NAME==VERSION`, by default flask, requests, rich and django;\n\
    --binary is cpglang, by default built for release; --list writes every disagreement into a file";

const PACKAGES: [&str; 4] = ["flask", "requests", "rich", "django"];

/// How many disagreements are told without `--list`.
const SHOWN: usize = 10;

/// What is asked for.
#[derive(Default)]
struct Options {
    packages: Vec<String>,
    binary: Option<String>,
    list: Option<PathBuf>,
}

/// What was found of a package.
struct Report {
    package: Package,
    names: Names,
    references: References,
    plain: Calls,
    indexed: Calls,
}

/// Builds, compares and prints.
pub fn run(args: &[String]) -> Outcome {
    let options = Options::read(args)?;
    let binary = Binary::at(options.binary.as_ref())?;
    let mut reports = Vec::new();
    for package in &options.packages {
        say(&format!("{package} …"));
        reports.push(report(&binary, corpus::package(package)?)?);
    }
    print(&reports);
    let differences: Vec<String> = reports.iter().flat_map(Report::differences).collect();
    match options.list {
        Some(file) => fs::write(file, differences.join("\n") + "\n")?,
        None => differences.iter().take(SHOWN).for_each(|line| say(line)),
    }
    Ok(())
}

impl Options {
    fn read(args: &[String]) -> Outcome<Self> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--binary" => options.binary = Some(args.next().ok_or(USAGE)?.clone()),
                "--list" => options.list = Some(args.next().ok_or(USAGE)?.into()),
                flag if flag.starts_with('-') => return Err(USAGE.into()),
                package => options.packages.push(package.to_owned()),
            }
        }
        if options.packages.is_empty() {
            options.packages = PACKAGES.map(str::to_owned).to_vec();
        }
        Ok(options)
    }
}

fn report(binary: &Binary, package: Package) -> Outcome<Report> {
    let out = target_dir().join("agreement").join(&package.name);
    let sources = Sources::copy(&package, &out.join("source"))?;
    let index = indexers::index(&sources.root, &package.requirement.replace("==", "-"))?;
    let index = index.to_str().ok_or("the index's path is not UTF-8")?;
    let plain = binary.build(&sources.root, &out.join("plain"), &[])?;
    let indexed = binary.build(&sources.root, &out.join("indexed"), &["--scip-index", index])?;
    Ok(Report {
        names: Names::compare(&sources, &plain)?,
        references: References::compare(&sources, &plain, &indexed)?,
        plain: Calls::count(&plain)?,
        indexed: Calls::count(&indexed)?,
        package,
    })
}

impl Report {
    /// What is wrong, or seems so: a line each.
    fn differences(&self) -> impl Iterator<Item = String> {
        let all = self.names.differences.iter().chain(&self.references.differences);
        all.map(|line| format!("{}: {line}", self.package.name))
    }
}

fn print(reports: &[Report]) {
    let rows = |row: &dyn Fn(&Report) -> String| {
        for report in reports {
            say(&format!("| {} | {} |", report.package.requirement, row(report)));
        }
    };
    say("\n| package | names read | in the scope that CPython says |\n| --- | --: | --: |");
    rows(&|report| report.names.to_string());
    say(
        "\n| package | both resolve | to the same definition | only the graph | only the index |\n\
        | --- | --: | --: | --: | --: |",
    );
    rows(&|report| report.references.to_string());
    references::print_groups(reports.iter().map(|report| &report.references));
    say(
        "\n| package | calls | to a definition | to code outside | to nothing | with an index: to a definition | to code \
        outside | to nothing |\n| --- | --: | --: | --: | --: | --: | --: | --: |",
    );
    rows(&|report| format!("{} | {} | {}", report.plain.all, report.plain, report.indexed));
    say("");
}

/// In hundredths of a percent.
fn percent(part: usize, all: usize) -> String {
    match all {
        0 => "-".to_owned(),
        _ => format!("{:.2} %", 100.0 * part as f64 / all as f64),
    }
}
