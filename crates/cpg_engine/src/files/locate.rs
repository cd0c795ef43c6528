//! From a location to files.

use std::path::{Path, PathBuf};

use cpg_ir::file::{FileFormat, FileProblem, FileSource, check_location};
use globset::GlobBuilder;

/// The files at a location below `root`, sorted by their paths; at least one. Of a Delta table, its folder.
pub(super) fn files(root: &Path, source: &FileSource) -> Result<Vec<PathBuf>, FileProblem> {
    check_location(&source.location).map_err(FileProblem::Location)?;
    let unreadable = |error: std::io::Error| FileProblem::Unreadable(error.to_string());
    let path = root.join(&source.location);
    let mut files = if path.is_file() && source.format != FileFormat::Delta {
        vec![path]
    } else if path.is_dir() {
        match source.format {
            FileFormat::Delta if path.join("_delta_log").is_dir() => vec![path],
            FileFormat::Delta => {
                let why = "it has no `_delta_log`".to_owned();
                return Err(FileProblem::Unreadable(why));
            }
            format => {
                let mut files = below(&path).map_err(unreadable)?;
                files.retain(|path| {
                    path.extension().is_some_and(|ending| ending == format.as_str())
                });
                files
            }
        }
    } else if source.is_pattern() && source.format != FileFormat::Delta {
        let glob = GlobBuilder::new(&source.location)
            .literal_separator(true)
            .build()
            .map_err(|error| FileProblem::Location(error.kind().to_string()))?
            .compile_matcher();
        let mut files = below(&root.join(source.fixed_part())).unwrap_or_default();
        files.retain(|path| path.strip_prefix(root).is_ok_and(|path| glob.is_match(path)));
        files
    } else {
        Vec::new()
    };
    files.sort();
    if files.is_empty() { Err(FileProblem::Missing) } else { Ok(files) }
}

/// All files below a folder; hidden files and folders are left out, and links to folders are not followed: a loop would
/// never end.
fn below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                pending.push(path);
            } else if path.is_file() {
                files.push(path);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(root: &Path, format: FileFormat, location: &str) -> Result<Vec<String>, FileProblem> {
        let source = FileSource { format, location: location.to_owned() };
        let shown = |path: PathBuf| {
            let path = path.strip_prefix(root).expect("files are below the root");
            path.to_string_lossy().replace('\\', "/")
        };
        files(root, &source).map(|files| files.into_iter().map(shown).collect())
    }

    #[test]
    fn a_location_is_a_file_a_folder_or_a_pattern() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let root = folder.path();
        for path in ["d/b.csv", "d/a.csv", "d/e/c.csv", "d/x.txt", "d/.h/y.csv", ".cpglang/z.csv"] {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
            std::fs::write(path, "n\n1\n").expect("it can be written");
        }
        let csv = |location: &str| found(root, FileFormat::Csv, location);
        assert_eq!(csv("d/x.txt"), Ok(vec!["d/x.txt".to_owned()]));
        let all = ["d/a.csv", "d/b.csv", "d/e/c.csv"].map(str::to_owned).to_vec();
        assert_eq!(csv("d"), Ok(all.clone()));
        assert_eq!(csv("d/"), Ok(all.clone()));
        assert_eq!(csv("**/*.csv"), Ok(all));
        assert_eq!(csv("d/*.csv"), Ok(vec!["d/a.csv".to_owned(), "d/b.csv".to_owned()]));
        assert_eq!(csv("d/{a,q}.csv"), Ok(vec!["d/a.csv".to_owned()]));
        for missing in ["d/q.csv", "q", "q/*.csv", "d/e/*.txt"] {
            assert_eq!(csv(missing), Err(FileProblem::Missing), "{missing}");
        }
        assert!(matches!(csv("d/[.csv"), Err(FileProblem::Location(_))));
        assert!(matches!(csv("../d"), Err(FileProblem::Location(_))));
        let delta = found(root, FileFormat::Delta, "d");
        assert!(matches!(delta, Err(FileProblem::Unreadable(why)) if why.contains("_delta_log")));
    }
}
