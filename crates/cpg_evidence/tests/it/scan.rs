//! Which files are found, and how their state is told.

use cpg_evidence::{ExtractOptions, FileOptions, Scan, ScanError, ScanOptions, Source};

use crate::support::Sources;

fn paths(scan: &Scan) -> Vec<&str> {
    scan.files().map(|(path, _)| path).collect()
}

#[test]
fn ignored_hidden_and_own_files_are_no_sources() {
    let sources = Sources::new(&[
        (".gitignore", "build/\n*.log\n"),
        (".venv/lib/a.py", ""),
        (".cpglang/graph/x.txt", ""),
        ("build/b.py", ""),
        ("out/graph/y.txt", ""),
        ("out.py", ""),
        ("c.log", ""),
        ("a/d.py", ""),
        ("a-b.py", ""),
    ]);
    let output = Some(sources.path().join("out"));
    let options = ScanOptions { output, threads: Some(2), ..ScanOptions::default() };
    let scan =
        || cpg_evidence::scan(&[Source::new(sources.path())], &options).expect("a directory");
    // Outside of a git work tree, `.gitignore` says nothing.
    assert_eq!(paths(&scan()), ["a-b.py", "a/d.py", "build/b.py", "c.log", "out.py"]);
    std::fs::create_dir(sources.path().join(".git")).expect("a directory");
    assert_eq!(paths(&scan()), ["a-b.py", "a/d.py", "out.py"]);
    // It is no repository, so that git cannot say what it tracks.
    assert_eq!(scan().problems(), 1);
}

#[test]
fn patterns_say_which_files_are_sources() {
    let sources = Sources::new(&[
        ("a.py", ""),
        ("a.js", ""),
        ("docs/b.md", ""),
        ("docs/conf.py", ""),
        ("vendor/c.py", ""),
    ]);
    let scan = |include: &[&str], exclude: &[&str]| {
        let patterns = |texts: &[&str]| -> Vec<_> {
            texts.iter().map(|text| text.parse().expect("a pattern")).collect()
        };
        let (include, exclude) = (patterns(include), patterns(exclude));
        let files = FileOptions { include, exclude, ..FileOptions::default() };
        let options = ScanOptions {
            extract: ExtractOptions { files, ..ExtractOptions::default() },
            ..ScanOptions::default()
        };
        cpg_evidence::scan(&[Source::new(sources.path())], &options).expect("a directory")
    };
    let chosen = scan(&["*.py", "/docs/"], &["vendor", "docs/conf.py"]);
    assert_eq!(paths(&chosen), ["a.py", "docs/b.md"]);
    assert_eq!(paths(&scan(&["docs/*.md"], &[])), ["docs/b.md"]);
    // Leaving out what an extractor does not read changes nothing for it.
    let without = scan(&[], &["*.js"]).fingerprint("python.cst");
    assert_eq!(without, scan(&[], &[]).fingerprint("python.cst"));
    assert_ne!(without, chosen.fingerprint("python.cst"));
}

#[test]
fn sources_that_cannot_be_listed_are_told() {
    let sources = Sources::new(&[("a.py", "")]);
    let scan = |path: &str| {
        cpg_evidence::scan(&[Source::new(sources.path().join(path))], &ScanOptions::default())
    };
    assert!(matches!(scan("none"), Err(ScanError::Unreadable { .. })));
    assert!(matches!(scan("a.py"), Err(ScanError::NotADirectory { .. })));
    assert!(matches!(cpg_evidence::scan(&[], &ScanOptions::default()), Err(ScanError::NoSource)));
    let message = scan("none").expect_err("it is not there").to_string();
    assert!(message.contains("none"), "{message}");
}

#[test]
fn several_sources_need_distinct_paths() {
    let left = Sources::new(&[("setup.py", "1"), ("p/__init__.py", ""), ("p/a.py", "")]);
    let right = Sources::new(&[("setup.py", "2")]);
    let scan = |sources: &[Source]| cpg_evidence::scan(sources, &ScanOptions::default());
    let collision = scan(&[Source::new(left.path()), Source::new(right.path())]);
    assert!(matches!(collision, Err(ScanError::Collision { path }) if path == "setup.py"));
    let scan = scan(&[Source::with_prefix(left.path(), "left/"), Source::new(right.path())])
        .expect("distinct");
    assert_eq!(paths(&scan), ["left/p/__init__.py", "left/p/a.py", "left/setup.py", "setup.py"]);
    assert_eq!(
        crate::support::Tables::of(&scan).select("repo_files", "module"),
        ["p", "p.a", "setup", "setup"]
    );
}

#[test]
fn fingerprints_follow_contents_and_not_places() {
    let files = [("a.py", "x = 1\n"), ("b.txt", "text\n")];
    let sources = Sources::new(&files);
    let of = |sources: &Sources, extractor| sources.scan().fingerprint(extractor).expect("known");
    let python = of(&sources, "python.cst");
    let repo = of(&sources, "repo");
    assert_ne!(python, repo);

    let elsewhere = Sources::new(&files);
    assert_eq!(of(&elsewhere, "python.cst"), python);
    assert_eq!(of(&elsewhere, "repo"), repo);

    // Text is nothing to `python.cst`.
    sources.write("b.txt", b"other\n");
    assert_eq!(of(&sources, "python.cst"), python);
    assert_ne!(of(&sources, "repo"), repo);

    sources.write("a.py", b"x = 2\n");
    assert_ne!(of(&sources, "python.cst"), python);

    std::fs::rename(elsewhere.path().join("a.py"), elsewhere.path().join("c.py")).expect("a file");
    assert_ne!(of(&elsewhere, "python.cst"), python);
    assert!(elsewhere.scan().fingerprint("no.such").is_none());

    // The same paths below another source are other modules.
    let nested = Sources::new(&[("p/a.py", "")]);
    let scan =
        |source| cpg_evidence::scan(&[source], &ScanOptions::default()).expect("a directory");
    let whole = scan(Source::new(nested.path()));
    let part = scan(Source::with_prefix(nested.path().join("p"), "p"));
    assert_eq!(paths(&whole), paths(&part));
    assert_ne!(whole.fingerprint("python.cst"), part.fingerprint("python.cst"));
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let sources = Sources::new(&[("a/b.py", "")]);
    symlink(sources.path(), sources.path().join("a/loop")).expect("a link");
    symlink("b.py", sources.path().join("a/c.py")).expect("a link");
    symlink("nowhere", sources.path().join("a/broken.py")).expect("a link");
    let scan = sources.scan();
    assert_eq!(paths(&scan), ["a/b.py"]);
    assert_eq!(scan.problems(), 0);
    // A source itself may be one.
    let link = sources.path().join("link");
    symlink(sources.path().join("a"), &link).expect("a link");
    let scan =
        cpg_evidence::scan(&[Source::new(&link)], &ScanOptions::default()).expect("a directory");
    assert_eq!(paths(&scan), ["b.py"]);
}
