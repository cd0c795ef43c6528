//! Making written files the newest version of their table.

use std::collections::{HashMap, HashSet};

use arrow::datatypes::{Field, Schema, SchemaRef};
use cpg_ir::ir::RelationDocs;
use cpg_plan::signals::Protocol;
use deltalake::DeltaTable;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties, TableReference};
use deltalake::kernel::{Action, Metadata, MetadataExt, StructType};
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::{DeltaOperation, SaveMode};

use super::layout::Layout;
use super::provenance::Provenance;
use super::state::{self, TableState};
use super::{DataFile, protocol};
use crate::error::{EngineError, Result};
use crate::resolver::Dataset;

/// A version to be: everything but its number.
pub(crate) struct NewVersion<'a> {
    /// Which table.
    pub(crate) dataset: &'a Dataset,
    /// Its rows' schema.
    pub(crate) schema: &'a SchemaRef,
    /// What readers should know of it.
    pub(crate) docs: Option<&'a RelationDocs>,
    /// How its files are.
    pub(crate) layout: &'a Layout,
    /// Files of the version before that it keeps.
    pub(crate) kept: Vec<DataFile>,
    /// Its new files.
    pub(crate) written: Vec<DataFile>,
    /// Whether it has the rows that the version before it has, in other files.
    pub(crate) rearranged: bool,
    /// Whether the log may be summed up.
    pub(crate) checkpoints: bool,
    /// The version that this one replaces, as it was when the build began.
    pub(crate) replaces: Option<u64>,
    /// Where it comes from.
    pub(crate) provenance: Provenance<'a>,
}

impl NewVersion<'_> {
    /// Commits: the table has exactly the kept and the written files from now on. Returns the version's number.
    ///
    /// # Errors
    /// [`EngineError::ForeignTable`] when something else committed since the build began, and what storage says.
    pub(crate) async fn commit(self) -> Result<u64> {
        let what = format!("committing `{}`", self.dataset);
        let delta = |error| EngineError::delta(&what, &error);
        let schema = self.kernel_schema()?;
        let properties = self.provenance.properties(self.checkpoints)?;
        match (self.replaces, state::newest(self.dataset)?) {
            (None, TableState::Absent) => self.create(schema, properties).await.map_err(delta),
            (Some(expected), TableState::Ours(commit)) if commit.version == expected => {
                let table = self.dataset.load(None).await.map_err(delta)?;
                if let Protocol::Incompatible { features } = protocol::of_writer(&table) {
                    let reason = format!("its writers must know {}", features.join(", "));
                    return Err(EngineError::storage(what, reason));
                }
                self.replace(&table, &schema, properties).await.map_err(delta)
            }
            (_, TableState::Foreign { version, operation }) => {
                Err(self.foreign(version, operation))
            }
            (_, TableState::Ours(commit)) => {
                Err(self.foreign(commit.version, format!("run {}", commit.run)))
            }
            (Some(version), TableState::Absent) => {
                Err(self.foreign(version, "the table was removed".to_owned()))
            }
        }
    }

    fn foreign(&self, version: u64, operation: String) -> EngineError {
        EngineError::ForeignTable { table: self.dataset.to_string(), version, operation }
    }

    async fn create(
        self,
        schema: StructType,
        properties: CommitProperties,
    ) -> deltalake::DeltaResult<u64> {
        let log_store = self.dataset.unread()?.log_store();
        let mut builder = CreateBuilder::new()
            .with_log_store(log_store)
            .with_save_mode(SaveMode::ErrorIfExists)
            .with_table_name(self.dataset.table())
            .with_columns(schema.fields().cloned())
            .with_partition_columns(self.layout.partition.clone())
            .with_configuration(self.layout.properties())
            .with_actions(self.written.into_iter().map(|file| Action::Add(file.into_add(true))))
            .with_commit_properties(properties);
        if let Some(docs) = self.docs.filter(|docs| !docs.text.is_empty()) {
            builder = builder.with_comment(&docs.text);
        }
        Ok(builder.await?.version().unwrap_or_default())
    }

    async fn replace(
        self,
        table: &DeltaTable,
        schema: &StructType,
        properties: CommitProperties,
    ) -> deltalake::DeltaResult<u64> {
        let state = table.snapshot()?;
        let mut actions = Vec::new();
        let description = self.docs.map(|docs| docs.text.as_str()).unwrap_or_default();
        let before = state.metadata();
        let metadata = before.clone().with_schema(schema)?;
        let metadata = self.laid_out(metadata.with_description(description.to_owned())?)?;
        let same = state.schema().as_ref() == schema
            && before.description().unwrap_or_default() == description
            && before.partition_columns() == metadata.partition_columns()
            && before.configuration() == metadata.configuration();
        if !same {
            actions.push(Action::Metadata(metadata));
        }
        if self.layout.change_feed
            && let Some(protocol) = protocol::with_change_feed(state.protocol())?
        {
            actions.push(Action::Protocol(protocol));
        }
        let changes = !self.rearranged;
        let partition_by =
            Some(self.layout.partition.clone()).filter(|columns| !columns.is_empty());
        let kept: HashSet<&str> = self.kept.iter().map(DataFile::path).collect();
        let before = state.log_data();
        let removed = before.iter().map(|file| file.remove_action(changes));
        let removed = removed.filter(|file| !kept.contains(file.path.as_str()));
        actions.extend(removed.map(Action::Remove));
        actions.extend(self.kept.into_iter().map(|file| Action::Add(file.into_add(false))));
        actions.extend(self.written.into_iter().map(|file| Action::Add(file.into_add(changes))));
        let operation =
            DeltaOperation::Write { mode: SaveMode::Overwrite, partition_by, predicate: None };
        let reference: &dyn TableReference = state;
        let commit = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(reference), table.log_store(), operation)
            .await?;
        Ok(commit.version())
    }

    /// The metadata with the table's partition columns and properties.
    fn laid_out(&self, metadata: Metadata) -> deltalake::DeltaResult<Metadata> {
        let mut metadata = metadata;
        for (key, value) in self.layout.properties() {
            metadata = match value {
                Some(value) => metadata.add_config_key(key.to_owned(), value)?,
                None => metadata.remove_config_key(key)?,
            };
        }
        // Nothing else can say by what a table is partitioned once it is there.
        let mut json = serde_json::to_value(&metadata)?;
        json["partitionColumns"] = self.layout.partition.clone().into();
        Ok(serde_json::from_value(json)?)
    }

    /// The schema as Delta says it, columns with their comments.
    fn kernel_schema(&self) -> Result<StructType> {
        let comment = |name: &str| self.docs.and_then(|docs| docs.columns.get(name));
        let fields: Vec<Field> = self
            .schema
            .fields()
            .iter()
            .map(|field| match comment(field.name()) {
                Some(text) => field
                    .as_ref()
                    .clone()
                    .with_metadata(HashMap::from([("comment".to_owned(), text.clone())])),
                None => field.as_ref().clone(),
            })
            .collect();
        (&Schema::new(fields)).try_into_kernel().map_err(|error| {
            EngineError::internal(format!("the schema of `{}`", self.dataset), error)
        })
    }
}
