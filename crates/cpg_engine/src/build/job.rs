//! What is to be done for a task, found when all that it reads is done.

use std::collections::BTreeSet;
use std::sync::Arc;

use cpg_ir::canon::Fingerprint;
use cpg_ir::spec::RelationId;
use cpg_plan::program::{Division, RelationPlan, Task};
use cpg_plan::schema::arrow_schema;
use datafusion::catalog::TableProvider;

use super::Run;
use super::execute::Outcome;
use super::readers;
use super::segments::{Segments, places};
use crate::audit::Inputs;
use crate::delta::state::Contents;
use crate::delta::{DataFile, read};
use crate::error::{EngineError, Result};
use crate::fingerprint::{self, TableKey};

/// What is to be done for a task.
pub(super) struct Job {
    /// The rows that it reads.
    pub(super) inputs: Inputs,
    /// What it makes of them.
    pub(super) make: Make,
}

/// Which of a task's rows are computed.
pub(super) enum Make {
    /// Those of the missing segments.
    Segments(Segments),
    /// All, unless the newest version's follow from the same.
    All {
        /// What they follow from.
        follows: Fingerprint,
    },
}

/// An input of a task.
struct Input<'a> {
    id: &'a RelationId,
    meaning: Fingerprint,
    holds: Holds<'a>,
}

/// What an input holds.
enum Holds<'a> {
    /// By segment. A table that is not told apart has one.
    Segments(&'a Contents),
    /// What files held when the build began.
    Files(Fingerprint),
}

impl Holds<'_> {
    fn segment(&self, place: usize) -> Result<Fingerprint> {
        match self {
            Self::Segments(contents) => contents.segments.get(place).copied(),
            Self::Files(_) => None,
        }
        .ok_or_else(|| EngineError::internal("an input that is read by file", "it has no segments"))
    }

    fn whole(&self) -> Result<Fingerprint> {
        match self {
            Self::Segments(contents) => fingerprint::whole(&contents.segments),
            Self::Files(finding) => Ok(*finding),
        }
    }

    /// In some columns, where that is known.
    fn whole_in(&self, columns: &str) -> Result<Fingerprint> {
        match self {
            Self::Segments(contents) => match contents.in_columns.get(columns) {
                Some(held) => fingerprint::whole(held),
                None => self.whole(),
            },
            Self::Files(_) => self.whole(),
        }
    }
}

impl Job {
    /// What is to be done for `id`, all of whose inputs are done.
    ///
    /// # Errors
    /// When an input is not there, which would be a defect.
    pub(super) fn new(run: &Run, outcome: &Outcome, id: &RelationId) -> Result<Self> {
        let task = run.authority.task(id)?;
        let inputs = reads(task)
            .map(|id| {
                let meaning = fingerprint::meaning(&run.authority, id)?;
                Ok(Input { id, meaning, holds: outcome.holds(run, id)? })
            })
            .collect::<Result<Vec<_>>>()?;
        match &task.division {
            Division::Local { elsewhere, .. } => {
                Self::by_segment(run, outcome, id, &inputs, elsewhere)
            }
            Division::Whole | Division::Split { .. } => {
                let all = inputs.iter().map(|input| {
                    let columns = task.columns.get(input.id).map(readers::name);
                    let holds = input.holds.whole_in(&columns.unwrap_or_default())?;
                    Ok((input.meaning, holds))
                });
                let follows = all.collect::<Result<_>>()?;
                let follows = fingerprint::follows(&run.authority, id, &follows)?;
                let inputs = outcome.rows(run, Some(id), reads(task))?;
                Ok(Self { inputs, make: Make::All { follows } })
            }
        }
    }

    /// Rows of no file follow from all that the inputs `elsewhere` hold.
    fn by_segment(
        run: &Run,
        outcome: &Outcome,
        id: &RelationId,
        inputs: &[Input<'_>],
        elsewhere: &BTreeSet<RelationId>,
    ) -> Result<Self> {
        let last = run.segment_of_file.elsewhere();
        let contents = (0..=last).map(|segment| {
            let mut follows = BTreeSet::new();
            for input in inputs {
                if !elsewhere.contains(input.id) {
                    follows.insert((input.meaning, input.holds.segment(segment)?));
                } else if segment == last {
                    follows.insert((input.meaning, input.holds.whole()?));
                }
            }
            fingerprint::follows(&run.authority, id, &follows)
        });
        let contents = contents.collect::<Result<_>>()?;
        let table = run.survey.table(&TableKey::Relation(id.clone()))?;
        let segments = Segments::new(contents, &table.segments_there());
        let missing = segments.missing();
        let mut rows = Inputs::new();
        let reader = id;
        for Input { id, holds, .. } in inputs {
            let provider = match holds {
                Holds::Segments(contents) if !elsewhere.contains(*id) => {
                    let places = places(&contents.segments);
                    outcome.read(run, Some(reader), id, |file| {
                        let place = file.segment().and_then(|content| places.get(&content));
                        place.is_none_or(|place| missing.contains(place))
                    })?
                }
                _ => outcome.read(run, Some(reader), id, |_| missing.contains(&last))?,
            };
            rows.insert((*id).clone(), provider);
        }
        Ok(Self { inputs: rows, make: Make::Segments(segments) })
    }
}

impl Outcome {
    /// What a table that is done, or files, hold.
    fn holds<'a>(&'a self, run: &'a Run, id: &RelationId) -> Result<Holds<'a>> {
        if let Some((_, finding)) = run.survey.files().finding(id) {
            return Ok(Holds::Files(finding));
        }
        let key = key(run, id)?;
        let contents = match (self.done.get(&key), &run.survey.table(&key)?.newest) {
            (Some(done), _) => &done.contents,
            (None, Some(newest)) => &newest.contents,
            (None, None) => {
                return Err(EngineError::internal(format!("`{id}`"), "it has no rows yet"));
            }
        };
        Ok(Holds::Segments(contents))
    }

    /// The rows of tables and evidence, all of which are done, for the task that fills the table of `reader`, if it is
    /// one that reads them.
    pub(super) fn rows<'a>(
        &self,
        run: &Run,
        reader: Option<&RelationId>,
        relations: impl Iterator<Item = &'a RelationId>,
    ) -> Result<Inputs> {
        relations.map(|id| Ok((id.clone(), self.read(run, reader, id, |_| true)?))).collect()
    }

    /// The rows of a table that is done: those of the files that are `wanted`.
    fn read(
        &self,
        run: &Run,
        reader: Option<&RelationId>,
        id: &RelationId,
        wanted: impl Fn(&DataFile) -> bool,
    ) -> Result<Arc<dyn TableProvider>> {
        if run.survey.files().finding(id).is_some() {
            let schema = arrow_schema(plan(run, id)?.schema());
            return run.survey.files().table(id, schema);
        }
        let key = key(run, id)?;
        let table = run.survey.table(&key)?;
        let mut files = self.files(&key, table);
        files.retain(wanted);
        let scanning = run.decisions.scanning(&run.authority, reader, id);
        read::table(&table.dataset, Arc::clone(&table.schema), &files, scanning)
    }
}

/// The relations that a task's plan scans.
fn reads(task: &Task) -> impl Iterator<Item = &RelationId> {
    task.evidence.iter().chain(&task.files).chain(&task.reads)
}

fn plan<'a>(run: &'a Run, id: &RelationId) -> Result<&'a RelationPlan> {
    run.authority.plans().relation(id).ok_or_else(|| {
        EngineError::internal(format!("relation `{id}`"), "it is not in the program")
    })
}

/// The table that holds a relation's rows.
pub(super) fn key(run: &Run, id: &RelationId) -> Result<TableKey> {
    Ok(match plan(run, id)?.evidence() {
        Some(spec) => TableKey::evidence(spec),
        None => TableKey::Relation(id.clone()),
    })
}
