//! The same of a build that is published already: looked at, not made.

use std::collections::BTreeMap;
use std::sync::Arc;

use cpg_ir::check::{Check, CheckRule, CheckSeverity};
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::RelationId;
use cpg_ir::types::RowSchema;
use cpg_plan::TableKey;
use cpg_plan::program::CheckPlan;
use cpg_plan::schema::arrow_schema;
use datafusion::catalog::TableProvider;
use serde::Serialize;

use super::checks::{Inputs, check};
use super::{Audited, id_column, shared_ids};
use crate::authority::ExecutionAuthority;
use crate::cancel::Cancel;
use crate::delta::read::{self, Scanning};
use crate::error::{EngineError, Result};
use crate::profile::RuntimeProfile;
use crate::published::PublishedTable;
use crate::record::{CheckRecord, RunRecord, TableRecord};
use crate::root::Place;
use crate::standing::{Standing, Stands};
use crate::{publish, resolver, runtime, session};

/// What looking at a published build came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Audit {
    /// The run that published it.
    pub run: String,
    /// What became of the program's checks, in the manifest's order, and of the ids of its tables.
    pub checks: Vec<CheckRecord>,
    /// What the build does not have the rows for.
    pub unaudited: Vec<Unaudited>,
}

/// A check that nothing can be said of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unaudited {
    /// The check, as programs write it, with relations by their whole names.
    pub check: String,
    /// Why, the relation first.
    pub reasons: Vec<String>,
}

impl Audit {
    /// Whether something does not hold that would keep a build from being published.
    pub fn fails(&self) -> bool {
        self.checks.iter().any(|check| !check.passed && check.severity == CheckSeverity::Error)
    }

    /// Goes on unless something could not be looked at.
    ///
    /// # Errors
    /// [`EngineError::NotAudited`] when something could not.
    pub fn complete(&self) -> Result<()> {
        match self.unaudited.as_slice() {
            [] => Ok(()),
            checks => Err(EngineError::NotAudited { run: self.run.clone(), checks: checks.len() }),
        }
    }
}

/// Looks whether what a program asks for holds of the newest published build, and whether ids are those of one row each:
/// all that a build would look at, of all rows. Nothing is written, and no build is kept from running.
///
/// A check is looked at only if the build has what it reads as the program means it now; of others it is said why not.
///
/// # Errors
/// [`EngineError::NoBuild`] where there is none, [`EngineError::BuildGone`] when a table of it is damaged or gone; when rows
/// do not fit into memory, or somebody asks to stop. That a check fails is none.
pub fn audit(
    manifest: Arc<ProgramManifest>,
    profile: RuntimeProfile,
    cancel: &Cancel,
) -> Result<Audit> {
    let root = Place::existing(&profile.out)?;
    let record = publish::latest(&resolver::runs(&root))?;
    let record = record.ok_or_else(|| EngineError::NoBuild { out: profile.out.clone() })?;
    let authority = ExecutionAuthority::new(manifest, profile, root)?;
    let standing = Standing::read(&authority, &record)?;
    let mut reader =
        Reader { authority: &authority, record: &record, standing, open: BTreeMap::new() };
    let jobs = reader.jobs()?;

    let profile = authority.profile();
    let runtime = runtime::start(profile.threads)?;
    let spill = std::env::temp_dir();
    let session = session::open(profile.threads, profile.memory_bytes, Some(&spill))?;
    authority.resolver().root().register(&session);
    let mut audit = Audit { run: record.run.clone(), checks: Vec::new(), unaudited: Vec::new() };
    for job in jobs {
        cancel.check()?;
        let done = match job {
            Job::Check(plan, inputs) => {
                runtime.block_on(check(&session, plan, &inputs, profile.memory_bytes))?
            }
            Job::Ids { check, ids } => {
                let found = runtime.block_on(shared_ids(&authority, &session, &ids.audited()))?;
                of_ids(&check, found)
            }
            Job::Not(unaudited) => {
                audit.unaudited.push(unaudited);
                continue;
            }
        };
        audit.checks.push(done);
    }
    Ok(audit)
}

/// Something to look at, with all that is needed for it.
enum Job<'a> {
    Check(&'a CheckPlan, Inputs),
    Ids { check: Check, ids: Box<Ids> },
    Not(Unaudited),
}

/// A table whose ids are looked at.
struct Ids {
    relation: RelationId,
    row: RowSchema,
    schema: arrow::datatypes::SchemaRef,
    table: PublishedTable,
}

impl Ids {
    fn audited(&self) -> Audited<'_> {
        Audited {
            relation: &self.relation,
            dataset: &self.table.dataset,
            row: &self.row,
            schema: &self.schema,
            files: &self.table.commit.files,
        }
    }
}

/// What a build's own look at ids says as a check.
fn of_ids(check: &Check, found: Option<(u64, String)>) -> CheckRecord {
    let (broken, examples) = found.unwrap_or_default();
    CheckRecord {
        check: check.to_string(),
        severity: check.severity,
        passed: broken == 0,
        broken,
        all: None,
        examples: examples.lines().map(|line| line.trim_start().to_owned()).collect(),
    }
}

/// What can be read of a published build.
struct Reader<'a> {
    authority: &'a ExecutionAuthority,
    record: &'a RunRecord,
    standing: Standing<'a>,
    /// The tables that were opened, with their rows.
    open: BTreeMap<TableKey, Arc<dyn TableProvider>>,
}

impl<'a> Reader<'a> {
    /// The checks that are selected, and the ids that the program's own checks do not speak of.
    fn jobs(&mut self) -> Result<Vec<Job<'a>>> {
        let authority = self.authority;
        let root = authority.resolver().root();
        let _seen = root.look().map_err(|error| EngineError::io(root.to_string(), error))?;
        let (plans, scope) = (authority.plans(), authority.scope());
        let mut jobs = Vec::new();
        for plan in plans.checks().iter().filter(|plan| scope.holds_all(plan, plans)) {
            jobs.push(match self.inputs(plan)? {
                Ok(inputs) => Job::Check(plan, inputs),
                Err(reasons) => Job::Not(Unaudited { check: plan.check().to_string(), reasons }),
            });
        }
        for task in plans.tasks() {
            let key = TableKey::Relation(task.relation.clone());
            let check = ids(authority, &task.relation).filter(|_| scope.holds(&key));
            let told = authority.manifest().checks();
            if let Some(check) = check.filter(|check| !told.contains(check)) {
                jobs.extend(self.ids(&key, &task.relation, check)?);
            }
        }
        Ok(jobs)
    }

    /// The rows that a check reads, or why they are not there.
    fn inputs(&mut self, plan: &CheckPlan) -> Result<std::result::Result<Inputs, Vec<String>>> {
        let (mut inputs, mut missing) = (Inputs::new(), Vec::new());
        for (id, columns) in plan.columns() {
            let Some(key) = self.authority.plans().table(id) else {
                missing.push(format!("`{id}`: its rows lie in files, which no build keeps"));
                continue;
            };
            let record = match self.standing.table(&key)? {
                Stands::Fits(record) => record,
                Stands::Not(reasons) => {
                    missing.extend(reasons.into_iter().map(|why| format!("`{id}`: {why}")));
                    continue;
                }
            };
            let lacks = columns.iter().find(|column| record.schema.column(column).is_none());
            if let Some(column) = lacks {
                let run = &self.record.run;
                missing.push(format!("`{id}`: {run} did not keep its column `{column}`"));
                continue;
            }
            inputs.insert(id.clone(), self.rows(&key, record)?);
        }
        Ok(if missing.is_empty() { Ok(inputs) } else { Err(missing) })
    }

    fn rows(&mut self, key: &TableKey, record: &TableRecord) -> Result<Arc<dyn TableProvider>> {
        if let Some(rows) = self.open.get(key) {
            return Ok(Arc::clone(rows));
        }
        let table = self.table(record)?;
        let schema = arrow_schema(&record.schema);
        let rows = read::table(&table.dataset, schema, &table.commit.files, Scanning::default())?;
        self.open.insert(key.clone(), Arc::clone(&rows));
        Ok(rows)
    }

    fn table(&self, record: &TableRecord) -> Result<PublishedTable> {
        PublishedTable::open(self.authority.resolver().root(), self.record, record)
    }

    /// What is to be done to look at the ids of a table; nothing where the build did not keep them.
    fn ids(&self, key: &TableKey, relation: &RelationId, check: Check) -> Result<Option<Job<'a>>> {
        let record = match self.standing.table(key)? {
            Stands::Fits(record) => record,
            Stands::Not(reasons) => {
                let reasons = reasons.into_iter().map(|why| format!("`{relation}`: {why}"));
                let (check, reasons) = (check.to_string(), reasons.collect());
                return Ok(Some(Job::Not(Unaudited { check, reasons })));
            }
        };
        let is_kept = id_column(self.authority, relation)
            .is_some_and(|id| record.schema.column(&id).is_some());
        if !is_kept {
            return Ok(None);
        }
        let ids = Ids {
            relation: relation.clone(),
            row: record.schema.clone(),
            schema: arrow_schema(&record.schema),
            table: self.table(record)?,
        };
        Ok(Some(Job::Ids { check, ids: Box::new(ids) }))
    }
}

/// What a build looks at for the ids of a relation, as a check.
fn ids(authority: &ExecutionAuthority, relation: &RelationId) -> Option<Check> {
    let id = id_column(authority, relation)?;
    let rule = CheckRule::Unique { relation: relation.clone(), columns: [id].into() };
    Some(Check { rule, severity: CheckSeverity::Error })
}
