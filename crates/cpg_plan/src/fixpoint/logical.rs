//! The fixpoint in a logical plan.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use cpg_ir::spec::RelationId;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DFSchemaRef, DataFusionError, Result, plan_err};
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNodeCore};

use crate::schema::arrow_schema;

/// Rows of a fixpoint's inputs or views, as a leaf of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rows {
    of: RowsOf,
    schema: DFSchemaRef,
}

/// Whose rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowsOf {
    /// Those of an input, by its number: the same in every round.
    Input(usize),
    /// Those of a view, by its number.
    Member(usize, Part),
}

/// Which rows of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// All that were found so far.
    All,
    /// Those of the last round.
    Newest,
    /// Those of the rounds before the last one.
    Before,
}

impl Rows {
    /// The leaf of a plan.
    pub(crate) fn plan(of: RowsOf, schema: DFSchemaRef) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(Self { of, schema }) })
    }

    /// Whose rows.
    pub fn of(&self) -> RowsOf {
        self.of
    }

    /// The leaf that `plan` itself is.
    pub(crate) fn at(plan: &LogicalPlan) -> Option<&Self> {
        match plan {
            LogicalPlan::Extension(extension) => extension.node.as_any().downcast_ref(),
            _ => None,
        }
    }
}

impl PartialOrd for Rows {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        // The schema has no order.
        self.of.partial_cmp(&other.of).filter(|order| order.is_ne() || self == other)
    }
}

impl UserDefinedLogicalNodeCore for Rows {
    fn name(&self) -> &str {
        "FixpointRows"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        Vec::new()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, _: Vec<LogicalPlan>) -> Result<Self> {
        Ok(self.clone())
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FixpointRows: {}", self.of)
    }
}

impl fmt::Display for RowsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(number) => write!(f, "input {number}"),
            Self::Member(number, Part::All) => write!(f, "view {number}"),
            Self::Member(number, Part::Newest) => write!(f, "view {number}, newest"),
            Self::Member(number, Part::Before) => write!(f, "view {number}, before the newest"),
        }
    }
}

/// Views of a fixpoint: their rows, one view after the other, in one table.
///
/// Its columns are those of [`cpg_ir::spec::FixpointSpec::row`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fixpoint {
    id: RelationId,
    bound: u32,
    members: Vec<Member>,
    inputs: Vec<LogicalPlan>,
    schema: DFSchemaRef,
}

/// A view of a fixpoint.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Member {
    /// Its columns.
    pub(crate) schema: DFSchemaRef,
    /// Its rules, over [`Rows`], which give exactly these columns.
    pub(crate) arms: Vec<LogicalPlan>,
}

impl Fixpoint {
    /// A fixpoint of views whose rules read views as [`Part::All`] of their [`Rows`], and anything else as a plan of its
    /// own. The largest parts of rules that read no view become inputs.
    pub(crate) fn try_new(
        id: &RelationId,
        spec: &cpg_ir::spec::FixpointSpec,
        rules: Vec<Vec<LogicalPlan>>,
    ) -> Result<Self> {
        let mut inputs = Vec::new();
        let mut members = Vec::with_capacity(spec.members.len());
        for (member, arms) in spec.members.iter().zip(rules) {
            let arms = arms.into_iter().map(|arm| cut(arm, &mut inputs));
            members.push(Member {
                schema: Arc::new(DFSchema::try_from(arrow_schema(&member.schema))?),
                arms: arms.collect::<Result<_>>()?,
            });
        }
        let schema = Arc::new(DFSchema::try_from(arrow_schema(&spec.row()))?);
        Ok(Self { id: id.clone(), bound: spec.bound, members, inputs, schema })
    }

    /// The plan of this fixpoint.
    pub fn into_plan(self) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(self) })
    }

    /// Which fixpoint, for reports.
    pub fn id(&self) -> &RelationId {
        &self.id
    }

    /// How many rounds there are at most.
    pub fn bound(&self) -> u32 {
        self.bound
    }

    /// Its views.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }
}

/// Replaces the largest parts of a rule that read no view by rows of inputs, which are added where they are not there.
fn cut(rule: LogicalPlan, inputs: &mut Vec<LogicalPlan>) -> Result<LogicalPlan> {
    let cut = rule.transform_down(|node| {
        if reads_members(&node)? {
            return Ok(Transformed::no(node));
        }
        let schema = Arc::clone(node.schema());
        let number = inputs.iter().position(|input| *input == node).unwrap_or_else(|| {
            inputs.push(node);
            inputs.len() - 1
        });
        let rows = Rows::plan(RowsOf::Input(number), schema);
        Ok(Transformed::new(rows, true, TreeNodeRecursion::Jump))
    })?;
    Ok(cut.data)
}

fn reads_members(plan: &LogicalPlan) -> Result<bool> {
    plan.exists(|node| Ok(Rows::at(node).is_some_and(|rows| matches!(rows.of, RowsOf::Member(..)))))
}

/// The plans of a rule for every round but the first: one for each place in which it reads a view, that is read there.
/// None for a rule that reads no view, which is for the first round.
pub(crate) fn variants(rule: &LogicalPlan) -> Result<Vec<(usize, LogicalPlan)>> {
    let mut places = Vec::new();
    rule.apply(|node| {
        if let Some(Rows { of: RowsOf::Member(number, _), .. }) = Rows::at(node) {
            places.push(*number);
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    let variant = |newest: usize| {
        let mut place = 0;
        let variant = rule.clone().transform_down(|node| {
            let Some(Rows { of: RowsOf::Member(number, _), schema }) = Rows::at(&node) else {
                return Ok(Transformed::no(node));
            };
            let part = match place.cmp(&newest) {
                Ordering::Less => Part::All,
                Ordering::Equal => Part::Newest,
                Ordering::Greater => Part::Before,
            };
            place += 1;
            Ok(Transformed::yes(Rows::plan(RowsOf::Member(*number, part), Arc::clone(schema))))
        })?;
        Ok::<_, DataFusionError>(variant.data)
    };
    places.iter().enumerate().map(|(place, number)| Ok((*number, variant(place)?))).collect()
}

impl PartialOrd for Fixpoint {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        // Schemas have no order.
        (&self.id, self.bound, &self.inputs)
            .partial_cmp(&(&other.id, other.bound, &other.inputs))
            .filter(|order| order.is_ne() || self == other)
    }
}

impl UserDefinedLogicalNodeCore for Fixpoint {
    fn name(&self) -> &str {
        "Fixpoint"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        self.inputs.iter().collect()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    // `prevent_predicate_push_down_columns` stays the default, all columns: a condition on a view's rows is none on what
    // they follow from.

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        if inputs.len() != self.inputs.len() {
            return plan_err!(
                "a fixpoint with {} inputs instead of {}",
                inputs.len(),
                self.inputs.len()
            );
        }
        Ok(Self { inputs, ..self.clone() })
    }

    /// Rules read all columns of inputs.
    fn necessary_children_exprs(&self, _: &[usize]) -> Option<Vec<Vec<usize>>> {
        let all = |input: &LogicalPlan| (0..input.schema().fields().len()).collect();
        Some(self.inputs.iter().map(all).collect())
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: usize = self.members.iter().map(|member| member.arms.len()).sum();
        let views = self.members.len();
        write!(f, "Fixpoint: {} views={views} rules={rules} bound={}", self.id, self.bound)
    }
}
