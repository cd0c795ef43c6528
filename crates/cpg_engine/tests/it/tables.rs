//! What a build makes.

use std::fs;

use cpg_engine::TableStatus;
use cpg_ir::manifest::Area;
use cpg_ir::stable_id::IdHasher;

use crate::program::Variant;
use crate::support::{Project, table, written};

#[test]
fn a_clean_build_holds_what_the_program_says() {
    let project = Project::new();
    let report = project.build().expect("the build succeeds");
    assert!(report.published);
    assert_eq!(
        project.rows("select kind, path from nodes"),
        [
            "class,pkg/shop.py",
            "file,broken.py",
            "file,main.py",
            "file,pkg/__init__.py",
            "file,pkg/shop.py",
            "function,broken.py",
            "function,main.py",
            "function,pkg/shop.py",
        ]
    );
    let joined =
        "select f.path, d.kind from holds join nodes f on src = f.id join nodes d on dst = d.id";
    assert_eq!(
        project.rows(joined),
        ["broken.py,function", "main.py,function", "pkg/shop.py,class", "pkg/shop.py,function",]
    );
    assert_eq!(project.rows("select distinct path, kind from problems"), ["broken.py,syntax"]);
    assert_eq!(report.record.errors.keys().collect::<Vec<_>>(), ["syntax"]);
    assert_eq!(report.record.sources.files, 4);
}

#[test]
fn the_record_counts_what_the_tables_hold() {
    let project = Project::new();
    let report = project.build().expect("the build succeeds");
    for record in report.record.tables.iter().filter(|table| table.area != Area::Stage) {
        let name = format!("{}.{}", record.area.folder(), record.table);
        assert_eq!(
            project.rows(&format!("select count(*) from {name}")),
            [record.rows.to_string()],
            "{name}"
        );
        assert_eq!(record.status, TableStatus::Written);
        // The rows of the files, and those of none.
        let segments = if record.table == "labelled" { 2 } else { 1 };
        assert_eq!(record.files, if record.rows > 0 { segments } else { 0 }, "{name}");
        assert_eq!(record.bytes > 0, record.rows > 0, "{name}");
    }
    assert_eq!(project.open().record(), &report.record);
}

#[test]
fn a_table_without_rows_is_a_table() {
    let project = Project::new();
    let report = project.build().expect("the build succeeds");
    assert_eq!(table(&report, "graph/chosen").rows, 0);
    assert_eq!(project.rows("select id, span['start'] from chosen"), [""; 0]);
    let log = project.out().join("graph/chosen/_delta_log/00000000000000000000.json");
    let log = fs::read_to_string(log).expect("it was committed");
    assert!(log.contains("\\\"name\\\":\\\"span\\\""), "{log}");
}

#[test]
fn a_table_says_what_it_is() {
    let project = Project::new();
    let report = project.build().expect("the build succeeds");
    let log = project.out().join("graph/nodes/_delta_log/00000000000000000000.json");
    let log = fs::read_to_string(log).expect("it was committed");
    assert!(log.contains("\"description\":\"Every node.\""), "{log}");
    assert!(log.contains("\\\"comment\\\":\\\"Which node.\\\""), "{log}");
    let task = table(&report, "graph/nodes").task;
    assert!(log.contains(&format!("\"cpglang.task_fingerprint\":\"{task}\"")), "{log}");
    assert!(log.contains(&format!("\"cpglang.run\":\"{}\"", report.record.run)), "{log}");
}

#[test]
fn spans_and_ids_survive_the_disk() {
    let project = Project::new();
    let variant = Variant { chosen: "open", ..Variant::default() };
    project.build_variant(&variant).expect("the build succeeds");
    let id = IdHasher::new("def").string("pkg/shop.py").int(16).int(48).finish();
    let sql = "select id, span['start'], span['end'] from chosen";
    assert_eq!(project.rows(sql), [format!("{id},16,48")]);
}

#[test]
fn thread_count_changes_neither_rows_nor_fingerprints() {
    let (one, four) = (Project::new(), Project::new());
    for (project, threads) in [(&one, 1), (&four, 4)] {
        for module in 0..40 {
            let text = "def f(): pass\nclass C:\n    def m(self): pass\n".repeat(50);
            project.write(&format!("many/m{module}.py"), &text);
        }
        let profile = cpg_engine::RuntimeProfile { threads, ..project.profile() };
        let report = project.build_as(&Variant::default(), profile).expect("the build succeeds");
        assert_eq!(written(&report).len(), report.record.tables.len());
    }
    assert_eq!(one.content(), four.content());
    let tasks = |project: &Project| {
        let tables = project.open().record().tables.clone();
        tables.into_iter().map(|table| (table.table, table.task)).collect::<Vec<_>>()
    };
    assert_eq!(tasks(&one), tasks(&four));
}

#[test]
fn several_sources_keep_their_files_apart() {
    let project = Project::new();
    let other = tempfile::tempdir().expect("a folder can be made");
    let second = other.path().join("second");
    fs::create_dir(&second).expect("a folder can be made");
    fs::write(second.join("main.py"), "x = 1\n").expect("a file can be written");
    let sources = vec![project.source(), second];
    let profile = cpg_engine::RuntimeProfile { sources, ..project.profile() };
    project.build_as(&Variant::default(), profile).expect("the build succeeds");
    assert_eq!(
        project.rows("select path from nodes where kind = 'file' and path like '%main.py'"),
        ["second/main.py", "source/main.py"]
    );
}
