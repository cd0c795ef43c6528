//! One relation's spec as a logical plan over scans of its inputs. One file per kind of spec; what they say is
//! written down at the types of [`cpg_ir::spec`].
//!
//! Row source `i` of a clause is the alias `s<i>`; helper columns begin with `#`, which no name of a program does.

use std::sync::Arc;

use cpg_ir::ir::SemanticIr;
use cpg_ir::spec::{FixpointSpec, Relation, RelationId, Spec};
use cpg_ir::types::RowSchema;
use datafusion::common::DFSchema;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};

use crate::error::{PlanError, Problem};
use crate::fixpoint::{Part, Rows, RowsOf};
use crate::scan;
use crate::schema::arrow_schema;

mod check;
mod expr;
mod join;
mod normalize;
mod output;
mod recursion;
mod relate;
mod rows;
mod union;
mod view;

pub(crate) use check::{Lowered, lower_check};
pub use relate::confidence::{AMBIGUITY_SHARE, FEATURE_SHARE};
pub(crate) use rows::rows;

/// The plan of one relation. It reads its inputs as scans of tables that are called as the relations are
/// ([`crate::scan::table_name`]) and that carry nothing but their rows ([`crate::scan::RelationSource`]). Its
/// columns are the relation's, unqualified, in order and of exactly the Arrow types of [`crate::schema`].
///
/// # Errors
/// When `id` or an input is not in the program, and for specs that the frontend would not have accepted.
pub fn lower(ir: &SemanticIr, id: &RelationId) -> Result<LogicalPlan, PlanError> {
    let in_relation = |problem| PlanError::new(id, problem);
    let relation =
        &ir.relation(id).ok_or_else(|| in_relation(Problem::UnknownRelation(id.clone())))?.relation;
    Lowering { ir, relation, block: None }.lower().map_err(in_relation)
}

/// One relation being lowered.
#[derive(Clone, Copy)]
struct Lowering<'a> {
    ir: &'a SemanticIr,
    relation: &'a Relation,
    /// The fixpoint whose views are being lowered.
    block: Option<&'a FixpointSpec>,
}

impl Lowering<'_> {
    fn lower(&self) -> Result<LogicalPlan, Problem> {
        let plan = match &self.relation.spec {
            // What an extractor found is a table already; the plan says which columns.
            Spec::Evidence(_) => self.input(&self.relation.id, 0)?,
            Spec::Normalize(spec) => self.normalize(spec)?,
            Spec::Relate(spec) => self.relate(spec)?,
            Spec::Union(spec) => self.union(spec)?,
            Spec::View(spec) => self.view(spec)?,
            Spec::Fixpoint(spec) => self.fixpoint(spec)?,
            Spec::Member(spec) => self.member(spec)?,
            Spec::Closure(spec) => self.closure(spec)?,
        };
        output::shape(plan, self.schema())
    }

    /// The relation's row.
    fn schema(&self) -> &RowSchema {
        &self.relation.schema
    }

    fn find(&self, id: &RelationId) -> Result<&Relation, Problem> {
        self.ir
            .relation(id)
            .map(|found| &found.relation)
            .ok_or_else(|| Problem::UnknownRelation(id.clone()))
    }

    /// The rows of `id` as row source `index`: a scan, or those of a view of the same fixpoint.
    fn input(&self, id: &RelationId, index: u32) -> Result<LogicalPlan, Problem> {
        let member = self.block.and_then(|block| {
            let number = block.position(id)?;
            Some((number, block.members.get(number)?))
        });
        let rows = match member {
            Some((number, member)) => {
                let schema = DFSchema::try_from(arrow_schema(&member.schema))?;
                Rows::plan(RowsOf::Member(number, Part::All), Arc::new(schema))
            }
            None => scan::scan(self.find(id)?)?,
        };
        Ok(LogicalPlanBuilder::from(rows).alias(expr::alias(index))?.build()?)
    }
}
