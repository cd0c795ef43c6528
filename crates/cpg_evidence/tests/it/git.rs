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
    assert_eq!(found.select("git_files", "path"), listed(&sources));
    let head = git(sources.path(), &["rev-parse", "HEAD"]).expect("a commit");
    assert_eq!(
        found.select("repositories", "path prefix head branch is_submodule recorded is_shallow"),
        [format!(".git  {head} main false - false")]
    );
}

/// What git has and would take, but for hidden files and links.
fn listed(sources: &Sources) -> Vec<String> {
    let listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = git(sources.path(), &listed).expect("a list");
    let is_file = |path: &str| {
        let metadata = sources.path().join(path).symlink_metadata();
        metadata.is_ok_and(|metadata| metadata.is_file())
    };
    let is_shown = |path: &str| path.split('/').all(|part| !part.starts_with('.'));
    let listed = listed.split_terminator('\0').filter(|path| is_file(path) && is_shown(path));
    let mut listed: Vec<_> = listed.map(str::to_owned).collect();
    listed.sort_unstable();
    listed.dedup();
    listed
}

fn scanned(folder: &Path) -> Vec<String> {
    let options = ScanOptions::default();
    let scan = cpg_evidence::scan(&[Source::new(folder)], &options).expect("a folder");
    assert_eq!(scan.problems(), 0);
    scan.files().map(|(path, _)| path.to_owned()).collect()
}

#[test]
fn files_that_are_tracked_are_sources_even_if_they_are_ignored() {
    let Some(sources) = repository() else { return };
    sources.write("ignored/tracked.py", b"t = 1\n");
    sources.write("ignored/deep/größe.py", b"");
    sources.write("ignored/gone.py", b"");
    sources.write("ignored/.hidden.py", b"");
    sources.write("pkg/x.tmp", b"");
    git(sources.path(), &["add", "--force", "ignored", "pkg/x.tmp"]).expect("it is there");
    commit(&sources, "what is ignored");
    sources.write("ignored/not.py", b"");
    sources.write("pkg/y.tmp", b"");
    std::fs::remove_file(sources.path().join("ignored/gone.py")).expect("it was there");
    let found = scanned(sources.path());
    assert_eq!(found, listed(&sources));
    assert!(found.contains(&"ignored/deep/größe.py".to_owned()), "{found:?}");
    assert_eq!(
        scanned(&sources.path().join("pkg")),
        ["b.py", "größe.py", "x.tmp"],
        "a folder of the repository"
    );
    // Whoever says which files are sources says so of these, too.
    let exclude = vec!["ignored/".parse().expect("a pattern")];
    let files = FileOptions { exclude, ..FileOptions::default() };
    let extract = ExtractOptions { files, ..ExtractOptions::default() };
    let options = ScanOptions { extract, ..ScanOptions::default() };
    let scan = cpg_evidence::scan(&[Source::new(sources.path())], &options).expect("a folder");
    assert!(scan.files().all(|(path, _)| !path.starts_with("ignored/")));
}

#[test]
fn files_of_submodules_are_sources_as_those_of_other_repositories() {
    let (Some(inner), Some(sources)) = (repository(), repository()) else { return };
    inner.write("ignored/tracked.py", b"");
    git(inner.path(), &["add", "--force", "ignored"]).expect("it is there");
    commit(&inner, "what is ignored");
    let url = inner.path().to_str().expect("UTF-8");
    git(sources.path(), &["submodule", "--quiet", "add", url, "lib/inner"]).expect("it is there");
    let found = scanned(sources.path());
    assert!(found.contains(&"lib/inner/ignored/tracked.py".to_owned()), "{found:?}");
}

/// What `git blame --line-porcelain` says of a file: commit, line and path there, line here.
fn blamed(folder: &Path, path: &str) -> Vec<String> {
    let asked = ["-c", "core.quotePath=false", "blame", "--line-porcelain", "--", path];
    let said = git(folder, &asked).expect("a file");
    let (mut rows, mut header, mut original_path) = (Vec::new(), Vec::new(), String::new());
    for line in said.lines() {
        if line.starts_with('\t') {
            let (commit, original, line): (&str, &str, &str) = (header[0], header[1], header[2]);
            rows.push(match commit.chars().all(|digit| digit == '0') {
                true => format!("{line} - - -"),
                false => format!("{line} {commit} {original} {original_path}"),
            });
            header.clear();
        } else if header.is_empty() {
            header = line.split(' ').collect();
        } else if let Some(path) = line.strip_prefix("filename ") {
            original_path = path.to_owned();
        }
    }
    rows
}

#[test]
fn lines_have_the_commits_that_git_blame_says() {
    let Some(sources) = repository() else { return };
    git(sources.path(), &["checkout", "--quiet", "-b", "other"]).expect("a branch");
    sources.write("pkg/größe.py", b"one = 1\ntwo = 22\nthree = 3\nfour = 4\n");
    commit(&sources, "on another branch");
    git(sources.path(), &["checkout", "--quiet", "main"]).expect("a branch");
    sources.write("pkg/größe.py", b"zero = 0\none = 1\ntwo = 2\nthree = 3\n");
    commit(&sources, "third");
    git(sources.path(), &["merge", "--quiet", "--message", "again", "other"]).expect("no conflict");
    git(sources.path(), &["mv", "pkg/größe.py", "pkg/twice moved.py"]).expect("it is there");
    commit(&sources, "moved again");
    sources.write("pkg/crlf.py", b"a = 1\r\nb = 2\rc = 3\r\n\r\nd");
    sources.write("pkg/binary.bin", b"\0\x01\n");
    commit(&sources, "ends");
    // Neither committed nor, of one file, tracked.
    sources.write("pkg/b.py", b"new\nb = 2\n");
    sources.write("pkg/staged.py", b"s = 1\n");
    git(sources.path(), &["add", "pkg/staged.py"]).expect("it is there");
    sources.write("pkg/untracked.py", b"u = 1\n");

    let found = sources.tables_of(&["git.blame"]);
    assert_eq!(found.select("extract_errors", "path message"), [""; 0]);
    let rows = found.select("blame_lines", "path line commit original_line original_path");
    let mut expected = Vec::new();
    for path in ["pkg/b.py", "pkg/crlf.py", "pkg/twice moved.py", "side.py"] {
        let lines = blamed(sources.path(), path);
        expected.extend(lines.into_iter().map(|line| format!("{path} {line}")));
    }
    assert_eq!(rows, expected);
    assert_eq!(rows.iter().filter(|row| row.ends_with(" a.py")).count(), 2, "{rows:?}");
    let spans = found.select("blame_lines", "path start end");
    let spans: Vec<_> = spans.iter().filter(|row| row.starts_with("pkg/crlf.py")).collect();
    assert_eq!(
        spans,
        ["pkg/crlf.py 0 5", "pkg/crlf.py 7 18", "pkg/crlf.py 20 20", "pkg/crlf.py 22 23"]
    );

    // A source in a folder of the repository names what lies in it.
    let source = Source::new(sources.path().join("pkg"));
    let scan = cpg_evidence::scan(&[source], &ScanOptions::default()).expect("a folder");
    let inner = Tables::with(&scan, &needs_of(&["git.blame", "errors"]));
    let paths = inner.select("blame_lines", "original_path");
    assert!(paths.contains(&"größe.py".to_owned()) && paths.contains(&"-".to_owned()), "{paths:?}");
    assert_eq!(inner.select("blame_lines", "commit").len(), expected.len() - 1);
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
    let state =
        || ["git", "git.history", "repo", "git.blame"].map(|key| sources.scan().fingerprint(key));
    let first = state();
    assert_eq!(first, state());
    sources.write("side.py", b"s = 2\n");
    let edited = state();
    assert!(first[0] != edited[0] && first[1] == edited[1]);
    assert!(first[2] != edited[2] && first[3] != edited[3]);
    sources.write("side.py", b"s = 3\n");
    let again = state();
    assert!(edited[0] == again[0] && edited[2] != again[2]);
    commit(&sources, "third").expect("a commit");
    let committed = state();
    assert!(again[0] != committed[0] && again[1] != committed[1]);
    assert!(again[2] == committed[2] && again[3] != committed[3]);
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
    assert_eq!(errors, [" git subprocess", ".git repo subprocess"]);
    assert_eq!(found.select("git_files", "path"), [""; 0]);
}
