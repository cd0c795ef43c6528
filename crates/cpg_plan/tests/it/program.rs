//! What the plans of a program say of it.

use std::collections::BTreeSet;

use cpg_ir::expr::{BinaryOp, Expr};
use cpg_ir::spec::{Arm, JoinKind, OutputColumn, Pipeline, Relation, Spec, Step, ViewSpec};
use cpg_ir::types::{ColumnType, SemanticType as T};
use cpg_plan::{Division, Granularity, Materialisation, StageReason};

use super::support::{binary, evidence, id, int, plans, relation, row, run};

fn view(name: &str, columns: &[(&str, Expr)], from: &str, steps: Vec<Step>) -> Relation {
    let types = columns.iter().map(|(name, _)| match *name {
        "file" => (*name, T::FileId, false),
        _ => (*name, T::Int, true),
    });
    let schema = row(&types.collect::<Vec<_>>());
    let selected = columns.iter().map(|(name, value)| OutputColumn {
        name: (*name).to_owned(),
        value: value.clone(),
        ty: match *name {
            "file" => ColumnType::required(T::FileId),
            _ => ColumnType::optional(T::Int),
        },
    });
    let mut steps = steps;
    steps.push(Step::Select { columns: selected.collect() });
    let arms = vec![Arm { from: id(from), steps }];
    relation(name, schema, Spec::View(ViewSpec { pipeline: Pipeline { arms } }))
}

fn facts() -> Relation {
    evidence(
        "facts",
        row(&[
            ("file", T::FileId, false),
            ("a", T::Int, true),
            ("b", T::Int, true),
            ("unread", T::Int, true),
        ]),
    )
}

fn col(name: &str) -> Expr {
    Expr::column(0, name)
}

/// `mid` computes two columns; `out` reads `columns` of it.
fn program(columns: &[&str]) -> Vec<Relation> {
    let doubled = binary(BinaryOp::Mul, col("a"), int(2));
    let mid = view(
        "mid",
        &[("file", col("file")), ("x", doubled), ("y", col("b"))],
        "facts",
        vec![Step::Distinct],
    );
    let read: Vec<_> = columns.iter().map(|name| (*name, col(name))).collect();
    vec![facts(), mid, view("out", &read, "mid", vec![])]
}

fn needs(columns: &[&str]) -> Vec<String> {
    plans(program(columns), &["out"]).evidence_needs()["x"]["facts"].clone()
}

#[test]
fn dropping_the_last_use_of_a_column_drops_it_from_the_extractor() {
    let select = |columns: &[&str]| {
        let read: Vec<_> = columns.iter().map(|name| (*name, col(name))).collect();
        plans(vec![facts(), view("out", &read, "facts", vec![])], &["out"]).evidence_needs()["x"]
            ["facts"]
            .clone()
    };
    // In the contract's order, whatever the reader's.
    assert_eq!(select(&["b", "file", "a"]), ["file", "a", "b"]);
    assert_eq!(select(&["b"]), ["b"]);
}

#[test]
fn columns_that_decide_about_rows_are_needed_though_nobody_shows_them() {
    // `distinct` compares whole rows.
    assert_eq!(needs(&["x"]), ["file", "a", "b", "unread"]);
}

#[test]
fn a_relation_with_one_reader_is_part_of_it() {
    let plans = plans(program(&["file", "x"]), &["out"]);
    assert!(matches!(plans.materialisation(&id("mid")), Some(Materialisation::Inline(_))));
    assert_eq!(plans.materialisation(&id("out")), Some(&Materialisation::Output));
    assert_eq!(plans.materialisation(&id("facts")), Some(&Materialisation::Evidence));
    let [task] = plans.tasks() else { panic!("one task: {:?}", plans.tasks()) };
    assert_eq!(task.evidence, BTreeSet::from([id("facts")]));
    assert!(task.reads.is_empty());
}

#[test]
fn a_relation_with_two_readers_is_kept_with_what_they_read() {
    let mut relations = program(&["x"]);
    relations.push(view("other", &[("x", col("x"))], "mid", vec![Step::Distinct]));
    let plans = plans(relations, &["out", "other"]);
    let kept = plans.materialisation(&id("mid"));
    assert!(matches!(kept, Some(Materialisation::Stage(_))), "{kept:?}");
    let task = plans.tasks().iter().find(|task| task.relation == id("out")).expect("a task");
    assert_eq!(task.reads, BTreeSet::from([id("mid")]));
}

#[test]
fn fingerprints_follow_meaning_and_not_names() {
    let of = |relations: Vec<Relation>, name: &str| {
        let plans = plans(relations, &[name]);
        plans.relation(&id(name)).expect("planned").deps().plan_fingerprint
    };
    let one = |name: &str, value: Expr| vec![facts(), view(name, &[("x", value)], "facts", vec![])];
    let sum = |by| binary(BinaryOp::Add, col("a"), int(by));
    let first = of(one("out", sum(1)), "out");
    assert_eq!(first, of(one("out", sum(1)), "out"));
    assert_eq!(first, of(one("renamed", sum(1)), "renamed"));
    assert_ne!(first, of(one("out", sum(2)), "out"));
    // A change of an input is a change of its readers.
    let through = |by| {
        let mid = view("mid", &[("x", sum(by))], "facts", vec![Step::Distinct]);
        of(vec![facts(), mid, view("out", &[("x", col("x"))], "mid", vec![])], "out")
    };
    assert_eq!(through(1), through(1));
    assert_ne!(through(1), through(2));
}

#[test]
fn lineage_tells_values_from_rows() {
    let positive = binary(BinaryOp::Gt, col("b"), int(0));
    let out = view("out", &[("x", col("a"))], "facts", vec![Step::Where { predicate: positive }]);
    let plans = plans(vec![facts(), out], &["out"]);
    let lineage = plans.relation(&id("out")).expect("planned").lineage();
    let names = |origins: &cpg_plan::lineage::Origins| {
        origins.iter().map(|origin| origin.column.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&lineage.columns["x"]), ["a"]);
    assert_eq!(names(&lineage.rows), ["b"]);
}

#[test]
fn joins_on_the_file_are_local_to_it() {
    let granularity = |on: &str| {
        let join = Step::Join {
            join: JoinKind::Inner,
            relation: id("facts"),
            on: vec![binary(BinaryOp::Eq, col(on), Expr::column(1, on))],
        };
        let out = view("out", &[("file", col("file")), ("x", col("a"))], "facts", vec![join]);
        plans(vec![facts(), out], &["out"]).relation(&id("out")).expect("planned").granularity()
    };
    assert_eq!(granularity("file"), Granularity::FileLocal);
    assert_eq!(granularity("a"), Granularity::KeyLocal);
}

/// `def` with an id that is taken over the file, and one that is not; `out` is made of it by `step`.
fn over_ids(step: Step) -> cpg_plan::ProgramPlans {
    let over = |columns: &[&str]| Expr::StableId {
        namespace: "def".to_owned(),
        over: columns.iter().map(|name| col(name)).collect(),
    };
    let columns: Vec<OutputColumn> = [
        ("file", col("file"), T::FileId, false),
        ("id", over(&["file", "a"]), T::Id(None), true),
        ("parent", over(&["file", "b"]), T::Id(None), true),
        ("global", over(&["a"]), T::Id(None), true),
    ]
    .into_iter()
    .map(|(name, value, semantic, nullable)| OutputColumn {
        name: name.to_owned(),
        value,
        ty: ColumnType { semantic, nullable },
    })
    .collect();
    let schema = row(&columns
        .iter()
        .map(|column| (column.name.as_str(), column.ty.semantic.clone(), column.ty.nullable))
        .collect::<Vec<_>>());
    let steps = vec![Step::Select { columns: columns.clone() }];
    let pipeline = Pipeline { arms: vec![Arm { from: id("facts"), steps }] };
    let def = relation("def", schema, Spec::View(ViewSpec { pipeline }));
    let out = view("out", &[("file", col("file")), ("x", int(1))], "def", vec![step]);
    plans(vec![facts(), def, out], &["out"])
}

#[test]
fn ids_that_are_taken_over_the_file_keep_joins_within_it() {
    let joined = |left: &str, right: &str| {
        let on = vec![binary(BinaryOp::Eq, col(left), Expr::column(1, right))];
        let plans = over_ids(Step::Join { join: JoinKind::Inner, relation: id("def"), on });
        plans.task(&id("out")).expect("an output has a task").division.clone()
    };
    let file = "file".to_owned();
    let local = Division::Local { file: file.clone(), elsewhere: BTreeSet::new() };
    assert_eq!(joined("parent", "id"), local);
    assert_eq!(joined("file", "file"), local);
    let Division::Split { file: split, by_file, whole } = joined("global", "global") else {
        panic!("it looks across files");
    };
    assert_eq!(split, file);
    // The left side's rows of a file are joined with all of the right side's.
    let (left, right) = (by_file.first_key_value(), whole.first_key_value());
    let (left, right) = (left.expect("it is read"), right.expect("it is read"));
    assert_eq!(left.0, right.0);
    assert!(left.1.contains(&file), "{left:?}");
    assert!(!right.1.contains(&file), "{right:?}");
}

#[test]
fn what_looks_across_files_is_kept_for_a_reader_that_does_not() {
    let on = vec![binary(BinaryOp::Eq, col("a"), Expr::column(1, "a"))];
    let join = Step::Join { join: JoinKind::Inner, relation: id("facts"), on };
    let columns = [("file", col("file")), ("x", col("a"))];
    let across = view("across", &columns, "facts", vec![join]);
    let read = [("file", col("file")), ("x", col("x"))];
    let of = |steps| {
        let plans =
            plans(vec![facts(), across.clone(), view("out", &read, "across", steps)], &["out"]);
        plans.materialisation(&id("across")).expect("planned").clone()
    };
    let kept = of(vec![Step::Distinct]);
    assert!(matches!(kept, Materialisation::Stage(StageReason::AcrossFiles { .. })), "{kept}");
    let on = vec![binary(BinaryOp::Eq, col("x"), Expr::column(1, "a"))];
    let inline = of(vec![Step::Join { join: JoinKind::Inner, relation: id("facts"), on }]);
    assert!(matches!(inline, Materialisation::Inline(_)), "{inline}");
}

#[tokio::test]
async fn staged_and_inlined_relations_give_the_same_rows() {
    const ROWS: &str = r#"{"file":1,"a":1,"b":5,"unread":0}
        {"file":1,"a":1,"b":5,"unread":0}
        {"file":2,"a":null,"b":6,"unread":1}
        {"file":2,"a":7,"b":null,"unread":1}"#;
    let inlined = plans(program(&["file", "x", "y"]), &["out"]);
    let mut relations = program(&["file", "x", "y"]);
    relations.push(view("other", &[("x", col("x"))], "mid", vec![Step::Distinct]));
    let staged = plans(relations, &["out", "other"]);
    for plans in [&inlined, &staged] {
        for partitions in [1, 4] {
            let rows = run(plans, &[("facts", ROWS)], "out", partitions).await;
            assert_eq!(rows, "1,2,5\n2,,6\n2,14,");
        }
    }
}
