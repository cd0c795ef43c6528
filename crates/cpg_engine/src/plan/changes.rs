//! How a program differs from the one that the build before ran.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::compare::parts_that_differ;
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::RelationId;
use cpg_ir::types::RowSchema;
use cpg_plan::ProgramPlans;
use cpg_plan::signals::PlanSignals;
use serde_json::Value;

use crate::artifact;
use crate::error::Result;
use crate::fingerprint::TableKey;
use crate::record::{ManifestDocument, RunRecord};
use crate::root::Place;

/// How many parts of a relation that changed are named.
const SHOWN: usize = 3;

/// What the build before left.
pub(crate) struct Before {
    run: String,
    signals: BTreeMap<TableKey, PlanSignals>,
    relations: BTreeMap<String, Value>,
    extractors: Value,
}

impl Before {
    pub(crate) fn read(runs: &Place, record: &RunRecord) -> Result<Self> {
        let signals = artifact::document_of::<Vec<PlanSignals>>(runs, record)?;
        let manifest = artifact::document_of::<ManifestDocument>(runs, record)?.manifest;
        let part = |name: &str| manifest.get(name).cloned().unwrap_or_default();
        let relations = part("ir")["relations"].as_array().cloned().unwrap_or_default().into_iter();
        let named = relations.filter_map(|one| Some((one.get("id")?.as_str()?.to_owned(), one)));
        Ok(Self {
            run: record.run.clone(),
            signals: signals.into_iter().map(|one| (one.table.clone(), one)).collect(),
            relations: named.collect(),
            extractors: part("extractors"),
        })
    }

    /// Whether an extractor gives other rows now.
    pub(crate) fn extractor(&self, manifest: &ProgramManifest, extractor: &str) -> Option<String> {
        let now = manifest.extractors().get(extractor)?;
        let before = self.extractors.get(extractor)?.as_u64()?;
        (before != u64::from(*now))
            .then(|| format!("version {now} of `{extractor}` gives other rows than {before}"))
    }

    /// Which columns came or went.
    pub(crate) fn columns(&self, table: &TableKey, row: &RowSchema) -> Option<String> {
        let before = &self.signals.get(table)?.schema;
        let said =
            [("new", row.names_beyond(before)), ("not read any more", before.names_beyond(row))];
        let said: Vec<String> = said
            .into_iter()
            .filter(|(_, columns)| !columns.is_empty())
            .map(|(what, columns)| format!("{what}: `{}`", columns.join("`, `")))
            .collect();
        (!said.is_empty()).then(|| format!("its columns change; {}", said.join("; ")))
    }

    /// Which of these relations mean something else now, and in what.
    pub(crate) fn meaning(
        &self,
        manifest: &ProgramManifest,
        relations: &BTreeSet<RelationId>,
    ) -> Vec<String> {
        let changed = |id: &RelationId| {
            let now = serde_json::to_value(manifest.ir().relation(id)?).ok()?;
            let Some(before) = self.relations.get(id.as_str()) else {
                return Some(format!("`{id}` is new since {}", self.run));
            };
            let mut parts = parts_that_differ(&before["spec"], &now["spec"]);
            let more = match parts.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            parts.truncate(SHOWN);
            (!parts.is_empty()).then(|| format!("`{id}` changed: {}{more}", parts.join(", ")))
        };
        relations.iter().filter_map(changed).collect()
    }

    /// Which functions that these relations call are of another version now.
    pub(crate) fn functions(
        &self,
        plans: &ProgramPlans,
        relations: &BTreeSet<RelationId>,
    ) -> Vec<String> {
        let mut found = BTreeSet::new();
        for id in relations {
            let Some(now) = plans.relation(id) else { continue };
            let table = TableKey::Relation(id.clone());
            let Some(before) = self.signals.get(&table) else { continue };
            for (name, version) in &now.deps().functions {
                if let Some(before) = before.functions.get(name).filter(|before| *before != version)
                {
                    found.insert(format!("version {version} of `{name}`, where it was {before}"));
                }
            }
        }
        found.into_iter().collect()
    }
}
