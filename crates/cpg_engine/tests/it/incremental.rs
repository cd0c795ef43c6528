//! Builds after builds.

use std::fs;

use cpg_engine::{BuildEvent, Cancel};

use crate::program::Variant;
use crate::support::{Observer, Project, table, written};

#[test]
fn a_build_with_nothing_to_do_touches_nothing() {
    let project = Project::new();
    let first = project.build().expect("the first build succeeds");
    let disk = project.disk();
    let second = project.build().expect("the second build succeeds");
    assert!(!second.published);
    assert_eq!(second.record, first.record);
    assert_eq!(project.disk(), disk);
}

#[test]
fn an_edit_is_built_and_leaves_the_versions_before_it() {
    let project = Project::new();
    let first = project.build().expect("the first build succeeds");
    project.write("main.py", "def main():\n    def inner():\n        pass\n");
    let second = project.build().expect("the second build succeeds");
    assert_eq!(table(&second, "graph/nodes").version, table(&first, "graph/nodes").version + 1);
    assert_eq!(project.rows("select count(*) from nodes"), ["9"]);
    assert_eq!(
        project.runs_of("graph/nodes"),
        [first.record.run.clone(), second.record.run.clone()],
        "files of earlier versions stay for whoever reads those"
    );
    assert!(first.record.run < second.record.run);
}

#[test]
fn builds_after_edits_equal_clean_builds() {
    let edited = Project::new();
    edited.build().expect("the first build succeeds");
    edited.write("pkg/new.py", "class New: pass\n");
    fs::remove_file(edited.source().join("broken.py")).expect("it was there");
    fs::rename(edited.source().join("main.py"), edited.source().join("pkg/main.py"))
        .expect("it was there");
    edited.build().expect("the second build succeeds");

    let clean = Project::new();
    fs::remove_dir_all(clean.source()).expect("it was there");
    for path in ["pkg/__init__.py", "pkg/shop.py", "pkg/new.py", "pkg/main.py"] {
        let text = fs::read_to_string(edited.source().join(path)).expect("it is there");
        clean.write(path, &text);
    }
    clean.build().expect("the clean build succeeds");
    assert_eq!(edited.content(), clean.content());
    assert_eq!(edited.rows("select * from problems"), [""; 0]);
}

#[test]
fn a_changed_relation_is_written_alone() {
    let project = Project::new();
    let first = project.build().expect("the first build succeeds");
    let variant = Variant { chosen: "main", ..Variant::default() };
    let second = project.build_variant(&variant).expect("the second build succeeds");
    assert_eq!(written(&second), ["graph/chosen"]);
    assert_eq!(table(&second, "graph/nodes").version, table(&first, "graph/nodes").version);
    assert_eq!(project.rows("select count(*) from chosen"), ["1"]);
    assert_eq!(second.record.errors, first.record.errors);
}

#[test]
fn a_file_that_no_extractor_of_a_table_reads_leaves_the_table() {
    let project = Project::new();
    project.build().expect("the first build succeeds");
    project.write("notes.txt", "not Python");
    let second = project.build().expect("the second build succeeds");
    assert_eq!(table(&second, "graph/chosen").version, 0, "it reads definitions only");
    assert_eq!(table(&second, "graph/nodes").version, 1, "it has a row for each file");
}

#[test]
fn deleted_tables_come_back() {
    let project = Project::new();
    project.build().expect("the first build succeeds");
    let content = project.content();
    for deleted in ["graph/nodes", "extract/cst_defs", "extract/extract_errors"] {
        fs::remove_dir_all(project.out().join(deleted)).expect("it was there");
        let report = project.build().expect("the build succeeds");
        assert!(written(&report).contains(&deleted.to_owned()), "{deleted}");
        assert_eq!(project.content(), content, "{deleted}");
    }
    let report = project.build().expect("the build succeeds");
    assert!(!report.published);
}

#[test]
fn a_lost_data_file_is_noticed_and_mended() {
    let project = Project::new();
    let first = project.build().expect("the first build succeeds");
    let run = project.out().join("graph/nodes").join(&first.record.run);
    fs::remove_dir_all(run).expect("it was there");
    let second = project.build().expect("the second build succeeds");
    assert_eq!(written(&second), ["graph/nodes"]);
    assert_eq!(project.rows("select count(*) from nodes"), ["8"]);
}

#[test]
fn a_lost_record_is_written_again_without_computing_anything() {
    let project = Project::new();
    project.build().expect("the first build succeeds");
    fs::remove_dir_all(project.out().join("runs")).expect("it was there");
    let second = project.build().expect("the second build succeeds");
    assert!(second.published);
    assert_eq!(written(&second), [""; 0]);
    assert_eq!(second.record.errors.len(), 1);
    assert_eq!(project.rows("select count(*) from nodes"), ["8"]);
}

#[test]
fn what_dead_runs_left_is_swept_and_nothing_else() {
    let project = Project::new();
    project.build().expect("the first build succeeds");
    let nodes = project.out().join("graph/nodes");
    for folder in ["run-00000009-0badf00d", "run-of-somebody"] {
        fs::create_dir(nodes.join(folder)).expect("a folder can be made");
        fs::write(nodes.join(folder).join("part"), "x").expect("a file can be written");
    }
    project.write("main.py", "def renamed(): pass\n");
    project.build().expect("the second build succeeds");
    assert!(!nodes.join("run-00000009-0badf00d").exists());
    assert!(nodes.join("run-of-somebody").exists());
}

#[test]
fn a_file_that_changes_under_the_build_is_read_again_by_the_next() {
    let project = Project::new();
    let path = project.source().join("main.py");
    let observer = Observer::new(move |event: &BuildEvent<'_>| {
        if matches!(event, BuildEvent::Scanned { .. }) {
            fs::write(&path, "def changed(): pass\ndef twice(): pass\n").expect("it is there");
        }
    });
    project.build_observed(observer, &Cancel::default()).expect("the first build succeeds");
    let second = project.build().expect("the second build succeeds");
    assert!(second.published);
    let sql = "select count(*) from nodes where path = 'main.py' and kind = 'function'";
    assert_eq!(project.rows(sql), ["2"]);
    assert!(!project.build().expect("the third build succeeds").published);
}

#[test]
fn after_a_change_of_cpglang_one_build_says_anew_what_tables_follow_from() {
    let project = Project::new();
    let first = project.build().expect("the first build succeeds");
    let basis = first.record.basis.expect("nothing changed meanwhile");
    let path = project.out().join("runs").join(format!("{}.json", first.record.run));
    let record = fs::read_to_string(&path).expect("there is a record");
    fs::write(&path, record.replace(&basis.build, "another")).expect("it can be written");
    let second = project.build().expect("the second build succeeds");
    assert!(second.published);
    assert_eq!(written(&second), [""; 0]);
    assert_eq!(second.record.basis, Some(basis));
    assert!(!project.build().expect("the third build succeeds").published);
}
