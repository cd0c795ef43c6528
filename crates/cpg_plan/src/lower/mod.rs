//! One relation's spec as a logical plan over scans of its inputs. One file per kind of spec; what they say is
//! written down at the types of [`cpg_ir::spec`].
//!
//! Row source `i` of a clause is the alias `s<i>`; helper columns begin with `#`, which no name of a program does.

use cpg_ir::ir::SemanticIr;
use cpg_ir::spec::{Relation, RelationId, Spec};
use cpg_ir::types::RowSchema;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};

use crate::error::{PlanError, Problem};
use crate::scan;

mod check;
mod expr;
mod join;
mod normalize;
mod output;
mod relate;
mod union;
mod view;

pub(crate) use check::{Lowered, lower_check};
pub use relate::confidence::{AMBIGUITY_SHARE, FEATURE_SHARE};

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
    Lowering { ir, relation }.lower().map_err(in_relation)
}

/// One relation being lowered.
struct Lowering<'a> {
    ir: &'a SemanticIr,
    relation: &'a Relation,
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

    /// A scan of `id` as row source `index`.
    fn input(&self, id: &RelationId, index: u32) -> Result<LogicalPlan, Problem> {
        let scan = scan::scan(self.find(id)?)?;
        Ok(LogicalPlanBuilder::from(scan).alias(expr::alias(index))?.build()?)
    }
}
