//! Files that git tracks although a `.gitignore` names them: they are as much part of a repository as any other.

use std::path::{Path, PathBuf};

use super::run::{git, is_in_repository, paths, staged};

/// Submodules of submodules, so deep.
const MAX_DEPTH: usize = 8;

/// Those below a folder, those of submodules that are checked out among them; none where there is no repository.
///
/// # Errors
/// What git says, for people.
pub(crate) fn tracked_though_ignored(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut rest = Vec::new();
    if is_in_repository(folder) {
        rest.push((folder.to_owned(), 0));
    }
    while let Some((folder, depth)) = rest.pop() {
        let asked = ["ls-files", "-z", "--cached", "--ignored", "--exclude-standard"];
        found.extend(paths(&git(&folder, &asked)?).map(|path| folder.join(path)));
        // Most repositories have no submodules, and need not be asked for them.
        let has_modules = folder.ancestors().any(|folder| folder.join(".gitmodules").is_file());
        if has_modules && depth < MAX_DEPTH {
            let index = git(&folder, &["ls-files", "--stage", "-z"])?;
            let inner = staged(&index).filter(|entry| entry.is_submodule());
            let inner = inner.map(|entry| folder.join(entry.path));
            rest.extend(inner.filter(|f| f.join(".git").exists()).map(|f| (f, depth + 1)));
        }
    }
    Ok(found)
}
