//! Programs by hand, and their tasks run on rows in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::json::ReaderBuilder;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use cpg_ir::catalog::{ExtractorCatalog, ExtractorSignature};
use cpg_ir::expr::{BinaryOp, Expr, Literal};
use cpg_ir::ir::Model;
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::{EvidenceSpec, Relation, RelationId, Spec};
use cpg_ir::types::{Column, ColumnType, RowSchema, SemanticType};
use cpg_plan::fixpoint::reached_bounds;
use cpg_plan::{Input, ProgramPlans, bind, functions, query_planner, schema};
use datafusion::catalog::MemTable;
use datafusion::datasource::provider_as_source;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SessionStateBuilder, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::collect;
use datafusion::prelude::{SessionConfig, SessionContext};

pub fn id(name: &str) -> RelationId {
    RelationId::new("t", name)
}

pub fn row(columns: &[(&str, SemanticType, bool)]) -> RowSchema {
    let columns = columns.iter().map(|(name, semantic, nullable)| Column {
        name: (*name).to_owned(),
        ty: ColumnType { semantic: semantic.clone(), nullable: *nullable },
    });
    RowSchema { columns: columns.collect() }
}

pub fn relation(name: &str, schema: RowSchema, spec: Spec) -> Relation {
    Relation { id: id(name), spec, schema }
}

pub fn evidence(name: &str, schema: RowSchema) -> Relation {
    let spec = EvidenceSpec { extractor: "x".to_owned(), table: name.to_owned() };
    relation(name, schema, Spec::Evidence(spec))
}

pub fn int(value: i64) -> Expr {
    Expr::Literal(Literal::Int(value))
}

pub fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    Expr::Binary { op, left: Box::new(left), right: Box::new(right) }
}

pub fn manifest(relations: Vec<Relation>, exports: &[&str]) -> ProgramManifest {
    let extractor = ExtractorSignature {
        version: 1,
        description: String::new(),
        tables: BTreeMap::new(),
        docs: BTreeMap::new(),
    };
    let catalog = ExtractorCatalog { extractors: [("x".to_owned(), extractor)].into() };
    let exports = exports.iter().map(|name| id(name)).collect();
    let model = Model { relations, exports, docs: BTreeMap::new() };
    ProgramManifest::compile(model, &catalog).expect("the program is complete")
}

pub fn plans(relations: Vec<Relation>, exports: &[&str]) -> ProgramPlans {
    ProgramPlans::new(&manifest(relations, exports)).expect("the program can be planned")
}

/// Runs every task, evidence given as JSON lines by name, and shows the rows of `wanted`, sorted.
pub async fn run(
    plans: &ProgramPlans,
    rows: &[(&str, &str)],
    wanted: &str,
    partitions: usize,
) -> String {
    let context = context(partitions);
    let mut tables: BTreeMap<RelationId, Arc<MemTable>> = BTreeMap::new();
    for (name, json) in rows {
        let planned = plans.relation(&id(name)).expect("the evidence is in the program");
        let schema = schema::arrow_schema(planned.schema());
        let batches = ReaderBuilder::new(Arc::clone(&schema))
            .build(json.as_bytes())
            .expect("the schema can be read")
            .collect::<Result<Vec<RecordBatch>, _>>()
            .expect("the rows fit the schema");
        tables.insert(id(name), table(schema, batches));
    }
    for task in plans.tasks() {
        let plan = plans.inlined(&task.relation).expect("a task has a plan");
        let plan = bind(plan, |input| {
            let table = Arc::clone(tables.get(input).expect("inputs come first"));
            Ok(Input::Table(provider_as_source(table)))
        })
        .expect("tables fit the scans");
        let frame = context.execute_logical_plan(plan).await.expect("the plan is valid");
        let found = Arc::clone(frame.schema().inner());
        let planned = plans.relation(&task.relation).expect("a task's relation is planned");
        let expected = schema::arrow_schema(planned.schema());
        for (found, expected) in found.fields().iter().zip(expected.fields()) {
            assert_eq!((found.name(), found.data_type()), (expected.name(), expected.data_type()));
        }
        assert_eq!(found.fields().len(), expected.fields().len());
        let batches = frame.collect().await.expect("the plan runs");
        tables.insert(task.relation.clone(), table(found, batches));
    }
    let table = Arc::clone(tables.get(&id(wanted)).expect("the relation is kept"));
    let frame = context.read_table(table).expect("a table can be read");
    let batches = frame.collect().await.expect("a table can be read");
    show(&batches)
}

/// The plan of the only task, over evidence given as JSON lines by name.
fn only_task(plans: &ProgramPlans, rows: &[(&str, String)], wanted: &str) -> LogicalPlan {
    let plan = plans.inlined(&id(wanted)).expect("a task has a plan");
    bind(plan, |input| {
        let (_, json) = rows.iter().find(|(name, _)| id(name) == *input).expect("evidence");
        let planned = plans.relation(input).expect("the evidence is in the program");
        let schema = schema::arrow_schema(planned.schema());
        let batches = ReaderBuilder::new(Arc::clone(&schema))
            .build(json.as_bytes())
            .expect("the schema can be read")
            .collect::<Result<Vec<RecordBatch>, _>>()
            .expect("the rows fit the schema");
        Ok(Input::Table(provider_as_source(table(schema, batches))))
    })
    .expect("tables fit the scans")
}

/// The fixpoints that were cut off when a program of one task ran.
pub async fn reached(plans: &ProgramPlans, rows: &[(&str, String)], wanted: &str) -> Vec<String> {
    let context = context(2);
    let plan = only_task(plans, rows, wanted);
    let plan = context.state().create_physical_plan(&plan).await.expect("the plan is valid");
    collect(Arc::clone(&plan), context.task_ctx()).await.expect("the plan runs");
    let reached = reached_bounds(plan.as_ref());
    reached.iter().map(|one| format!("{} after {}", one.fixpoint, one.rounds)).collect()
}

/// The number of rows that a program of one task gives with so much memory.
pub async fn starved(
    plans: &ProgramPlans,
    rows: &[(&str, String)],
    wanted: &str,
    memory_bytes: usize,
) -> Result<usize, String> {
    let context = context(2);
    let runtime = RuntimeEnvBuilder::new().with_memory_limit(memory_bytes, 1.0).build_arc();
    let task = TaskContext::from(&context.state());
    let task = task.with_runtime(runtime.expect("a runtime"));
    let plan = only_task(plans, rows, wanted);
    let plan = context.state().create_physical_plan(&plan).await.expect("the plan is valid");
    let batches = collect(plan, Arc::new(task)).await.map_err(|error| error.to_string())?;
    Ok(batches.iter().map(RecordBatch::num_rows).sum())
}

/// A session as the engine's, with small batches so that every operator sees several.
pub fn context(partitions: usize) -> SessionContext {
    let state = SessionStateBuilder::new()
        .with_config(SessionConfig::new().with_target_partitions(partitions).with_batch_size(2))
        .with_default_features()
        .with_query_planner(query_planner())
        .build();
    let context = SessionContext::new_with_state(state);
    functions::register(&mut *context.state_ref().write()).expect("functions can be registered");
    context
}

/// The rows of a query, sorted.
pub async fn sql(query: &str) -> String {
    let frame = context(2).sql(query).await.unwrap_or_else(|error| panic!("{query}: {error}"));
    show(&frame.collect().await.unwrap_or_else(|error| panic!("{query}: {error}")))
}

/// Rows as lines of values, sorted, so that their order does not matter; nulls show nothing.
pub fn show(batches: &[RecordBatch]) -> String {
    let options = FormatOptions::default();
    let mut lines = Vec::new();
    for batch in batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options).expect("values can be shown"))
            .collect();
        lines.extend((0..batch.num_rows()).map(|row| {
            let cells: Vec<String> =
                columns.iter().map(|column| column.value(row).to_string()).collect();
            cells.join(",")
        }));
    }
    lines.sort();
    lines.join("\n")
}

fn table(schema: arrow::datatypes::SchemaRef, batches: Vec<RecordBatch>) -> Arc<MemTable> {
    Arc::new(MemTable::try_new(schema, vec![batches]).expect("batches have their schema"))
}
