//! Which Python module a file is.

use std::collections::BTreeSet;

/// A file as a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModuleName {
    /// Its dotted name; `pkg` for `pkg/__init__.py`.
    pub(crate) dotted: String,
    /// Whether it is a package's `__init__`.
    pub(crate) is_package: bool,
}

impl ModuleName {
    /// The package that relative imports count from; empty at an import root.
    pub(crate) fn package(&self) -> &str {
        if self.is_package {
            return &self.dotted;
        }
        self.dotted.rsplit_once('.').map_or("", |(package, _)| package)
    }
}

/// The packages among the files of a scan.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    /// Prefixes of the sources: empty or ending in `/`.
    roots: Vec<String>,
    /// Directories with an `__init__` file, without a trailing `/`.
    packages: BTreeSet<String>,
}

impl Modules {
    pub(crate) fn new<'a>(roots: Vec<String>, files: impl Iterator<Item = &'a str>) -> Self {
        let packages = files
            .filter_map(|path| {
                let (directory, name) = path.rsplit_once('/')?;
                matches!(name, "__init__.py" | "__init__.pyi").then(|| directory.to_owned())
            })
            .collect();
        Self { roots, packages }
    }

    /// The module that the Python file at `path` is: its path below its [import root](Self::import_root).
    pub(crate) fn of(&self, path: &str) -> ModuleName {
        let below = &path[self.import_root(path).len()..];
        let (package, name) = below.rsplit_once('/').unwrap_or(("", below));
        let stem = name.strip_suffix(".pyi").or_else(|| name.strip_suffix(".py")).unwrap_or(name);
        let is_package = stem == "__init__";
        let mut dotted = package.replace('/', ".");
        if !is_package || dotted.is_empty() {
            if !dotted.is_empty() {
                dotted.push('.');
            }
            dotted.push_str(stem);
        }
        ModuleName { dotted, is_package }
    }

    /// The directory that the name of the module at `path` counts from: empty or ending in `/`.
    ///
    /// It is the first directory above the file's packages. A file in no package counts from the innermost `src`
    /// directory on its path, else from its source.
    pub(crate) fn import_root<'p>(&self, path: &'p str) -> &'p str {
        let source = self.source_of(path);
        let below = &path[source.len()..];
        let directory = below.rsplit_once('/').map_or("", |(directory, _)| directory);
        let mut import_root = directory.len();
        while import_root > 0 && self.packages.contains(&path[..source.len() + import_root]) {
            import_root = directory[..import_root].rfind('/').unwrap_or(0);
        }
        let package = if import_root < directory.len() {
            directory[import_root..].trim_start_matches('/')
        } else {
            below_src(directory)
        };
        let name = &below[if directory.is_empty() { 0 } else { directory.len() + 1 }..];
        let inner = if package.is_empty() { 0 } else { package.len() + 1 };
        &path[..path.len() - name.len() - inner]
    }

    /// The prefix of the source that a file is of: empty or ending in `/`.
    pub(crate) fn source_of(&self, path: &str) -> &str {
        let roots = self.roots.iter().filter(|root| path.starts_with(root.as_str()));
        roots.max_by_key(|root| root.len()).map_or("", String::as_str)
    }
}

/// What follows the last `src` component of a directory; the whole without one.
fn below_src(directory: &str) -> &str {
    let mut rest = directory;
    let mut below = directory;
    while !rest.is_empty() {
        let (component, after) = rest.split_once('/').unwrap_or((rest, ""));
        if component == "src" {
            below = after;
        }
        rest = after;
    }
    below
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(files: &[&str], path: &str) -> String {
        Modules::new(vec![String::new()], files.iter().copied()).of(path).dotted
    }

    #[test]
    fn a_package_counts_from_its_import_root() {
        let files = ["lib/pkg/__init__.py", "lib/pkg/sub/__init__.pyi", "lib/pkg/sub/m.py"];
        assert_eq!(module(&files, "lib/pkg/sub/m.py"), "pkg.sub.m");
        assert_eq!(module(&files, "lib/pkg/__init__.py"), "pkg");
        assert_eq!(module(&files, "lib/pkg/m.py"), "pkg.m");
        assert_eq!(module(&files, "lib/m.py"), "lib.m");
    }

    #[test]
    fn without_a_package_from_src_or_the_source() {
        assert_eq!(module(&[], "a.py"), "a");
        assert_eq!(module(&[], "scripts/run-it.py"), "scripts.run-it");
        assert_eq!(module(&[], "src/a.py"), "a");
        assert_eq!(module(&[], "x/src/y/a.pyi"), "y.a");
        assert_eq!(module(&["src/pkg/__init__.py"], "src/pkg/a.py"), "pkg.a");
        assert_eq!(module(&[], "bin/tool"), "bin.tool");
    }

    #[test]
    fn never_above_the_source() {
        assert_eq!(module(&["__init__.py"], "__init__.py"), "__init__");
        assert_eq!(module(&["__init__.py"], "a.py"), "a");
        let modules = Modules::new(
            vec![String::new(), "left/".to_owned()],
            ["left/pkg/__init__.py", "left/__init__.py"].into_iter(),
        );
        assert_eq!(modules.of("left/pkg/a.py").dotted, "pkg.a");
        assert_eq!(modules.of("left/a.py").dotted, "a");
    }

    #[test]
    fn relative_imports_count_from_the_package() {
        let modules =
            Modules::new(vec![String::new()], ["p/__init__.py", "p/q/__init__.py"].into_iter());
        assert_eq!(modules.of("p/q/__init__.py").package(), "p.q");
        assert_eq!(modules.of("p/q/m.py").package(), "p.q");
        assert_eq!(modules.of("top.py").package(), "");
    }
}
