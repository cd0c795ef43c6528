//! What the rows of a table depend on, and nothing else: no thread count, no memory limit, no path of the machine,
//! no clock.

use std::collections::{BTreeMap, BTreeSet};

use cpg_evidence::Scan;
use cpg_ir::canon::{Domain, Fingerprint};
use cpg_ir::policy::{RelationPolicies, Shape};
use cpg_ir::spec::RelationId;
use cpg_ir::types::RowSchema;

use crate::authority::ExecutionAuthority;
use crate::delta::content::RowsHash;
use crate::error::{EngineError, Result};
use crate::files::GivenFiles;

pub(crate) use cpg_plan::TableKey;

/// What each of the `needed` extractors would find: by its key, what its rows depend on.
///
/// # Errors
/// When this build does not have one.
pub(crate) fn findings<'a>(
    needed: impl Iterator<Item = &'a String>,
    scan: &Scan,
) -> Result<BTreeMap<String, Fingerprint>> {
    let mut findings = BTreeMap::new();
    for extractor in needed {
        let finding = scan.fingerprint(extractor).ok_or_else(|| unknown_extractor(extractor))?;
        findings.insert(extractor.clone(), finding);
    }
    with_errors(findings)
}

/// The same for each segment of the scan alone.
///
/// # Errors
/// As [`findings`].
fn segment_findings(
    authority: &ExecutionAuthority,
    scan: &Scan,
) -> Result<Vec<BTreeMap<String, Fingerprint>>> {
    let mut segments = vec![BTreeMap::new(); scan.segments()];
    for extractor in authority.needs().keys() {
        let findings =
            scan.segment_fingerprints(extractor).ok_or_else(|| unknown_extractor(extractor))?;
        for (segment, finding) in segments.iter_mut().zip(findings) {
            segment.insert(extractor.clone(), finding);
        }
    }
    segments.into_iter().map(with_errors).collect()
}

fn unknown_extractor(key: &str) -> EngineError {
    EngineError::internal(format!("extractor `{key}`"), "this build has none")
}

/// What the extractor of errors finds depends on all others.
fn with_errors(
    mut findings: BTreeMap<String, Fingerprint>,
) -> Result<BTreeMap<String, Fingerprint>> {
    if findings.contains_key(TableKey::ERRORS) {
        let all = of(Domain::Evidence, &findings)?;
        findings.insert(TableKey::ERRORS.to_owned(), all);
    }
    Ok(findings)
}

/// What the rows of each segment of the tables of evidence follow from: those of the scan in order, then one for rows of no
/// file of it, which may follow from all that extractors see.
///
/// # Errors
/// As [`findings`].
pub(crate) fn evidence_segments(
    authority: &ExecutionAuthority,
    scan: &Scan,
) -> Result<BTreeMap<TableKey, Vec<Fingerprint>>> {
    let mut segments: BTreeMap<TableKey, Vec<Fingerprint>> = BTreeMap::new();
    // Where the scan has one segment, that follows from as much. It is another one all the same.
    let elsewhere = findings(authority.needs().keys(), scan)?
        .into_iter()
        .map(|(extractor, all)| Ok((extractor, of(Domain::Segment, &("elsewhere", all))?)))
        .collect::<Result<_>>()?;
    for findings in segment_findings(authority, scan)?.iter().chain([&elsewhere]) {
        for (key, fingerprint) in evidence(authority, findings)? {
            segments.entry(key).or_default().push(fingerprint);
        }
    }
    Ok(segments)
}

/// What some rows of a task follow from: from each input that takes part, by what it means, something of what it holds.
///
/// # Errors
/// When the task has no plan, which would be a defect.
pub(crate) fn follows(
    authority: &ExecutionAuthority,
    task: &RelationId,
    inputs: &BTreeSet<(Fingerprint, Fingerprint)>,
) -> Result<Fingerprint> {
    of(Domain::Segment, &(meaning(authority, task)?, inputs, shape(authority, task)))
}

/// What a segment of evidence that has these rows holds. No column needs to say whose they are: so `files` does, of a
/// segment with rows. Those without follow from the same where an extractor looks at no file of theirs.
///
/// # Errors
/// When it cannot be encoded, which would be a defect.
pub(crate) fn evidence_rows(
    row: &RowSchema,
    files: Fingerprint,
    rows: RowsHash,
) -> Result<Fingerprint> {
    let files = (rows != RowsHash::default()).then_some(files);
    of(Domain::Segment, &("evidence", row, files, rows))
}

/// What a segment of a task that has these rows holds.
///
/// # Errors
/// When it cannot be encoded, which would be a defect.
pub(crate) fn rows(
    authority: &ExecutionAuthority,
    task: &RelationId,
    row: &RowSchema,
    rows: RowsHash,
) -> Result<Fingerprint> {
    of(Domain::Segment, &(row, rows, shape(authority, task)))
}

/// What a segment holds in some columns whose values are these.
///
/// # Errors
/// When it cannot be encoded, which would be a defect.
pub(crate) fn in_columns(columns: &str, rows: RowsHash) -> Result<Fingerprint> {
    of(Domain::Segment, &(columns, rows))
}

/// All of what some segments hold.
///
/// # Errors
/// When it cannot be encoded, which would be a defect.
pub(crate) fn whole(segments: &[Fingerprint]) -> Result<Fingerprint> {
    of(Domain::Segment, &segments)
}

/// What a relation means, down to evidence.
///
/// # Errors
/// When it has no plan, which would be a defect.
pub(crate) fn meaning(authority: &ExecutionAuthority, id: &RelationId) -> Result<Fingerprint> {
    let plan = authority.plans().relation(id).ok_or_else(|| unplanned(id))?;
    Ok(plan.deps().plan_fingerprint)
}

/// The policies that shape a relation's rows.
fn shape<'a>(authority: &'a ExecutionAuthority, id: &RelationId) -> Option<Shape<'a>> {
    authority.policies(id).and_then(RelationPolicies::shape)
}

fn unplanned(id: &RelationId) -> EngineError {
    EngineError::internal(format!("`{id}`"), "it has no plan")
}

/// The fingerprint of every needed table of evidence, given what its extractors would find.
fn evidence(
    authority: &ExecutionAuthority,
    findings: &BTreeMap<String, Fingerprint>,
) -> Result<BTreeMap<TableKey, Fingerprint>> {
    let mut tables = BTreeMap::new();
    for (extractor, needed) in authority.needs() {
        for (table, columns) in needed {
            let key = TableKey::Evidence { extractor: extractor.clone(), table: table.clone() };
            tables.insert(key, of(Domain::Evidence, &(findings.get(extractor), table, columns))?);
        }
    }
    Ok(tables)
}

/// The fingerprint of every table of the program, given what its extractors would find and its files hold.
///
/// # Errors
/// When a relation that a task reads is not in the program, which would be a defect.
pub(crate) fn tables(
    authority: &ExecutionAuthority,
    findings: &BTreeMap<String, Fingerprint>,
    files: &GivenFiles,
) -> Result<BTreeMap<TableKey, Fingerprint>> {
    let mut tables = evidence(authority, findings)?;
    // What all evidence below a table depends on; which tables lie between, and what columns they have, does not matter.
    // A set, so that names do not matter. Inputs come before readers.
    let mut below: BTreeMap<&RelationId, BTreeSet<Fingerprint>> = BTreeMap::new();
    for task in authority.plans().tasks() {
        let mut found = BTreeSet::new();
        for input in &task.evidence {
            let evidence = authority.plans().relation(input).and_then(|plan| plan.evidence());
            let evidence = evidence.ok_or_else(|| unplanned(input))?;
            let finding = findings.get(&evidence.extractor);
            found.insert(of(Domain::Evidence, &(finding, &evidence.table))?);
        }
        for input in &task.files {
            let finding = files.finding(input).ok_or_else(|| unplanned(input))?;
            found.insert(of(Domain::Evidence, &finding)?);
        }
        for input in &task.reads {
            found.extend(below.get(input).ok_or_else(|| unplanned(input))?);
        }
        let plan = meaning(authority, &task.relation)?;
        let fingerprint = match shape(authority, &task.relation) {
            None => of(Domain::Task, &(plan, &found))?,
            Some(shape) => of(Domain::Task, &(plan, &found, shape))?,
        };
        below.insert(&task.relation, found);
        tables.insert(TableKey::Relation(task.relation.clone()), fingerprint);
    }
    Ok(tables)
}

/// What an extractor found that did not see the files as they were listed: equal to nothing that another run finds.
pub(crate) fn unrepeatable(finding: Fingerprint, run: &str) -> Result<Fingerprint> {
    of(Domain::Evidence, &(finding, run))
}

fn of<T: serde::Serialize>(domain: Domain, value: &T) -> Result<Fingerprint> {
    Fingerprint::of(domain, value).map_err(|error| EngineError::internal("fingerprinting", error))
}
