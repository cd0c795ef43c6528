//! Absolute dotted paths of what imports name.

use ruff_python_ast::{Alias, StmtImportFrom};

use crate::scan::ModuleName;

/// What an imported name stands for.
pub(super) struct Target<'a> {
    /// The path of what is imported.
    pub(super) target: String,
    /// The path of the module it is imported from.
    pub(super) module: String,
    /// The bound name and the path of what it is bound to; none for a star.
    pub(super) bound: Option<(&'a str, String)>,
}

/// `import a.b` binds `a`; `import a.b as c` binds `c` to `a.b`.
pub(super) fn plain(alias: &Alias) -> Target<'_> {
    let path = alias.name.as_str();
    let bound = match &alias.asname {
        Some(name) => (name.as_str(), path.to_owned()),
        None => {
            let first = path.split('.').next().unwrap_or(path);
            (first, first.to_owned())
        }
    };
    Target { target: path.to_owned(), module: path.to_owned(), bound: Some(bound) }
}

/// `from m import a as b`.
pub(super) fn from<'a>(
    module: &ModuleName,
    statement: &StmtImportFrom,
    alias: &'a Alias,
) -> Target<'a> {
    let written = statement.module.as_ref().map(|name| name.as_str());
    let path = absolute(module.package(), statement.level, written);
    if alias.name.as_str() == "*" {
        return Target { target: path.clone(), module: path, bound: None };
    }
    let target = join(&path, alias.name.as_str());
    let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
    Target { bound: Some((bound, target.clone())), target, module: path }
}

/// The path of the module that `level` dots and `written` name in a module of `package`. The dots that lead out of
/// the import root remain in front: such an import fails at run time.
fn absolute(package: &str, level: u32, written: Option<&str>) -> String {
    let written = written.unwrap_or_default();
    if level == 0 {
        return written.to_owned();
    }
    let mut parent = package;
    for up in 1..level {
        if parent.is_empty() {
            return ".".repeat((level - up) as usize) + written;
        }
        parent = parent.rsplit_once('.').map_or("", |(parent, _)| parent);
    }
    join(parent, written)
}

fn join(path: &str, name: &str) -> String {
    match (path, name) {
        ("", name) => name.to_owned(),
        (path, "") => path.to_owned(),
        // Dots that lead out of the import root take no further dot.
        (path, name) if path.ends_with('.') => format!("{path}{name}"),
        (path, name) => format!("{path}.{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_imports_are_resolved() {
        assert_eq!(absolute("p.q", 0, Some("os.path")), "os.path");
        assert_eq!(absolute("p.q", 1, Some("m")), "p.q.m");
        assert_eq!(absolute("p.q", 1, None), "p.q");
        assert_eq!(absolute("p.q", 2, Some("m")), "p.m");
        assert_eq!(absolute("p.q", 3, Some("m")), "m");
        assert_eq!(absolute("", 1, Some("m")), "m");
    }

    #[test]
    fn dots_that_lead_out_remain() {
        assert_eq!(absolute("p.q", 4, Some("m")), ".m");
        assert_eq!(absolute("", 2, Some("m")), ".m");
        assert_eq!(absolute("", 3, None), "..");
        assert_eq!(join("..", "x"), "..x");
    }
}
