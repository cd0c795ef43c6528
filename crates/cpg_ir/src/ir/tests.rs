use super::*;
use crate::catalog::{ExtractorCatalog, ExtractorSignature};
use crate::check::{Check, CheckRule, CheckSeverity, CoverageSource};
use crate::expr::{Expr, Finite, Literal};
use crate::manifest::{CheckedProgram, CompileError, ProgramManifest};
use crate::spec::{Arm, EvidenceSpec, OutputColumn, Pipeline, Step, ViewSpec};
use crate::types::{Column, ColumnType, RowSchema, SemanticType};

fn id(name: &str) -> RelationId {
    RelationId::new("m", name)
}

fn schema() -> RowSchema {
    let column = Column { name: "x".to_owned(), ty: ColumnType::required(SemanticType::Int) };
    RowSchema { columns: vec![column] }
}

fn evidence(name: &str) -> Relation {
    let spec = EvidenceSpec { extractor: "e".to_owned(), table: "t".to_owned() };
    Relation { id: id(name), spec: Spec::Evidence(spec), schema: schema() }
}

/// `from INPUT select { x: x + ADDEND }`, joined with further inputs by nothing.
fn view(name: RelationId, inputs: &[RelationId], addend: i64) -> Relation {
    let value = Expr::Binary {
        op: crate::expr::BinaryOp::Add,
        left: Box::new(Expr::column(0, "x")),
        right: Box::new(Expr::Literal(Literal::Int(addend))),
    };
    let ty = ColumnType::required(SemanticType::Int);
    let mut steps: Vec<Step> = inputs[1..]
        .iter()
        .map(|input| Step::Join {
            join: crate::spec::JoinKind::Semi,
            relation: input.clone(),
            on: Vec::new(),
        })
        .collect();
    steps.push(Step::Select { columns: vec![OutputColumn { name: "x".to_owned(), value, ty }] });
    let arms = vec![Arm { from: inputs[0].clone(), steps }];
    Relation {
        id: name,
        spec: Spec::View(ViewSpec { pipeline: Pipeline { arms } }),
        schema: schema(),
    }
}

fn model(relations: Vec<Relation>, exports: &[RelationId]) -> Model {
    Model { relations, exports: exports.iter().cloned().collect(), docs: BTreeMap::new() }
}

fn names(ir: &SemanticIr) -> Vec<&str> {
    ir.relations().iter().map(|r| r.relation.id.name()).collect()
}

#[test]
fn inputs_come_first_and_what_nothing_needs_is_gone() -> Result<(), EmitError> {
    let relations = vec![
        view(id("a"), &[id("b")], 1),
        view(id("b"), &[id("z")], 1),
        view(id("unused"), &[id("z")], 1),
        evidence("z"),
    ];
    let ir = SemanticIr::emit(model(relations, &[id("a")]))?;
    assert_eq!(names(&ir), ["z", "b", "a"]);
    Ok(())
}

#[test]
fn declaration_order_never_shows() -> Result<(), Box<dyn std::error::Error>> {
    let relations =
        vec![evidence("z"), view(id("b"), &[id("z")], 1), view(id("a"), &[id("z"), id("b")], 2)];
    let mut reversed = relations.clone();
    reversed.reverse();
    let first = SemanticIr::emit(model(relations, &[id("a")]))?;
    let second = SemanticIr::emit(model(reversed, &[id("a")]))?;
    assert_eq!(serde_json::to_string(&first)?, serde_json::to_string(&second)?);
    Ok(())
}

#[test]
fn moving_an_input_changes_no_hash_but_changing_it_does() -> Result<(), EmitError> {
    let hash_of_reader = |input: RelationId, addend| {
        let relations = vec![
            evidence("z"),
            view(input.clone(), &[id("z")], addend),
            view(id("reader"), &[input], 7),
        ];
        let ir = SemanticIr::emit(model(relations, &[id("reader")]))?;
        let reader = ir.relation(&id("reader")).map(|r| r.spec_hash);
        Ok::<_, EmitError>((reader, ir.ir_hash()))
    };
    let here = hash_of_reader(id("b"), 1)?;
    let moved = hash_of_reader(RelationId::new("other.module", "renamed"), 1)?;
    let changed = hash_of_reader(id("b"), 2)?;
    assert_eq!(here, moved);
    assert_ne!(here.0, changed.0);
    assert_ne!(here.1, changed.1);
    Ok(())
}

#[test]
fn cycles_duplicates_and_gaps_are_told() {
    let cycle = vec![view(id("a"), &[id("b")], 1), view(id("b"), &[id("a")], 1)];
    let told = SemanticIr::emit(model(cycle, &[id("a")]));
    assert_eq!(told, Err(EmitError::Cycle(vec![id("a"), id("b"), id("a")])));

    let twice = SemanticIr::emit(model(vec![evidence("z"), evidence("z")], &[]));
    assert_eq!(twice, Err(EmitError::Duplicate(id("z"))));

    let gap = SemanticIr::emit(model(vec![view(id("a"), &[id("b")], 1)], &[]));
    assert_eq!(gap, Err(EmitError::Unknown { reader: id("a"), input: id("b") }));
}

fn catalog() -> ExtractorCatalog {
    let tables = BTreeMap::from([("t".to_owned(), schema())]);
    let docs = BTreeMap::new();
    let signature = ExtractorSignature { version: 1, description: String::new(), tables, docs };
    ExtractorCatalog { extractors: BTreeMap::from([("e".to_owned(), signature)]) }
}

#[test]
fn a_manifest_is_the_same_bytes_every_time() -> Result<(), Box<dyn std::error::Error>> {
    let relations = vec![evidence("z"), view(id("a"), &[id("z")], 1)];
    let first = ProgramManifest::compile(model(relations.clone(), &[id("a")]), &catalog())?;
    let second = ProgramManifest::compile(model(relations, &[id("a")]), &catalog())?;
    assert_eq!(serde_json::to_vec(&first)?, serde_json::to_vec(&second)?);
    assert_eq!(first.outputs().keys().collect::<Vec<_>>(), ["a"]);
    Ok(())
}

#[test]
fn one_output_name_twice_is_told() {
    let other = RelationId::new("n", "a");
    let relations =
        vec![evidence("z"), view(id("a"), &[id("z")], 1), view(other.clone(), &[id("z")], 2)];
    let told = ProgramManifest::compile(model(relations, &[id("a"), other.clone()]), &catalog());
    assert_eq!(told, Err(CompileError::OutputName(id("a"), other)));
}

#[test]
fn an_extractor_that_is_not_there_is_told_before_any_work() {
    let told = ProgramManifest::compile(
        model(vec![evidence("z"), view(id("a"), &[id("z")], 1)], &[id("a")]),
        &ExtractorCatalog::default(),
    );
    let expected = CompileError::MissingExtractor { relation: id("z"), extractor: "e".to_owned() };
    assert_eq!(told, Err(expected));
}

#[test]
fn a_table_has_one_extractor() {
    let mut catalog = catalog();
    let other = catalog.extractors["e"].clone();
    catalog.extractors.insert("f".to_owned(), other);
    let mut second = evidence("y");
    if let Spec::Evidence(spec) = &mut second.spec {
        spec.extractor = "f".to_owned();
    }
    let relations = vec![evidence("z"), second, view(id("a"), &[id("y"), id("z")], 1)];
    let expected = CompileError::SharedTable {
        table: "t".to_owned(),
        extractors: ["f".to_owned(), "e".to_owned()],
    };
    assert_eq!(ProgramManifest::compile(model(relations, &[id("a")]), &catalog), Err(expected));
}

#[test]
fn checks_have_one_canonical_form() -> Result<(), Box<dyn std::error::Error>> {
    let relations = vec![evidence("z"), view(id("a"), &[id("z")], 1)];
    let compiled = |checks: Vec<Check>| {
        let model = model(relations.clone(), &[id("a")]);
        ProgramManifest::compile(CheckedProgram { model, checks, ..Default::default() }, &catalog())
    };
    let accepted = |values: [i64; 3]| Check {
        rule: CheckRule::Accepted {
            relation: id("a"),
            column: "x".to_owned(),
            values: values.into_iter().map(Literal::Int).collect(),
        },
        severity: CheckSeverity::Warn,
    };
    let covered = Check {
        rule: CheckRule::Coverage {
            entity: id("a"),
            id: "x".to_owned(),
            sources: [CoverageSource { relation: id("z"), column: "x".to_owned() }].into(),
            percent: Finite::new(60.0).ok_or("finite")?,
        },
        severity: CheckSeverity::Error,
    };
    let first = compiled(vec![accepted([2, 1, 2]), covered.clone()])?;
    let second = compiled(vec![covered.clone(), accepted([1, 2, 1]), covered.clone()])?;
    assert_eq!(first, second);
    assert_eq!(first.checks().len(), 2);
    let json = serde_json::to_string(first.checks())?;
    assert_eq!(serde_json::from_str::<Vec<Check>>(&json)?, first.checks());
    assert_eq!(
        serde_json::to_value(&covered)?,
        serde_json::json!({
            "rule": "coverage", "entity": "m.a", "id": "x",
            "sources": [{"relation": "m.z", "column": "x"}], "percent": 60.0, "severity": "error",
        })
    );
    assert_eq!(covered.to_string(), "coverage m.a in m.z(x) >= 60%");

    let empty =
        Check { rule: CheckRule::Empty { relation: id("b") }, severity: CheckSeverity::Error };
    let told = compiled(vec![empty.clone()]);
    assert_eq!(told, Err(CompileError::UnbuiltCheck { check: Box::new(empty), relation: id("b") }));
    Ok(())
}
