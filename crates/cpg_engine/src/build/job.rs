//! What is to be done for a task, found when all that it reads is done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cpg_ir::canon::Fingerprint;
use cpg_ir::spec::RelationId;
use cpg_plan::program::{Division, Reads, RelationPlan, Task};
use cpg_plan::schema::arrow_schema;
use datafusion::catalog::TableProvider;

use super::Run;
use super::anew::Anew;
use super::execute::Outcome;
use super::readers;
use super::segments::places;
use crate::audit::Inputs;
use crate::delta::state::Contents;
use crate::delta::{DataFile, read};
use crate::error::{EngineError, Result};
use crate::fingerprint::{self, TableKey};

/// What is to be done for a task.
pub(super) struct Job {
    /// The rows that it reads.
    pub(super) inputs: Inputs,
    /// The segments that it makes of them.
    pub(super) anew: Anew,
    /// Where inputs have rows of other files, too, that are not to be looked at: the segments whose files are.
    pub(super) some: Option<BTreeSet<usize>>,
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
    fn segment_in(&self, place: usize, columns: &str) -> Result<Fingerprint> {
        let held = match self {
            Self::Segments(contents) => contents.in_columns.get(columns),
            Self::Files(_) => None,
        };
        match held.and_then(|held| held.get(place)) {
            Some(held) => Ok(*held),
            None => self.segment(place),
        }
    }

    /// The same of all segments.
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
            Division::Whole => {
                Self::anew(run, outcome, id, &inputs, (&Reads::new(), &task.columns))
            }
            Division::Split { by_file, whole, .. } => {
                Self::anew(run, outcome, id, &inputs, (by_file, whole))
            }
        }
    }

    /// Each segment's rows follow from what is read `by_file` of this segment, and from all that is read as a `whole`.
    fn anew(
        run: &Run,
        outcome: &Outcome,
        id: &RelationId,
        inputs: &[Input<'_>],
        (by_file, whole): (&Reads, &Reads),
    ) -> Result<Self> {
        let mut everywhere = BTreeSet::new();
        for input in inputs {
            if let Some(columns) = whole.get(input.id) {
                let columns = readers::name(columns);
                everywhere.insert((input.meaning, input.holds.whole_in(&columns)?));
            }
        }
        let table = run.survey.table(&TableKey::Relation(id.clone()))?;
        let follows = (0..table.segments_wanted).map(|place| {
            let mut follows = everywhere.clone();
            for input in inputs {
                if let Some(columns) = by_file.get(input.id) {
                    let columns = readers::name(columns);
                    follows.insert((input.meaning, input.holds.segment_in(place, &columns)?));
                }
            }
            fingerprint::follows(&run.authority, id, &follows)
        });
        let anew = Anew::new(table, follows.collect::<Result<_>>()?)?;
        let mut rows = Inputs::new();
        if anew.is_nothing() {
            return Ok(Self { inputs: rows, anew, some: None });
        }
        let some = anew.some();
        let reader = id;
        for Input { id, holds, .. } in inputs {
            let provider = match (holds, &some) {
                (Holds::Segments(contents), Some(some)) if !whole.contains_key(*id) => {
                    let places = places(&contents.segments);
                    outcome.read(run, Some(reader), id, |file| is_of(file, &places, some))?
                }
                _ => outcome.read(run, Some(reader), id, |_| true)?,
            };
            rows.insert((*id).clone(), provider);
        }
        Ok(Self { inputs: rows, anew, some })
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
        let follows = (0..=last).map(|segment| {
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
        let table = run.survey.table(&TableKey::Relation(id.clone()))?;
        let anew = Anew::new(table, follows.collect::<Result<_>>()?)?;
        let made: BTreeSet<usize> = anew.made().collect();
        let mut rows = Inputs::new();
        if anew.is_nothing() {
            return Ok(Self { inputs: rows, anew, some: None });
        }
        let reader = id;
        for Input { id, holds, .. } in inputs {
            let provider = match holds {
                Holds::Segments(contents) if !elsewhere.contains(*id) => {
                    let places = places(&contents.segments);
                    outcome.read(run, Some(reader), id, |file| is_of(file, &places, &made))?
                }
                _ => outcome.read(run, Some(reader), id, |_| made.contains(&last))?,
            };
            rows.insert((*id).clone(), provider);
        }
        // No rows of other files are there.
        Ok(Self { inputs: rows, anew, some: None })
    }
}

/// Whether a file has rows of some segments, as far as it says.
fn is_of(
    file: &DataFile,
    places: &BTreeMap<Fingerprint, usize>,
    segments: &BTreeSet<usize>,
) -> bool {
    let place = file.segment().and_then(|content| places.get(&content));
    place.is_none_or(|place| segments.contains(place))
}

impl Outcome {
    /// What a table that is done, or files, hold.
    fn holds<'a>(&'a self, run: &'a Run, id: &RelationId) -> Result<Holds<'a>> {
        if let Some((_, finding)) = run.survey.files().finding(id) {
            return Ok(Holds::Files(finding));
        }
        let key = run.authority.table(id)?;
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
        let key = run.authority.table(id)?;
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
