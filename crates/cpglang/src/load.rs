//! Which files a program is made of, and their texts.

mod at_commit;
mod stdlib;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use cpg_base::{Diagnostic, SourceId, System};
use cpg_evidence::ExternalCommands;
use cpg_hir::{Source, module_path};
use cpg_syntax::{FileText, file_text};

use crate::failure::Failure;

pub(crate) use at_commit::AtCommit;

/// All texts of a program, and what is wrong with files that cannot be read as text.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// The standard library first, then the project's, by module.
    pub files: Vec<Source>,
    /// What is wrong with files as a whole.
    pub diagnostics: Vec<Diagnostic>,
    /// The project's folder: what the locations of evidence in files are relative to.
    pub folder: PathBuf,
    /// The commands that the profile allows to give evidence.
    pub external: ExternalCommands,
    /// Where the project's texts were read, as far as they are what the files hold.
    pub paths: BTreeMap<SourceId, PathBuf>,
}

/// Where the project's files are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Roots<'a> {
    /// The `*.cpg` files in this directory and those below its folder `cpg`.
    Project(&'a Path),
    /// These files, and those below these folders.
    Paths(&'a [PathBuf]),
}

/// The standard library and the project's files.
pub(crate) fn program(
    system: &dyn System,
    external: &ExternalCommands,
    roots: Roots<'_>,
) -> Result<Loaded, Failure> {
    let mut loaded = Loaded {
        files: stdlib::files(),
        folder: project_folder(system, roots),
        external: external.clone(),
        ..Loaded::default()
    };
    let mut project: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (module, path) in project_files(system, roots)? {
        if module == "std" || module.starts_with("std.") {
            let why = format!("`{}`: modules below `std` are the standard library's", shown(&path));
            return Err(Failure::usage(why, "rename the file or its folder"));
        }
        if let Some(first) = project.get(&module).filter(|first| **first != path) {
            let why =
                format!("`{}` and `{}` are both module `{module}`", shown(first), shown(&path));
            return Err(Failure::usage(why, "rename one of them, or give the folder above both"));
        }
        project.insert(module, path);
    }
    for (module, path) in project {
        read(system, module, &path, &mut loaded)?;
    }
    Ok(loaded)
}

/// The folder that is built, or the nearest one that holds all program files and folders that were given.
fn project_folder(system: &dyn System, roots: Roots<'_>) -> PathBuf {
    let folder = |path: &Path| match system.is_dir(path) {
        true => path.to_owned(),
        false => path.parent().unwrap_or(Path::new("")).to_owned(),
    };
    let found = match roots {
        Roots::Project(root) => root.to_owned(),
        Roots::Paths(paths) => {
            let folders = paths.iter().map(|path| folder(path));
            folders.reduce(|a, b| common(&a, &b)).unwrap_or_default()
        }
    };
    if found.as_os_str().is_empty() { PathBuf::from(".") } else { found }
}

fn common(a: &Path, b: &Path) -> PathBuf {
    let both = a.components().zip(b.components());
    both.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

/// Modules with their files.
pub(crate) fn project_files(
    system: &dyn System,
    roots: Roots<'_>,
) -> Result<Vec<(String, PathBuf)>, Failure> {
    let unreadable = |path: &Path| {
        let path = shown(path);
        move |error: io::Error| {
            Failure::usage(format!("`{path}`: {error}"), "give a program file or a folder")
        }
    };
    let mut files = Vec::new();
    match roots {
        Roots::Project(root) => {
            files = project_files_in(system, root).map_err(unreadable(root))?;
        }
        Roots::Paths(paths) => {
            for root in paths {
                if system.is_dir(root) {
                    let below = system.files_below(root, "cpg").map_err(unreadable(root))?;
                    files.extend(below.into_iter().map(|path| (module(root, &path), path)));
                } else {
                    let folder = root.parent().unwrap_or(Path::new(""));
                    files.push((module(folder, root), root.clone()));
                }
            }
        }
    }
    Ok(files)
}

/// Where the files below a project's folder lie that are part of its program.
const BELOW: &str = "cpg";

/// The files of the project in a folder, with their modules. What is wrong with a folder that is not there is for the
/// build to say.
pub(crate) fn project_files_in(
    system: &dyn System,
    root: &Path,
) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    if system.is_dir(root) {
        files = system.files_in(root, "cpg")?;
        let below = root.join(BELOW);
        if system.is_dir(&below) {
            files.extend(system.files_below(&below, "cpg")?);
        }
    }
    Ok(files.into_iter().map(|path| (module(root, &path), path)).collect())
}

/// The module of a file in the project in that folder; `None` when it is no part of it.
pub(crate) fn project_module(root: &Path, path: &Path) -> Option<String> {
    let own = path.strip_prefix(root).ok()?;
    let inside = own.components().count() == 1 || own.starts_with(BELOW);
    let hidden = own
        .parent()
        .into_iter()
        .flat_map(Path::components)
        .any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."));
    let is_program = path.extension().is_some_and(|extension| extension == "cpg");
    (inside && !hidden && is_program).then(|| module(root, path))
}

/// The standard library.
pub(crate) fn library() -> Vec<Source> {
    stdlib::files()
}

fn module(root: &Path, path: &Path) -> String {
    module_path("", &shown(path.strip_prefix(root).unwrap_or(path)))
}

fn read(
    system: &dyn System,
    module: String,
    path: &Path,
    loaded: &mut Loaded,
) -> Result<(), Failure> {
    let source = SourceId::new(&shown(path));
    let bytes = system.read(path).map_err(|error| {
        Failure::usage(format!("`{source}`: {error}"), "give a program file or a folder")
    })?;
    let text = match file_text(&source, bytes) {
        FileText::Whole(text) => {
            loaded.paths.insert(source.clone(), path.to_owned());
            text
        }
        FileText::Lossy(text, told) => {
            loaded.diagnostics.push(told);
            text
        }
        FileText::TooLarge(told) => {
            loaded.diagnostics.push(told);
            return Ok(());
        }
    };
    loaded.files.push(Source { id: source, module, text, library: false });
    Ok(())
}

/// As messages show it: `/`-separated, without a leading `./`.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}
