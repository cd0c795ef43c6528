//! Programs to compare on: every one in the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// A program, and where it is from.
pub struct Program {
    pub origin: String,
    pub text: String,
}

/// The files of the standard library and the examples, and what stands fenced in specifications, error pages and
/// documentation.
pub fn programs() -> Vec<Program> {
    let root = root();
    let mut programs = Vec::new();
    for folder in ["stdlib", "examples", "crates/cpg_hir/tests/spec", "docs"] {
        for path in files(&root.join(folder)) {
            add(&path, &mut programs);
        }
    }
    add(&root.join("README.md"), &mut programs);
    programs
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("two folders up").to_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn add(path: &Path, programs: &mut Vec<Program>) {
    let origin = path.strip_prefix(root()).expect("below the root").display().to_string();
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension {
        Some("cpg") => {
            programs.push(Program { origin, text: fs::read_to_string(path).expect("a text") });
        }
        Some("md") => {
            let text = fs::read_to_string(path).expect("a text");
            programs.extend(
                fenced(&text)
                    .into_iter()
                    .map(|(line, text)| Program { origin: format!("{origin}:{line}"), text }),
            );
        }
        _ => {}
    }
}

/// The programs in a Markdown text, with the line on which each begins.
fn fenced(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        if line.starts_with("```") {
            match open.take() {
                Some(program) => found.push(program),
                None if line.starts_with("```cpg") => open = Some((number + 1, String::new())),
                None => {}
            }
        } else if let Some((_, program)) = &mut open {
            program.push_str(line);
        }
    }
    found
}
