//! `relate` on rows: joins, ranks, ties, confidence.

use cpg_ir::expr::{BinaryOp, Expr, Finite, Literal, SpanOp};
use cpg_ir::spec::{Feature, JoinStrategy, Rank, RankKey, RelateSpec, Relation, Spec};
use cpg_ir::types::SemanticType as T;

use super::support::{binary, evidence, id, plans, relation, row, run};

fn number(value: f64) -> Expr {
    Expr::Literal(Literal::Float(Finite::new(value).expect("finite")))
}

fn entities(name: &str) -> Relation {
    let span = ("span", T::Span, true);
    let columns =
        [("id", T::Id(None), false), ("file", T::FileId, false), ("name", T::String, true), span];
    evidence(name, row(&columns))
}

fn relates(on: Vec<Expr>, features: Vec<Feature>, rank: Option<Rank>) -> Vec<Relation> {
    let spec = RelateSpec {
        rule: "out".to_owned(),
        from: id("uses"),
        from_id: "id".to_owned(),
        from_span: None,
        from_path: None,
        to: id("defs"),
        to_id: "id".to_owned(),
        via: vec![],
        on,
        strategy: JoinStrategy::Declared,
        require: vec![],
        score: number(1.0),
        features,
        confidence: number(0.5),
        rank,
        edge: None,
        provider: "test".to_owned(),
    };
    let schema = row(&[
        ("src", T::Id(None), false),
        ("dst", T::Id(None), false),
        ("score", T::Score, false),
        ("confidence", T::Confidence, false),
        ("candidates", T::Int, false),
    ]);
    vec![entities("uses"), entities("defs"), relation("out", schema, Spec::Relate(Box::new(spec)))]
}

fn same(column: &str) -> Expr {
    binary(BinaryOp::Eq, Expr::column(0, column), Expr::column(1, column))
}

fn best_of_each_use(keep: u32) -> Option<Rank> {
    let by = vec![RankKey::Score { descending: true }];
    Some(Rank { per: vec![Expr::column(0, "id")], by, keep: Some(keep) })
}

const USES: &str = r#"{"id":1,"file":7,"name":"f","span":{"start":2,"end":3}}
    {"id":2,"file":8,"name":"f","span":{"start":5,"end":6}}
    {"id":3,"file":7,"name":null,"span":null}"#;
const DEFS: &str = r#"{"id":11,"file":7,"name":"f","span":{"start":0,"end":9}}
    {"id":12,"file":8,"name":"f","span":{"start":0,"end":5}}
    {"id":13,"file":7,"name":null,"span":{"start":0,"end":100}}
    {"id":14,"file":8,"name":"g","span":null}"#;

async fn rows(relations: Vec<Relation>) -> String {
    let plans = plans(relations, &["out"]);
    let evidence = [("uses", USES), ("defs", DEFS)];
    let one = run(&plans, &evidence, "out", 1).await;
    assert_eq!(one, run(&plans, &evidence, "out", 4).await, "partitions change rows");
    one
}

#[tokio::test]
async fn without_rank_every_candidate_stays_and_nulls_match_nothing() {
    let found = rows(relates(vec![same("name")], vec![], None)).await;
    assert_eq!(found, "1,11,1.0,0.5,1\n1,12,1.0,0.5,1\n2,11,1.0,0.5,1\n2,12,1.0,0.5,1");
}

#[tokio::test]
async fn ties_go_to_the_smaller_id_and_ambiguity_lowers_confidence() {
    let found = rows(relates(vec![same("name")], vec![], best_of_each_use(1))).await;
    // 0.5 - 0.2 · (1 - 1/2)
    assert_eq!(found, "1,11,1.0,0.4,2\n2,11,1.0,0.4,2");
}

#[tokio::test]
async fn features_add_to_score_and_confidence() {
    let feature = Feature {
        name: "same_file".to_owned(),
        value: same("file"),
        boolean: true,
        weight: number(2.0),
    };
    let found = rows(relates(vec![same("name")], vec![feature], best_of_each_use(1))).await;
    // 0.5 + 0.1 · 2/2 - 0.2 · (1 - 1/2)
    assert_eq!(found, "1,11,3.0,0.5,2\n2,12,3.0,0.5,2");
}

#[tokio::test]
async fn keep_bounds_each_group() {
    let found = rows(relates(vec![same("name")], vec![], best_of_each_use(2))).await;
    assert_eq!(found.lines().count(), 4, "{found}");
}

#[tokio::test]
async fn spans_of_one_file_join_in_a_sweep_and_a_null_span_never_matches() {
    let within = Expr::SpanCompare {
        op: SpanOp::Within,
        left: Box::new(Expr::column(0, "span")),
        right: Box::new(Expr::column(1, "span")),
    };
    let relations = relates(vec![same("file"), within], vec![], None);
    let planned = plans(relations.clone(), &["out"]);
    let plan = planned.inlined(&id("out")).expect("planned");
    assert!(plan.display_indent().to_string().contains("SpanJoin"), "{}", plan.display_indent());
    assert_eq!(rows(relations).await, "1,11,1.0,0.5,1\n1,13,1.0,0.5,1");
}
