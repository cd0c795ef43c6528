//! How an item is kept, written and scanned, and why.

use std::fmt::{Display, Write as _};

use cpg_engine::PublishedBuild;
use cpg_plan::TableKey;
use cpg_plan::policy::{self, Decided, Features, ScanDecision, WriteDecision};
use cpg_plan::signals::{NothingKnown, PlanSignals, ProgramSignals};
use serde_json::json;

use super::facts::{Facts, Section};
use crate::failure::Failure;
use crate::size::Human;

/// What was decided of one table.
struct Found {
    /// Who decided.
    by: String,
    signals: Option<PlanSignals>,
    write: Option<WriteDecision>,
    scans: Vec<ScanDecision>,
}

impl Facts<'_> {
    pub(super) fn decisions(&self) -> Result<Section, Failure> {
        let title = "what was decided";
        let Some(table) = self.plans.table(&self.relation.id) else {
            let kept = self.plans.materialisation(&self.relation.id).map(ToString::to_string);
            let text = format!("  kept      {}\n", kept.as_deref().unwrap_or("nowhere"));
            let json = json!({ "kept": kept });
            return Ok(Section { key: "decisions", title, text, json });
        };
        let Found { by, signals, write, scans } = match self.recorded(&table)? {
            Some(found) => found,
            None => self.derived(&table)?,
        };
        let mut text = format!("  decided by {by}\n");
        if let Some(signals) = &signals {
            let _ = writeln!(text, "  kept      {}", signals.kept);
        }
        if let Some(write) = &write {
            said(&mut text, "files", &write.target_file_bytes, |bytes| {
                format!("of {} at most", Human(bytes.get()))
            });
            said(&mut text, "statistics", &write.stats, |columns| match columns {
                Some(columns) => format!("on {}", columns.join(", ")),
                None => "on the first columns".to_owned(),
            });
            said(&mut text, "partition", &write.partition, |columns| listed(columns));
            said(&mut text, "sorted", &write.sort, |columns| listed(columns));
            said(&mut text, "change feed", &write.change_feed, |on| switch(*on));
            said(&mut text, "row groups", &write.row_group_rows, |rows| format!("of {rows} rows"));
        }
        for scan in &scans {
            let _ = writeln!(text, "  scans     {}", scan.relation);
            said(&mut text, "  pruning", &scan.pruning, |on| switch(*on));
            said(&mut text, "  pushdown", &scan.pushdown, |on| switch(*on));
        }
        let json = json!({ "by": by, "signals": signals, "write": write, "scans": scans });
        Ok(Section { key: "decisions", title, text, json })
    }

    /// What the newest build decided, if it has the table.
    fn recorded(&self, table: &TableKey) -> Result<Option<Found>, Failure> {
        let build = match PublishedBuild::open(self.out, 1, 64 << 20) {
            Ok(build) => build,
            Err(cpg_engine::EngineError::NoBuild { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let signals = build.artifact::<Vec<PlanSignals>>()?;
        let Some(signals) = signals.into_iter().find(|one| one.table == *table) else {
            return Ok(None);
        };
        let writes = build.artifact::<Vec<WriteDecision>>()?;
        let mut scans = build.artifact::<Vec<ScanDecision>>()?;
        scans.retain(|scan| scan.table == *table);
        Ok(Some(Found {
            by: build.record().run.clone(),
            signals: Some(signals),
            write: writes.into_iter().find(|write| write.table == *table),
            scans,
        }))
    }

    /// What a first build would decide.
    fn derived(&self, table: &TableKey) -> Result<Found, Failure> {
        let signals = ProgramSignals::new(self.plans, &NothingKnown)
            .map_err(|error| Failure::Defect(error.to_string()))?;
        let policies = &self.manifest.policies().relations;
        let features = Features::default();
        let signals = signals.get(table).cloned();
        let said = policies.get(&self.relation.id);
        Ok(Found {
            by: "a first build".to_owned(),
            write: signals.as_ref().map(|signals| policy::write(signals, said, &features)),
            scans: signals
                .as_ref()
                .map(|signals| policy::scan(signals, policies, &features))
                .unwrap_or_default(),
            signals,
        })
    }
}

fn said<T>(text: &mut String, what: &str, one: &Decided<T>, show: impl Fn(&T) -> String) {
    let Decided { value, origin, because } = one;
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  {what:<9} {} ({origin}: {because})", show(value));
}

fn switch(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}

fn listed(columns: &[impl Display]) -> String {
    match columns {
        [] => "by nothing".to_owned(),
        _ => {
            let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
            format!("by {}", columns.join(", "))
        }
    }
}
