//! Reading a build.

use cpg_base::Code;
use cpg_engine::{EngineError, PublishedBuild};

use crate::support::{MEMORY, Project};

fn failure(project: &Project, sql: &str) -> EngineError {
    let build = project.open();
    let rows = build.sql(sql).map(|rows| rows.collect::<Result<Vec<_>, _>>());
    match rows {
        Err(error) | Ok(Err(error)) => error,
        Ok(Ok(batches)) => panic!("{sql} gave {batches:?}"),
    }
}

fn built() -> Project {
    let project = Project::new();
    project.build().expect("the build succeeds");
    project
}

#[test]
fn outputs_and_evidence_have_their_names() {
    let project = built();
    let nodes = project.rows("select * from nodes");
    assert_eq!(project.rows("select * from graph.nodes"), nodes);
    let defs = project.rows("select * from extract.cst_defs");
    assert_eq!(project.rows("select * from cst_defs"), defs);
    assert_eq!(defs.len(), 4);
    let named = "select table_schema, table_name from information_schema.tables \
                 where table_schema <> 'information_schema'";
    assert_eq!(
        project.rows(named),
        [
            "extract,cst_defs",
            "extract,extract_errors",
            "extract,repo_files",
            "graph,chosen",
            "graph,cst_defs",
            "graph,extract_errors",
            "graph,holds",
            "graph,labelled",
            "graph,linked",
            "graph,nodes",
            "graph,problems",
            "graph,repo_files",
            "history,artifacts",
            "history,runs",
            "history,tables",
        ],
        "and nothing else is registered"
    );
}

#[test]
fn queries_call_our_functions() {
    let project = built();
    let sql =
        "select last_name('a.b.c') as name, noisy_or(x) as sure from (values (0.5), (0.5)) as t(x)";
    assert_eq!(project.rows(sql), ["c,0.75"]);
}

#[test]
fn wrong_names_are_met_with_the_nearest() {
    let project = built();
    for (sql, help) in [
        ("select * from node", "there is a table `nodes`"),
        ("select pth from nodes", "there is a column `path`"),
        ("select nodes.pth from nodes", "there is a column `path`"),
        (
            "select * from elephants",
            "the tables are: chosen, cst_defs, extract_errors, holds, labelled, linked, nodes, problems, repo_files",
        ),
    ] {
        let error = failure(&project, sql);
        assert_eq!(error.code(), Code::BadQuery, "{sql}");
        assert_eq!(error.help().as_deref(), Some(help), "{sql}: {error}");
    }
}

#[test]
fn broken_queries_are_bad_queries() {
    let project = built();
    for sql in [
        "",
        "selec 1",
        "select",
        "select * from nodes where",
        "select 1 / 0",
        "select cast('x' as int)",
    ] {
        assert_eq!(failure(&project, sql).code(), Code::BadQuery, "{sql}");
    }
}

#[test]
fn queries_change_nothing() {
    let project = built();
    let target = project.out().join("stolen.csv");
    let disk = project.disk();
    for sql in [
        format!("copy nodes to '{}'", target.display()),
        "insert into nodes values (1, 'x', 'y')".to_owned(),
        "delete from nodes".to_owned(),
        "drop table nodes".to_owned(),
        "create table t as select 1".to_owned(),
        "create view v as select 1".to_owned(),
        format!("create external table t stored as csv location '{}'", target.display()),
        "set datafusion.execution.batch_size = 1".to_owned(),
    ] {
        assert_eq!(failure(&project, &sql).code(), Code::BadQuery, "{sql}");
    }
    let files = project.source().join("main.py");
    let sql = format!("select * from '{}'", files.display());
    assert_eq!(failure(&project, &sql).code(), Code::BadQuery, "files are no tables");
    assert_eq!(project.disk(), disk);
}

#[test]
fn a_query_within_limits_fails_cleanly() {
    let project = Project::new();
    for module in 0..20 {
        project.write(&format!("m{module}.py"), &"def f(): pass\n".repeat(300));
    }
    project.build().expect("the build succeeds");
    let build = PublishedBuild::open(&project.out().into(), 2, 50_000).expect("there is a build");
    let sql = "select count(*) from nodes a join nodes b on a.kind = b.kind and a.id < b.id";
    let rows = build.sql(sql).and_then(|rows| rows.collect::<Result<Vec<_>, _>>());
    let error = rows.expect_err("it does not fit");
    assert_eq!(error.code(), Code::OutOfMemory, "{error}");
}

#[test]
fn without_a_build_there_is_nothing_to_ask() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for out in [folder.path().to_owned(), folder.path().join("missing")] {
        let error = PublishedBuild::open(&out.into(), 1, MEMORY).expect_err("there is none");
        assert!(matches!(error, EngineError::NoBuild { .. }), "{error}");
    }
}
