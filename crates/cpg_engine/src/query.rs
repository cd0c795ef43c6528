//! SQL over a published build, read-only.

mod functions;
mod history;
mod names;

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use cpg_ir::manifest::Area;
use cpg_plan::schema::arrow_schema;
use datafusion::catalog::MemorySchemaProvider;
use datafusion::common::DataFusionError;
use datafusion::common::TableReference;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::{SQLOptions, SessionContext};
use futures::StreamExt as _;
use tokio::runtime::Runtime;

use crate::artifact::{self, Artifact, ArtifactKind};
use crate::delta::read;
use crate::error::{EngineError, Result};
use crate::publish;
use crate::published::PublishedTable;
use crate::record::RunRecord;
use crate::resolver;
use crate::root::{Location, Place};
use crate::runtime;
use crate::session::{self, CATALOG, EXTRACT, GRAPH};

use history::History;

/// The schema of the tables about runs.
const HISTORY: &str = "history";

/// The newest published build below an output root, its tables at the versions that belong together.
///
/// Outputs are in the schema `graph`, which is the default one, evidence is in `extract`; an evidence table may also
/// be called by its bare name unless an output has that name. What is known of runs is in `history`: `runs`, `tables` and
/// `artifacts`. Table functions walk the graph: `reachable`, `neighbours` and `paths`.
pub struct PublishedBuild {
    record: RunRecord,
    runs: Place,
    memory_bytes: usize,
    // Declared before the runtime: what runs on it must end first.
    session: SessionContext,
    runtime: Runtime,
}

impl PublishedBuild {
    /// Opens the newest complete build. `threads` and `memory_bytes` bound what queries use.
    ///
    /// # Errors
    /// [`EngineError::NoBuild`] where there is none, [`EngineError::BuildGone`] when a table of it is damaged or gone.
    pub fn open(out: &Location, threads: usize, memory_bytes: usize) -> Result<Self> {
        let no_build = || EngineError::NoBuild { out: out.clone() };
        let root = Place::existing(out)?;
        let record = publish::latest(&resolver::runs(&root))?.ok_or_else(no_build)?;
        let runtime = runtime::start(threads)?;
        let session = session::open(threads, memory_bytes, Some(&std::env::temp_dir()))?;
        root.register(&session);
        register(&session, &root, &record)?;
        functions::register(&session);
        Ok(Self { record, runs: resolver::runs(&root), memory_bytes, session, runtime })
    }

    /// A document that the build left beside its tables.
    ///
    /// # Errors
    /// [`EngineError::BadArtifact`] when it has none of that kind, or a damaged one.
    pub fn artifact<A: Artifact>(&self) -> Result<A> {
        artifact::document_of(&self.runs, &self.record)
    }

    /// The same of a kind that is known only when the program runs.
    ///
    /// # Errors
    /// As [`Self::artifact`].
    pub fn document(&self, kind: ArtifactKind) -> Result<serde_json::Value> {
        artifact::any(&self.runs, kind, &self.record)
    }

    /// The run that `said` means: its name, the beginning of that, or its number.
    ///
    /// # Errors
    /// [`EngineError::UnknownRun`] where it means none, or several.
    pub fn run(&self, said: &str) -> Result<RunRecord> {
        publish::find(&self.runs, said)
    }

    /// What the build consists of.
    pub fn record(&self) -> &RunRecord {
        &self.record
    }

    /// Starts a query; its rows come as they are computed.
    ///
    /// # Errors
    /// [`EngineError::BadQuery`] for what is no valid query over the build, and for every statement that would change
    /// something.
    pub fn sql(&self, sql: &str) -> Result<Rows<'_>> {
        let read_only = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let (session, text) = (self.session.clone(), sql.to_owned());
        // On a thread of the runtime, whose stack is deep enough for any query.
        let started = self.runtime.spawn(async move {
            session.sql_with_options(&text, read_only).await?.execute_stream().await
        });
        let stream = self
            .runtime
            .block_on(started)
            .map_err(|error| EngineError::internal("planning the query", error))?
            .map_err(|error| self.explain(&error))?;
        Ok(Rows { build: self, stream })
    }

    /// What an error of a query means: almost always that the query is wrong.
    fn explain(&self, error: &DataFusionError) -> EngineError {
        match EngineError::execution("the query", self.memory_bytes, error) {
            EngineError::Internal { reason, .. } => {
                let help = names::nearest_to(error, &self.record);
                EngineError::BadQuery { message: reason, help }
            }
            other => other,
        }
    }
}

impl std::fmt::Debug for PublishedBuild {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PublishedBuild").field("record", &self.record).finish_non_exhaustive()
    }
}

/// The rows of a query, batch by batch, as they are computed.
pub struct Rows<'a> {
    build: &'a PublishedBuild,
    stream: SendableRecordBatchStream,
}

impl Rows<'_> {
    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        self.stream.schema()
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.build.runtime.block_on(self.stream.next())?;
        Some(batch.map_err(|error| self.build.explain(&error)))
    }
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("schema", &self.schema()).finish_non_exhaustive()
    }
}

/// Makes the tables of a build known, and nothing else.
fn register(session: &SessionContext, root: &Place, record: &RunRecord) -> Result<()> {
    let failed = |error| EngineError::internal("registering a build's tables", error);
    let catalog = session
        .catalog(CATALOG)
        .ok_or_else(|| EngineError::internal("opening a build", "the session has no catalog"))?;
    catalog.register_schema(EXTRACT, Arc::new(MemorySchemaProvider::new())).map_err(failed)?;
    let history = History::new(resolver::runs(root));
    catalog.register_schema(HISTORY, Arc::new(history)).map_err(failed)?;
    let outputs: Vec<&str> = record
        .tables
        .iter()
        .filter(|table| table.area == Area::Graph)
        .map(|table| table.table.as_str())
        .collect();
    let _seen = root.look().map_err(|error| EngineError::io(root.to_string(), error))?;
    for table in &record.tables {
        let schemas: &[&str] = match table.area {
            Area::Graph => &[GRAPH],
            Area::Extract if outputs.contains(&table.table.as_str()) => &[EXTRACT],
            Area::Extract => &[EXTRACT, GRAPH],
            Area::Stage => continue,
        };
        let PublishedTable { dataset, commit } = PublishedTable::open(root, record, table)?;
        let scanning = read::Scanning::default();
        let provider = read::table(&dataset, arrow_schema(&table.schema), &commit.files, scanning)?;
        for schema in schemas {
            let name = TableReference::full(CATALOG, *schema, table.table.as_str());
            session.register_table(name, Arc::clone(&provider)).map_err(failed)?;
        }
    }
    Ok(())
}
