//! `cargo xtask corpus`: real Python code to measure and compare on.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, Outcome, output, root, say};

/// As published on PyPI.
const PACKAGES: [&str; 5] =
    ["django==5.2.19", "flask==3.1.2", "requests==2.32.5", "rich==14.2.0", "sympy==1.14.0"];

/// Downloads what is missing and lists what is there.
pub fn run(_args: &[String]) -> Outcome {
    for package in PACKAGES {
        say(&format!("{}", package_source(package)?.display()));
    }
    let stdlib = "import sysconfig; print(sysconfig.get_paths()['stdlib'])";
    say(output(Command::new("python3").args(["-c", stdlib]))?.trim());
    Ok(())
}

/// The source that benchmarks read.
pub fn django() -> Outcome<PathBuf> {
    package_source(PACKAGES[0])
}

/// A package to measure on.
pub struct Package {
    /// With its version, as it is downloaded.
    pub requirement: String,
    /// What its modules are imported from.
    pub root: PathBuf,
    /// The name of its folder there.
    pub name: String,
}

/// A package by its name, at the version that is always taken, or as a requirement with a version.
pub fn package(wanted: &str) -> Outcome<Package> {
    let name = wanted.split("==").next().unwrap_or(wanted);
    let known = PACKAGES.into_iter().find(|package| package.split("==").next() == Some(wanted));
    let requirement = known.unwrap_or(wanted);
    if !requirement.contains("==") {
        return Err(format!("`{wanted}` has no version; say `{wanted}==VERSION`").into());
    }
    let unpacked = package_source(requirement)?;
    let folder = name.to_lowercase().replace('-', "_");
    for entry in std::fs::read_dir(&unpacked)? {
        let source = entry?.path();
        for root in [source.join("src"), source] {
            if root.join(&folder).join("__init__.py").is_file() {
                return Ok(Package { requirement: requirement.to_owned(), root, name: folder });
            }
        }
    }
    Err(format!("{} has no package `{folder}`", unpacked.display()).into())
}

/// Where a package's source is, downloaded now if it is not there yet.
fn package_source(package: &str) -> Outcome<PathBuf> {
    let corpus = root().join(".corpus");
    std::fs::create_dir_all(&corpus)?;
    let folder = corpus.join(package.replace("==", "-"));
    if !folder.is_dir() {
        fetch(package, &folder)?;
    }
    Ok(folder)
}

/// The source distribution, unpacked. It appears under its name only when it is whole.
fn fetch(package: &str, folder: &Path) -> Outcome {
    let partial = folder.with_extension("partial");
    if partial.exists() {
        std::fs::remove_dir_all(&partial)?;
    }
    std::fs::create_dir_all(&partial)?;
    let download = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"];
    process::run(Command::new("python3").args(download).arg("--dest").arg(&partial).arg(package))?;
    for entry in std::fs::read_dir(&partial)? {
        let archive = entry?.path();
        if archive.extension() == Some(OsStr::new("gz")) {
            process::run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&partial))?;
            std::fs::remove_file(archive)?;
        }
    }
    std::fs::rename(partial, folder)?;
    Ok(())
}
