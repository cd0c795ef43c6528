//! What was decided about a build before it began to work.

use std::collections::BTreeMap;

use cpg_ir::policy::ValidateMode;
use cpg_ir::spec::RelationId;
use cpg_plan::policy::{self, CacheDecision, PolicyIssue, ScanDecision, Severity, WriteDecision};
use cpg_plan::signals::{Known, ProgramSignals, Protocol, Statistics};
use datafusion::prelude::SessionContext;

use super::survey::Survey;
use crate::authority::ExecutionAuthority;
use crate::delta::read::Scanning;
use crate::error::{EngineError, Result};
use crate::fingerprint::TableKey;
use crate::session;

/// How plans are carried out, each decision from what is known of its plan.
#[derive(Debug)]
pub(super) struct Decisions {
    pub(super) signals: ProgramSignals,
    pub(super) cache: Vec<CacheDecision>,
    pub(super) issues: Vec<PolicyIssue>,
    /// The session's functions, those of which versions are counted with these.
    pub(super) functions: BTreeMap<String, Option<String>>,
    scans: BTreeMap<(TableKey, RelationId), ScanDecision>,
    writes: BTreeMap<TableKey, WriteDecision>,
}

impl Decisions {
    /// Decides everything from what is `known` of tables, and looks whether the program can have what it asks for.
    ///
    /// # Errors
    /// [`EngineError::UnfitPolicy`] when it cannot, unless it says that this is no error.
    pub(super) fn new(
        authority: &ExecutionAuthority,
        known: &impl Known,
        session: &SessionContext,
    ) -> Result<Self> {
        let plans = authority.plans();
        let policies = authority.manifest().policies();
        let features = &authority.capabilities().features;
        let signals = ProgramSignals::new(plans, known)
            .map_err(|error| EngineError::internal("looking at plans", error))?;
        let functions = session::functions(session);
        let issues = match policies.validate {
            ValidateMode::Off => Vec::new(),
            _ => policy::validate(plans, &signals, policies, &functions),
        };
        let refused: Vec<String> = issues
            .iter()
            .filter(|issue| issue.code.severity() == Severity::Error)
            .map(ToString::to_string)
            .collect();
        if policies.validate == ValidateMode::Error && !refused.is_empty() {
            return Err(EngineError::UnfitPolicy { issues: refused });
        }
        let mut scans = BTreeMap::new();
        let mut writes = BTreeMap::new();
        for table in signals.iter() {
            for scan in policy::scan(table, &policies.relations, features) {
                scans.insert((scan.table.clone(), scan.relation.clone()), scan);
            }
            let said = match &table.table {
                TableKey::Relation(id) => policies.relations.get(id),
                TableKey::Evidence { .. } => None,
            };
            writes.insert(table.table.clone(), policy::write(table, said, features));
        }
        Ok(Self { signals, cache: policy::cache(plans), issues, functions, scans, writes })
    }

    /// How a table is written.
    ///
    /// # Errors
    /// When the program has no such table, which would be a defect.
    pub(super) fn write(&self, table: &TableKey) -> Result<&WriteDecision> {
        let missing = || EngineError::internal(format!("`{table}`"), "nothing was decided");
        self.writes.get(table).ok_or_else(missing)
    }

    /// How every table is written.
    pub(super) fn writes(&self) -> impl Iterator<Item = &WriteDecision> {
        self.writes.values()
    }

    /// How every plan's inputs are scanned.
    pub(super) fn scans(&self) -> impl Iterator<Item = &ScanDecision> {
        self.scans.values()
    }

    /// How a relation is scanned: by the plan that fills the table of `reader`, or by something that is no such plan.
    pub(super) fn scanning(
        &self,
        authority: &ExecutionAuthority,
        reader: Option<&RelationId>,
        relation: &RelationId,
    ) -> Scanning {
        let of_plan = reader.and_then(|reader| {
            self.scans.get(&(TableKey::Relation(reader.clone()), relation.clone()))
        });
        match of_plan {
            Some(decision) => Scanning::from(decision),
            None => Scanning::of(authority.policies(relation)),
        }
    }
}

impl Known for Survey {
    fn table(&self, table: &TableKey) -> Statistics {
        self.tables().get(table).map_or(Statistics::Unknown, |table| table.statistics())
    }

    fn protocol(&self, relation: &RelationId) -> Protocol {
        self.files().protocol(relation)
    }
}
