//! Says of which sources the crate is built, as far as they decide what a program's tables hold.

use std::collections::BTreeSet;
use std::error::Error;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

/// From the program to plans and to what they are told apart by. Extractors have versions of their own, and the lock file says
/// which DataFusion carries plans out.
const SOURCES: [&str; 4] = ["src", "../cpg_ir/src", "../cpg_plan/src", "../../Cargo.lock"];

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let mut hasher = DefaultHasher::new();
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        let root = manifest.join(source);
        let mut files = BTreeSet::new();
        collect(&root, &mut files)?;
        for file in files {
            // Not where the sources are, which differs between checkouts.
            let name = file.strip_prefix(&root)?.to_string_lossy().into_owned();
            hasher.write(name.as_bytes());
            hasher.write(&std::fs::read(&file)?);
        }
    }
    println!("cargo::rustc-env=CPGLANG_SOURCES={:016x}", hasher.finish());
    Ok(())
}

fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), Box<dyn Error>> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else {
        files.insert(path.to_owned());
    }
    Ok(())
}
