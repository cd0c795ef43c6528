//! Builds of the standard library's graph, beside what DataFusion alone takes to run the same plans over the same
//! evidence without keeping a row.
//!
//! `CPGLANG_BENCH_SOURCE` names the directory; it is this repository's example where it is not set.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cpg_base::SourceId;
use cpg_engine::{Cancel, RunRecord, RuntimeProfile, Silent};
use cpg_hir::{RootDatabase, Source, module_path};
use cpg_ir::manifest::{Area, ProgramManifest};
use cpg_plan::bind::{Input, bind};
use cpg_plan::schema::arrow_schema;
use cpg_plan::{ProgramPlans, functions, query_planner};
use criterion::{BatchSize, Criterion, SamplingMode, criterion_group, criterion_main};
use datafusion::catalog::TableProvider;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use futures::StreamExt as _;
use tempfile::TempDir;

const THREADS: usize = 2;

fn source() -> PathBuf {
    let example = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/bookshop");
    std::env::var_os("CPGLANG_BENCH_SOURCE").map_or_else(example, PathBuf::from)
}

/// The standard library's program.
fn manifest() -> Arc<ProgramManifest> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
    let mut pending = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).expect("the standard library is there") {
            let path = entry.expect("the standard library is there").path();
            if path.is_dir() {
                pending.push(path);
                continue;
            }
            let relative = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy();
            sources.push(Source {
                id: SourceId::new(&relative),
                module: module_path("std", &relative),
                text: fs::read_to_string(&path).expect("the standard library is text"),
                library: true,
            });
        }
    }
    let functions = cpg_hir::builtin_functions().expect("the catalogue is well-formed");
    let mut db = RootDatabase::new(cpg_evidence::catalog(), functions);
    db.set_sources(sources);
    Arc::new(cpg_hir::compile(&db).expect("the standard library is right").manifest)
}

fn build(manifest: &Arc<ProgramManifest>, out: &Path) -> RunRecord {
    let mut profile = RuntimeProfile::new(source(), out);
    profile.threads = THREADS;
    cpg_engine::build(Arc::clone(manifest), profile, Arc::new(Silent), &Cancel::default())
        .expect("the build succeeds")
        .record
}

/// The data files of a table.
fn files(table: &Path) -> Vec<String> {
    let runs = fs::read_dir(table)
        .expect("the table is there")
        .map(|entry| entry.expect("the table can be listed").path());
    let files =
        runs.filter(|path| path.is_dir() && !path.ends_with("_delta_log")).flat_map(|run| {
            let files = fs::read_dir(run).expect("the run is there");
            files.map(|entry| entry.expect("the run can be listed").path().display().to_string())
        });
    files.collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

/// A session with what programs may call, and nothing of the engine.
fn session() -> SessionContext {
    let state = SessionStateBuilder::new()
        .with_config(SessionConfig::new().with_target_partitions(THREADS))
        .with_default_features()
        .with_query_planner(query_planner())
        .build();
    let context = SessionContext::new_with_state(state);
    functions::register(&mut *context.state_ref().write()).expect("functions can be registered");
    context
}

/// Runs every task's plan over the files of a build in `out`, and gives the number of rows.
async fn run_plans(manifest: &ProgramManifest, plans: &ProgramPlans, out: &Path) -> u64 {
    let session = session();
    let mut count = 0;
    for task in plans.tasks() {
        let mut inputs: BTreeMap<_, Arc<dyn TableProvider>> = BTreeMap::new();
        for id in task.evidence.iter().chain(&task.reads) {
            let binding = manifest.binding(id).expect("every relation is bound");
            let files = files(&out.join(binding.area.folder()).join(&binding.table));
            let schema = arrow_schema(plans.relation(id).expect("it has a plan").schema());
            let provider = if files.is_empty() {
                Arc::new(EmptyTable::new(schema))
            } else {
                let options = ParquetReadOptions::default().schema(&schema);
                session.read_parquet(files, options).await.expect("they are files").into_view()
            };
            inputs.insert(id.clone(), provider);
        }
        let plan = plans.inlined(&task.relation).expect("the task has a plan");
        let plan = bind(plan, |id| Ok(Input::Table(provider_as_source(Arc::clone(&inputs[id])))));
        let frame = session.execute_logical_plan(plan.expect("inputs fit")).await;
        let rows = frame.expect("it can be planned").execute_stream().await;
        let mut rows = rows.expect("it can be run");
        while let Some(batch) = rows.next().await {
            count += batch.expect("it runs").num_rows() as u64;
        }
    }
    count
}

fn builds(criterion: &mut Criterion) {
    let manifest = manifest();
    let plans = ProgramPlans::new(&manifest).expect("the program can be planned");
    let built = folder();
    let record = build(&manifest, built.path());
    let computed = record.tables.iter().filter(|table| table.area != Area::Extract);
    let rows: u64 = computed.map(|table| table.rows).sum();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_stack_size(16 << 20)
        .enable_all()
        .build()
        .expect("threads can be started");

    let alone = || runtime.block_on(run_plans(&manifest, &plans, built.path()));
    assert_eq!(alone(), rows, "both compute the same");

    let mut group = criterion.benchmark_group("build");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("plan", |bencher| {
        bencher.iter(|| ProgramPlans::new(&manifest).expect("the program can be planned"));
    });
    group.bench_function("datafusion_alone", |bencher| {
        bencher.iter(alone);
    });
    group.bench_function("clean", |bencher| {
        bencher.iter_batched_ref(
            folder,
            |out| build(&manifest, out.path()),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("nothing_to_do", |bencher| {
        bencher.iter(|| build(&manifest, built.path()));
    });
    group.finish();
}

criterion_group!(benches, builds);
criterion_main!(benches);
