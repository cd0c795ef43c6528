//! Relations that are made of themselves: fixpoints and closures.

use serde::{Deserialize, Serialize};

use super::{Pipeline, RelationId};
use crate::expr::Expr;
use crate::types::{Column, ColumnType, RowSchema, SemanticType};

/// Views that may read each other and themselves.
///
/// Meaning: in each round, every view's pipeline is evaluated over the rows that all views had after the round before,
/// none at first; the rows of a view are a set. It ends with the round that finds nothing new, or after `bound` rounds.
///
/// The frontend sees to it that a view's rows only grow when those of the views that it reads do, and that no value is
/// computed from a view's values: so it always ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FixpointSpec {
    /// How many rounds there are at most; at least 1.
    pub bound: u32,
    /// The views. In an emitted program their order follows from what they mean.
    pub members: Vec<FixpointMember>,
}

/// A view of a fixpoint. Its pipeline reads other relations, itself and the fixpoint's other views.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FixpointMember {
    /// The relation that others read, a [`MemberSpec`].
    pub id: RelationId,
    /// What it is made of.
    pub pipeline: Pipeline,
    /// Its row.
    pub schema: RowSchema,
}

impl FixpointSpec {
    /// The column of a fixpoint's row that says whose row it is: the number of the view.
    pub const MEMBER: &str = "member";

    /// The row of a fixpoint: the number of a view, and the columns of all views, of which those of the other views
    /// are null.
    pub fn row(&self) -> RowSchema {
        let number =
            Column { name: Self::MEMBER.to_owned(), ty: ColumnType::required(SemanticType::Int) };
        let columns = self.members.iter().enumerate().flat_map(|(number, member)| {
            member.schema.columns.iter().map(move |column| Column {
                name: Self::column(number, &column.name),
                ty: ColumnType::optional(column.ty.semantic.clone()),
            })
        });
        RowSchema { columns: std::iter::once(number).chain(columns).collect() }
    }

    /// What a view's column is called in the fixpoint's row.
    pub fn column(member: usize, column: &str) -> String {
        format!("m{member}_{column}")
    }

    /// The number of a view.
    pub fn position(&self, id: &RelationId) -> Option<usize> {
        self.members.iter().position(|member| member.id == *id)
    }

    /// What its views read that is no view of it.
    pub(super) fn inputs(&self) -> Vec<&RelationId> {
        let read = self.members.iter().flat_map(|member| member.pipeline.inputs());
        read.filter(|input| self.position(input).is_none()).collect()
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut RelationId> {
        let own: Vec<RelationId> = self.members.iter().map(|member| member.id.clone()).collect();
        let read = self.members.iter_mut().flat_map(|member| member.pipeline.inputs_mut());
        read.filter(|input| !own.contains(*input)).collect()
    }
}

/// The rows of one view of a fixpoint: the one of that relation's identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemberSpec {
    /// The fixpoint.
    pub block: RelationId,
}

/// Transitive reach: which values follow on which, in how many steps.
///
/// Meaning: each row of `source` that passes `filter` and has neither end null is a step from the value of one column
/// to that of another. The rows are the pairs of values between which there is a way of at least one step, each once,
/// with the length of the shortest: the columns `from`, `to` and [`ClosureSpec::DEPTH`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClosureSpec {
    /// Whose rows are steps.
    pub source: RelationId,
    /// Rows that do not satisfy it are no steps; over `source` as row source 0.
    pub filter: Option<Expr>,
    /// The column in which a step begins.
    pub from: String,
    /// The column in which it ends.
    pub to: String,
    /// How many steps a way has at most; at least 1, any number when absent.
    pub depth: Option<u32>,
}

impl ClosureSpec {
    /// The column that holds the length of the shortest way.
    pub const DEPTH: &str = "depth";
}
