//! Builds that do not finish leave the build before them.

use std::fs::{self, File};
use std::path::PathBuf;

use cpg_base::Code;
use cpg_engine::{BuildEvent, Cancel, EngineError, PublishedBuild, RuntimeProfile};

use crate::program::Variant;
use crate::support::{MEMORY, Observer, Project, commit_as_somebody_else};

/// A build, then `fail` with a changed source; afterwards the first build is as it was, and the next one finishes.
fn keeps_the_previous_build(fail: impl FnOnce(&Project) -> EngineError) -> EngineError {
    let project = Project::new();
    project.build().expect("the first build succeeds");
    let content = project.content();
    let runs = project.runs_of("graph/nodes");
    project.write("main.py", "def renamed(): pass\n");
    let error = fail(&project);
    assert_eq!(project.content(), content);
    assert_eq!(project.runs_of("graph/nodes"), runs, "a failed run takes its files away");
    project.build().expect("the next build succeeds");
    assert_ne!(project.content(), content);
    error
}

#[test]
fn an_interrupted_build_is_as_if_it_had_not_been() {
    type Stop = fn(&BuildEvent<'_>) -> bool;
    let stops: [Stop; 3] = [
        |event| matches!(event, BuildEvent::Planned { .. }),
        |event| matches!(event, BuildEvent::TaskFinished { .. }),
        |event| matches!(event, BuildEvent::TaskFinished { dataset, .. } if dataset.table() == "nodes"),
    ];
    for stop in stops {
        let error = keeps_the_previous_build(|project| {
            let cancel = Cancel::default();
            let signal = cancel.clone();
            let observer = Observer::new(move |event: &BuildEvent<'_>| {
                if stop(event) {
                    signal.cancel();
                }
            });
            project.build_observed(observer, &cancel).expect_err("it is interrupted")
        });
        assert!(matches!(error, EngineError::Interrupted), "{error}");
    }
}

#[test]
fn what_does_not_fit_into_memory_is_told() {
    let error = keeps_the_previous_build(|project| {
        for module in 0..30 {
            project.write(&format!("m{module}.py"), &"def f(): pass\n".repeat(300));
        }
        let profile = RuntimeProfile { memory_bytes: 50_000, ..project.profile() };
        project.build_as(&Variant::default(), profile).expect_err("it does not fit")
    });
    assert!(matches!(error, EngineError::OutOfMemory { .. }), "{error}");
}

#[test]
fn rows_that_share_an_id_are_told_and_not_published() {
    let error = keeps_the_previous_build(|project| {
        project.write("other.py", "class A:\n    def open(self): pass\n    def open(self): pass\n");
        let variant = Variant { id_over: &["path", "name"], ..Variant::default() };
        project.build_variant(&variant).expect_err("ids collide")
    });
    let EngineError::IdCollision { relation, collisions: 1, examples } = &error else {
        panic!("{error}");
    };
    assert!(relation.starts_with("t."), "{relation}");
    assert_eq!(examples.lines().count(), 2, "{examples}");
    assert!(examples.lines().all(|line| line.contains("path: other.py")), "{examples}");
}

#[test]
fn a_table_of_somebody_else_is_left_alone() {
    let project = Project::new();
    project.build().expect("the first build succeeds");
    let content = project.content();
    commit_as_somebody_else(&project.out().join("graph/nodes"), 1);
    project.write("main.py", "def renamed(): pass\n");
    let disk = project.disk();
    for _ in 0..2 {
        let error = project.build().expect_err("the table was changed");
        let EngineError::ForeignTable { table, version: 1, operation } = &error else {
            panic!("{error}");
        };
        assert_eq!((table.as_str(), operation.as_str()), ("graph/nodes", "OPTIMIZE"));
        assert!(error.help().is_some_and(|help| help.contains("graph/nodes")));
    }
    assert_eq!(project.disk(), disk);
    assert_eq!(project.content(), content, "the build's own version is read");
}

#[test]
fn a_table_that_was_never_ours_is_left_alone() {
    let project = Project::new();
    commit_as_somebody_else(&project.out().join("graph/nodes"), 0);
    let error = project.build().expect_err("the table is foreign");
    assert_eq!(error.code(), Code::ForeignTable);
    assert!(!project.out().join("graph/holds").exists());
    assert!(PublishedBuild::open(&project.out().into(), 1, MEMORY).is_err());
}

#[test]
fn a_commit_between_planning_and_committing_is_not_overwritten() {
    let project = Project::new();
    project.build().expect("the first build succeeds");
    project.write("main.py", "def renamed(): pass\n");
    let table = project.out().join("graph/nodes");
    let observer = Observer::new(move |event: &BuildEvent<'_>| {
        if matches!(event, BuildEvent::Planned { .. }) {
            commit_as_somebody_else(&table, 1);
        }
    });
    let error = project.build_observed(observer, &Cancel::default()).expect_err("it is noticed");
    assert!(matches!(error, EngineError::ForeignTable { version: 1, .. }), "{error}");
    assert_eq!(project.rows("select count(*) from nodes where kind = 'file'"), ["4"]);
}

#[test]
fn only_one_build_at_a_time() {
    let project = Project::new();
    project.build().expect("the first build succeeds");
    let lock = File::open(project.out().join("build.lock")).expect("builds leave it there");
    lock.lock().expect("nobody holds it");
    let error = project.build().expect_err("it is held");
    assert!(matches!(error, EngineError::OutputBusy { .. }), "{error}");
    assert_eq!(project.rows("select count(*) from nodes"), ["8"], "reading needs no lock");
    drop(lock);
    project.build().expect("it is free again");
}

#[test]
fn outputs_that_cannot_be_used_are_refused() {
    let project = Project::new();
    let file = project.source().join("main.py");
    let below_file = file.join("out");
    let around = project.source().parent().expect("it is in a folder").to_owned();
    for out in [file, below_file, project.source(), around] {
        let profile = RuntimeProfile { out: out.clone().into(), ..project.profile() };
        let error = project.build_as(&Variant::default(), profile).expect_err("it cannot be used");
        assert!(matches!(error, EngineError::BadOutput { .. }), "{}: {error}", out.display());
    }
    assert_eq!(fs::read_dir(project.source()).expect("it is there").count(), 3);
}

#[test]
fn sources_that_cannot_be_read_are_told_before_anything_is_written() {
    let project = Project::new();
    let missing = PathBuf::from("no such folder");
    let file = project.source().join("main.py");
    for source in [missing, file] {
        let profile = RuntimeProfile { sources: vec![source.clone()], ..project.profile() };
        let error = project.build_as(&Variant::default(), profile).expect_err("it is no folder");
        let EngineError::BadSource { path, .. } = &error else { panic!("{error}") };
        assert_eq!(path, &source);
    }
    assert!(!project.out().exists());
}

#[test]
fn sources_without_files_are_told() {
    let project = Project::new();
    let empty = tempfile::tempdir().expect("a folder can be made");
    let sources = vec![empty.path().to_owned()];
    let profile = RuntimeProfile { sources, ..project.profile() };
    let error = project.build_as(&Variant::default(), profile).expect_err("there is nothing");
    assert!(matches!(error, EngineError::NothingToExtract { .. }), "{error}");
}

#[test]
fn sources_without_python_give_typed_empty_tables() {
    let project = Project::new();
    fs::remove_dir_all(project.source()).expect("it was there");
    project.write("readme.txt", "no code");
    project.build().expect("the build succeeds");
    assert_eq!(project.rows("select kind, path from nodes"), ["file,readme.txt"]);
    assert_eq!(project.rows("select src, dst from holds"), [""; 0]);
}
