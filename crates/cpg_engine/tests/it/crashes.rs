//! Builds that die at each thing that they tell of: readers see the build before, whole, and the next build completes.
//!
//! A test lets this binary run one of its tests in a process of its own, which aborts itself at an event.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use cpg_engine::{BuildEvent, Cancel, TableStatus};

use crate::program::Variant;
use crate::support::{Observer, Project, profile_of, written};

const FOLDER: &str = "CPG_CRASH_FOLDER";
const EVENT: &str = "CPG_CRASH_EVENT";

/// One build, up to an event.
#[test]
#[ignore = "dies; other tests run it"]
fn dies() {
    let var = |name| std::env::var(name).expect("a test of this file runs it");
    let (folder, last): (PathBuf, usize) =
        (var(FOLDER).into(), var(EVENT).parse().expect("it is a number"));
    let mut events = 0;
    let observer = Observer::new(move |_: &BuildEvent<'_>| {
        if events == last {
            std::process::abort();
        }
        events += 1;
    });
    let manifest = Variant::default().compile();
    // How it ends is no matter: it did not die.
    drop(cpg_engine::build(manifest, profile_of(&folder), observer, &Cancel::default()));
}

/// Runs a build that dies at an event; whether it did.
fn die_at(project: &Project, event: usize) -> bool {
    let binary = std::env::current_exe().expect("this is a binary");
    let status = Command::new(binary)
        .args(["crashes::dies", "--exact", "--ignored", "--test-threads=1"])
        .env(FOLDER, project.folder())
        .env(EVENT, event.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    !status.expect("it starts").success()
}

/// The events of a build, by what they are.
fn events(project: &Project) -> Vec<&'static str> {
    let events = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&events);
    let observer = Observer::new(move |event: &BuildEvent<'_>| {
        let what = match event {
            BuildEvent::Scanned { .. } => "scanned",
            BuildEvent::Planned { .. } => "planned",
            BuildEvent::Extracting { .. } => "extracting",
            BuildEvent::TaskStarted { .. } => "started",
            BuildEvent::TaskFinished { .. } => "finished",
            BuildEvent::Committed { .. } => "committed",
            BuildEvent::Published { .. } => "published",
            _ => "other",
        };
        told.lock().expect("nobody panics").push(what);
    });
    project.build_observed(observer, &Cancel::default()).expect("it succeeds");
    let events = events.lock().expect("nobody panics");
    events.clone()
}

fn edit(project: &Project, round: usize) {
    project.write("main.py", &format!("def main_{round}():\n    return {round}\n"));
    project.write(&format!("pkg/added_{round}.py"), "class Added:\n    pass\n");
}

/// What a first build of the same sources gives.
fn clean(project: &Project) -> Project {
    let other = Project::new();
    std::fs::remove_dir_all(other.source()).expect("it is there");
    copy(&project.source(), &other.source());
    other.build().expect("it succeeds");
    other
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("it can be listed").flatten() {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).expect("it can be copied")),
        }
    }
}

/// Which events of so many are tried: all of them where `CPG_CRASHES=all`, and else some of each kind.
fn tried(events: &[&'static str]) -> Vec<usize> {
    if std::env::var("CPG_CRASHES").is_ok_and(|said| said == "all") {
        return (0..events.len()).collect();
    }
    let first = |what| events.iter().position(|event| *event == what);
    let last = |what| events.iter().rposition(|event| *event == what);
    let mut tried: Vec<usize> = ["planned", "finished", "committed", "published"]
        .into_iter()
        .flat_map(|what| [first(what), last(what)])
        .flatten()
        .collect();
    tried.sort_unstable();
    tried.dedup();
    tried
}

#[test]
fn readers_see_whole_builds_whenever_one_dies() {
    let project = Project::new();
    project.build().expect("the first build succeeds");
    edit(&project, 0);
    let events = events(&project);
    assert!(events.ends_with(&["published"]), "{events:?}");
    for (round, event) in tried(&events).into_iter().enumerate() {
        let before = project.content();
        edit(&project, round + 1);
        let after = clean(&project).content();
        assert!(die_at(&project, event), "there is no event {event} in round {round}");
        let what = events[event];
        // The record is there before it is told.
        let expected = if what == "published" { &after } else { &before };
        assert!(project.content() == *expected, "died when it had {what}");
        let next = project.build().expect("the next build completes");
        assert!(project.content() == after, "after one died when it had {what}");
        if events.iter().rposition(|event| *event == "committed") == Some(event) {
            let is_new = |status| matches!(status, TableStatus::Written | TableStatus::Updated);
            let again = next.record.tables.iter().filter(|table| is_new(table.status)).count();
            assert_eq!(again, 0, "what was committed is computed again: {:?}", written(&next));
        }
        if !next.published {
            continue;
        }
        let left =
            cpg_engine::clean(&project.out().into(), None, true).expect("it can be looked at");
        assert!(left.paths.is_empty(), "after one died when it had {what}: {:?}", left.paths);
    }
}

#[test]
fn a_log_that_was_cut_off_is_named_and_its_table_can_be_made_anew() {
    let project = Project::new();
    project.build().expect("it succeeds");
    let table = project.out().join("graph/nodes");
    let log = table.join(format!("_delta_log/{:020}.json", 0));
    let whole = std::fs::read(&log).expect("it was committed");
    for damaged in [&whole[..whole.len() / 2], b"\0\0\0\0", b"{\"add\": 3}\n"] {
        std::fs::write(&log, damaged).expect("it can be written");
        edit(&project, damaged.len());
        let error = project.build().expect_err("it cannot be known what the table holds");
        assert!(error.to_string().contains("version 0 of `graph/nodes`"), "{error}");
        let help = error.help().unwrap_or_default();
        assert!(help.contains("delete the folder `graph/nodes`"), "{help}");
    }
    std::fs::remove_dir_all(&table).expect("it is there");
    project.build().expect("it is made anew");
    assert!(project.content() == clean(&project).content());
}
