//! The span join in a logical plan.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, DFSchemaRef, Result, plan_err};
use datafusion::logical_expr::expr_rewriter::normalize_col_with_schemas_and_ambiguity_check;
use datafusion::logical_expr::{
    Expr, ExprSchemable, Extension, LogicalPlan, UserDefinedLogicalNodeCore, build_join_schema,
};

use super::{SpanJoinKind, SpanPredicate};

/// Joins two plans on equal keys and a relation between spans.
///
/// Its columns are those of DataFusion's join of the same kind: the left ones, and for pairs the right ones after them,
/// with their qualifiers. The inputs of a self-join therefore need different aliases.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SpanJoin {
    left: Arc<LogicalPlan>,
    right: Arc<LogicalPlan>,
    keys: Vec<(Expr, Expr)>,
    left_span: (Expr, Expr),
    right_span: (Expr, Expr),
    predicate: SpanPredicate,
    kind: SpanJoinKind,
    filter: Option<Expr>,
    schema: DFSchemaRef,
}

impl SpanJoin {
    /// Pairs of a left expression and a right expression that must be equal, and the (start, end) of each side's span.
    /// Left expressions read the left plan only, right ones the right plan only, and all are int64.
    ///
    /// The start and end of a null span must be null. `get_field` on a null struct does not see to that: it yields
    /// whatever lies below the null.
    ///
    /// Errors without keys, when an expression is not an int64 of its side, and when the sides have a column in common.
    pub fn try_new(
        left: LogicalPlan,
        right: LogicalPlan,
        keys: Vec<(Expr, Expr)>,
        left_span: (Expr, Expr),
        right_span: (Expr, Expr),
        predicate: SpanPredicate,
        kind: SpanJoinKind,
    ) -> Result<Self> {
        if keys.is_empty() {
            return plan_err!("a span join needs at least one pair of equal keys");
        }
        let on_left = |expr| offset(expr, left.schema());
        let on_right = |expr| offset(expr, right.schema());
        let keys = keys
            .into_iter()
            .map(|(a, b)| Ok((on_left(a)?, on_right(b)?)))
            .collect::<Result<_>>()?;
        let left_span = (on_left(left_span.0)?, on_left(left_span.1)?);
        let right_span = (on_right(right_span.0)?, on_right(right_span.1)?);
        let schema = build_join_schema(left.schema(), right.schema(), &kind.join_type())?;
        Ok(Self {
            left: Arc::new(left),
            right: Arc::new(right),
            keys,
            left_span,
            right_span,
            predicate,
            kind,
            filter: None,
            schema: Arc::new(schema),
        })
    }

    /// Lets only pairs match for which `filter` is true; it reads the columns of both sides and replaces an earlier one.
    ///
    /// Errors when it is not a truth value or reads a column that neither or both sides have.
    pub fn with_filter(mut self, filter: Expr) -> Result<Self> {
        let schemas: [&DFSchema; 2] = [self.left.schema(), self.right.schema()];
        let filter = normalize_col_with_schemas_and_ambiguity_check(filter, &[&schemas], &[])?;
        let both = self.left.schema().join(self.right.schema())?;
        match filter.get_type(&both)? {
            DataType::Boolean => self.filter = Some(filter),
            other => return plan_err!("the filter of a span join is {other}, not a truth value"),
        }
        Ok(self)
    }

    /// The plan of this join.
    pub fn into_plan(self) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(self) })
    }

    /// The left input.
    pub fn left(&self) -> &LogicalPlan {
        &self.left
    }

    /// The right input.
    pub fn right(&self) -> &LogicalPlan {
        &self.right
    }

    /// The expressions that must be equal, a left and a right one each.
    pub fn keys(&self) -> &[(Expr, Expr)] {
        &self.keys
    }

    /// Start and end of the left span.
    pub fn left_span(&self) -> &(Expr, Expr) {
        &self.left_span
    }

    /// Start and end of the right span.
    pub fn right_span(&self) -> &(Expr, Expr) {
        &self.right_span
    }

    /// How the spans must relate.
    pub fn predicate(&self) -> SpanPredicate {
        self.predicate
    }

    /// What the join yields.
    pub fn kind(&self) -> SpanJoinKind {
        self.kind
    }

    /// What else must hold of a pair.
    pub fn filter(&self) -> Option<&Expr> {
        self.filter.as_ref()
    }
}

/// Resolves the columns of `expr` in `schema` and checks that it is an int64.
fn offset(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    let expr = normalize_col_with_schemas_and_ambiguity_check(expr, &[&[schema]], &[])?;
    match expr.get_type(schema)? {
        DataType::Int64 => Ok(expr),
        other => plan_err!("a span join compares int64 values, but {expr} is {other}"),
    }
}

impl PartialOrd for SpanJoin {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        // The schema has no order; it follows from the rest.
        (self.predicate, self.kind)
            .partial_cmp(&(other.predicate, other.kind))
            .filter(|order| order.is_ne())
            .or_else(|| {
                let ours = (&self.keys, &self.left_span, &self.right_span, &self.filter);
                let theirs = (&other.keys, &other.left_span, &other.right_span, &other.filter);
                ours.partial_cmp(&theirs).filter(|order| order.is_ne())
            })
            .or_else(|| (&self.left, &self.right).partial_cmp(&(&other.left, &other.right)))
            .filter(|order| order.is_ne() || self == other)
    }
}

impl UserDefinedLogicalNodeCore for SpanJoin {
    fn name(&self) -> &str {
        "SpanJoin"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.left, &self.right]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    // `prevent_predicate_push_down_columns` stays the default, all columns: DataFusion gives what it pushes below an
    // extension node to every input, and a condition on one side means nothing to the other.

    /// The keys in pairs, the left span, the right span, the filter.
    fn expressions(&self) -> Vec<Expr> {
        let keys = self.keys.iter().flat_map(|(a, b)| [a, b]);
        let spans = [&self.left_span, &self.right_span];
        keys.chain(spans.into_iter().flat_map(|(start, end)| [start, end]))
            .chain(&self.filter)
            .cloned()
            .collect()
    }

    fn with_exprs_and_inputs(&self, exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let expected = 2 * self.keys.len() + 4 + usize::from(self.filter.is_some());
        if exprs.len() != expected {
            return plan_err!("a span join with {} instead of {expected} expressions", exprs.len());
        }
        let Ok([left, right]) = <[LogicalPlan; 2]>::try_from(inputs) else {
            return plan_err!("a span join has two inputs");
        };
        let mut exprs = exprs.into_iter();
        let mut pair = || exprs.next().zip(exprs.next());
        let keys = self.keys.iter().map_while(|_| pair()).collect();
        let (Some(left_span), Some(right_span)) = (pair(), pair()) else {
            return plan_err!("a span join without spans");
        };
        let (predicate, kind) = (self.predicate, self.kind);
        let join = Self::try_new(left, right, keys, left_span, right_span, predicate, kind)?;
        match exprs.next() {
            Some(filter) => join.with_filter(filter),
            None => Ok(join),
        }
    }

    /// What the node's own expressions read is added by DataFusion.
    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let width = self.left.schema().fields().len();
        let (left, right): (Vec<_>, Vec<_>) =
            output_columns.iter().partition(|column| **column < width);
        let right = right.into_iter().map(|column: usize| column - width);
        Some(vec![left, right.collect()])
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SpanJoin: {} {}..{} {} {}..{} on ",
            self.kind.join_type(),
            self.left_span.0,
            self.left_span.1,
            self.predicate,
            self.right_span.0,
            self.right_span.1
        )?;
        for (position, (left, right)) in self.keys.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{left} = {right}")?;
        }
        match &self.filter {
            Some(filter) => write!(f, " filter {filter}"),
            None => Ok(()),
        }
    }
}
