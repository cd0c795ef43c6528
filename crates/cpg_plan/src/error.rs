//! Why a relation cannot be planned.

use cpg_ir::spec::RelationId;
use datafusion::common::DataFusionError;

/// A relation that cannot be planned, and why. The frontend accepts no program for which this happens, so it
/// names a defect of one of the two; it is told, not panicked about.
#[derive(Debug, thiserror::Error)]
#[error("`{relation}` cannot be planned: {problem}")]
pub struct PlanError {
    /// Whose plan failed.
    pub relation: RelationId,
    /// What failed.
    #[source]
    pub problem: Problem,
}

impl PlanError {
    pub(crate) fn new(relation: &RelationId, problem: impl Into<Problem>) -> Self {
        Self { relation: relation.clone(), problem: problem.into() }
    }
}

/// What failed.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A relation that is not in the program.
    #[error("`{0}` is not in the program")]
    UnknownRelation(RelationId),
    /// A column that its row source does not have.
    #[error("row source {row_source} has no column `{name}`")]
    UnknownColumn {
        /// The row source's index in its clause.
        row_source: u32,
        /// The column.
        name: String,
    },
    /// A function that programs may not call.
    #[error("there is no function `{0}`")]
    UnknownFunction(String),
    /// An aggregate without the argument it needs.
    #[error("the aggregate `{0}` needs an argument")]
    MissingArgument(String),
    /// An expression deeper than every plan walk is safe for.
    #[error("an expression is nested more than {0} levels deep")]
    TooDeep(usize),
    /// A column of the relation's row that the spec does not compute.
    #[error("its column `{0}` is not computed")]
    MissingColumn(String),
    /// A value that cannot become what the relation's row says.
    #[error("its column `{column}` is {expected}, but {found} is computed")]
    OutputType {
        /// The column.
        column: String,
        /// What the row says, as an Arrow type.
        expected: String,
        /// What the spec computes, as an Arrow type.
        found: String,
    },
    /// A union or view without a branch.
    #[error("it has no branch")]
    Empty,
    /// A table of a plan that is no relation of the program, or a kind of plan node or expression that has no
    /// defined meaning here.
    #[error("its plan holds {0}, which has no defined meaning here")]
    Unsupported(String),
    /// DataFusion refuses the plan.
    #[error(transparent)]
    DataFusion(#[from] Box<DataFusionError>),
}

impl From<DataFusionError> for Problem {
    fn from(error: DataFusionError) -> Self {
        Self::DataFusion(Box::new(error))
    }
}
