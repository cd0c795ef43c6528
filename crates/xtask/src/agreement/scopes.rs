//! To which scopes names lead, beside what CPython's symbol tables say: the script of the test that compares the same of
//! the interpreter's library.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::graph::Graph;
use crate::process::Outcome;

use super::percent;
use super::sources::Sources;

const SCRIPT: &str = concat!(
    include_str!("../../../cpg_evidence/tests/it/oracle/common.py"),
    "\n",
    include_str!("../../../cpg_evidence/tests/it/oracle/names.py")
);

/// Every name that is read, with the scope that binds it.
const NAMES: &str = "select r.path, r.start, r.\"end\", r.name, r.binding_kind, s.kind as scope, s.start as scope_start \
    from extract.cst_refs r \
    left join extract.cst_bindings b on r.file_id = b.file_id and r.binding_key = b.key and b.is_first \
    left join extract.scopes s on b.file_id = s.file_id and b.scope_key = s.key \
    where r.context = 'load'";

/// How many names are read, how many lead to the right scope, and those that do not.
#[derive(Default)]
pub(super) struct Names {
    read: usize,
    right: usize,
    pub(super) differences: Vec<String>,
}

/// The names of a file: each by its place, with its scope.
type OfFile = BTreeMap<(usize, usize), (String, String)>;

impl Names {
    pub(super) fn compare(sources: &Sources, graph: &Graph<'_>) -> Outcome<Self> {
        let mut found = found(graph)?;
        let mut names = Self::default();
        for (path, said) in said(sources)? {
            names.compare_file(sources, &path, &said, found.remove(&path).unwrap_or_default());
        }
        Ok(names)
    }

    fn compare_file(&mut self, sources: &Sources, path: &str, said: &[String], mut found: OfFile) {
        let mut of_strings: BTreeMap<String, usize> = BTreeMap::new();
        self.read += said.len();
        for line in said {
            // The interpreter does not say where in the string.
            if let Some(name) = line.strip_prefix("in a string: ") {
                *of_strings.entry(name.to_owned()).or_default() += 1;
                continue;
            }
            let mut words = line.splitn(4, ' ');
            let mut offset = || words.next().and_then(|word| word.parse().ok()).unwrap_or_default();
            let (start, end) = (offset(), offset());
            let (name, owner) =
                (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            match found.remove(&(start, end)) {
                Some((_, ours)) if ours == owner => self.right += 1,
                ours => self.differences.push(format!(
                    "{}: `{name}` is of {}, CPython says {}",
                    sources.shown(path, start),
                    ours.map_or("nothing".to_owned(), |(_, ours)| scope(sources, path, &ours)),
                    scope(sources, path, owner)
                )),
            }
        }
        for ((start, _), (name, owner)) in found {
            match of_strings.get_mut(&format!("{name} {owner}")) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    self.right += 1;
                }
                _ => self.differences.push(format!(
                    "{}: `{name}` is of {}, CPython says something else",
                    sources.shown(path, start),
                    scope(sources, path, &owner)
                )),
            }
        }
        for (name, _) in of_strings.into_iter().filter(|(_, left)| *left > 0) {
            self.differences.push(format!("{path}: in a string CPython has `{name}`"));
        }
    }
}

/// A scope for people.
fn scope(sources: &Sources, path: &str, scope: &str) -> String {
    match scope.split_once(' ') {
        Some((kind, start)) => {
            let start = start.parse().unwrap_or_default();
            format!("the {kind} at {}", sources.shown(path, start))
        }
        None => format!("`{scope}`"),
    }
}

/// What the graph says, by file.
fn found(graph: &Graph<'_>) -> Outcome<BTreeMap<String, OfFile>> {
    let mut found: BTreeMap<String, OfFile> = BTreeMap::new();
    for row in graph.rows(NAMES)? {
        let text = |column: &str| row[column].as_str().unwrap_or_default();
        let number = |column: &str| row[column].as_u64().unwrap_or_default() as usize;
        let owner = match (text("scope"), text("binding_kind")) {
            // What a class begins with, and what the file does not bind.
            ("", "local") => "class".to_owned(),
            ("", _) => "outside".to_owned(),
            ("module", _) => "module".to_owned(),
            (kind, _) => format!("{kind} {}", number("scope_start")),
        };
        let of_file = found.entry(text("path").to_owned()).or_default();
        of_file.insert((number("start"), number("end")), (text("name").to_owned(), owner));
    }
    Ok(found)
}

/// What CPython says, by file; files that it refuses are left out.
fn said(sources: &Sources) -> Outcome<BTreeMap<String, Vec<String>>> {
    let paths: Vec<&String> = sources.files.keys().collect();
    let mut child = Command::new("python3")
        .args(["-I", "-S", "-c", SCRIPT])
        .current_dir(&sources.root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("python3: {error}"))?;
    let mut stdin = child.stdin.take().ok_or("python3 takes no input")?;
    let joined = paths.iter().map(|path| path.as_str()).collect::<Vec<_>>().join("\0");
    // It answers only when it has read everything.
    stdin.write_all(joined.as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("the script of the symbol tables failed: {}", output.status).into());
    }
    let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut refused = BTreeSet::new();
    let mut path = String::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let Some(next) = line.strip_prefix("= ") {
            path = next.to_owned();
            said.insert(path.clone(), Vec::new());
        } else if line.starts_with("! ") {
            refused.insert(path.clone());
        } else if let Some(lines) = said.get_mut(&path) {
            lines.push(line.to_owned());
        }
    }
    said.retain(|path, _| !refused.contains(path));
    Ok(said)
}

/// Cells of a table.
impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {}", self.read, percent(self.right, self.read))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn names_are_compared_by_place_and_those_in_strings_by_number() {
        let files = BTreeMap::from([("a.py".to_owned(), b"x\ny\n".to_vec())]);
        let sources = Sources { root: PathBuf::new(), files };
        let said = ["0 1 x module", "2 3 y outside", "in a string: z module"];
        let name = |name: &str, owner: &str| (name.to_owned(), owner.to_owned());
        let found = OfFile::from([
            ((0, 1), name("x", "module")),
            ((2, 3), name("y", "function 0")),
            ((9, 10), name("z", "module")),
        ]);
        let mut names = Names::default();
        names.compare_file(&sources, "a.py", &said.map(str::to_owned), found);
        assert_eq!((names.read, names.right), (3, 2));
        let told = "a.py:2: `y` is of the function at a.py:1, CPython says `outside`";
        assert_eq!(names.differences, [told]);
    }
}
