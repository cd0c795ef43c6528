//! A table while its versions become visible.

use cpg_plan::policy::Feature;

use super::survey::Table;
use super::upkeep::Upkeep;
use crate::delta::DataFile;
use crate::delta::commit::NewVersion;
use crate::delta::layout::Layout;
use crate::delta::provenance::Provenance;
use crate::delta::state::Contents;
use crate::error::Result;
use crate::fingerprint::TableKey;
use crate::observer::BuildEvent;
use crate::record::TableRecord;

/// A table that is committed.
pub(super) struct Committed<'a> {
    pub(super) key: &'a TableKey,
    pub(super) table: &'a Table,
    /// The files of its newest version.
    pub(super) files: Vec<DataFile>,
    /// How many of them this run wrote.
    pub(super) created: u64,
    /// What its segments hold.
    pub(super) contents: Contents,
}

/// The files of a version to be.
pub(super) struct Files {
    pub(super) kept: Vec<DataFile>,
    pub(super) written: Vec<DataFile>,
    /// Whether they hold the rows that the version before it has.
    pub(super) rearranged: bool,
}

impl Committed<'_> {
    /// Makes a version of the table that replaces the version `replaces`, and puts its number into the record.
    ///
    /// # Errors
    /// See [`NewVersion::commit`].
    pub(super) async fn commit(
        &self,
        upkeep: &Upkeep<'_>,
        files: Files,
        replaces: Option<u64>,
        record: &mut TableRecord,
    ) -> Result<()> {
        let Self { key, table, contents, .. } = self;
        let docs = match key {
            TableKey::Relation(id) => upkeep.authority.docs(id),
            TableKey::Evidence { .. } => None,
        };
        let version = NewVersion {
            dataset: &table.dataset,
            schema: &table.schema,
            docs,
            layout: &Layout::from(upkeep.decisions.write(key)?),
            kept: files.kept,
            written: files.written,
            rearranged: files.rearranged,
            checkpoints: upkeep.authority.has(Feature::Checkpoints),
            replaces,
            provenance: Provenance {
                task: record.task,
                run: upkeep.id,
                manifest: upkeep.authority.manifest().fingerprint(),
                contents,
                reached: &record.bound_reached,
            },
        }
        .commit()
        .await?;
        record.version = version;
        upkeep.id.as_str().clone_into(&mut record.written_by);
        upkeep.observer.event(BuildEvent::Committed { dataset: &table.dataset, version });
        Ok(())
    }
}
