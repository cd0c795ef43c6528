//! The plans of a whole program: which relations are kept, what each of them reads, and what is needed of
//! evidence.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::canon::{Domain, Fingerprint};
use cpg_ir::ir::{IrRelation, SemanticIr};
use cpg_ir::manifest::{EvidenceNeeds, ProgramManifest};
use cpg_ir::spec::{RelationId, Spec, Step};
use cpg_ir::types::RowSchema;
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use crate::bind::inline;
use crate::deps::{InferredDeps, infer, narrow};
use crate::error::{PlanError, Problem};
use crate::lower::lower;

/// The version of lowering: changes when the same spec would be computed to other rows.
const LOWERING_VERSION: u32 = 1;

/// A relation whose rows are kept is computed once however many read it; any other is part of its reader's plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Materialisation {
    /// Kept as an output.
    Output,
    /// Kept for its readers.
    Stage,
}

/// A relation whose rows are computed and kept.
#[derive(Debug, Clone)]
pub struct Task {
    /// Which relation.
    pub relation: RelationId,
    /// What its rows are kept for.
    pub materialisation: Materialisation,
    /// Why they are kept.
    pub reason: String,
    /// The kept relations and the evidence that `plan` scans.
    pub inputs: BTreeSet<RelationId>,
    /// The kept columns: all of an output, what readers need of a staged relation.
    pub schema: RowSchema,
    /// How its rows are computed from `inputs`, which it scans as [`crate::scan::RelationSource`]s.
    pub plan: LogicalPlan,
    /// What the plan needs.
    pub deps: InferredDeps,
    /// What is computed: equal for plans that mean the same over equal inputs.
    pub fingerprint: Fingerprint,
}

/// The plans of a program.
#[derive(Debug, Clone)]
pub struct ProgramPlans {
    tasks: Vec<Task>,
    evidence_needs: EvidenceNeeds,
}

impl ProgramPlans {
    /// Plans every relation that `manifest` holds, down to the columns of evidence.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn new(manifest: &ProgramManifest) -> Result<Self, PlanError> {
        let ir = manifest.ir();
        let kept = kept(ir);
        let mut required: BTreeMap<RelationId, BTreeSet<String>> = BTreeMap::new();
        let mut tasks = Vec::with_capacity(kept.len());
        // Readers first: what they need of a staged relation is all that is kept of it.
        for relation in ir.relations().iter().rev() {
            let id = &relation.relation.id;
            let Some((materialisation, reason)) = kept.get(id) else { continue };
            let needs = required.remove(id).unwrap_or_default();
            let task = task(ir, &kept, relation, *materialisation, reason, &needs)
                .map_err(|problem| PlanError::new(id, problem))?;
            for (input, columns) in &task.deps.inputs {
                required.entry(input.clone()).or_default().extend(columns.iter().cloned());
            }
            tasks.push(task);
        }
        tasks.reverse();
        Ok(Self { tasks, evidence_needs: evidence_needs(ir, &required) })
    }

    /// Every relation that is computed and kept, inputs before readers.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// The columns of evidence that some plan reads.
    pub fn evidence_needs(&self) -> &EvidenceNeeds {
        &self.evidence_needs
    }
}

type Kept = BTreeMap<RelationId, (Materialisation, String)>;

fn kept(ir: &SemanticIr) -> Kept {
    let mut readers: BTreeMap<&RelationId, BTreeSet<&RelationId>> = BTreeMap::new();
    let mut reads: BTreeMap<&RelationId, usize> = BTreeMap::new();
    for IrRelation { relation, .. } in ir.relations() {
        for input in relation.spec.inputs() {
            readers.entry(input).or_default().insert(&relation.id);
            *reads.entry(input).or_default() += 1;
        }
    }
    let decide = |relation: &IrRelation| {
        let id = &relation.relation.id;
        let reads = reads.get(id).copied().unwrap_or_default();
        if matches!(relation.relation.spec, Spec::Evidence(_)) {
            None
        } else if relation.exported {
            Some((Materialisation::Output, "it is exported".to_owned()))
        } else if reads < 2 || is_cheap(&relation.relation.spec) {
            None
        } else {
            let readers = readers.get(id).map_or(0, BTreeSet::len);
            let reason = format!("it is read {reads} times, by {readers} relations");
            Some((Materialisation::Stage, reason))
        }
    };
    let entry = |relation: &IrRelation| Some((relation.relation.id.clone(), decide(relation)?));
    ir.relations().iter().filter_map(entry).collect()
}

/// Whether computing it again costs about as much as reading it: a view that only picks rows and columns.
fn is_cheap(spec: &Spec) -> bool {
    let Spec::View(view) = spec else { return false };
    let picks = |step: &Step| matches!(step, Step::Where { .. } | Step::Select { .. });
    view.pipeline.arms.iter().all(|arm| arm.steps.iter().all(picks))
        && view.pipeline.arms.len() == 1
}

fn task(
    ir: &SemanticIr,
    kept: &Kept,
    relation: &IrRelation,
    materialisation: Materialisation,
    reason: &str,
    needs: &BTreeSet<String>,
) -> Result<Task, Problem> {
    let id = &relation.relation.id;
    let schema = match materialisation {
        Materialisation::Output => relation.relation.schema.clone(),
        Materialisation::Stage => narrowed(&relation.relation.schema, needs),
    };
    let plan = compose(ir, kept, id)?;
    let columns: Vec<Expr> =
        schema.columns.iter().map(|column| Expr::Column(Column::from_name(&column.name))).collect();
    let plan = narrow(LogicalPlanBuilder::from(plan).project(columns)?.build()?)?;
    let deps = infer(&plan)?;
    let meaning = (LOWERING_VERSION, relation.spec_hash, &schema, &deps.functions);
    let fingerprint = Fingerprint::of(Domain::Plan, &meaning)
        .map_err(|error| Problem::Unsupported(error.to_string()))?;
    Ok(Task {
        relation: id.clone(),
        materialisation,
        reason: reason.to_owned(),
        inputs: deps.inputs.keys().cloned().collect(),
        schema,
        plan,
        deps,
        fingerprint,
    })
}

/// The plan of a relation over kept relations and evidence.
fn compose(ir: &SemanticIr, kept: &Kept, id: &RelationId) -> Result<LogicalPlan, Problem> {
    let plan = lower(ir, id).map_err(|error| error.problem)?;
    inline(plan, |input| {
        let is_evidence =
            ir.relation(input).is_some_and(|r| matches!(r.relation.spec, Spec::Evidence(_)));
        if is_evidence || kept.contains_key(input) {
            return Ok(None);
        }
        compose(ir, kept, input).map(Some)
    })
}

/// The needed columns in the row's order; one at least, since rows have to be somewhere.
fn narrowed(schema: &RowSchema, needs: &BTreeSet<String>) -> RowSchema {
    let mut columns: Vec<_> =
        schema.columns.iter().filter(|column| needs.contains(&column.name)).cloned().collect();
    if columns.is_empty() {
        columns.extend(schema.columns.first().cloned());
    }
    RowSchema { columns }
}

fn evidence_needs(
    ir: &SemanticIr,
    required: &BTreeMap<RelationId, BTreeSet<String>>,
) -> EvidenceNeeds {
    let mut needs: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for IrRelation { relation, .. } in ir.relations() {
        if let Spec::Evidence(spec) = &relation.spec
            && let Some(columns) = required.get(&relation.id)
        {
            let columns = narrowed(&relation.schema, columns).columns;
            let tables = needs.entry(spec.extractor.clone()).or_default();
            let table = tables.entry(spec.table.clone()).or_default();
            table.extend(columns.into_iter().map(|column| column.name));
        }
    }
    let listed = |tables: BTreeMap<String, BTreeSet<String>>| {
        tables.into_iter().map(|(table, columns)| (table, columns.into_iter().collect())).collect()
    };
    needs.into_iter().map(|(extractor, tables)| (extractor, listed(tables))).collect()
}
