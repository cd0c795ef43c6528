//! The plans of a whole program: what is computed, from which columns, and what is kept.
//!
//! Every relation is lowered by itself; then, readers first, each loses the columns that nobody reads, down to the
//! columns that extractors must find. What a trivial relation or one with a single reader computes becomes part of
//! its readers' plans; the rest are tasks.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::canon::{Domain, Fingerprint};
use cpg_ir::manifest::{EvidenceNeeds, ProgramManifest};
use cpg_ir::spec::{EvidenceSpec, Relation, RelationId, Spec};
use cpg_ir::types::{RowSchema, SemanticType};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use crate::bind::{self, Input};
use crate::deps::{self, InferredDeps};
use crate::error::{PlanError, Problem};
use crate::fingerprint;
use crate::granularity::{Granularity, Locality, locality};
use crate::lineage::{Lineage, lineage};
use crate::lower::lower;

mod materialisation;

pub use materialisation::{InlineReason, Materialisation, StageReason};

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

    /// The extractor's table, if it is evidence.
    pub fn evidence(&self) -> Option<&EvidenceSpec> {
        match &self.spec {
            Spec::Evidence(spec) => Some(spec),
            _ => None,
        }
    }

    fn is_evidence(&self) -> bool {
        self.evidence().is_some()
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
}

/// All plans of a program.
#[derive(Debug, Clone)]
pub struct ProgramPlans {
    /// Inputs before readers.
    relations: Vec<RelationPlan>,
    by_id: BTreeMap<RelationId, usize>,
    materialisation: BTreeMap<RelationId, Materialisation>,
    tasks: Vec<Task>,
}

impl ProgramPlans {
    /// Plans every relation of a program.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn new(manifest: &ProgramManifest) -> Result<Self, PlanError> {
        let relations = pruned(manifest)?;
        let by_id = relations.iter().enumerate().map(|(at, plan)| (plan.id.clone(), at)).collect();
        let materialisation = materialisation::decide(&relations)?;
        let mut plans = Self { relations, by_id, materialisation, tasks: Vec::new() };
        plans.tasks = plans
            .relations
            .iter()
            .filter(|relation| plans.materialisation[&relation.id].is_task())
            .map(|relation| plans.task(relation))
            .collect::<Result<_, _>>()?;
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
        if relation.is_evidence() {
            return Ok(relation.plan.clone());
        }
        // What a relation reads is inlined first, by this very function: relations are acyclic, so this ends.
        let mut inline: BTreeMap<RelationId, LogicalPlan> = BTreeMap::new();
        for input in relation.deps.inputs.keys() {
            if let Some(Materialisation::Inline(_)) = self.materialisation(input) {
                inline.insert(input.clone(), self.inlined(input)?);
            }
        }
        bind::substitute(relation.plan.clone(), |input| {
            Ok(inline.get(input).cloned().map(Input::Plan))
        })
        .map_err(|error| PlanError::new(id, error))
    }

    fn task(&self, relation: &RelationPlan) -> Result<Task, PlanError> {
        let plan = self.inlined(&relation.id)?;
        let scans = deps::reads(&plan).map_err(|why| PlanError::new(&relation.id, why))?;
        let (evidence, reads) = scans
            .into_iter()
            .map(|read| read.relation)
            .partition(|id| self.relation(id).is_some_and(RelationPlan::is_evidence));
        Ok(Task { relation: relation.id.clone(), reads, evidence })
    }
}

/// A relation's plan, its lineage, and the part of its row that is read.
struct Narrowed {
    lineage: Lineage,
    schema: RowSchema,
    plan: LogicalPlan,
}

/// Every relation without the columns that nobody reads, inputs before readers.
fn pruned(manifest: &ProgramManifest) -> Result<Vec<RelationPlan>, PlanError> {
    let ir = manifest.ir();
    let mut required: BTreeMap<RelationId, BTreeSet<String>> = BTreeMap::new();
    let mut narrowed = Vec::new();
    for relation in ir.relations().iter().rev() {
        let id = &relation.relation.id;
        let wanted = match required.remove(id) {
            Some(columns) if !relation.exported => Some(columns),
            _ => None,
        };
        let step = || -> Result<_, Problem> {
            let full = lower(ir, id).map_err(|error| error.problem)?;
            let lineage = lineage(&full)?;
            let schema = narrow_row(&relation.relation, wanted.as_ref());
            let plan = deps::prune(narrow(full, &schema)?)?;
            let reads = deps::reads(&plan)?;
            Ok((Narrowed { lineage, schema, plan }, reads))
        };
        let (step, reads) = step().map_err(|why| PlanError::new(id, why))?;
        for read in reads.into_iter().filter(|read| read.relation != *id) {
            required.entry(read.relation).or_default().extend(read.columns);
        }
        narrowed.push((relation, step));
    }

    let mut meanings: BTreeMap<RelationId, Fingerprint> = BTreeMap::new();
    let mut localities: BTreeMap<RelationId, Locality> = BTreeMap::new();
    let mut plans = Vec::with_capacity(narrowed.len());
    for (relation, Narrowed { lineage, schema, plan }) in narrowed.into_iter().rev() {
        let Relation { id, spec, .. } = &relation.relation;
        let in_relation = |why| PlanError::new(id, why);
        let (deps, locality) = match spec {
            Spec::Evidence(evidence) => {
                let plan_fingerprint =
                    Fingerprint::of(Domain::Plan, &("evidence", evidence, &schema))
                        .map_err(|error| in_relation(Problem::Unsupported(error.to_string())))?;
                let deps = InferredDeps {
                    inputs: BTreeMap::new(),
                    functions: BTreeMap::new(),
                    plan_fingerprint,
                };
                (deps, of_evidence(&schema))
            }
            _ => {
                let deps = dependencies(&plan, &meanings).map_err(in_relation)?;
                let locality = locality(&plan, &localities);
                (deps, locality)
            }
        };
        meanings.insert(id.clone(), deps.plan_fingerprint);
        localities.insert(id.clone(), locality.clone());
        plans.push(RelationPlan {
            id: id.clone(),
            spec: spec.clone(),
            exported: relation.exported,
            schema,
            plan,
            lineage,
            deps,
            locality,
        });
    }
    Ok(plans)
}

/// The columns of a relation's row that are wanted. One stays in any case: tables have columns.
fn narrow_row(relation: &Relation, wanted: Option<&BTreeSet<String>>) -> RowSchema {
    let Some(wanted) = wanted else {
        return relation.schema.clone();
    };
    let all = &relation.schema.columns;
    let mut columns: Vec<_> =
        all.iter().filter(|column| wanted.contains(&column.name)).cloned().collect();
    if columns.is_empty() {
        columns.extend(all.first().cloned());
    }
    RowSchema { columns }
}

fn narrow(plan: LogicalPlan, row: &RowSchema) -> Result<LogicalPlan, Problem> {
    if plan.schema().fields().len() == row.columns.len() {
        return Ok(plan);
    }
    let columns: Vec<Expr> =
        row.columns.iter().map(|column| crate::scan::own(&column.name)).collect();
    Ok(LogicalPlanBuilder::from(plan).project(columns)?.build()?)
}

fn dependencies(
    plan: &LogicalPlan,
    meanings: &BTreeMap<RelationId, Fingerprint>,
) -> Result<InferredDeps, Problem> {
    let mut inputs: BTreeMap<RelationId, BTreeSet<String>> = BTreeMap::new();
    for read in deps::reads(plan)? {
        inputs.entry(read.relation).or_default().extend(read.columns);
    }
    Ok(InferredDeps {
        inputs,
        functions: fingerprint::functions(plan)?,
        plan_fingerprint: fingerprint::fingerprint(plan, meanings)?,
    })
}

/// Extractors look at one file at a time. A path names a file as its id does.
fn of_evidence(schema: &RowSchema) -> Locality {
    let names_file = |ty: &SemanticType| matches!(ty, SemanticType::FileId | SemanticType::Path);
    let file: BTreeSet<String> = schema
        .columns
        .iter()
        .filter(|column| !column.ty.nullable && names_file(&column.ty.semantic))
        .map(|column| column.name.clone())
        .collect();
    let granularity = if file.is_empty() { Granularity::Global } else { Granularity::FileLocal };
    Locality { granularity, file }
}
