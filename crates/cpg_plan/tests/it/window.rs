//! `window` and `unnest` on rows, with any number of partitions.

use cpg_ir::expr::{Aggregate, AggregateFunction, Expr, Literal, SortKey};
use cpg_ir::spec::{Arm, OutputColumn, Pipeline, Relation, Spec, Step, ViewSpec};
use cpg_ir::types::{ColumnType, SemanticType};
use cpg_ir::window::{Neighbour, Unnest, Window, WindowColumn, WindowFunction};
use cpg_plan::Granularity;

use super::support::{evidence, id, plans, relation, row, run};

const ROWS: &str = r#"
    {"file_id":1,"n":3,"x":0.1,"s":"b,a,,b"}
    {"file_id":1,"n":1,"x":1e16,"s":""}
    {"file_id":1,"n":3,"x":0.2,"s":"z"}
    {"file_id":1,"n":null,"x":-1e16}
    {"file_id":2,"n":7,"x":0.5,"s":"q,r"}
"#;

fn numbers() -> Relation {
    let columns = [
        ("file_id", SemanticType::FileId, false),
        ("n", SemanticType::Int, true),
        ("x", SemanticType::Float, false),
        ("s", SemanticType::String, true),
    ];
    evidence("numbers", row(&columns))
}

fn column(name: &str) -> Expr {
    Expr::column(0, name)
}

fn view(step: Step, added: &[(&str, SemanticType, bool)]) -> Vec<Relation> {
    let mut columns = vec![
        ("file_id", SemanticType::FileId, false),
        ("n", SemanticType::Int, true),
        ("x", SemanticType::Float, false),
    ];
    columns.extend(added.iter().cloned());
    let schema = row(&columns);
    let selected = schema.columns.iter().map(|kept| OutputColumn {
        name: kept.name.clone(),
        value: column(&kept.name),
        ty: kept.ty.clone(),
    });
    let select = Step::Select { columns: selected.collect() };
    let arm = Arm { from: id("numbers"), steps: vec![step, select] };
    let spec = Spec::View(ViewSpec { pipeline: Pipeline { arms: vec![arm] } });
    vec![numbers(), relation("v", schema, spec)]
}

fn window(
    per: Vec<Expr>,
    by: &[(&str, bool)],
    columns: &[(&str, WindowFunction, SemanticType, bool)],
) -> Vec<Relation> {
    let by =
        by.iter().map(|(name, descending)| SortKey { expr: column(name), descending: *descending });
    let added: Vec<_> = columns
        .iter()
        .map(|(name, _, semantic, nullable)| (*name, semantic.clone(), *nullable))
        .collect();
    let columns = columns.iter().map(|(name, value, semantic, nullable)| WindowColumn {
        name: (*name).to_owned(),
        value: value.clone(),
        ty: ColumnType { semantic: semantic.clone(), nullable: *nullable },
    });
    let window = Window { per, by: by.collect(), columns: columns.collect() };
    view(Step::Window(window), &added)
}

fn aggregate(function: AggregateFunction, arg: Option<&str>) -> WindowFunction {
    WindowFunction::Aggregate(Aggregate { function, args: arg.map(column).into_iter().collect() })
}

async fn rows(relations: Vec<Relation>) -> String {
    let plans = plans(relations, &["v"]);
    let expected = run(&plans, &[("numbers", ROWS)], "v", 1).await;
    for partitions in [2, 5] {
        assert_eq!(run(&plans, &[("numbers", ROWS)], "v", partitions).await, expected);
    }
    expected
}

#[tokio::test]
async fn rows_are_numbered_and_ranked_in_their_order() {
    use SemanticType as S;
    let functions = [
        ("place", WindowFunction::RowNumber, S::Int, false),
        ("rank", WindowFunction::Rank, S::Int, false),
        ("dense", WindowFunction::DenseRank, S::Int, false),
    ];
    let ranked = window(vec![column("file_id")], &[("n", true)], &functions);
    // Of the two rows with 3, the one with the smaller `x` is first; null is last.
    assert_eq!(
        rows(ranked).await,
        "1,,-1e16,4,4,3\n1,1,1e16,3,3,2\n1,3,0.1,1,1,1\n1,3,0.2,2,1,1\n2,7,0.5,1,1,1"
    );
}

#[tokio::test]
async fn rows_see_their_neighbours_and_the_ends_of_their_partition() {
    use SemanticType as S;
    let near = |distance, otherwise| Neighbour { value: column("x"), distance, otherwise };
    let zero = cpg_ir::expr::Finite::new(0.0).map(Literal::Float);
    let functions = [
        ("before", WindowFunction::Lag(near(1, None)), S::Float, true),
        ("behind", WindowFunction::Lead(near(2, zero)), S::Float, false),
        ("first", WindowFunction::FirstValue(column("n")), S::Int, true),
        ("last", WindowFunction::LastValue(column("n")), S::Int, true),
    ];
    let seen = window(vec![column("file_id")], &[("n", false)], &functions);
    assert_eq!(
        rows(seen).await,
        "1,,-1e16,0.2,0.0,1,\n1,1,1e16,,0.2,1,\n1,3,0.1,1e16,-1e16,1,\n1,3,0.2,0.1,0.0,1,\n2,7,0.5,,0.0,7,7"
    );
}

#[tokio::test]
async fn aggregates_grow_exactly_where_there_is_an_order() {
    use SemanticType as S;
    let functions = [
        ("rows", aggregate(AggregateFunction::Count, None), S::Int, false),
        ("total", aggregate(AggregateFunction::Sum, Some("x")), S::Float, false),
        ("mean", aggregate(AggregateFunction::Avg, Some("x")), S::Float, false),
        ("most", aggregate(AggregateFunction::Max, Some("n")), S::Int, true),
    ];
    let growing = window(vec![column("file_id")], &[("n", false)], &functions);
    // Added in this order with rounding, the last sum would be 0.
    assert_eq!(
        rows(growing).await,
        "1,,-1e16,4,0.30000000000000004,0.07500000000000001,3\n1,1,1e16,1,1e16,1e16,1\n1,3,0.1,2,1e16,5000000000000000.0,3\n1,3,0.2,3,1e16,3333333333333333.5,3\n2,7,0.5,1,0.5,0.5,7"
    );
    let whole = window(vec![], &[], &functions);
    let found = rows(whole).await;
    for line in found.lines() {
        assert!(line.ends_with(",5,0.8,0.16,7"), "{found}");
    }
}

#[tokio::test]
async fn a_whole_partition_can_be_collected() {
    let list = SemanticType::List(Box::new(SemanticType::Int));
    let functions = [("all", aggregate(AggregateFunction::Collect, Some("n")), list, true)];
    let collected = window(vec![column("file_id")], &[], &functions);
    assert_eq!(
        rows(collected).await,
        "1,,-1e16,[1, 3]\n1,1,1e16,[1, 3]\n1,3,0.1,[1, 3]\n1,3,0.2,[1, 3]\n2,7,0.5,[7]"
    );
}

#[test]
fn windows_keep_to_files_and_say_where_their_values_come_from() {
    let place = [("place", WindowFunction::RowNumber, SemanticType::Int, false)];
    let fingerprint = |relations| {
        let plans = plans(relations, &["v"]);
        plans.relation(&id("v")).map(|plan| plan.deps().plan_fingerprint)
    };
    let within = || window(vec![column("file_id")], &[("n", false)], &place);
    let planned = plans(within(), &["v"]);
    let plan = planned.relation(&id("v")).expect("it is planned");
    assert_eq!(plan.granularity(), Granularity::FileLocal);
    let across = plans(window(vec![], &[("n", false)], &place), &["v"]);
    let across = across.relation(&id("v")).map(|plan| plan.granularity());
    assert_eq!(across, Some(Granularity::Global));
    assert_eq!(fingerprint(within()), fingerprint(within()));
    let other = window(vec![column("file_id")], &[("n", true)], &place);
    assert_ne!(fingerprint(within()), fingerprint(other));
}

fn unnested(place: Option<&str>) -> Vec<Relation> {
    let parts = Expr::Call {
        function: "string_to_array".to_owned(),
        args: vec![column("s"), Expr::Literal(Literal::String(",".to_owned()))],
    };
    let ty = ColumnType::optional(SemanticType::String);
    let mut added = vec![("part", SemanticType::String, true)];
    added.extend(place.map(|place| (place, SemanticType::Int, false)));
    let place = place.map(str::to_owned);
    view(Step::Unnest(Unnest { list: parts, element: "part".to_owned(), ty, place }), &added)
}

#[tokio::test]
async fn every_element_is_a_row() {
    // A null list and an empty one give no row; an empty text is one part or none, as the function says.
    let found = rows(unnested(Some("at"))).await;
    let expected =
        "1,3,0.1,,3\n1,3,0.1,a,2\n1,3,0.1,b,1\n1,3,0.1,b,4\n1,3,0.2,z,1\n2,7,0.5,q,1\n2,7,0.5,r,2";
    assert_eq!(found, expected);
    let places = |text: &str| -> Vec<String> {
        let cut =
            |line: &str| line.rsplit_once(',').map_or(String::new(), |(rest, _)| rest.to_owned());
        let mut lines: Vec<String> = text.lines().map(cut).collect();
        lines.sort();
        lines
    };
    let plain: Vec<String> = rows(unnested(None)).await.lines().map(str::to_owned).collect();
    assert_eq!(plain, places(expected));
}

#[test]
fn unnesting_is_narrow_local_and_traced() {
    let planned = plans(unnested(None), &["v"]);
    let plan = planned.relation(&id("v")).expect("it is planned");
    assert_eq!(plan.granularity(), Granularity::FileLocal);
    let read: Vec<_> = plan.deps().inputs[&id("numbers")].iter().cloned().collect();
    assert_eq!(read, ["file_id", "n", "s", "x"]);
    let origins = |column: &str| -> Vec<String> {
        plan.lineage().columns[column].iter().map(|origin| origin.column.clone()).collect()
    };
    assert_eq!(origins("part"), ["s"]);
    assert_eq!(origins("n"), ["n"]);
    let rows: Vec<_> = plan.lineage().rows.iter().map(|origin| origin.column.clone()).collect();
    assert_eq!(rows, ["s"]);
}
