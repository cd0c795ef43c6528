//! How long recursion takes over a million facts: transitive closure as a fixpoint, as a `closure` and as DataFusion's
//! and DuckDB's recursive queries; and a points-to program, of which a recursive query can say nothing, since two relations need each
//! other and one of them reads the other twice.
//!
//! - Closure: chains of ten steps; from a million steps follow five and a half million pairs.
//! - Points-to: modules of a thousand facts: allocations, assignments, and stores to and loads from fields.
//!
//! Run it with `cargo bench -p cpg_plan --bench recursion`; `RECURSION_FACTS` says how many facts there are. DuckDB is the one
//! that `cargo xtask readers` installs; without it, its line is left out.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use cpg_ir::catalog::{ExtractorCatalog, ExtractorSignature};
use cpg_ir::expr::{BinaryOp, Expr};
use cpg_ir::ir::Model;
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::{
    Arm, ClosureSpec, EvidenceSpec, FixpointMember, FixpointSpec, JoinKind, MemberSpec,
    OutputColumn, Pipeline, Relation, RelationId, Spec, Step,
};
use cpg_ir::types::{Column, ColumnType, RowSchema, SemanticType};
use cpg_plan::{Input, ProgramPlans, bind, query_planner, schema};
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::displayable;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;

type Error = Box<dyn std::error::Error>;
type Facts = BTreeMap<&'static str, Vec<(i64, i64)>>;

const RUNS: usize = 3;
const THREADS: usize = 2;

/// The pairs that steps reach.
const REACH: &str = "with recursive reach as (select a, b from step
    union select reach.a, step.b from reach join step on reach.b = step.a)";

/// Makes the steps of [`chains`], and prints the median time of a query that counts its rows, and how many these are.
const DUCKDB: &str = r#"
import sys, time
import duckdb

facts, runs, threads, reach = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
connection = duckdb.connect(config={"threads": threads})
made = "create table step as select i // 10 * 11 + i % 10 as a, a + 1 as b from range(?) t(i)"
connection.execute(made, [facts])
times = []
for _ in range(runs):
    begun = time.perf_counter()
    rows = connection.execute(f"{reach} select count(*) from reach").fetchone()[0]
    times.append(time.perf_counter() - begun)
print(sorted(times)[runs // 2], rows)
"#;

fn id(name: &str) -> RelationId {
    RelationId::new("b", name)
}

fn row(names: &[&str]) -> RowSchema {
    let ty = ColumnType::required(SemanticType::Int);
    let column = |name: &&str| Column { name: (*name).to_owned(), ty: ty.clone() };
    RowSchema { columns: names.iter().map(column).collect() }
}

/// `from FROM join … select { a, b }`, each join with the row source and columns that must be equal.
fn arm(from: &str, joins: &[(&str, (u32, &str), &str)], a: (u32, &str), b: (u32, &str)) -> Arm {
    let mut steps = Vec::new();
    for (number, (relation, (source, left), right)) in (1_u32..).zip(joins) {
        let on = Expr::Binary {
            op: BinaryOp::Eq,
            left: Box::new(Expr::column(*source, *left)),
            right: Box::new(Expr::column(number, *right)),
        };
        steps.push(Step::Join { join: JoinKind::Inner, relation: id(relation), on: vec![on] });
    }
    let ty = ColumnType::required(SemanticType::Int);
    let column = |name: &str, (source, of): (u32, &str)| OutputColumn {
        name: name.to_owned(),
        value: Expr::column(source, of),
        ty: ty.clone(),
    };
    steps.push(Step::Select { columns: vec![column("a", a), column("b", b)] });
    Arm { from: id(from), steps }
}

/// A program of evidence of pairs and further relations, of which one is exported.
fn planned(
    facts: &Facts,
    mut relations: Vec<Relation>,
    output: &str,
) -> Result<LogicalPlan, Error> {
    for (name, pairs) in facts {
        let spec = EvidenceSpec { extractor: "x".to_owned(), table: (*name).to_owned() };
        let schema = row(&["a", "b"]);
        relations.push(Relation { id: id(name), spec: Spec::Evidence(spec), schema });
        assert!(!pairs.is_empty(), "no facts of {name}");
    }
    let signature = ExtractorSignature {
        version: 1,
        description: String::new(),
        tables: BTreeMap::new(),
        docs: BTreeMap::new(),
    };
    let catalog = ExtractorCatalog { extractors: [("x".to_owned(), signature)].into() };
    let model = Model { relations, exports: [id(output)].into(), docs: BTreeMap::new() };
    let manifest = ProgramManifest::compile(model, &catalog)?;
    let plans = ProgramPlans::new(&manifest)?;
    let plan = plans.inlined(&id(output))?;
    Ok(bind(plan, |input| {
        let pairs = facts.get(input.name()).map(Vec::as_slice).unwrap_or_default();
        Ok(Input::Table(provider_as_source(table(pairs)?)))
    })?)
}

fn table(pairs: &[(i64, i64)]) -> Result<Arc<MemTable>, DataFusionError> {
    let schema = schema::arrow_schema(&row(&["a", "b"]));
    let batch = |pairs: &[(i64, i64)]| {
        let a: ArrayRef = Arc::new(Int64Array::from_iter_values(pairs.iter().map(|pair| pair.0)));
        let b: ArrayRef = Arc::new(Int64Array::from_iter_values(pairs.iter().map(|pair| pair.1)));
        RecordBatch::try_new(Arc::clone(&schema), vec![a, b])
    };
    let batches = pairs.chunks(8192).map(batch).collect::<Result<_, _>>()?;
    Ok(Arc::new(MemTable::try_new(schema, vec![batches])?))
}

fn fixpoint(views: Vec<(&str, Vec<Arm>)>) -> Vec<Relation> {
    let schema = row(&["a", "b"]);
    let members = views.iter().map(|(name, arms)| FixpointMember {
        id: id(name),
        pipeline: Pipeline { arms: arms.clone() },
        schema: schema.clone(),
    });
    let spec = FixpointSpec { bound: 100_000, members: members.collect() };
    let mut relations =
        vec![Relation { id: id("block"), schema: spec.row(), spec: Spec::Fixpoint(spec) }];
    relations.extend(views.iter().map(|(name, _)| Relation {
        id: id(name),
        spec: Spec::Member(MemberSpec { block: id("block") }),
        schema: schema.clone(),
    }));
    relations
}

fn chains(facts: i64) -> Facts {
    let step = |at: i64| (at / 10 * 11 + at % 10, at / 10 * 11 + at % 10 + 1);
    Facts::from([("step", (0..facts).map(step).collect())])
}

/// Variables, objects and fields of modules that share none.
fn heap(facts: i64) -> Facts {
    let mut state = 7_u64;
    let mut random = |below: i64| {
        // The multiplier and increment of Knuth's MMIX generator.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % below as u64) as i64
    };
    let mut heap = Facts::new();
    for at in 0..facts {
        let module = at / 1000 * 1000;
        let mut variable = || module + random(900);
        let (kind, pair) = match at % 10 {
            0 | 1 => ("new", (variable(), at)),
            2..=7 => ("assign", (variable(), variable())),
            8 => ("store", (variable(), variable())),
            _ => ("load", (variable(), variable())),
        };
        heap.entry(kind).or_default().push(pair);
    }
    heap
}

async fn measure(name: &str, session: &SessionContext, plan: &LogicalPlan) -> Result<(), Error> {
    let mut times = Vec::new();
    let mut rows = 0;
    for _ in 0..RUNS {
        let begun = Instant::now();
        let frame = session.execute_logical_plan(plan.clone()).await?;
        let context = Arc::new(frame.task_ctx());
        let operators = frame.create_physical_plan().await?;
        let mut batches =
            datafusion::physical_plan::execute_stream(Arc::clone(&operators), context)?;
        rows = 0;
        while let Some(batch) = batches.next().await {
            rows += batch?.num_rows();
        }
        times.push(begun.elapsed().as_secs_f64());
        if std::env::var_os("RECURSION_EXPLAIN").is_some() {
            let shown = displayable(operators.as_ref()).indent(true).to_string();
            writeln!(std::io::stdout(), "{shown}")?;
        }
    }
    times.sort_by(f64::total_cmp);
    say(name, times[RUNS / 2], rows)
}

fn say(name: &str, seconds: f64, rows: usize) -> Result<(), Error> {
    writeln!(std::io::stdout(), "{name:<34} {seconds:>7.2} s {rows:>12} rows")?;
    Ok(())
}

/// The same closure by DuckDB, in a process of its own.
fn measure_duckdb(name: &str, facts: i64) -> Result<(), Error> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let python = target.map(|target| target.join("readers/bin/python"));
    let Some(python) = python.filter(|python| python.is_file()) else {
        writeln!(std::io::stdout(), "{name:<34} left out: `cargo xtask readers` was not run")?;
        return Ok(());
    };
    let numbers = [facts.to_string(), RUNS.to_string(), THREADS.to_string()];
    let output = Command::new(python).args(["-c", DUCKDB]).args(numbers).arg(REACH).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let told = String::from_utf8(output.stdout)?;
    let (seconds, rows) = told.trim().split_once(' ').ok_or("a time and a number of rows")?;
    say(name, seconds.parse()?, rows.parse()?)
}

fn session() -> SessionContext {
    let mut config = SessionConfig::new().with_target_partitions(THREADS);
    config.options_mut().optimizer.enable_dynamic_filter_pushdown = false;
    config.options_mut().optimizer.enable_join_dynamic_filter_pushdown = false;
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(config)
        .with_query_planner(query_planner())
        .build();
    SessionContext::new_with_state(state)
}

async fn run() -> Result<(), Error> {
    let facts = std::env::var("RECURSION_FACTS").ok().map_or(Ok(1_000_000), |n| n.parse())?;
    let session = session();

    let steps = chains(facts);
    let linear = vec![
        arm("step", &[], (0, "a"), (0, "b")),
        arm("reach", &[("step", (0, "b"), "a")], (0, "a"), (1, "b")),
    ];
    let doubling = vec![
        arm("step", &[], (0, "a"), (0, "b")),
        arm("reach", &[("reach", (0, "b"), "a")], (0, "a"), (1, "b")),
    ];
    let closure = Relation {
        id: id("reach"),
        spec: Spec::Closure(ClosureSpec {
            source: id("step"),
            filter: None,
            from: "a".to_owned(),
            to: "b".to_owned(),
            depth: None,
        }),
        schema: row(&["a", "b", "depth"]),
    };
    let plan = planned(&steps, fixpoint(vec![("reach", linear)]), "reach")?;
    measure("closure: fixpoint", &session, &plan).await?;
    let plan = planned(&steps, fixpoint(vec![("reach", doubling)]), "reach")?;
    measure("closure: fixpoint, joins itself", &session, &plan).await?;
    let plan = planned(&steps, vec![closure], "reach")?;
    measure("closure: closure", &session, &plan).await?;
    session.register_table("step", table(&steps["step"])?)?;
    let plan = session.state().create_logical_plan(&format!("{REACH} select * from reach")).await?;
    measure("closure: recursive query", &session, &plan).await?;
    measure_duckdb("closure: DuckDB's recursive query", facts)?;

    let heap = heap(facts);
    let points = vec![
        arm("new", &[], (0, "a"), (0, "b")),
        arm("assign", &[("points", (0, "b"), "a")], (0, "a"), (1, "b")),
        // a = *b: what the objects that b may be hold.
        arm("load", &[("points", (0, "b"), "a"), ("holds", (1, "b"), "a")], (0, "a"), (2, "b")),
    ];
    let holds = vec![
        // *a = b.
        arm("store", &[("points", (0, "a"), "a"), ("points", (0, "b"), "a")], (1, "b"), (2, "b")),
    ];
    let views = fixpoint(vec![("points", points), ("holds", holds)]);
    let plan = planned(&heap, views, "points")?;
    measure("points-to: fixpoint", &session, &plan).await?;
    Ok(())
}

fn main() -> Result<(), Error> {
    // What `cargo test --benches` runs it for is that it compiles and works.
    tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).build()?.block_on(run())
}
