//! `git` and `git.history`, and files by what git says of them, in repositories that the program `git` made.

use std::path::Path;
use std::process::Command;

use cpg_evidence::{ExtractOptions, FileOptions, ScanOptions, Source};

use crate::support::{Sources, Tables, needs_of};

/// What git says; none where there is none.
fn git(folder: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@b", "-c", "protocol.file.allow=always"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_DATE", "2001-02-03T04:05:06Z")
        .env("GIT_COMMITTER_DATE", "2001-02-03T04:05:07Z")
        .output()
        .ok()?;
    assert!(output.status.success(), "{args:?}: {output:?}");
    Some(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

fn commit(sources: &Sources, message: &str) -> Option<String> {
    git(sources.path(), &["add", "--all"])?;
    git(sources.path(), &["commit", "--quiet", "--message", message])?;
    git(sources.path(), &["rev-parse", "HEAD"])
}

/// With two commits and a merge of a third.
fn repository() -> Option<Sources> {
    let sources = Sources::new(&[
        ("a.py", "one = 1\ntwo = 2\nthree = 3\n"),
        ("pkg/b.py", "b = 1\n"),
        (".gitignore", "ignored/\n*.tmp\n!kept.tmp\n"),
    ]);
    git(sources.path(), &["init", "--quiet", "--initial-branch", "main"])?;
    commit(&sources, "first\n\nwith a body")?;
    git(sources.path(), &["checkout", "--quiet", "-b", "side"])?;
    sources.write("side.py", b"s = 1\n");
    commit(&sources, "on the side")?;
    git(sources.path(), &["checkout", "--quiet", "main"])?;
    git(sources.path(), &["mv", "a.py", "pkg/größe.py"])?;
    sources.write("pkg/b.py", b"b = 2\n");
    commit(&sources, "second")?;
    git(sources.path(), &["merge", "--quiet", "--no-ff", "--message", "merged", "side"])?;
    Some(sources)
}

fn tables(sources: &Sources) -> Tables {
    sources.tables_of(&["git", "git.history"])
}

#[test]
fn commits_and_what_they_changed() {
    let Some(sources) = repository() else { return };
    let tables = tables(&sources);
    assert_eq!(tables.select("extract_errors", "path message"), [""; 0]);
    let log = git(sources.path(), &["log", "--topo-order", "--format=%H %an %ae %at %ct %s"]);
    let columns = "commit author_name author_email authored_at committed_at subject";
    let mut commits = tables.select("commits", columns);
    assert_eq!(commits.join("\n"), log.expect("a log"));
    commits.sort();
    assert_eq!(tables.select("commits", "path position"), [".git 0", ".git 1", ".git 2", ".git 3"]);
    let mut parents = tables.select("commit_parents", "commit position parent");
    parents.sort();
    let log = git(sources.path(), &["log", "--format=%H %P"]).expect("a log");
    let mut expected: Vec<String> = log
        .lines()
        .flat_map(|line| {
            let (commit, parents) = line.split_once(' ').unwrap_or((line, ""));
            let parents = parents.split_whitespace().enumerate();
            parents.map(move |(at, parent)| format!("{commit} {at} {parent}"))
        })
        .collect();
    expected.sort();
    assert_eq!(parents, expected);
    let mut changes = tables.select("file_changes", "path kind old_path");
    changes.sort();
    assert_eq!(
        changes,
        [
            ".gitignore added -",
            "a.py added -",
            "pkg/b.py added -",
            "pkg/b.py modified -",
            "pkg/größe.py renamed a.py",
            "side.py added -",
        ]
    );
}

#[test]
fn what_is_tracked_and_modified() {
    let Some(sources) = repository() else { return };
    sources.write("pkg/b.py", b"b = 3\n");
    sources.write("new.py", b"");
    sources.write("ignored/x.py", b"");
    sources.write("x.tmp", b"");
    sources.write("kept.tmp", b"");
    let found = tables(&sources);
    assert_eq!(
        found.select("git_files", "path repository is_tracked is_modified"),
        [
            "kept.tmp .git false -",
            "new.py .git false -",
            "pkg/b.py .git true true",
            "pkg/größe.py .git true false",
            "side.py .git true false",
        ]
    );
    let object = git(sources.path(), &["rev-parse", "HEAD:side.py"]).expect("an object");
    assert_eq!(found.select("git_files", "object")[4], object);
    // The files that are read are those that git has or would take, but for hidden ones.
    let listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = git(sources.path(), &listed).expect("a list");
    let mut listed: Vec<_> = listed.split_terminator('\0').collect();
    listed.retain(|path| !path.starts_with('.'));
    listed.sort_unstable();
    assert_eq!(found.select("git_files", "path"), listed);
    let head = git(sources.path(), &["rev-parse", "HEAD"]).expect("a commit");
    assert_eq!(
        found.select("repositories", "path prefix head branch is_submodule recorded is_shallow"),
        [format!(".git  {head} main false - false")]
    );
}

#[test]
fn a_source_in_a_folder_of_a_repository() {
    let Some(sources) = repository() else { return };
    let source = Source::new(sources.path().join("pkg"));
    let scan = cpg_evidence::scan(&[source], &ScanOptions::default()).expect("a folder");
    let found = Tables::with(&scan, &needs_of(&["git", "git.history", "errors"]));
    assert_eq!(
        found.select("git_files", "path is_tracked is_modified"),
        ["b.py true false", "größe.py true false"]
    );
    let mut changes = found.select("file_changes", "path kind old_path");
    changes.sort();
    assert_eq!(changes, ["b.py added -", "b.py modified -", "größe.py added -"]);
    assert_eq!(found.select("commits", "subject").len(), 4);
}

#[test]
fn submodules_are_repositories_of_their_own() {
    let (Some(inner), Some(sources)) = (repository(), repository()) else { return };
    let url = inner.path().to_str().expect("UTF-8");
    git(sources.path(), &["submodule", "--quiet", "add", url, "lib/inner"]).expect("it is there");
    let head = git(inner.path(), &["rev-parse", "HEAD"]).expect("a commit");
    commit(&sources, "with a submodule").expect("it is there");
    let found = tables(&sources);
    assert_eq!(
        found.select("repositories", "path prefix is_submodule recorded"),
        [".git  false -".to_owned(), format!("lib/inner/.git lib/inner/ true {head}")]
    );
    let files = found.select("git_files", "path repository is_tracked is_modified");
    assert!(
        files.contains(&"lib/inner/pkg/b.py lib/inner/.git true false".to_owned()),
        "{files:?}"
    );
    assert_eq!(found.select("commits", "path").len(), 9);
}

#[test]
fn only_what_changed_is_read_where_that_is_asked_for() {
    let Some(sources) = repository() else { return };
    sources.write("new.py", b"");
    sources.write("pkg/b.py", b"b = 3\n");
    let scan = |reference: &str| {
        let changed_since = Some(reference.to_owned());
        let files = FileOptions { changed_since, ..FileOptions::default() };
        let extract = ExtractOptions { files, ..ExtractOptions::default() };
        let options = ScanOptions { extract, ..ScanOptions::default() };
        let scan = cpg_evidence::scan(&[Source::new(sources.path())], &options);
        scan.map(|scan| scan.files().map(|(path, _)| path.to_owned()).collect::<Vec<_>>())
            .map_err(|error| error.to_string())
    };
    assert_eq!(scan("HEAD").expect("a commit"), ["new.py", "pkg/b.py"]);
    assert_eq!(scan("HEAD^").expect("a commit"), ["new.py", "pkg/b.py", "side.py"]);
    let told = scan("no-such-branch").expect_err("there is none");
    assert!(told.ends_with("is not known: git knows no commit `no-such-branch`"), "{told}");
    let told = scan("--output=x").expect_err("there is none");
    assert!(told.ends_with("git knows no commit `--output=x`"), "{told}");
    assert!(!sources.path().join("x").exists());
}

#[test]
fn states_change_with_what_they_are_about() {
    let Some(sources) = repository() else { return };
    let state = || ["git", "git.history", "repo"].map(|key| sources.scan().fingerprint(key));
    let first = state();
    assert_eq!(first, state());
    sources.write("side.py", b"s = 2\n");
    let edited = state();
    assert!(first[0] != edited[0] && first[1] == edited[1] && first[2] != edited[2]);
    sources.write("side.py", b"s = 3\n");
    let again = state();
    assert!(edited[0] == again[0] && edited[2] != again[2]);
    commit(&sources, "third").expect("a commit");
    let committed = state();
    assert!(again[0] != committed[0] && again[1] != committed[1] && again[2] == committed[2]);
}

#[test]
fn what_is_no_repository_has_no_rows_and_a_broken_one_is_told() {
    let sources = Sources::new(&[("a.py", "")]);
    let found = tables(&sources);
    for table in ["repositories", "git_files", "commits", "extract_errors"] {
        assert_eq!(found.select(table, "path"), [""; 0], "{table}");
    }
    if git(sources.path(), &["init", "--quiet"]).is_none() {
        return;
    }
    let found = tables(&sources);
    assert_eq!(found.select("git_files", "path is_tracked"), ["a.py false"]);
    assert_eq!(found.select("repositories", "head"), ["-"]);
    assert_eq!(found.select("commits", "commit"), [""; 0]);
    std::fs::write(sources.path().join(".git/HEAD"), "rubbish").expect("a file");
    let found = tables(&sources);
    let errors = found.select("extract_errors", "path extractor kind");
    assert_eq!(errors, [" git subprocess"]);
    assert_eq!(found.select("git_files", "path"), [""; 0]);
}
