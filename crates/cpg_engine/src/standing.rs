//! Whether the tables of a published build hold what a program means now.
//!
//! A build says in its record which tables it has, and in a document beside it what each of their plans meant. So neither
//! the sources nor the tables themselves need to be looked at.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::canon::Fingerprint;
use cpg_ir::spec::RelationId;

use crate::artifact;
use crate::authority::ExecutionAuthority;
use crate::error::Result;
use crate::fingerprint::{self, TableKey};
use crate::plan::changes::Before;
use crate::record::{PlanRecord, RunRecord, TableRecord, TableStatus};
use crate::resolver::Dataset;

/// How many reasons are given why a table is another one.
const SHOWN: usize = 3;

/// A published build, as a program sees it.
pub(crate) struct Standing<'a> {
    authority: &'a ExecutionAuthority,
    record: &'a RunRecord,
    before: Before,
    meant: BTreeMap<TableKey, Fingerprint>,
}

/// A table of a program in a published build.
pub(crate) enum Stands<'a> {
    /// It is there, and holds what the program means by it.
    Fits(&'a TableRecord),
    /// Why it is not to be taken for that, each reason without the table's name.
    Not(Vec<String>),
}

impl<'a> Standing<'a> {
    /// What `record` and the documents beside it say.
    ///
    /// # Errors
    /// [`crate::EngineError::BadArtifact`] when a document is gone or damaged.
    pub(crate) fn read(authority: &'a ExecutionAuthority, record: &'a RunRecord) -> Result<Self> {
        let runs = authority.resolver().runs();
        let before = Before::read(&runs, record)?;
        let plans = artifact::document_of::<Vec<PlanRecord>>(&runs, record)?;
        let meant = plans.into_iter().map(|plan| (plan.table, plan.plan_fingerprint)).collect();
        Ok(Self { authority, record, before, meant })
    }

    /// Where a table of the program lies.
    ///
    /// # Errors
    /// When its relation has no binding, which would be a defect.
    pub(crate) fn dataset(&self, key: &TableKey) -> Result<Dataset> {
        match key {
            TableKey::Evidence { table, .. } => Ok(self.authority.resolver().evidence(table)),
            TableKey::Relation(id) => self.authority.resolver().dataset(id),
        }
    }

    /// What of a table the build has.
    ///
    /// # Errors
    /// When a relation has no plan, which would be a defect.
    pub(crate) fn table(&self, key: &TableKey) -> Result<Stands<'a>> {
        let dataset = self.dataset(key)?;
        let run = &self.record.run;
        let record = self.record.tables.iter().find(|record| record.is_of(&dataset));
        let Some(record) = record else {
            return Ok(Stands::Not(vec![format!("it is not in {run}")]));
        };
        if record.status == TableStatus::Left {
            // The documents beside the record are about what the run was about.
            return Ok(Stands::Not(vec![format!("{run} was not about it, and left it as it was")]));
        }
        let differs = self.differs(key)?;
        Ok(if differs.is_empty() { Stands::Fits(record) } else { Stands::Not(differs) })
    }

    /// Why the rows of a table would be others now, if the sources were the same.
    fn differs(&self, key: &TableKey) -> Result<Vec<String>> {
        let manifest = self.authority.manifest();
        let (extractors, below) = match key {
            TableKey::Evidence { extractor, .. } => ([extractor.clone()].into(), BTreeSet::new()),
            TableKey::Relation(id) => self.below(id),
        };
        let mut reasons: Vec<String> = extractors
            .iter()
            .filter_map(|extractor| self.before.extractor(manifest, extractor))
            .collect();
        if let TableKey::Relation(id) = key
            && self.meant.get(key) != Some(&fingerprint::meaning(self.authority, id)?)
        {
            reasons.extend(self.before.meaning(manifest, &below));
            reasons.extend(self.before.functions(self.authority.plans(), &below));
            let plan = self.authority.plans().relation(id);
            reasons.extend(plan.and_then(|plan| self.before.columns(key, plan.schema())));
            if reasons.is_empty() {
                let engine = &self.record.engine;
                reasons.push(format!("cpglang {engine} planned it in another way"));
            }
        }
        let more = reasons.len().saturating_sub(SHOWN);
        reasons.truncate(SHOWN);
        if more > 0 {
            reasons.push(format!("and {more} more changes"));
        }
        Ok(reasons)
    }

    /// All that a relation is computed from, itself among it, and the extractors of what of that is evidence.
    fn below(&self, id: &RelationId) -> (BTreeSet<String>, BTreeSet<RelationId>) {
        let (mut extractors, mut found) = (BTreeSet::new(), BTreeSet::from([id.clone()]));
        let mut pending = vec![id.clone()];
        while let Some(next) = pending.pop() {
            let Some(plan) = self.authority.plans().relation(&next) else { continue };
            extractors.extend(plan.evidence().map(|evidence| evidence.extractor.clone()));
            for input in plan.deps().inputs.keys() {
                if found.insert(input.clone()) {
                    pending.push(input.clone());
                }
            }
        }
        (extractors, found)
    }
}
