//! Evidence that other builds kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cpg_engine::{BuildEvent, BuildReport, CacheProfile, Cancel, RuntimeProfile};
use tempfile::TempDir;

use crate::program::Variant;
use crate::support::{Observer, Project};

const BYTES: u64 = 64 << 20;

/// The same files in every project.
fn project() -> Project {
    let project = Project::new();
    for number in 0..200 {
        let text = format!("def start_{number}():\n    return {number}\n");
        project.write(&format!("pkg/module_{number:03}.py"), &text);
    }
    project
}

fn profile(project: &Project, folder: &Path, bytes: u64) -> RuntimeProfile {
    let cache = CacheProfile { folder: folder.to_owned(), bytes };
    RuntimeProfile { cache: Some(cache), ..project.profile() }
}

/// Builds, and tells which tables the cache had whole.
fn build(project: &Project, folder: &Path, bytes: u64) -> (BuildReport, BTreeSet<String>) {
    let had = Arc::new(Mutex::new(BTreeSet::new()));
    let told = Arc::clone(&had);
    let observer = Observer::new(move |event: &BuildEvent<'_>| {
        if let BuildEvent::TaskStarted { dataset, reason } = event
            && reason.starts_with("the cache has its rows")
        {
            told.lock().expect("nobody panics").insert(dataset.table().to_owned());
        }
    });
    let profile = profile(project, folder, bytes);
    let manifest = Variant::default().compile();
    let report = cpg_engine::build(manifest, profile, observer, &Cancel::default());
    let report = report.expect("the build succeeds");
    let had = had.lock().expect("nobody panics").clone();
    (report, had)
}

fn cache() -> TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries = Vec::new();
    for shard in fs::read_dir(folder).expect("it is there").map(|shard| shard.expect("listed")) {
        if shard.path().is_dir() {
            let found = fs::read_dir(shard.path()).expect("it is there");
            entries.extend(found.map(|entry| entry.expect("listed").path()));
        }
    }
    entries.sort();
    entries
}

fn evidence(report: &BuildReport) -> BTreeSet<String> {
    let tables = report.record.tables.iter();
    let tables = tables.filter(|table| table.area == cpg_ir::manifest::Area::Extract);
    tables.map(|table| table.table.clone()).collect()
}

#[test]
fn another_checkout_extracts_nothing() {
    let folder = cache();
    let first = project();
    let (report, had) = build(&first, folder.path(), BYTES);
    assert_eq!(had, BTreeSet::new());
    let kept = entries(folder.path());
    assert!(kept.len() > 4, "{kept:?}");

    let second = project();
    let (again, had) = build(&second, folder.path(), BYTES);
    assert_eq!(had, evidence(&report));
    assert_eq!(evidence(&again), evidence(&report));
    assert_eq!(second.content(), first.content());
    assert_eq!(entries(folder.path()), kept);
    // What is taken from it is the build's own: the next one finds all of it.
    let (third, _) = build(&second, folder.path(), BYTES);
    assert!(!third.published);
    fs::remove_dir_all(folder.path()).expect("it is there");
    assert_eq!(second.content(), first.content());
}

#[test]
fn a_branch_that_comes_back_is_not_extracted_again() {
    let folder = cache();
    let project = project();
    let (first, _) = build(&project, folder.path(), BYTES);
    let before = project.content();
    project.write("pkg/module_007.py", "class Other:\n    pass\n");
    let (_, had) = build(&project, folder.path(), BYTES);
    assert_eq!(had, BTreeSet::new());
    assert_ne!(project.content(), before);
    project.write("pkg/module_007.py", "def start_7():\n    return 7\n");
    let (_, had) = build(&project, folder.path(), BYTES);
    assert_eq!(had, evidence(&first));
    assert_eq!(project.content(), before);
}

#[test]
fn what_is_broken_is_not_believed() {
    let folder = cache();
    let first = project();
    build(&first, folder.path(), BYTES);
    let kept = entries(folder.path());
    let good: Vec<_> = kept.iter().map(|entry| fs::read(entry).expect("it is there")).collect();
    for (number, (entry, good)) in kept.iter().zip(&good).enumerate() {
        let mut bytes = good.clone();
        match number % 4 {
            0 => bytes.truncate(number % bytes.len()),
            1 => bytes.push(0),
            2 => *bytes.last_mut().expect("it has a hash") ^= 1,
            // Whole, but another's.
            _ => bytes.clone_from(&good_of_another(&kept, number)),
        }
        fs::write(entry, bytes).expect("it can be written");
    }
    let second = project();
    let (_, had) = build(&second, folder.path(), BYTES);
    assert_eq!(had, BTreeSet::new());
    assert_eq!(second.content(), first.content());
    // Good ones took their places.
    let (_, had) = build(&project(), folder.path(), BYTES);
    assert!(had.len() > 1, "{had:?}");
}

fn good_of_another(kept: &[PathBuf], number: usize) -> Vec<u8> {
    fs::read(&kept[(number + 1) % kept.len()]).expect("it is there")
}

#[test]
fn it_takes_no_more_than_it_may() {
    let folder = cache();
    let first = project();
    build(&first, folder.path(), 0);
    assert!(entries(folder.path()).is_empty());
    build(&project(), folder.path(), BYTES);
    let all = entries(folder.path());
    let size = |entries: &[PathBuf]| -> u64 {
        let sizes = entries.iter().map(|entry| fs::metadata(entry).expect("it is there").len());
        sizes.sum()
    };
    let most = size(&all) / 2;
    let other = project();
    other.write("pkg/module_007.py", "class Other:\n    pass\n");
    build(&other, folder.path(), most);
    let left = entries(folder.path());
    assert!(size(&left) <= most && !left.is_empty(), "{} of {most}", size(&left));
}

#[test]
fn builds_at_once_share_it() {
    let folder = cache();
    let alone = project();
    alone.build().expect("the build succeeds");
    let expected = alone.content();
    std::thread::scope(|scope| {
        for limit in [BYTES, BYTES, 20_000] {
            let (folder, expected) = (folder.path(), &expected);
            scope.spawn(move || {
                let own = project();
                build(&own, folder, limit);
                assert_eq!(&own.content(), expected);
            });
        }
    });
}
