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
    let (folder, last) = (PathBuf::from(var(FOLDER)), var(EVENT));
    let (what, number) = last.split_once(' ').expect("it says which of what");
    let (what, mut before) = (what.to_owned(), number.parse::<usize>().expect("it is a number"));
    let observer = Observer::new(move |event: &BuildEvent<'_>| {
        if name(event) == what {
            match before.checked_sub(1) {
                Some(left) => before = left,
                None => std::process::abort(),
            }
        }
    });
    let manifest = Variant::default().compile();
    // How it ends is no matter: it did not die.
    drop(cpg_engine::build(manifest, profile_of(&folder), observer, &Cancel::default()));
}

/// Runs a build that dies at the event of a kind that has so many before it; whether it did.
fn die_at(project: &Project, (what, number): Event) -> bool {
    let binary = std::env::current_exe().expect("this is a binary");
    let status = Command::new(binary)
        .args(["crashes::dies", "--exact", "--ignored", "--test-threads=1"])
        .env(FOLDER, project.folder())
        .env(EVENT, format!("{what} {number}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    !status.expect("it starts").success()
}

/// What an event is, and how many of these come before it. How many there are depends on how the sources are parted.
type Event = (&'static str, usize);

fn name(event: &BuildEvent<'_>) -> &'static str {
    match event {
        BuildEvent::Scanned { .. } => "scanned",
        BuildEvent::Planned { .. } => "planned",
        BuildEvent::Extracting { .. } => "extracting",
        BuildEvent::TaskStarted { .. } => "started",
        BuildEvent::TaskFinished { .. } => "finished",
        BuildEvent::Committed { .. } => "committed",
        BuildEvent::Published { .. } => "published",
        _ => "other",
    }
}

/// The events of a build.
fn events(project: &Project) -> Vec<Event> {
    let events = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&events);
    let observer = Observer::new(move |event: &BuildEvent<'_>| {
        told.lock().expect("nobody panics").push(name(event));
    });
    project.build_observed(observer, &Cancel::default()).expect("it succeeds");
    let events = events.lock().expect("nobody panics");
    let before =
        |index: usize, event| events[..index].iter().filter(|other| **other == event).count();
    events.iter().enumerate().map(|(index, event)| (*event, before(index, *event))).collect()
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

/// Which of these events are tried: all of them where `CPG_CRASHES=all`, and else some of each kind.
fn tried(events: Vec<Event>) -> Vec<Event> {
    if std::env::var("CPG_CRASHES").is_ok_and(|said| said == "all") {
        return events;
    }
    let is_end = |event: &Event| {
        let last = events.iter().filter(|other| other.0 == event.0).count() - 1;
        event.1 == 0 || event.1 == last
    };
    let kinds = ["planned", "finished", "committed", "published"];
    events.iter().copied().filter(|event| kinds.contains(&event.0) && is_end(event)).collect()
}

#[test]
fn readers_see_whole_builds_whenever_one_dies() {
    let project = Project::new();
    project.build().expect("the first build succeeds");
    edit(&project, 0);
    let events = events(&project);
    assert!(events.ends_with(&[("published", 0)]), "{events:?}");
    let last_commit = events.iter().rfind(|event| event.0 == "committed").copied();
    for (round, event) in tried(events).into_iter().enumerate() {
        let before = project.content();
        edit(&project, round + 1);
        let after = clean(&project).content();
        assert!(die_at(&project, event), "there is no {event:?} in round {round}");
        let what = event.0;
        // The record is there before it is told.
        let expected = if what == "published" { &after } else { &before };
        assert!(project.content() == *expected, "died when it had {what}");
        let next = project.build().expect("the next build completes");
        assert!(project.content() == after, "after one died when it had {what}");
        if last_commit == Some(event) {
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
