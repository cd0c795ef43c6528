//! Relations without the columns that nobody reads.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::ir::{IrRelation, SemanticIr};
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::{EvidenceSpec, Relation, RelationId, Spec};
use cpg_ir::types::{RowSchema, SemanticType};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use super::RelationPlan;
use super::checks::CheckPlan;
use super::division::file_column;
use super::meaning::Meanings;
use crate::deps::{self, InferredDeps};
use crate::error::{PlanError, Problem};
use crate::fingerprint;
use crate::granularity::{Belonging, Locality, locality};
use crate::lineage::lineage;
use crate::lower::lower;
use crate::scan::own;

/// Every relation of a program, inputs before readers, of each the columns that somebody reads.
pub(super) fn relations(
    manifest: &ProgramManifest,
    checks: &[CheckPlan],
) -> Result<Vec<RelationPlan>, PlanError> {
    let ir = manifest.ir();
    let mut full: BTreeMap<&RelationId, LogicalPlan> = BTreeMap::new();
    for IrRelation { relation, .. } in ir.relations() {
        let plan = lower(ir, &relation.id)?;
        deps::check(&plan).map_err(|why| PlanError::new(&relation.id, why))?;
        full.insert(&relation.id, plan);
    }

    let mut required: BTreeMap<RelationId, BTreeSet<String>> = BTreeMap::new();
    for check in checks {
        for (relation, columns) in &check.reads {
            required.entry(relation.clone()).or_default().extend(columns.iter().cloned());
        }
    }
    let files = file_columns(ir, &full);
    let mut narrowed = Vec::new();
    for reader in ir.relations().iter().rev() {
        let relation = &reader.relation;
        let wanted = required.remove(&relation.id).filter(|_| !reader.exported);
        let row = match wanted {
            Some(mut columns) => {
                columns.extend(files.get(&relation.id).cloned());
                narrow_row(relation, &columns)
            }
            None => relation.schema.clone(),
        };
        let plan = full.get(&relation.id).ok_or(Problem::UnknownRelation(relation.id.clone()));
        let (plan, reads) = plan
            .and_then(|plan| {
                let plan = narrow(plan, &row)?;
                let reads = deps::reads(&plan)?;
                Ok((plan, reads))
            })
            .map_err(|why| PlanError::new(&relation.id, why))?;
        // Evidence scans itself.
        for read in reads.into_iter().filter(|read| read.relation != relation.id) {
            required.entry(read.relation).or_default().extend(read.columns);
        }
        narrowed.push((reader, row, plan));
    }

    let plans_of_rows =
        narrowed.iter().map(|(reader, row, plan)| (&reader.relation.id, (row, plan)));
    let mut meanings = Meanings::of_program(ir, &full, plans_of_rows.collect());
    let mut belongings: BTreeMap<RelationId, Belonging> = BTreeMap::new();
    let mut plans = Vec::with_capacity(narrowed.len());
    for (IrRelation { relation, exported, .. }, schema, plan) in narrowed.iter().rev() {
        let Relation { id, spec, .. } = relation;
        let in_relation = |why| PlanError::new(id, why);
        let locality = of_relation(spec, schema, plan, &belongings);
        belongings.insert(id.clone(), locality.belonging.clone());
        let lineage = full.get(id).map(lineage).transpose().map_err(in_relation)?;
        plans.push(RelationPlan {
            id: id.clone(),
            spec: spec.clone(),
            exported: *exported,
            lineage: lineage.unwrap_or_default(),
            deps: dependencies(relation, schema, plan, &mut meanings).map_err(in_relation)?,
            schema: schema.clone(),
            plan: plan.clone(),
            locality,
        });
    }
    Ok(plans)
}

/// The columns that say whose file's rows those of computed relations are, where some do. They are kept though nobody may
/// read them: without one, a relation's rows could only be made anew together.
fn file_columns(
    ir: &SemanticIr,
    plans: &BTreeMap<&RelationId, LogicalPlan>,
) -> BTreeMap<RelationId, String> {
    let mut belongings: BTreeMap<RelationId, Belonging> = BTreeMap::new();
    let mut columns = BTreeMap::new();
    for IrRelation { relation, .. } in ir.relations() {
        let Relation { id, spec, schema } = relation;
        let Some(plan) = plans.get(id) else { continue };
        let belonging = of_relation(spec, schema, plan, &belongings).belonging;
        if !matches!(spec, Spec::Evidence(_)) {
            let column = file_column(schema, &belonging);
            columns.extend(column.map(|column| (id.clone(), column.to_owned())));
        }
        belongings.insert(id.clone(), belonging);
    }
    columns
}

/// The columns of a relation's row that are wanted. One stays in any case: tables have columns.
pub(super) fn narrow_row(relation: &Relation, wanted: &BTreeSet<String>) -> RowSchema {
    let all = &relation.schema.columns;
    let mut columns: Vec<_> =
        all.iter().filter(|column| wanted.contains(&column.name)).cloned().collect();
    if columns.is_empty() {
        columns.extend(all.first().cloned());
    }
    RowSchema { columns }
}

/// A relation's plan with the columns of `row` alone, and without what only the others need.
pub(super) fn narrow(plan: &LogicalPlan, row: &RowSchema) -> Result<LogicalPlan, Problem> {
    let mut plan = plan.clone();
    if plan.schema().fields().len() != row.columns.len() {
        let columns: Vec<Expr> = row.columns.iter().map(|column| own(&column.name)).collect();
        plan = LogicalPlanBuilder::from(plan).project(columns)?.build()?;
    }
    deps::prune(plan)
}

fn dependencies(
    relation: &Relation,
    schema: &RowSchema,
    plan: &LogicalPlan,
    meanings: &mut Meanings<'_>,
) -> Result<InferredDeps, Problem> {
    let mut inputs: BTreeMap<RelationId, BTreeSet<String>> = BTreeMap::new();
    // Evidence scans itself.
    for read in deps::reads(plan)?.into_iter().filter(|read| read.relation != relation.id) {
        inputs.entry(read.relation).or_default().extend(read.columns);
    }
    let columns = schema.columns.iter().map(|column| column.name.clone()).collect();
    Ok(InferredDeps {
        inputs,
        functions: fingerprint::functions(plan)?,
        plan_fingerprint: meanings.of(&relation.id, &columns)?,
    })
}

/// Of a relation over its inputs as tables, whether they are or not.
fn of_relation(
    spec: &Spec,
    schema: &RowSchema,
    plan: &LogicalPlan,
    inputs: &BTreeMap<RelationId, Belonging>,
) -> Locality {
    match spec {
        Spec::Evidence(evidence) => of_evidence(evidence, schema),
        // Whose rows change when a source file does is not known of them.
        Spec::Files(_) => Locality::unknown(),
        _ => locality(plan, inputs),
    }
}

/// Extractors look at one file at a time. A path names a file as its id does, and the ids that they give are of places
/// in files; of those that a command gives nothing is known.
fn of_evidence(evidence: &EvidenceSpec, schema: &RowSchema) -> Locality {
    let names_file = |ty: &SemanticType| matches!(ty, SemanticType::FileId | SemanticType::Path);
    let columns = schema.columns.iter();
    let names = columns.filter(|column| !column.ty.nullable && names_file(&column.ty.semantic));
    let mut locality = Locality::of_files(names.map(|column| column.name.clone()).collect());
    if !evidence.is_of_command() && !locality.belonging.names.is_empty() {
        let ids = schema.columns.iter();
        let ids = ids.filter(|column| matches!(column.ty.semantic, SemanticType::Id(_)));
        locality.belonging.bound = ids.map(|column| column.name.clone()).collect();
    }
    locality
}
