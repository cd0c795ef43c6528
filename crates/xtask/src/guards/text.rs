//! Rules over the text of the sources.

use std::path::Path;

use crate::process::{Outcome, output};

/// Longer files have more than one subject.
const MOST_LINES: usize = 600;

/// Where a program may be compiled; this crate only speaks of it.
const COMPILES: [&str; 2] = ["crates/cpg_hir", "crates/xtask"];

/// Each as a line for people.
pub fn violations(root: &Path) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for path in files(root)? {
        // A file that was removed but not yet committed is still listed.
        if let Ok(text) = std::fs::read_to_string(root.join(&path)) {
            found.extend(in_file(Path::new(&path), &text));
        }
    }
    Ok(found)
}

/// The sources in Rust, by their paths below `root`.
pub fn files(root: &Path) -> Outcome<Vec<String>> {
    let mut list = std::process::Command::new("git");
    list.current_dir(root).args(["ls-files", "--cached", "*.rs"]);
    Ok(output(&mut list)?.lines().map(str::to_owned).collect())
}

/// The lines of a file that are no comments and in no module of tests, from 1, without the spaces before them.
pub fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut lines = (1..).zip(text.lines().map(str::trim_start)).peekable();
    std::iter::from_fn(move || {
        let (number, line) = lines.next()?;
        // A module of tests is the last thing in a file, unless it is a file of its own.
        let is_last = |next: &&str| next.starts_with("mod ") && next.contains('{');
        if line == "#[cfg(test)]" && lines.peek().map(|(_, next)| next).is_some_and(is_last) {
            return None;
        }
        Some((number, line))
    })
    .filter(|(_, line)| !line.starts_with("//"))
}

fn in_file(path: &Path, text: &str) -> Vec<String> {
    let shown = path.display();
    let mut found = Vec::new();
    let lines = text.lines().count();
    if lines > MOST_LINES {
        found.push(format!("{shown} has {lines} lines, more than {MOST_LINES}"));
    }
    let is_test =
        path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "benches")
            || path.file_stem().is_some_and(|stem| stem == "tests");
    if is_test {
        return found;
    }
    for (number, line) in code(text) {
        let mut broken = |rule: &str| found.push(format!("{shown}:{number}: {rule}"));
        if is_shared_mutable(line) {
            broken("state that everything shares and anything may change");
        }
        // The one way from a program to what the engine accepts.
        let compiles = line.contains("ProgramManifest::compile(");
        if compiles && !COMPILES.iter().any(|allowed| path.starts_with(allowed)) {
            broken("a program is compiled in cpg_hir alone");
        }
    }
    found
}

fn is_shared_mutable(line: &str) -> bool {
    const CELLS: [&str; 9] = [
        "Mutex<",
        "RwLock<",
        "Atomic",
        "OnceLock<",
        "OnceCell<",
        "RefCell<",
        "Cell<",
        "DashMap<",
        "SkipMap<",
    ];
    let line = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ").map_or(line, |(_, rest)| rest),
        Some(rest) => rest.trim_start(),
        None => line,
    };
    line.starts_with("static mut ")
        || line.starts_with("thread_local!")
        || line.strip_prefix("static ").is_some_and(|rest| CELLS.iter().any(|c| rest.contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(path: &str, text: &str) -> usize {
        in_file(Path::new(path), text).len()
    }

    #[test]
    fn planted_violations_are_found() {
        assert_eq!(broken("crates/a/src/lib.rs", &"\n".repeat(601)), 1);
        assert_eq!(broken("crates/a/src/lib.rs", "static SEEN: Mutex<u8> = Mutex::new(0);"), 1);
        assert_eq!(broken("crates/a/src/lib.rs", "    pub static mut SEEN: u8 = 0;"), 1);
        assert_eq!(broken("crates/a/src/lib.rs", "pub(crate) static N: AtomicU8 = make();"), 1);
        assert_eq!(broken("crates/a/src/lib.rs", "thread_local! {"), 1);
        assert_eq!(
            broken("crates/a/src/lib.rs", "#[cfg(test)]\nmod tests;\nstatic mut SEEN: u8 = 0;"),
            1,
            "what stands behind the name of a file of tests is looked at"
        );
        assert_eq!(broken("crates/a/src/lib.rs", "let m = ProgramManifest::compile(a, b)?;"), 1);
    }

    #[test]
    fn what_is_allowed_is_not() {
        assert_eq!(broken("crates/a/src/lib.rs", "static NAMES: LazyLock<Names> = make();"), 0);
        assert_eq!(broken("crates/cpg_hir/src/x.rs", "ProgramManifest::compile(a, b)"), 0);
        assert_eq!(broken("crates/a/tests/it/main.rs", "ProgramManifest::compile(a, b)"), 0);
        assert_eq!(
            broken("crates/a/src/lib.rs", "#[cfg(test)]\nmod t { ProgramManifest::compile(a) }"),
            0
        );
    }
}
