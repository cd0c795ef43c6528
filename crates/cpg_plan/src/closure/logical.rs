//! The closure in a logical plan.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use cpg_ir::spec::ClosureSpec;
use datafusion::common::{DFSchema, DFSchemaRef, Result, plan_err};
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNodeCore};

/// The pairs of values between which there is a way, with the length of the shortest one.
///
/// Its input has two columns of one type, the beginning and the end of each step. Its columns are these two, of which
/// none is null, and [`ClosureSpec::DEPTH`], an int64, without qualifiers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Closure {
    input: Arc<LogicalPlan>,
    depth: Option<u32>,
    schema: DFSchemaRef,
}

impl Closure {
    /// The reach over the steps of `input`, in at most `depth` of them.
    ///
    /// # Errors
    /// When the input has not exactly two columns of one type.
    pub fn try_new(input: LogicalPlan, depth: Option<u32>) -> Result<Self> {
        let [from, to] = input.schema().fields().as_ref() else {
            return plan_err!("the input of a closure has two columns");
        };
        if from.data_type() != to.data_type() {
            return plan_err!(
                "a closure over steps from {} to {}",
                from.data_type(),
                to.data_type()
            );
        }
        let end = |field: &Field| Field::new(field.name(), field.data_type().clone(), false);
        let depth_field = Field::new(ClosureSpec::DEPTH, DataType::Int64, false);
        let row = Schema::new(vec![end(from), end(to), depth_field]);
        let schema = Arc::new(DFSchema::try_from(row)?);
        Ok(Self { input: Arc::new(input), depth, schema })
    }

    /// The plan of this closure.
    pub fn into_plan(self) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(self) })
    }

    /// The steps.
    pub fn input(&self) -> &LogicalPlan {
        &self.input
    }

    /// How many steps a way has at most.
    pub fn depth(&self) -> Option<u32> {
        self.depth
    }
}

impl PartialOrd for Closure {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        // The schema has no order; it follows from the rest.
        (self.depth, &self.input)
            .partial_cmp(&(other.depth, &other.input))
            .filter(|order| order.is_ne() || self == other)
    }
}

impl UserDefinedLogicalNodeCore for Closure {
    fn name(&self) -> &str {
        "Closure"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    // `prevent_predicate_push_down_columns` stays the default, all columns: steps are not what they lead to.

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        match <[LogicalPlan; 1]>::try_from(inputs) {
            Ok([input]) => Self::try_new(input, self.depth),
            Err(_) => plan_err!("a closure has one input"),
        }
    }

    fn necessary_children_exprs(&self, _: &[usize]) -> Option<Vec<Vec<usize>>> {
        Some(vec![vec![0, 1]])
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.depth {
            Some(depth) => write!(f, "Closure: depth <= {depth}"),
            None => f.write_str("Closure"),
        }
    }
}
