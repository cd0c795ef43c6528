//! Builds in a store that speaks the protocol of Amazon S3, over a connection.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::channel;
use std::time::Duration;

use cpg_base::Code;
use cpg_engine::{
    Before, BucketLocation, BuildDiff, BuildEvent, BuildReport, Cancel, EngineError, Fate,
    Location, Patience, PublishedBuild,
};

use crate::program::Variant;
use crate::server::{Asked, BUCKET, Store};
use crate::support::{MEMORY, Observer, Project, commit_as_somebody_else, table, written};

const PREFIX: &str = "some/graph";

fn remote(store: &Store) -> Project {
    Project::built_to(store.location(PREFIX))
}

/// What the rows of tables were computed from.
fn tasks(report: &BuildReport) -> BTreeMap<String, String> {
    let tables = report.record.tables.iter();
    let name = |table: &cpg_engine::TableRecord| format!("{:?} {}", table.area, table.table);
    tables.map(|table| (name(table), table.task.to_string())).collect()
}

fn edit(project: &Project) {
    project.write("main.py", "def renamed():\n    pass\n\ndef other():\n    pass\n");
}

/// All objects below the prefix, with their sizes.
fn objects(store: &Store) -> BTreeMap<std::path::PathBuf, u64> {
    let root = store.objects(PREFIX);
    let mut found = BTreeMap::new();
    let mut pending = vec![root.clone()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).expect("it can be listed").flatten() {
            let about = entry.metadata().expect("it is there");
            match about.is_dir() {
                true => pending.push(entry.path()),
                false => drop(found.insert(entry.path(), about.len())),
            }
        }
    }
    found
}

#[test]
fn a_store_holds_what_a_folder_would_hold() {
    let store = Store::start();
    let (remote, local) = (remote(&store), Project::new());
    let first = remote.build().expect("the first build succeeds");
    let here = local.build().expect("the first build succeeds");
    assert_eq!(tasks(&first), tasks(&here));
    assert_eq!(remote.content(), local.content());

    store.heal();
    let before = objects(&store);
    let second = remote.build().expect("the second build succeeds");
    assert!(!second.published);
    assert_eq!(second.record, first.record);
    let asked = store.asked();
    let writing: Vec<_> = asked.iter().filter(|asked| asked.writes()).collect();
    assert!(writing.is_empty(), "a build that changes nothing writes nothing: {writing:?}");
    assert!(asked.len() < 40, "tables are not looked at one by one: {} requests", asked.len());
    assert_eq!(objects(&store), before);

    for project in [&remote, &local] {
        edit(project);
    }
    let third = remote.build().expect("the third build succeeds");
    let here = local.build().expect("the second build succeeds");
    assert_eq!(tasks(&third), tasks(&here));
    assert_eq!(written(&third), written(&here));
    assert_eq!(remote.content(), local.content());
    let variant = Variant { chosen: "renamed", ..Variant::default() };
    let fourth = remote.build_variant(&variant).expect("the fourth build succeeds");
    assert_eq!(written(&fourth), ["graph/chosen"]);
}

#[test]
fn a_whole_bucket_may_be_the_output() {
    let store = Store::start();
    let remote = Project::built_to(store.location(""));
    remote.build().expect("it succeeds");
    assert_eq!(remote.rows("select count(*) from nodes"), ["8"]);
    assert!(store.objects("graph/nodes/_delta_log").is_dir());
}

#[test]
fn builds_in_a_store_have_a_history() {
    let store = Store::start();
    let remote = remote(&store);
    let first = remote.build().expect("the first build succeeds");
    let content = remote.content();
    edit(&remote);
    let second = remote.build().expect("the second build succeeds");
    let runs = [first.record.run.clone(), second.record.run.clone()];
    assert_eq!(remote.rows("select run from history.runs order by run"), runs);

    let diff = BuildDiff::open(remote.location(), &Before::Previous, None, 2, MEMORY);
    let diff = diff.expect("there are two builds");
    let tables = diff.tables().expect("they are whole");
    let nodes = tables.iter().find(|one| one.table == "graph/nodes").expect("it is a table");
    assert_eq!(nodes.fate, Fate::Rewritten);
    let changes = diff.rows(nodes).expect("they can be compared").count();
    assert_eq!(changes, 3, "a definition is gone and two are new");
    drop(diff);

    let done = cpg_engine::rollback(remote.location(), &first.record.run).expect("it is whole");
    assert!(done.restored > 0);
    assert_eq!(remote.content(), content);
    remote.build().expect("the edit is still there");
    assert_ne!(remote.content(), content);
}

#[test]
fn what_no_build_needs_is_removed_from_a_store() {
    let store = Store::start();
    let remote = remote(&store);
    remote.build().expect("it succeeds");
    let before = objects(&store);
    let nothing = cpg_engine::clean(remote.location(), None, false).expect("it can be cleaned");
    assert!(nothing.paths.is_empty(), "{:?}", nothing.paths);
    for key in ["graph/nodes/run-00000009-0123abcd/part.parquet", "runs/sources-0123.json"] {
        store.put(&format!("{PREFIX}/{key}"), "{}");
    }
    let would = cpg_engine::clean(remote.location(), None, true).expect("it can be looked at");
    let expected: BTreeSet<String> =
        ["graph/nodes/run-00000009-0123abcd", "runs/sources-0123.json"]
            .map(|name| format!("s3://{BUCKET}/{PREFIX}/{name}"))
            .into();
    assert_eq!(would.paths.iter().cloned().collect::<BTreeSet<_>>(), expected);
    assert_eq!(would.bytes, 4);
    assert_eq!(objects(&store).len(), before.len() + 2, "it was only looked");
    let gone = cpg_engine::clean(remote.location(), None, false).expect("it can be cleaned");
    assert_eq!(gone.paths, would.paths);
    assert_eq!(
        objects(&store).into_keys().collect::<Vec<_>>(),
        before.into_keys().collect::<Vec<_>>()
    );
}

#[test]
fn a_store_can_be_inspected() {
    let store = Store::start();
    let remote = remote(&store);
    let empty = cpg_engine::inspect(remote.location()).expect("it can be looked at");
    assert_eq!((empty.unwritable, empty.busy, empty.published), (None, false, None));
    let report = remote.build().expect("it succeeds");
    let found = cpg_engine::inspect(remote.location()).expect("it can be looked at");
    assert_eq!((found.unwritable, found.busy), (None, false));
    assert_eq!(found.published.map(|record| record.run), Some(report.record.run));
    assert_eq!(found.problems, []);
    std::fs::remove_dir_all(store.objects(PREFIX).join("graph/nodes")).expect("it is there");
    let found = cpg_engine::inspect(remote.location()).expect("it can be looked at");
    assert_eq!(found.problems, [("graph/nodes".to_owned(), "it is gone".to_owned())]);
    remote.build().expect("it is made anew");
    assert_eq!(remote.rows("select count(*) from nodes"), ["8"]);
}

#[test]
fn evidence_is_kept_beside_a_store() {
    let store = Store::start();
    let cache = tempfile::tempdir().expect("a folder can be made");
    let cached = |prefix: &str| {
        let project = Project::built_to(store.location(prefix));
        let cache = cpg_engine::CacheProfile { folder: cache.path().to_owned(), bytes: 64 << 20 };
        let profile = cpg_engine::RuntimeProfile { cache: Some(cache), ..project.profile() };
        project.build_as(&Variant::default(), profile).expect("it succeeds");
        project.content()
    };
    assert_eq!(cached("a"), cached("b"));
}

#[test]
fn one_build_at_a_time_writes_to_a_store() {
    let store = Store::start();
    let remote = remote(&store);
    remote.build().expect("the first build succeeds");
    edit(&remote);
    let (planned, is_planned) = channel();
    let (go_on, may_go_on) = channel();
    let observer = Observer::new(move |event: &BuildEvent<'_>| {
        if matches!(event, BuildEvent::Planned { .. }) {
            planned.send(()).expect("somebody waits");
            may_go_on.recv().expect("somebody says so");
        }
    });
    std::thread::scope(|threads| {
        let first = threads.spawn(|| remote.build_observed(observer, &Cancel::default()));
        is_planned.recv().expect("it is planned");
        // Longer than a lease: whoever lives prolongs it.
        std::thread::sleep(Duration::from_secs(3));
        let error = remote.build().expect_err("it is held");
        assert!(matches!(&error, EngineError::OutputBusy { by: Some(_), .. }), "{error}");
        assert!(error.to_string().contains("process"), "{error}");
        assert!(cpg_engine::inspect(remote.location()).expect("it can be looked at").busy);
        assert!(cpg_engine::clean(remote.location(), None, false).is_err(), "it is held");
        assert_eq!(remote.rows("select count(*) from nodes"), ["8"], "reading needs no lock");
        go_on.send(()).expect("it waits");
        first.join().expect("it does not panic").expect("it succeeds");
    });
    assert_eq!(remote.rows("select count(*) from nodes"), ["9"]);
    assert!(!remote.build().expect("it is free again").published);
}

#[test]
fn a_build_that_was_taken_for_dead_publishes_nothing() {
    let store = Store::start();
    let remote = remote(&store);
    let first = remote.build().expect("the first build succeeds");
    let content = remote.content();
    edit(&remote);
    let lock = format!("{PREFIX}/build.lock");
    let mut once = true;
    let (finished, is_finished) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let observer = Observer::new(move |event: &BuildEvent<'_>| {
        if matches!(event, BuildEvent::TaskFinished { .. }) && std::mem::take(&mut once) {
            finished.send(()).expect("somebody waits");
            may_go_on.recv().expect("somebody says so");
        }
    });
    std::thread::scope(|threads| {
        let build = threads.spawn(|| remote.build_observed(observer, &Cancel::default()));
        is_finished.recv().expect("a task ends");
        store.put(&lock, "{}");
        go_on.send(()).expect("it waits");
        let error = build.join().expect("it does not panic").expect_err("it lost the lock");
        assert_eq!(error.code(), Code::LeaseLost, "{error}");
    });
    assert_eq!(remote.content(), content);
    let next = remote.build().expect("what is no lease is never prolonged");
    assert!(next.record.run > first.record.run);
    assert_ne!(remote.content(), content);
}

#[test]
fn foreign_commits_in_a_store_are_noticed() {
    let store = Store::start();
    let remote = remote(&store);
    remote.build().expect("the first build succeeds");
    let content = remote.content();
    edit(&remote);
    let nodes = store.objects(PREFIX).join("graph/nodes");
    let observer = Observer::new(move |event: &BuildEvent<'_>| {
        if matches!(event, BuildEvent::Planned { .. }) {
            commit_as_somebody_else(&nodes, 1);
        }
    });
    let error = remote.build_observed(observer, &Cancel::default()).expect_err("it is noticed");
    assert!(matches!(error, EngineError::ForeignTable { version: 1, .. }), "{error}");
    assert_eq!(remote.content(), content);
    let error = remote.build().expect_err("it is still there");
    assert!(matches!(error, EngineError::ForeignTable { version: 1, .. }), "{error}");
    std::fs::remove_dir_all(store.objects(PREFIX).join("graph/nodes")).expect("it is there");
    remote.build().expect("it is made anew");
}

#[test]
fn a_commit_at_the_last_moment_is_never_overwritten() {
    let store = Store::start();
    let remote = remote(&store);
    remote.build().expect("the first build succeeds");
    let content = remote.content();
    edit(&remote);
    let nodes = store.objects(PREFIX).join("graph/nodes");
    let theirs = nodes.join(format!("_delta_log/{:020}.json", 1));
    let version = theirs.clone();
    store.fail(move |_, asked: &Asked| {
        if asked.conditional
            && asked.path.ends_with("graph/nodes/_delta_log/00000000000000000001.json")
        {
            commit_as_somebody_else(&nodes, 1);
        }
        None
    });
    let error = remote.build().expect_err("it was faster");
    assert_ne!(error.code(), Code::Internal, "{error}");
    store.heal();
    let text = std::fs::read_to_string(version).expect("it is there");
    assert!(text.contains("OPTIMIZE"), "{text}");
    assert_eq!(remote.content(), content, "nothing of it is published");
}

#[test]
fn stores_that_cannot_be_used_are_told() {
    let store = Store::start();
    let impatient =
        Patience { request: Duration::from_millis(300), retries: 1, lease: Duration::from_secs(2) };
    let refused = |bucket: BucketLocation| {
        let location: Location = bucket.patient(impatient).into();
        let reading = PublishedBuild::open(&location, 1, MEMORY).expect_err("it cannot be read");
        let project = Project::built_to(location);
        let error = project.build().expect_err("it cannot be used");
        assert_eq!(reading.code(), error.code(), "{reading} {error}");
        assert!(error.help().is_some(), "{error}");
        error
    };
    let good = || store.bucket(PREFIX);
    let missing = BucketLocation::new("missing", "")
        .with("aws_endpoint_url", &store.url())
        .with("aws_allow_http", "true")
        .with("aws_access_key_id", crate::server::KEY)
        .with("aws_secret_access_key", crate::server::SECRET);
    assert_eq!(refused(missing).code(), Code::NoBucket);
    let error = refused(good().with("aws_secret_access_key", "another"));
    assert_eq!(error.code(), Code::NoCredentials, "{error}");
    assert!(!error.to_string().contains('\n'), "{error}");
    let half = BucketLocation::new(BUCKET, "").with("aws_access_key_id", "one");
    assert_eq!(refused(half).code(), Code::NoCredentials);
    let nobody = BucketLocation::new(BUCKET, "")
        .with("aws_endpoint_url", &store.url())
        .with("aws_allow_http", "true")
        // Where machines of a cloud ask who they are; nobody answers there.
        .with("aws_metadata_endpoint", "http://127.0.0.1:9");
    assert_eq!(refused(nobody).code(), Code::NoCredentials);
    let error = refused(good().with("aws_endpoint_url", "http://127.0.0.1:9"));
    assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
    let error = refused(good().with("aws_allow_http", "false"));
    assert!(error.to_string().contains("AWS_ALLOW_HTTP"), "{error}");
    assert!(matches!(error, EngineError::BadOutput { .. }), "{error}");
}

#[test]
fn a_store_that_does_not_keep_builds_apart_is_refused() {
    let store = Store::start();
    store.ignore_conditions();
    let remote = remote(&store);
    let error = remote.build().expect_err("two builds could both write");
    assert_eq!(error.code(), Code::NoConditions, "{error}");
    let error = cpg_engine::inspect(remote.location()).expect_err("the same is told");
    assert_eq!(error.code(), Code::NoConditions, "{error}");
    let there: Vec<_> = objects(&store).into_keys().collect();
    assert_eq!(there, [store.objects(PREFIX).join("build.lock")], "nothing is built");
}

#[test]
fn tables_of_a_store_are_whole_or_told() {
    let store = Store::start();
    let remote = remote(&store);
    let first = remote.build().expect("it succeeds");
    let run = store.objects(PREFIX).join("graph/nodes").join(&first.record.run);
    std::fs::remove_dir_all(run).expect("it was there");
    let error = PublishedBuild::open(remote.location(), 1, MEMORY).expect_err("a file is gone");
    assert_eq!(error.code(), Code::BuildGone, "{error}");
    let second = remote.build().expect("it is mended");
    assert_eq!(written(&second), ["graph/nodes"]);
    assert_eq!(table(&second, "graph/nodes").version, 1);
    assert_eq!(remote.rows("select count(*) from nodes"), ["8"]);
}
