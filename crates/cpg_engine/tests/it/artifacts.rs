//! What builds leave beside their tables, and the pages that say what that is.

use std::fs;
use std::path::{Path, PathBuf};

use cpg_engine::{ArtifactKind, EngineError, RunRecord};
use cpg_plan::signals::PlanSignals;

use crate::support::Project;

#[test]
fn every_kind_is_there_and_has_its_form() {
    let project = Project::new();
    let report = project.build().expect("the build succeeds");
    let build = project.open();
    for kind in ArtifactKind::ALL {
        build.document(*kind).unwrap_or_else(|error| panic!("{}: {error}", kind.name()));
    }
    let signals = build.artifact::<Vec<PlanSignals>>().expect("it is there");
    assert_eq!(signals.len(), report.record.tables.len(), "one for each table");
    let described = project.rows("select artifact from history.artifacts");
    assert_eq!(described.len(), ArtifactKind::ALL.len() - 1, "all but the record itself");
}

#[test]
fn runs_are_a_table() {
    let project = Project::new();
    project.build().expect("the build succeeds");
    project.write("main.py", "def other():\n    pass\n");
    project.build().expect("the build succeeds");
    let runs = project.rows("select run, source_files, tables_written > 0 from history.runs");
    let is_of = |number: usize| runs[number].contains(&format!("run-0000000{}-", number + 1));
    assert!(runs.len() == 2 && is_of(0) && is_of(1), "{runs:?}");
    let versions = "select version from history.tables where \"table\" = 'nodes' order by run";
    assert_eq!(project.rows(versions), ["0", "1"]);
}

#[test]
fn a_document_that_was_changed_is_refused() {
    let project = Project::new();
    let report = project.build().expect("the build succeeds");
    let kind = ArtifactKind::PlanSignals;
    let name = format!("{}-{}.json", kind.name(), report.record.artifacts[&kind]);
    let path = project.out().join("runs").join(name);
    let text = fs::read_to_string(&path).expect("it is there");
    fs::write(&path, text.replacen("nodes", "modes", 1)).expect("it can be written");
    let refused = project.open().document(kind);
    assert!(matches!(refused, Err(EngineError::BadArtifact { .. })), "{refused:?}");
}

#[test]
fn equal_programs_and_sources_give_equal_documents() {
    let (one, other) = (Project::new(), Project::new());
    let record =
        |project: &Project| -> RunRecord { project.build().expect("the build succeeds").record };
    let (one, other) = (record(&one), record(&other));
    assert_eq!(one.fingerprint, other.fingerprint);
    for kind in ArtifactKind::ALL.iter().filter(|kind| **kind != ArtifactKind::Schedule) {
        assert_eq!(one.artifacts.get(kind), other.artifacts.get(kind), "{}", kind.name());
    }
}

/// `UPDATE=1` writes them anew.
#[test]
fn the_pages_say_what_the_registry_says() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let mut page = String::from(
        "# Artifacts\n\nBesides tables, a build leaves JSON documents in the folder `runs` of its output: what it read, what it \
         decided, and why.\n`cpglang artifacts KIND` prints the newest of a kind, `cpglang artifacts KIND --schema` its form, and the \
         tables `history.runs`,\n`history.tables` and `history.artifacts` are there for queries. Every document says its kind and the \
         version of its form, and\none that is unknown, of a later version or not whole is refused. This page is written from the registry \
         of kinds\n(`UPDATE=1 cargo test -p cpg_engine --test it artifacts`).\n\n| kind | version | what it says | form |\n| --- | --- | --- | --- |\n",
    );
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for kind in ArtifactKind::ALL {
        let (name, version) = (kind.name(), kind.version());
        page += &format!(
            "| `{name}` | {version} | {} | [schema](schemas/artifacts/{name}.json) |\n",
            kind.description()
        );
        let schema = serde_json::to_string_pretty(&kind.schema()).expect("a schema is JSON");
        files.push((docs.join(format!("schemas/artifacts/{name}.json")), schema + "\n"));
    }
    files.push((docs.join("artifacts.md"), page));
    for (path, text) in files {
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
            fs::write(&path, &text).expect("it can be written");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{} is stale: run this test with UPDATE=1", path.display());
    }
}
