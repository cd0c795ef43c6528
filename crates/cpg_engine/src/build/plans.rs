//! The plans of a build, and whether they are worse than those of the build before.

use std::collections::BTreeMap;

use cpg_ir::canon::Fingerprint;
use cpg_plan::signals::{PlanShape, PlanSignals, ProgramSignals};

use crate::authority::ExecutionAuthority;
use crate::error::{EngineError, Result};
use crate::explain::{Physical, physical_plans};
use crate::fingerprint::TableKey;
use crate::profile::PlanLevel;
use crate::record::PlanRecord;

/// Operators that pass rows on as they come.
const CHEAP: [&str; 6] = [
    "CoalesceBatchesExec",
    "CooperativeExec",
    "DataSourceExec",
    "FilterExec",
    "ProjectionExec",
    "StreamingTableExec",
];

/// The plans of all tables, as far as `level` looks at them; what they consist of where it is not given.
///
/// # Errors
/// When a plan cannot be prepared, which would be a defect.
pub(super) fn records(
    authority: &ExecutionAuthority,
    signals: &ProgramSignals,
    level: Option<PlanLevel>,
) -> Result<Vec<PlanRecord>> {
    let planned = signals.iter().filter_map(|signals| Some((signals, signals.plan_fingerprint?)));
    let mut records: Vec<PlanRecord> =
        planned.map(|(signals, fingerprint)| record(signals, fingerprint)).collect();
    let Some(level) = level.filter(|level| *level > PlanLevel::Structure) else {
        return Ok(records);
    };
    let ids: Vec<_> = records
        .iter()
        .filter_map(|record| match &record.table {
            TableKey::Relation(id) => Some(id.clone()),
            TableKey::Evidence { .. } => None,
        })
        .collect();
    let physical = physical_plans(authority.plans(), &ids)?;
    for (record, Physical { operators, text }) in records.iter_mut().zip(physical) {
        record.operators = Some(operators);
        record.text = (level == PlanLevel::Full).then_some(text);
    }
    Ok(records)
}

fn record(signals: &PlanSignals, plan_fingerprint: Fingerprint) -> PlanRecord {
    let columns = signals.scans.iter();
    PlanRecord {
        table: signals.table.clone(),
        plan_fingerprint,
        shape: signals.shape,
        columns: columns
            .map(|scan| (scan.relation.to_string(), scan.columns.len() as u64))
            .collect(),
        operators: None,
        text: None,
    }
}

/// Compares plans with those of an earlier build. What either of them was not looked at for says nothing.
///
/// # Errors
/// [`EngineError::PlanRegressed`] when some do more than before.
pub(super) fn gate(before: &[PlanRecord], now: &[PlanRecord], level: PlanLevel) -> Result<()> {
    let before: BTreeMap<&TableKey, &PlanRecord> =
        before.iter().map(|record| (&record.table, record)).collect();
    let mut differences = Vec::new();
    for record in now {
        let Some(before) = before.get(&record.table) else { continue };
        differences.extend(worse(before, record, level).into_iter().map(|what| {
            let table = &record.table;
            format!("`{table}`: {what}")
        }));
    }
    match differences.is_empty() {
        true => Ok(()),
        false => Err(EngineError::PlanRegressed { differences }),
    }
}

/// In what a plan does more than it did.
fn worse(before: &PlanRecord, now: &PlanRecord, level: PlanLevel) -> Vec<String> {
    let mut found = Vec::new();
    let mut more = |what: String, before: u64, now: u64| {
        if now > before {
            found.push(format!("{what}: {now}, where there were {before}"));
        }
    };
    for ((what, now), (_, before)) in parts(&now.shape).into_iter().zip(parts(&before.shape)) {
        more(what.to_owned(), before, now);
    }
    for (input, now) in &now.columns {
        more(
            format!("columns of `{input}`"),
            before.columns.get(input).copied().unwrap_or(0),
            *now,
        );
    }
    if level >= PlanLevel::Physical
        && let (Some(before), Some(now)) = (&before.operators, &now.operators)
    {
        for (operator, now) in now.iter().filter(|(name, _)| !CHEAP.contains(&name.as_str())) {
            more(operator.clone(), before.get(operator).copied().unwrap_or(0), *now);
        }
    }
    if level == PlanLevel::Full
        && let (Some(before), Some(now)) = (&before.text, &now.text)
        && let Some((old, new)) = first_difference(before, now)
    {
        found.push(format!("another plan\n    was {old}\n    is  {new}"));
    }
    found
}

fn parts(shape: &PlanShape) -> [(&'static str, u64); 8] {
    [
        ("joins", shape.joins),
        ("joins of spans", shape.span_joins),
        ("groupings", shape.aggregates),
        ("windows", shape.windows),
        ("sorts", shape.sorts),
        ("inputs of unions", shape.union_inputs),
        ("closures", shape.closures),
        ("rules of fixpoints", shape.fixpoint_rules),
    ]
}

fn first_difference<'a>(before: &'a str, now: &'a str) -> Option<(&'a str, &'a str)> {
    let longest = before.lines().count().max(now.lines().count());
    let lines = |text: &'a str| text.lines().map(str::trim).chain(std::iter::repeat("nothing"));
    lines(before).zip(lines(now)).take(longest).find(|(before, now)| before != now)
}

#[cfg(test)]
mod tests {
    use cpg_ir::canon::Domain;
    use cpg_ir::spec::RelationId;

    use super::*;

    fn plan(joins: u64, sorts: u64, text: &str) -> PlanRecord {
        PlanRecord {
            table: TableKey::Relation(RelationId::new("t", "nodes")),
            plan_fingerprint: Fingerprint::of_bytes(Domain::Plan, text.as_bytes()),
            shape: PlanShape { joins, ..PlanShape::default() },
            columns: [("t.def".to_owned(), 3)].into(),
            operators: Some(
                [("SortExec".to_owned(), sorts), ("FilterExec".to_owned(), sorts)].into(),
            ),
            text: Some(text.to_owned()),
        }
    }

    fn told(before: &PlanRecord, now: &PlanRecord, level: PlanLevel) -> Vec<String> {
        match gate(std::slice::from_ref(before), std::slice::from_ref(now), level) {
            Err(EngineError::PlanRegressed { differences }) => differences,
            _ => Vec::new(),
        }
    }

    #[test]
    fn each_level_looks_at_more() {
        let before = plan(1, 1, "SortExec\n  DataSourceExec: a");
        let joined = plan(2, 1, "SortExec\n  DataSourceExec: a");
        assert_eq!(
            told(&before, &joined, PlanLevel::Structure),
            ["`t.nodes`: joins: 2, where there were 1"]
        );
        assert_eq!(told(&joined, &before, PlanLevel::Full), [""; 0], "less is no regression");
        let sorted = plan(1, 2, "SortExec\n  DataSourceExec: a");
        assert_eq!(told(&before, &sorted, PlanLevel::Structure), [""; 0]);
        assert_eq!(
            told(&before, &sorted, PlanLevel::Physical),
            ["`t.nodes`: SortExec: 2, where there were 1"],
            "filters pass rows on"
        );
        let other = plan(1, 1, "SortExec\n  DataSourceExec: b");
        assert_eq!(told(&before, &other, PlanLevel::Physical), [""; 0]);
        assert_eq!(
            told(&before, &other, PlanLevel::Full),
            ["`t.nodes`: another plan\n    was DataSourceExec: a\n    is  DataSourceExec: b"]
        );
    }
}
