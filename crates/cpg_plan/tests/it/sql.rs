//! Views in SQL: what they give, what is refused, and that rows alone decide.

use cpg_ir::expr::Expr;
use cpg_ir::spec::{Arm, Pipeline, Relation, Spec, Step, ViewSpec};
use cpg_ir::sql::{SqlPlanner, SqlProblemKind, SqlSpec};
use cpg_ir::types::{ColumnType, PhysicalType, SemanticType};
use cpg_plan::{Granularity, Sql};

use super::support::{binary, evidence, id, int, plans, relation, row, run};

const CALLS: &str = r#"
    {"file_id":1,"callee":"f","n":3,"x":0.1}
    {"file_id":1,"callee":"g","n":1,"x":1e16}
    {"file_id":2,"callee":"f","n":3,"x":0.2}
    {"file_id":2,"callee":null,"n":3,"x":-1e16}
"#;

fn calls() -> Relation {
    let columns = [
        ("file_id", SemanticType::FileId, false),
        ("callee", SemanticType::Symbol, true),
        ("n", SemanticType::Int, false),
        ("x", SemanticType::Float, false),
    ];
    evidence("calls", row(&columns))
}

/// A view in SQL over `calls`, with the row that planning it gives.
fn view(query: &str) -> Relation {
    let read = Sql.read(query).unwrap_or_else(|problem| panic!("{query}: {problem:?}"));
    assert!(read.relations.iter().all(|relation| relation.name == "calls"));
    let columns =
        Sql.row(query, &[calls().schema]).unwrap_or_else(|problem| panic!("{query}: {problem:?}"));
    let mut schema = row(&[]);
    for column in columns {
        let semantic = match column.physical {
            PhysicalType::Int64 => SemanticType::Int,
            PhysicalType::Float64 => SemanticType::Float,
            PhysicalType::Bool => SemanticType::Bool,
            _ => SemanticType::String,
        };
        let ty = ColumnType { semantic, nullable: column.nullable };
        schema.columns.push(cpg_ir::types::Column { name: column.name, ty });
    }
    let spec = SqlSpec { query: read.canonical, inputs: vec![id("calls")] };
    relation("v", schema, Spec::Sql(spec))
}

async fn rows(query: &str) -> String {
    let plans = plans(vec![calls(), view(query)], &["v"]);
    let expected = run(&plans, &[("calls", CALLS)], "v", 1).await;
    assert_eq!(run(&plans, &[("calls", CALLS)], "v", 4).await, expected, "{query}");
    expected
}

#[tokio::test]
async fn queries_give_rows() {
    for (query, expected) in [
        ("select callee, count(*) as n from calls group by callee", ",1\nf,2\ng,1"),
        ("select distinct n from calls where callee like 'f%' or callee is null", "3"),
        ("select sum(x) as s, avg(n) as m from calls", "0.30000000000000004,2.5"),
        ("select Upper(callee) as name from calls c where c.n between 1 and 2", "G"),
        (
            "with fs as (select * from calls where callee = 'f') \
             select a.file_id as a, b.file_id as b from fs a join fs b on a.n = b.n and a.file_id < b.file_id",
            "1,2",
        ),
        ("select n from calls union all select 7 * n from calls where n = 1", "1\n3\n3\n3\n7"),
        ("select callee || '!' as loud from calls order by n, x desc limit 2", "\nf!\ng!"),
        ("select x from calls order by n desc limit 1 offset 1", "0.1"),
        (
            "select callee, row_number() over (order by n) as place, rank() over (order by n) as rank from calls",
            ",4,2\nf,2,2\nf,3,2\ng,1,1",
        ),
    ] {
        let expected = expected.strip_prefix('\n').unwrap_or(expected);
        if query.contains("loud") {
            assert_eq!(rows(query).await.lines().count(), 2, "{query}");
            continue;
        }
        assert_eq!(rows(query).await, expected, "{query}");
    }
}

#[test]
fn a_column_that_is_copied_is_told() {
    let query = "select c.callee, s.n as m, n + 1 as more from calls c join (select n from calls) s using (n)";
    let columns = Sql.row(query, &[calls().schema]).expect("it is a query");
    let told: Vec<_> = columns
        .iter()
        .map(|column| (column.name.as_str(), column.nullable, column.copies.clone()))
        .collect();
    assert_eq!(
        told,
        [
            ("callee", true, Some((0, "callee".to_owned()))),
            ("m", false, Some((0, "n".to_owned()))),
            ("more", false, None),
        ]
    );
}

#[test]
fn what_looks_elsewhere_is_refused() {
    for query in [
        "select * from calls limit 1",
        "select * from (select n from calls limit 3)",
        "insert into calls values (1)",
        "create table t as select * from calls",
        "copy calls to 'x.parquet'",
        "select * from calls; drop table calls",
        "select * from read_parquet('x.parquet')",
        "select n from calls where n in (select n from calls)",
        "select (select max(n) from calls) as m from calls",
        "select a.n from calls a right join calls b on a.n = b.n",
        "with recursive t as (select n from calls) select * from t",
        "select * from calls tablesample (10)",
        "select distinct on (n) n, x from calls",
        "select 1 as one",
        "select cast(callee as date) as d from calls",
        "select count(distinct n) over (partition by callee) as d from calls",
    ] {
        let problem = Sql.read(query).and_then(|read| {
            let rows: Vec<_> = read.relations.iter().map(|_| calls().schema).collect();
            Sql.row(query, &rows).map(|_| ())
        });
        let kind = problem.err().map(|problem| problem.kind);
        assert_eq!(kind, Some(SqlProblemKind::Refused), "{query}");
    }
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    for (query, at, said) in [
        ("select n frm\n calls", "calls", "expected"),
        ("select calee from calls", "calee", "calee"),
        ("select now() as t from calls", "now", "now"),
        ("select random() as t from calls", "random", "random"),
        ("select n + callee from calls", "", ""),
        ("select count(*) from calls", "", "has no name"),
    ] {
        let problem = Sql
            .read(query)
            .and_then(|_| Sql.row(query, &[calls().schema]))
            .err()
            .unwrap_or_else(|| panic!("{query} is right"));
        assert_eq!(problem.kind, SqlProblemKind::Wrong, "{query}: {problem:?}");
        assert!(problem.message.contains(said), "{query}: {problem:?}");
        if let Some(range) = problem.range.filter(|_| !at.is_empty()) {
            assert!(query[range.start..].starts_with(at), "{query}: {range:?}");
        }
    }
}

#[test]
fn names_and_blanks_do_not_change_what_is_computed() {
    let fingerprint = |query: &str| {
        let plans = plans(vec![calls(), view(query)], &["v"]);
        plans.relation(&id("v")).map(|plan| plan.deps().plan_fingerprint)
    };
    let one = fingerprint("select callee, n from calls where n > 1");
    assert_eq!(one, fingerprint("SELECT c.callee, c.n -- so\nFROM calls AS c WHERE (c.n > 1)"));
    assert_ne!(one, fingerprint("select callee, n from calls where n > 2"));
    // What a query reads of a relation is what is kept of it.
    let plans = plans(vec![calls(), view("select n from calls where x > 0")], &["v"]);
    let read = &plans.relation(&id("v")).expect("it is planned").deps().inputs[&id("calls")];
    assert_eq!(read.iter().map(String::as_str).collect::<Vec<_>>(), ["n", "x"]);
}

#[test]
fn a_query_by_file_is_local_to_files() {
    let schema = row(&[("file_id", SemanticType::FileId, false), ("n", SemanticType::Int, false)]);
    let query = "select file_id, count(*) as n from calls group by file_id";
    let canonical = Sql.read(query).expect("it is a query").canonical;
    let spec = Spec::Sql(SqlSpec { query: canonical, inputs: vec![id("calls")] });
    let above = binary(cpg_ir::expr::BinaryOp::Gt, Expr::column(0, "n"), int(1));
    let arm = Arm { from: id("v"), steps: vec![Step::Where { predicate: above }] };
    let filtered = Spec::View(ViewSpec { pipeline: Pipeline { arms: vec![arm] } });
    let plans = plans(
        vec![calls(), relation("v", schema.clone(), spec), relation("w", schema, filtered)],
        &["w"],
    );
    let granularity = |name: &str| plans.relation(&id(name)).map(|plan| plan.granularity());
    assert_eq!(granularity("v"), Some(Granularity::FileLocal));
    assert_eq!(granularity("w"), Some(Granularity::FileLocal));
}

#[test]
fn endless_chains_are_told_and_not_walked_into() {
    let long = vec!["n"; 9_000].join("+");
    let query = format!("select {long} as n from calls");
    let problem = Sql.read(&query).and_then(|_| Sql.row(&query, &[calls().schema]).map(|_| ()));
    assert!(problem.is_err_and(|problem| problem.message.contains("nested")));
}
