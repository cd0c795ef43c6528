//! Installed distributions, as their metadata tells: what `importlib.metadata` reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The most that is read of one file of metadata.
const MAX_BYTES: u64 = 64 << 20;

/// Something that an installer installed.
#[derive(Debug)]
pub(crate) struct Distribution {
    /// As its authors write it.
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) summary: Option<String>,
    /// Which versions of Python it is for.
    pub(crate) requires_python: Option<String>,
    /// What it needs, as written: `click>=8.1; extra == "cli"`.
    pub(crate) requires: Vec<String>,
    /// The names that it offers to imports.
    pub(crate) top_level: BTreeSet<String>,
    /// Where its metadata stands, below the folder that it is installed in.
    pub(crate) path: String,
    /// Its files below that folder, sorted.
    files: Vec<String>,
    hash: blake3::Hash,
}

impl Distribution {
    /// Its name as installers compare it.
    pub(super) fn key(&self) -> String {
        normalized(&self.name)
    }

    /// What all of it depends on.
    pub(super) fn state(&self) -> blake3::Hash {
        self.hash
    }

    /// Its files that are modules.
    pub(super) fn modules(&self) -> impl Iterator<Item = &str> {
        let is_module = |file: &&str| {
            let suffix = file.rsplit_once('.').map(|(_, suffix)| suffix);
            matches!(suffix, Some("py" | "pyc" | "so" | "pyd"))
        };
        self.files.iter().map(String::as_str).filter(is_module)
    }
}

/// The name as PEP 503 compares names.
pub(in crate::python) fn normalized(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// The distributions that are installed in a folder, sorted by where their metadata stands.
pub(super) fn installed(folder: &Path) -> Vec<Distribution> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".dist-info") || name.ends_with(".egg-info"))
        .collect();
    names.sort();
    names.iter().filter_map(|name| read(folder, name)).collect()
}

/// None where the metadata does not even tell a name.
fn read(folder: &Path, name: &str) -> Option<Distribution> {
    let own = folder.join(name);
    let mut hasher = blake3::Hasher::new();
    let mut text = |file: &str| {
        let location = if file.is_empty() { own.clone() } else { own.join(file) };
        let is_small = fs::metadata(&location).is_ok_and(|data| data.len() <= MAX_BYTES);
        let bytes = fs::read(&location).ok().filter(|_| is_small)?;
        hasher.update(file.as_bytes()).update(&(bytes.len() as u64).to_le_bytes()).update(&bytes);
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let is_wheel = name.ends_with(".dist-info");
    let metadata_file = match (is_wheel, own.is_dir()) {
        (true, _) => "METADATA",
        (false, true) => "PKG-INFO",
        // One that `distutils` left is a file itself.
        (false, false) => "",
    };
    let fields = fields(&text(metadata_file)?);
    let first = |key: &str| fields.get(key).and_then(|values| values.first()).cloned();
    let declared = text("top_level.txt").unwrap_or_default();
    let mut files = match (is_wheel, text("RECORD")) {
        (true, Some(record)) => record.lines().filter_map(recorded).collect(),
        _ => installed_files(name, text("installed-files.txt")),
    };
    files.sort();
    files.dedup();
    let mut top_level: BTreeSet<String> = declared.split_whitespace().map(str::to_owned).collect();
    if top_level.is_empty() {
        top_level = files.iter().filter_map(|file| offered(file)).collect();
    }
    Some(Distribution {
        name: first("name")?,
        version: first("version"),
        summary: first("summary"),
        requires_python: first("requires-python"),
        requires: fields.get("requires-dist").cloned().unwrap_or_default(),
        top_level,
        path: if metadata_file.is_empty() {
            name.to_owned()
        } else {
            format!("{name}/{metadata_file}")
        },
        files,
        hash: hasher.finalize(),
    })
}

/// The fields in front of the first empty line, by their names in small letters. A line that begins with a blank goes on
/// with the one above.
fn fields(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut last: Option<String> = None;
    for line in text.lines().take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            let value = last.as_ref().and_then(|key| fields.get_mut(key)?.last_mut());
            if let Some(value) = value {
                value.push('\n');
                value.push_str(line.trim());
            }
        } else if let Some((key, value)) = line.split_once(':') {
            let key = key.trim().to_lowercase();
            fields.entry(key.clone()).or_default().push(value.trim().to_owned());
            last = Some(key);
        }
    }
    fields
}

/// The path in a line of `RECORD`: comma-separated, quoted where it has a comma itself.
fn recorded(line: &str) -> Option<String> {
    let path = match line.strip_prefix('"') {
        Some(rest) => rest.split_once("\",")?.0.replace("\"\"", "\""),
        None => line.split(',').next()?.to_owned(),
    };
    (!path.is_empty()).then_some(path)
}

/// What `pip` noted of an egg: paths relative to its metadata.
fn installed_files(own: &str, noted: Option<String>) -> Vec<String> {
    let path = |line: &str| match line.strip_prefix("../") {
        Some(beside) => beside.to_owned(),
        None => format!("{own}/{line}"),
    };
    noted.iter().flat_map(|text| text.lines()).map(path).collect()
}

/// The name that a file offers to imports: its folder's, or its own.
fn offered(file: &str) -> Option<String> {
    let name = match file.split_once('/') {
        Some((folder, _)) => folder,
        None => {
            let stem = file.split('.').next().unwrap_or(file);
            let is_module = [".py", ".pyc", ".so", ".pyd"].iter().any(|end| file.ends_with(end));
            if is_module { stem } else { file }
        }
    };
    (!name.is_empty() && !name.contains('.')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_end_with_the_first_empty_line() {
        let text = "Name: A-b\nSummary: one\n  two\nRequires-Dist: x\nRequires-Dist: y; extra == 'z'\n\nName: no\n";
        let fields = fields(text);
        assert_eq!(fields["name"], ["A-b"]);
        assert_eq!(fields["summary"], ["one\ntwo"]);
        assert_eq!(fields["requires-dist"], ["x", "y; extra == 'z'"]);
    }

    #[test]
    fn records_quote_what_has_commas() {
        assert_eq!(recorded("a/b.py,sha256=x,1").as_deref(), Some("a/b.py"));
        assert_eq!(recorded("\"a,\"\"b.py\",,").as_deref(), Some("a,\"b.py"));
        assert_eq!(recorded("").as_deref(), None);
    }

    #[test]
    fn files_offer_names() {
        let offered = |file| offered(file).unwrap_or_default();
        assert_eq!(offered("flask/app.py"), "flask");
        assert_eq!(offered("six.py"), "six");
        assert_eq!(offered("_cffi.cpython-311-x86_64-linux-gnu.so"), "_cffi");
        assert_eq!(offered("../../bin/x"), "");
        assert_eq!(offered("a-1.dist-info/METADATA"), "");
    }
}
