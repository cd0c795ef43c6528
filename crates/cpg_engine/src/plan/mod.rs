//! What a build would do, and why: looked at, not done.

mod agree;
pub(crate) mod changes;
mod sources;

use std::collections::BTreeSet;
use std::sync::Arc;

use cpg_evidence::Scan;
use cpg_ir::canon::Fingerprint;
use cpg_ir::manifest::{Area, ProgramManifest};
use cpg_ir::spec::RelationId;
use cpg_plan::program::{Division, Materialisation, ProgramPlans};
use serde::{Deserialize, Serialize};

use crate::artifact;
use crate::authority::ExecutionAuthority;
use crate::build::{Survey, Table, prepare, sources as listed};
use crate::cancel::Cancel;
use crate::delta::read;
use crate::error::Result;
use crate::fingerprint::TableKey;
use crate::profile::RuntimeProfile;
use crate::publish;
use crate::record::{RunRecord, SourceRecord};
use crate::root::Place;

use changes::Before;
pub use sources::ChangedSources;

/// What a build would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildPlan {
    /// The build that it would follow, if there is one.
    pub after: Option<String>,
    /// The manifest that it would run.
    pub manifest: Fingerprint,
    /// Which part of the program it would be about, where it is not all.
    pub selected: Option<String>,
    /// What it would read.
    pub sources: SourceRecord,
    /// Which files differ from those of the build before, if there is one.
    pub changed: Option<ChangedSources>,
    /// Its tables, by area and name.
    pub tables: Vec<PlannedTable>,
    /// The tables of the build before that it would not be about, and leave as they are.
    pub left: Vec<String>,
    /// The tables of the build before that it would leave out. They stay where they are.
    pub removed: Vec<String>,
}

/// What would become of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedTable {
    /// Area and name, as in `graph/cpg_nodes`.
    pub table: String,
    /// Which folder of the output root.
    pub area: Area,
    /// What would be done.
    pub action: Action,
    /// Why, the most telling reason first.
    pub because: Vec<String>,
    /// Its newest version.
    pub version: Option<u64>,
    /// How many rows that has.
    pub rows: Option<u64>,
    /// What its rows would be computed from.
    pub task: Fingerprint,
}

/// What would be done for a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing: it is as it should be.
    Reuse,
    /// All of it, for the first time.
    New,
    /// The rows of the source files whose rows change.
    ByFile,
    /// All rows are computed. Where they are told apart by source files, those of files whose rows do not change stay.
    All,
}

/// Looks at what [`crate::build`] would do. Nothing is written, and no other build is kept from running.
///
/// # Errors
/// As [`crate::build`], for what is known before work begins.
pub fn plan(
    manifest: Arc<ProgramManifest>,
    profile: RuntimeProfile,
    cancel: &Cancel,
) -> Result<BuildPlan> {
    let sources = listed::check(&profile)?;
    let root = Place::at(&profile.out)?;
    let (authority, scan) = prepare(manifest, profile, &root, &sources, cancel)?;
    let previous = publish::latest(&authority.resolver().runs())?;
    let survey = Survey::new(&authority, &scan, previous.as_ref())?;
    look(&authority, &survey, &scan, previous.as_ref())
}

/// What a build would do that found all this.
///
/// # Errors
/// When a document of the build before cannot be read.
pub(crate) fn look(
    authority: &ExecutionAuthority,
    survey: &Survey,
    scan: &Scan,
    previous: Option<&RunRecord>,
) -> Result<BuildPlan> {
    let runs = authority.resolver().runs();
    let before = previous.map(|record| Before::read(&runs, record)).transpose()?;
    let held = previous.map(|record| artifact::document_of(&runs, record)).transpose()?;
    let changed = held.map(|held| ChangedSources::between(held, scan));
    let mut tables = Vec::with_capacity(survey.tables().len());
    for (key, table) in survey.tables() {
        let because = reasons(authority, survey, key, table, before.as_ref())?;
        tables.push(PlannedTable {
            table: table.dataset.to_string(),
            area: table.dataset.area(),
            action: action(authority, key, table)?,
            because,
            version: table.newest.as_ref().map(|newest| newest.version),
            rows: table.statistics().rows(),
            task: table.task,
        });
    }
    tables.sort_by(|a, b| a.table.cmp(&b.table));
    let planned: BTreeSet<&str> = tables.iter().map(|table| table.table.as_str()).collect();
    let there = previous.into_iter().flat_map(|record| &record.tables);
    let others: Vec<String> = there
        .map(|table| format!("{}/{}", table.area.folder(), table.table))
        .filter(|table| !planned.contains(table.as_str()))
        .collect();
    let (left, removed) = match authority.scope().said() {
        Some(_) => (others, Vec::new()),
        None => (Vec::new(), others),
    };
    Ok(BuildPlan {
        after: previous.map(|record| record.run.clone()),
        manifest: authority.manifest().fingerprint(),
        selected: authority.scope().said().map(str::to_owned),
        sources: listed::measure(scan),
        changed,
        tables,
        left,
        removed,
    })
}

fn action(authority: &ExecutionAuthority, key: &TableKey, table: &Table) -> Result<Action> {
    let by_file = match key {
        TableKey::Evidence { .. } => true,
        TableKey::Relation(id) => {
            matches!(authority.task(id)?.division, Division::Local { .. })
        }
    };
    Ok(match (table.stale, &table.newest) {
        (false, _) => Action::Reuse,
        (true, None) => Action::New,
        (true, Some(_)) if by_file => Action::ByFile,
        (true, Some(_)) => Action::All,
    })
}

/// Why a table would be written.
fn reasons(
    authority: &ExecutionAuthority,
    survey: &Survey,
    key: &TableKey,
    table: &Table,
    before: Option<&Before>,
) -> Result<Vec<String>> {
    if !table.stale {
        return Ok(Vec::new());
    }
    let Some(newest) = &table.newest else {
        return Ok(vec!["it is not there".to_owned()]);
    };
    if !read::is_whole(&table.dataset, &newest.files)? {
        return Ok(vec!["files of it are gone".to_owned()]);
    }
    let mut found = Vec::new();
    match key {
        TableKey::Evidence { extractor, .. } => {
            if let Some(before) = before {
                found.extend(before.extractor(authority.manifest(), extractor));
                found.extend(before.columns(key, &table.row));
            }
            if let Some(anew) = &table.anew
                && found.is_empty()
            {
                found.push(format!(
                    "{} of {} parts of the sources changed",
                    anew.made().count(),
                    anew.count()
                ));
            }
        }
        TableKey::Relation(id) => {
            let computed_with = computed_with(authority.plans(), id);
            if let Some(before) = before {
                found.extend(before.meaning(authority.manifest(), &computed_with));
                found.extend(before.functions(authority.plans(), &computed_with));
                found.extend(before.columns(key, &table.row));
            }
            found.extend(inputs(authority, survey, id)?);
        }
    }
    if found.is_empty() {
        found.push("what it is computed from changed".to_owned());
    }
    Ok(found)
}

/// A relation and those whose plans are part of its task's.
fn computed_with(plans: &ProgramPlans, id: &RelationId) -> BTreeSet<RelationId> {
    let mut found = BTreeSet::from([id.clone()]);
    let mut pending = vec![id.clone()];
    while let Some(next) = pending.pop() {
        let Some(relation) = plans.relation(&next) else { continue };
        for input in relation.deps().inputs.keys() {
            let inline = matches!(plans.materialisation(input), Some(Materialisation::Inline(_)));
            if inline && found.insert(input.clone()) {
                pending.push(input.clone());
            }
        }
    }
    found
}

/// The tables that a task reads and that are written, too.
fn inputs(
    authority: &ExecutionAuthority,
    survey: &Survey,
    id: &RelationId,
) -> Result<Option<String>> {
    let task = authority.task(id)?;
    let mut stale = BTreeSet::new();
    for input in task.evidence.iter().chain(&task.reads) {
        let table = survey.table(&authority.table(input)?)?;
        if table.stale {
            stale.insert(table.dataset.to_string());
        }
    }
    const SHOWN: usize = 3;
    let names: Vec<String> = stale.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = match stale.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Ok((!stale.is_empty())
        .then(|| format!("it reads {}{more}, which may change", names.join(", "))))
}
