//! The extractor `git`: repositories that sources lie in, and what they say of files.
//!
//! ```text
//! the program `git` ──run──► Repository: head, index, what differs ──► repositories, git_files
//!                        ├─► history: commits ──► the extractor `git.history`
//!                        └─► blame: a file's lines ──► the extractor `git.blame`
//! ```
//!
//! Only questions are asked, of what is there: nothing is fetched, locked or written. A source that lies in no repository
//! has no rows.

pub(crate) mod blame;
mod commit;
pub(crate) mod history;
mod ignored;
mod repository;
mod run;

use std::borrow::Cow;

use crate::table::{needed, tables};
pub use commit::CommitFiles;
pub(crate) use ignored::tracked_though_ignored;
pub(crate) use repository::Repository;
pub(crate) use run::{Changed, changed_since};

tables! {
    /// The repositories that sources lie in, submodules that are checked out among them. A row stands under the path that
    /// `.git` would have if the source were the whole repository.
    repositories in file by () {
        /// What the paths of its files begin with: empty, or ending with `/`.
        prefix: Str,
        /// The commit that is checked out; null before the first.
        head: Opt<Str>,
        /// The branch that is checked out; null for none.
        branch: Opt<Str>,
        is_submodule: Bool,
        /// The commit that the repository around a submodule asks for.
        recorded: Opt<Str>,
        /// Whether the beginning of its history is not there.
        is_shallow: Bool,
    }

    /// What a repository says of each file of the sources.
    git_files in file by () {
        /// The path under which `repositories` has the repository.
        repository: Str,
        /// Whether the index has it.
        is_tracked: Bool,
        /// The object that the index has for it.
        object: Opt<Str>,
        /// Whether it differs from what is checked out; null where it is not tracked.
        is_modified: Opt<Bool>,
    }
}

crate::table::extractor! {
    "git" version 1: "The git repositories of the sources, and which files are tracked and modified";
    repositories: repositories,
    files: git_files,
}

/// The row of a repository.
pub(crate) fn repository_rows<'m>(plan: &Plan, of: &'m Repository) -> Rows<'m> {
    let optional = |text: &'m Option<String>| text.as_deref().map(Cow::Borrowed);
    let repositories = needed(&plan.repositories, |_| {
        vec![repositories::Row {
            prefix: Cow::Borrowed(&of.prefix),
            head: optional(&of.head),
            branch: optional(&of.branch),
            is_submodule: of.is_submodule,
            recorded: optional(&of.recorded),
            is_shallow: of.is_shallow,
        }]
    });
    Rows { repositories, ..Rows::default() }
}

/// The row of a file of the sources, by the innermost repository that it lies in.
pub(crate) fn file_rows<'m>(plan: &Plan, all: &'m [Repository], path: &str) -> Rows<'m> {
    let Some(repository) = Repository::around(all, path) else { return Rows::default() };
    let files = needed(&plan.files, |_| {
        let object = repository.objects.get(path);
        vec![git_files::Row {
            repository: Cow::Borrowed(&repository.path),
            is_tracked: object.is_some(),
            object: object.map(|object| Cow::Borrowed(object.as_str())),
            is_modified: object.map(|_| repository.modified.contains(path)),
        }]
    });
    Rows { files, ..Rows::default() }
}
