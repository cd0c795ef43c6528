//! What columns of relations mean.

use std::collections::{BTreeMap, BTreeSet};

use cpg_ir::canon::Fingerprint;
use cpg_ir::ir::SemanticIr;
use cpg_ir::spec::{RelationId, Spec};
use cpg_ir::types::RowSchema;
use datafusion::logical_expr::LogicalPlan;

use super::narrow::{narrow, narrow_row};
use crate::error::Problem;
use crate::fingerprint;
use crate::schema::arrow_schema;

/// The fingerprints of some columns of relations: of the plans that compute these columns, down to evidence. What
/// other columns mean, and whether anybody reads them, does not show in them.
pub(super) struct Meanings<'a> {
    ir: &'a SemanticIr,
    plans: &'a BTreeMap<&'a RelationId, LogicalPlan>,
    /// What [`narrow`] made of some already.
    narrowed: BTreeMap<&'a RelationId, (&'a RowSchema, &'a LogicalPlan)>,
    known: BTreeMap<(RelationId, BTreeSet<String>), Fingerprint>,
}

impl<'a> Meanings<'a> {
    /// Of the relations of a program, given the plans of all their columns, and those of the columns that somebody
    /// reads.
    pub(super) fn of_program(
        ir: &'a SemanticIr,
        plans: &'a BTreeMap<&'a RelationId, LogicalPlan>,
        narrowed: BTreeMap<&'a RelationId, (&'a RowSchema, &'a LogicalPlan)>,
    ) -> Self {
        Self { ir, plans, narrowed, known: BTreeMap::new() }
    }

    /// What `columns` of a relation mean. Relations are acyclic, so this ends.
    pub(super) fn of(
        &mut self,
        id: &RelationId,
        columns: &BTreeSet<String>,
    ) -> Result<Fingerprint, Problem> {
        let key = (id.clone(), columns.clone());
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let unknown = || Problem::UnknownRelation(id.clone());
        let relation = &self.ir.relation(id).ok_or_else(unknown)?.relation;
        let row = narrow_row(relation, columns);
        let meaning = match &relation.spec {
            Spec::Files(source) => fingerprint::files(source, arrow_schema(&row).fields())?,
            Spec::Evidence(spec) => {
                let columns = arrow_schema(&row);
                fingerprint::evidence(&spec.extractor, &spec.table, columns.fields())?
            }
            _ => match self.narrowed.get(id) {
                Some((narrowed, plan)) if **narrowed == row => {
                    fingerprint::fingerprint(plan, &mut |id, columns| self.of(id, columns))?
                }
                _ => {
                    let plan = narrow(self.plans.get(id).ok_or_else(unknown)?, &row)?;
                    fingerprint::fingerprint(&plan, &mut |id, columns| self.of(id, columns))?
                }
            },
        };
        self.known.insert(key, meaning);
        Ok(meaning)
    }
}
