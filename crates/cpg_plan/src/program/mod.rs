//! The plans of a whole program: what is computed, from which columns, and what is kept.
//!
//! Every relation is lowered by itself; then, readers first, each loses the columns that nobody reads, down to the
//! columns that extractors must find. What a trivial relation or one with a single reader computes becomes part of
//! its readers' plans; the rest are tasks.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;
use cpg_ir::file::FileSource;
use cpg_ir::manifest::{EvidenceNeeds, ProgramManifest};
use cpg_ir::spec::{EvidenceSpec, RelationId, Spec};
use cpg_ir::types::RowSchema;
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::bind::{self, Input};
use crate::deps::{self, InferredDeps, Read};
use crate::drivers::drivers;
use crate::error::{PlanError, Problem};
use crate::granularity::{Belonging, Granularity, Locality, locality};
use crate::lineage::Lineage;

mod checks;
mod division;
mod materialisation;
mod meaning;
mod narrow;
mod table;

pub use crate::drivers::Reads;
pub use checks::CheckPlan;
pub use division::Division;
pub use materialisation::{InlineReason, Materialisation, StageReason};
pub use table::TableKey;

/// One relation of a planned program.
#[derive(Debug, Clone)]
pub struct RelationPlan {
    id: RelationId,
    spec: Spec,
    exported: bool,
    schema: RowSchema,
    plan: LogicalPlan,
    lineage: Lineage,
    deps: InferredDeps,
    locality: Locality,
}

impl RelationPlan {
    /// Which relation.
    pub fn id(&self) -> &RelationId {
        &self.id
    }

    /// Its row: the columns that somebody reads; an output's are all of its columns.
    pub fn schema(&self) -> &RowSchema {
        &self.schema
    }

    /// Its plan over scans of its inputs; its columns are those of [`Self::schema`]. Evidence scans itself.
    pub fn plan(&self) -> &LogicalPlan {
        &self.plan
    }

    /// Where the values of all its columns come from, read or not.
    pub fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// What its plan needs.
    pub fn deps(&self) -> &InferredDeps {
        &self.deps
    }

    /// By which part of its inputs it can be computed.
    pub fn granularity(&self) -> Granularity {
        self.locality.granularity
    }

    /// Whether a column says whose file's rows these are.
    fn tells_files_apart(&self) -> bool {
        !self.locality.belonging.names.is_empty()
    }

    /// The extractor's table, if it is evidence.
    pub fn evidence(&self) -> Option<&EvidenceSpec> {
        match &self.spec {
            Spec::Evidence(spec) => Some(spec),
            _ => None,
        }
    }

    /// The files that hold its rows, if they do.
    pub fn files(&self) -> Option<&FileSource> {
        match &self.spec {
            Spec::Files(source) => Some(source),
            _ => None,
        }
    }

    /// Whether its rows are there before anything is computed: extracted, or in files.
    pub fn is_given(&self) -> bool {
        self.evidence().is_some() || self.files().is_some()
    }
}

/// Work that fills one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The relation whose table it fills.
    pub relation: RelationId,
    /// The relations whose tables it reads: those of other tasks.
    pub reads: BTreeSet<RelationId>,
    /// The evidence that it reads.
    pub evidence: BTreeSet<RelationId>,
    /// The evidence in files that it reads.
    pub files: BTreeSet<RelationId>,
    /// Of all that it reads, the columns.
    pub columns: BTreeMap<RelationId, BTreeSet<String>>,
    /// How its rows are told apart by the files that they belong to.
    pub division: Division,
}

/// All plans of a program.
#[derive(Debug, Clone)]
pub struct ProgramPlans {
    /// Inputs before readers.
    relations: Vec<RelationPlan>,
    by_id: BTreeMap<RelationId, usize>,
    materialisation: BTreeMap<RelationId, Materialisation>,
    tasks: Vec<Task>,
    task_by_relation: BTreeMap<RelationId, usize>,
    checks: Vec<CheckPlan>,
}

impl ProgramPlans {
    /// Plans every relation of a program.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn new(manifest: &ProgramManifest) -> Result<Self, PlanError> {
        let mut checks = checks::plans(manifest)?;
        let relations = narrow::relations(manifest, &checks)?;
        let by_id = relations.iter().enumerate().map(|(at, plan)| (plan.id.clone(), at)).collect();
        let checked = checks.iter().flat_map(CheckPlan::reads).cloned().collect();
        let materialisation = materialisation::decide(&relations, checked, manifest.policies())?;
        let mut plans = Self {
            relations,
            by_id,
            materialisation,
            tasks: Vec::new(),
            task_by_relation: BTreeMap::new(),
            checks: Vec::new(),
        };
        plans.tasks = plans
            .relations
            .iter()
            .filter(|relation| plans.materialisation[&relation.id].is_task())
            .map(|relation| plans.plan_task(relation))
            .collect::<Result<_, _>>()?;
        let tasks = plans.tasks.iter().enumerate();
        plans.task_by_relation = tasks.map(|(at, task)| (task.relation.clone(), at)).collect();
        for check in &mut checks {
            plans.inline_into(check)?;
        }
        plans.checks = checks;
        Ok(plans)
    }

    /// Every relation, inputs before readers.
    pub fn relations(&self) -> &[RelationPlan] {
        &self.relations
    }

    /// The relation of that identity.
    pub fn relation(&self, id: &RelationId) -> Option<&RelationPlan> {
        self.by_id.get(id).and_then(|at| self.relations.get(*at))
    }

    /// How readers get a relation's rows.
    pub fn materialisation(&self, id: &RelationId) -> Option<&Materialisation> {
        self.materialisation.get(id)
    }

    /// One task per table that is not evidence, inputs before readers.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// The task that fills a relation's table, if it has one.
    pub fn task(&self, id: &RelationId) -> Option<&Task> {
        self.task_by_relation.get(id).and_then(|at| self.tasks.get(*at))
    }

    /// The table that holds a relation's rows, unless they lie in files or are not kept.
    pub fn table(&self, id: &RelationId) -> Option<TableKey> {
        match self.relation(id)?.evidence() {
            Some(spec) => Some(TableKey::evidence(spec)),
            None => self.task(id).map(|_| TableKey::Relation(id.clone())),
        }
    }

    /// The checks, in the manifest's order. Their plans scan evidence and tables only.
    pub fn checks(&self) -> &[CheckPlan] {
        &self.checks
    }

    /// What extractors must find, each table's columns in the order of its contract. Where contracts share a table,
    /// the columns of the first come first.
    pub fn evidence_needs(&self) -> EvidenceNeeds {
        let mut needs = EvidenceNeeds::new();
        for relation in &self.relations {
            let Some(spec) = relation.evidence() else { continue };
            let tables = needs.entry(spec.extractor.clone()).or_default();
            let columns = tables.entry(spec.table.clone()).or_default();
            for column in &relation.schema.columns {
                if !columns.contains(&column.name) {
                    columns.push(column.name.clone());
                }
            }
        }
        needs
    }

    /// The plan of a task's relation with all that is inline put into it: it scans evidence and tables only. See
    /// [`crate::scan::scanned`] and [`bind::bind`].
    ///
    /// # Errors
    /// When there is no such relation.
    pub fn inlined(&self, id: &RelationId) -> Result<LogicalPlan, PlanError> {
        let relation = self
            .relation(id)
            .ok_or_else(|| PlanError::new(id, Problem::UnknownRelation(id.clone())))?;
        if relation.is_given() {
            return Ok(relation.plan.clone());
        }
        self.inline(id, relation.plan.clone(), relation.deps.inputs.keys())
    }

    /// `plan`, which is `of`'s, with those of its `inputs` put into it that are inline.
    fn inline<'a>(
        &self,
        of: &RelationId,
        plan: LogicalPlan,
        inputs: impl Iterator<Item = &'a RelationId>,
    ) -> Result<LogicalPlan, PlanError> {
        // What a relation reads is inlined first: relations are acyclic, so this ends.
        let mut inline: BTreeMap<RelationId, LogicalPlan> = BTreeMap::new();
        for input in inputs {
            if let Some(Materialisation::Inline(_)) = self.materialisation(input) {
                inline.insert(input.clone(), self.inlined(input)?);
            }
        }
        bind::substitute(plan, |input| Ok(inline.get(input).cloned().map(Input::Plan)))
            .map_err(|error| PlanError::new(of, error))
    }

    fn inline_into(&self, check: &mut CheckPlan) -> Result<(), PlanError> {
        let about = check.check.rule.relation();
        check.breaking = self.inline(about, check.breaking.clone(), check.reads.keys())?;
        if let Some(all) = check.all.take() {
            check.all = Some(self.inline(about, all, check.reads.keys())?);
        }
        check.reads = checks::reads(&check.breaking, check.all.as_ref())
            .map_err(|why| PlanError::new(about, why))?;
        Ok(())
    }

    /// The plan of a task's relation that gives the rows of some files, and maybe others: see [`Self::inlined`]. Scans of which
    /// a file's rows are enough give the rows that are `kept`; what says so is given the column that names the file.
    ///
    /// # Errors
    /// As [`Self::inlined`].
    pub fn inlined_for_files(
        &self,
        id: &RelationId,
        kept: &dyn Fn(&RelationId, Expr, &DataType) -> Option<Expr>,
    ) -> Result<LogicalPlan, PlanError> {
        let failed = |why| PlanError::new(id, why);
        let plan = self.inlined(id)?;
        let scans = deps::reads(&plan).map_err(failed)?;
        let (plan, _) = drivers(plan, &self.belongings(&scans), kept).map_err(failed)?;
        Ok(plan)
    }

    /// How the rows of what is scanned belong to files.
    fn belongings(&self, scans: &[Read]) -> BTreeMap<RelationId, Belonging> {
        let inputs = scans.iter().filter_map(|read| {
            let input = self.relation(&read.relation)?;
            Some((input.id.clone(), input.locality.belonging.clone()))
        });
        inputs.collect()
    }

    fn plan_task(&self, relation: &RelationPlan) -> Result<Task, PlanError> {
        let plan = self.inlined(&relation.id)?;
        let failed = |why| PlanError::new(&relation.id, why);
        let scans = deps::reads(&plan).map_err(failed)?;
        let belongings = self.belongings(&scans);
        let locality = locality(&plan, &belongings);
        let (_, drivers) = drivers(plan, &belongings, &|_, _, _| None).map_err(failed)?;
        let mut task = Task {
            relation: relation.id.clone(),
            reads: BTreeSet::new(),
            evidence: BTreeSet::new(),
            files: BTreeSet::new(),
            columns: BTreeMap::new(),
            division: Division::new(&relation.schema, locality, drivers),
        };
        for read in scans {
            let plan = self.relation(&read.relation);
            let kind = match plan.map(|plan| (plan.evidence(), plan.files())) {
                Some((Some(_), _)) => &mut task.evidence,
                Some((_, Some(_))) => &mut task.files,
                _ => &mut task.reads,
            };
            kind.insert(read.relation.clone());
            task.columns.entry(read.relation).or_default().extend(read.columns);
        }
        Ok(task)
    }
}
