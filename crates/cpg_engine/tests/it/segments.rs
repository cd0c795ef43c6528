//! Builds after edits of sources with many files: what is made anew, and that it is what a first build makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cpg_engine::{BuildReport, TableStatus};

use crate::program::Variant;
use crate::support::{Project, table};

const FILES: usize = 400;

fn module(number: usize) -> String {
    format!("pkg/part_{}/module_{number:04}.py", number % 7)
}

fn text(number: usize, edits: usize) -> String {
    let mut text = format!("def start_{number}():\n    pass\n");
    for edit in 0..edits {
        text.push_str(&format!("def edit_{edit}():\n    return {number}\n"));
    }
    text
}

fn large() -> Project {
    let project = Project::new();
    for number in 0..FILES {
        project.write(&module(number), &text(number, 0));
    }
    project
}

/// The folders of the runs whose files the newest version of a table holds, with how many.
fn origins(report: &BuildReport, project: &Project, name: &str) -> BTreeMap<String, usize> {
    let version = table(report, name).version;
    let log = project.out().join(name).join(format!("_delta_log/{version:020}.json"));
    let log = fs::read_to_string(log).expect("it was committed");
    let mut origins = BTreeMap::new();
    for line in log.lines() {
        let action: serde_json::Value = serde_json::from_str(line).expect("a log is JSON");
        if let Some(path) = action["add"]["path"].as_str() {
            let run = path.split('/').next().expect("a path has a first part");
            *origins.entry(run.to_owned()).or_default() += 1;
        }
    }
    origins
}

#[test]
fn an_edit_costs_its_segment() {
    let project = large();
    let first = project.build().expect("the first build succeeds");
    let all = table(&first, "graph/nodes").files;
    assert!(all > 3, "{all} files");
    project.write(&module(17), &text(17, 1));
    let second = project.build().expect("the second build succeeds");
    for name in ["extract/cst_defs", "graph/nodes"] {
        assert_eq!(table(&second, name).status, TableStatus::Updated, "{name}");
        let origins = origins(&second, &project, name);
        assert_eq!(origins[&second.record.run], 1, "{name}: {origins:?}");
        assert!(origins[&first.record.run] > 2, "{name}: {origins:?}");
        assert_eq!(table(&second, name).rows, table(&first, name).rows + 1, "{name}");
    }
    assert_eq!(project.rows("select count(*) from nodes where path = 'main.py'"), ["2"]);
}

#[test]
fn files_that_part_the_only_segment_double_no_row() {
    let project = Project::new();
    project.build().expect("the first build succeeds");
    let rows = "select count(*) from cst_defs";
    let before = project.rows(rows);
    for number in 0..6 {
        for part in 0..20 {
            project.write(&format!("{number}/notes_{part}.txt"), "no Python");
        }
        project.build().expect("the build succeeds");
        assert_eq!(project.rows(rows), before, "{number}");
    }
}

#[test]
fn what_is_computed_across_files_is_written_for_those_whose_rows_change() {
    let project = large();
    // Far apart by path: each in a segment of its own.
    let namesakes = [7, 399, 3, 206].map(|number| (number, module(number)));
    for (number, path) in &namesakes {
        project.write(path, &text(*number, 1));
    }
    let first = project.build().expect("the first build succeeds");
    let all = table(&first, "stage/t.namesake");
    assert_eq!((all.rows, all.files), (16, 4));

    project.write(&module(17), &(text(17, 0) + "def unrelated():\n    pass\n"));
    let second = project.build().expect("the second build succeeds");
    assert_eq!(table(&second, "stage/t.namesake").status, TableStatus::Reused);
    assert_eq!(table(&second, "graph/linked").status, TableStatus::Updated);
    let written = |report: &BuildReport, name: &str| {
        origins(report, &project, name).get(&report.record.run).copied().unwrap_or_default()
    };
    assert_eq!(written(&second, "graph/linked"), 1);
    // Those of the file: the names, which are of no file, are what they were.
    assert_eq!(written(&second, "graph/labelled"), 1);

    // One of the namesakes moves, and so rows of all four files change.
    let (number, path) = &namesakes[0];
    project.write(path, &format!("import this\n{}", text(*number, 1)));
    let third = project.build().expect("the third build succeeds");
    assert_eq!(written(&third, "stage/t.namesake"), 4);
    assert_eq!(written(&third, "graph/linked"), 4);
    assert_eq!(written(&third, "graph/labelled"), 0, "nobody asks where they are");
}

#[test]
fn what_follows_from_the_same_is_not_computed_again() {
    let project = large();
    project.build().expect("the first build succeeds");
    // A file that no definition is read from.
    project.write("notes.txt", "nothing to see");
    let second = project.build().expect("the second build succeeds");
    assert_eq!(table(&second, "graph/chosen").status, TableStatus::Reused);
    assert_eq!(project.rows("select count(*) from labelled where path = 'notes.txt'"), ["1"]);
}

#[test]
fn a_table_whose_rows_stay_gets_no_version() {
    let project = large();
    // Segments of which no definition is read.
    for number in 0..200 {
        project.write(&format!("notes/note_{number:03}.txt"), "no Python");
    }
    let first = project.build().expect("the first build succeeds");
    // Nothing that is read of it becomes another.
    project.write(&module(17), &(text(17, 0) + "# a comment\n"));
    let second = project.build().expect("the second build succeeds");
    assert!(second.published);
    for name in ["extract/cst_defs", "graph/labelled", "stage/t.namesake"] {
        let (before, after) = (table(&first, name), table(&second, name));
        assert_eq!(before.version, after.version, "{name}");
        assert_eq!(before.written_by, after.written_by, "{name}");
        assert_ne!(before.task, after.task, "{name} follows from other files");
    }
    let third = project.build().expect("the third build succeeds");
    assert!(!third.published, "the record says what tables follow from");

    // What rows follow from by now is known, though no version says it.
    let late = text(206, 0) + "def late():\n    pass\n";
    project.write(&module(206), &late);
    let fourth = project.build().expect("the fourth build succeeds");
    assert_eq!(table(&fourth, "graph/labelled").status, TableStatus::Updated);
    let clean = large();
    for number in 0..200 {
        clean.write(&format!("notes/note_{number:03}.txt"), "no Python");
    }
    clean.write(&module(17), &(text(17, 0) + "# a comment\n"));
    clean.write(&module(206), &late);
    clean.build().expect("a first build succeeds");
    assert_eq!(project.content(), clean.content());
}

#[test]
fn undoing_an_edit_and_building_gives_what_was() {
    let project = large();
    project.build().expect("the first build succeeds");
    let before = project.content();
    project.write(&module(3), &text(3, 4));
    project.build().expect("the second build succeeds");
    assert_ne!(project.content(), before);
    project.write(&module(3), &text(3, 0));
    project.build().expect("the third build succeeds");
    assert_eq!(project.content(), before);
}

#[test]
fn a_segment_of_which_files_are_gone_from_disk_is_made_anew() {
    let project = large();
    let first = project.build().expect("the first build succeeds");
    let before = project.content();
    let folder = project.out().join("graph/nodes").join(&first.record.run);
    let victim = fs::read_dir(folder).expect("it is there").next().expect("it has files");
    fs::remove_file(victim.expect("it can be listed").path()).expect("it was there");
    let second = project.build().expect("the second build succeeds");
    assert!(second.published);
    assert_eq!(project.content(), before);
}

/// How many edits: `CPG_EDITS` for a long run.
fn edits() -> usize {
    std::env::var("CPG_EDITS").ok().and_then(|edits| edits.parse().ok()).unwrap_or(6)
}

/// Edits, additions, removals and renames in turn, at places that a generator of numbers picks.
#[test]
fn any_sequence_of_edits_gives_what_a_clean_build_gives() {
    let edited = large();
    edited.build().expect("the first build succeeds");
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("it is below a usize")
    };
    for edit in 0..edits() {
        let place = |number: usize| edited.source().join(module(number));
        let number = next(FILES);
        match edit % 5 {
            0 | 1 => edited.write(&module(number), &text(number, edit + 1)),
            2 => edited.write(&module(FILES + edit), &text(edit, 2)),
            3 => drop(fs::remove_file(place(number))),
            _ => drop(fs::rename(place(number), place(next(FILES)))),
        }
        if edit % 7 == 6 {
            // The file decides which modules are in a package.
            edited.write("pkg/part_3/__init__.py", &text(edit, 1));
        }
        edited.build().unwrap_or_else(|error| panic!("after edit {edit}: {error}"));
        let clean = Project::new();
        fs::remove_dir_all(clean.source()).expect("it was there");
        copy(&edited.source(), &clean.source());
        clean.build().expect("the clean build succeeds");
        assert_eq!(edited.content(), clean.content(), "after edit {edit}");
    }
}

#[test]
fn a_changed_relation_is_made_anew_whole() {
    let project = large();
    project.build().expect("the first build succeeds");
    let variant = Variant { chosen: "start_7", ..Variant::default() };
    let second = project.build_variant(&variant).expect("the second build succeeds");
    assert_eq!(table(&second, "graph/chosen").status, TableStatus::Written);
    assert_eq!(project.rows("select count(*) from chosen"), ["1"]);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("it can be listed") {
        let path = entry.expect("it can be listed").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("it can be copied");
        }
    }
}
