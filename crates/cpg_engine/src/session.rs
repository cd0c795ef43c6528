//! The query engine's session: its memory, its disk, its functions, its operators.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::error::{EngineError, Result};

/// How many of the largest consumers an out-of-memory report names.
const REPORTED_CONSUMERS: NonZeroUsize = NonZeroUsize::new(3).expect("not zero");

/// The catalog and the default schema of a session, which holds the outputs; evidence is in [`EXTRACT`].
pub(crate) const CATALOG: &str = "cpglang";
/// See [`CATALOG`].
pub(crate) const GRAPH: &str = "graph";
/// See [`CATALOG`].
pub(crate) const EXTRACT: &str = "extract";

/// A session with our functions and operators that uses `threads` threads and `memory_bytes` bytes, and spills
/// to files below `spill`, if that is given.
///
/// # Errors
/// When a function cannot be registered, which would be a defect.
pub(crate) fn open(
    threads: usize,
    memory_bytes: usize,
    spill: Option<&Path>,
) -> Result<SessionContext> {
    let failed = |error| EngineError::internal("opening a session", error);
    let pool = TrackConsumersPool::new(FairSpillPool::new(memory_bytes), REPORTED_CONSUMERS);
    let disk = DiskManagerBuilder::default().with_mode(match spill {
        Some(folder) => DiskManagerMode::Directories(vec![folder.to_owned()]),
        None => DiskManagerMode::Disabled,
    });
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(pool))
        .with_disk_manager_builder(disk)
        .build_arc()
        .map_err(failed)?;
    let state = SessionStateBuilder::new()
        .with_config(config(threads))
        .with_runtime_env(runtime)
        .with_default_features()
        .with_query_planner(cpg_plan::query_planner())
        .build();
    let context = SessionContext::new_with_state(state);
    cpg_plan::functions::register(&mut *context.state_ref().write()).map_err(failed)?;
    Ok(context)
}

/// A session's functions, with their versions; those of which there is none are the query engine's own.
pub(crate) fn functions(session: &SessionContext) -> BTreeMap<String, Option<String>> {
    let state = session.state();
    let names = (state.scalar_functions().keys())
        .chain(state.aggregate_functions().keys())
        .chain(state.window_functions().keys());
    names
        .map(|name| (name.clone(), cpg_plan::functions::version(name).map(str::to_owned)))
        .collect()
}

fn config(threads: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(threads.max(1))
        .with_create_default_catalog_and_schema(true)
        .with_default_catalog_and_schema(CATALOG, GRAPH)
        .with_information_schema(true)
        .with_batch_size(8192);
    let options = config.options_mut();
    // Each scan says by itself whether it prunes and filters; what is on here could not be turned off there.
    options.execution.parquet.schema_force_view_types = false;
    options.execution.parquet.pushdown_filters = false;
    // Filters that one operator hands to another while both run have cost rows: docs/decisions/no-dynamic-filters.md.
    options.optimizer.enable_dynamic_filter_pushdown = false;
    options.optimizer.enable_join_dynamic_filter_pushdown = false;
    options.optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    options.optimizer.enable_topk_dynamic_filter_pushdown = false;
    // Names are what programs say they are.
    options.sql_parser.enable_ident_normalization = true;
    config
}
