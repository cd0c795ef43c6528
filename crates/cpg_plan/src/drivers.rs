//! Of which scans of a plan that looks across files the rows go by file, all the same.
//!
//! A call is joined with what its name means anywhere; still, the row of a call of one file follows from that file's calls
//! and from all names, not from other files' calls. Such a scan *drives* the plan: while what is scanned as a whole stays,
//! an edited file changes its own rows alone.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;
use cpg_ir::spec::RelationId;
use datafusion::common::Column;
use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::{
    Distinct, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, TableScan,
};

use crate::deps;
use crate::error::Problem;
use crate::granularity::{Analysis, Belonging};
use crate::scan::scanned;
use crate::span_join::SpanJoin;

/// Columns that are read, by relation.
pub type Reads = BTreeMap<RelationId, BTreeSet<String>>;

/// How the scans of a plan take part in a file's rows. A relation may be scanned in both ways.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Drivers {
    /// With their rows of that file alone.
    pub(crate) by_file: Reads,
    /// With all rows.
    pub(crate) whole: Reads,
}

/// The condition that a scan of a relation keeps of its rows, given the column that names the file and its type.
pub(crate) type Kept<'a> = dyn Fn(&RelationId, Expr, &DataType) -> Option<Expr> + 'a;

/// What drives a plan, and the plan where these scans give the rows that are `kept`.
pub(crate) fn drivers(
    plan: LogicalPlan,
    inputs: &BTreeMap<RelationId, Belonging>,
    kept: &Kept<'_>,
) -> Result<(LogicalPlan, Drivers), Problem> {
    let mut walk = Walk { analysis: Analysis { inputs }, kept, drivers: Drivers::default() };
    let plan = walk.by_file(plan)?;
    Ok((plan, walk.drivers))
}

struct Walk<'a> {
    analysis: Analysis<'a>,
    kept: &'a Kept<'a>,
    drivers: Drivers,
}

impl Walk<'_> {
    /// A plan of whose rows those of some files are wanted.
    fn by_file(&mut self, plan: LogicalPlan) -> Result<LogicalPlan, Problem> {
        if !self.analysis.tells_files(&plan) {
            return self.whole(plan);
        }
        let drives = match &plan {
            LogicalPlan::TableScan(scan) => {
                let condition = self.scan(scan, &plan)?;
                return Ok(match condition {
                    Some(condition) => LogicalPlanBuilder::from(plan).filter(condition)?.build()?,
                    None => plan,
                });
            }
            LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Unnest(_)
            | LogicalPlan::Union(_)
            | LogicalPlan::Distinct(Distinct::All(_)) => [true; 2],
            LogicalPlan::Sort(node) => [node.fetch.is_none(); 2],
            LogicalPlan::Aggregate(node) => {
                [self.analysis.tells_groups_apart(&node.input, &node.group_expr); 2]
            }
            LogicalPlan::Window(node) => {
                let stays = |function: &Expr| match function {
                    Expr::WindowFunction(call) => {
                        self.analysis.tells_groups_apart(&node.input, &call.params.partition_by)
                    }
                    _ => false,
                };
                [node.window_expr.iter().all(stays); 2]
            }
            LogicalPlan::Join(node) => {
                let on = node.on.iter().map(|(left, right)| (left, right));
                self.sides((&node.left, &node.right), node.join_type, on)
            }
            LogicalPlan::Extension(node) => match node.node.as_any().downcast_ref::<SpanJoin>() {
                Some(join) => {
                    let on = join.keys().iter().map(|(left, right)| (left, right));
                    self.sides((join.left(), join.right()), join.kind().join_type(), on)
                }
                None => [false; 2],
            },
            _ => [false; 2],
        };
        let mut problem = None;
        let mut sides = drives.into_iter().chain(std::iter::repeat(drives[1]));
        let plan = plan.map_children(|input| {
            let before = input.clone();
            let walked = match sides.next() {
                Some(true) => self.by_file(input),
                _ => self.whole(input),
            };
            let walked = walked.unwrap_or_else(|why| {
                problem = Some(why);
                before
            });
            Ok(datafusion::common::tree_node::Transformed::yes(walked))
        })?;
        match problem {
            None => Ok(plan.data),
            Some(why) => Err(why),
        }
    }

    /// Notes a scan of which a file's rows are enough; the condition that its rows are to meet.
    fn scan(&mut self, scan: &TableScan, plan: &LogicalPlan) -> Result<Option<Expr>, Problem> {
        note(&mut self.drivers.by_file, plan)?;
        let place = self.analysis.file_place(plan);
        let (Some(id), Some(place)) = (scanned(scan), place) else { return Ok(None) };
        let (qualifier, field) = plan.schema().qualified_field(place);
        let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        Ok((self.kept)(id, column, field.data_type()))
    }

    /// A plan of which all rows are wanted.
    fn whole(&mut self, plan: LogicalPlan) -> Result<LogicalPlan, Problem> {
        note(&mut self.drivers.whole, &plan)?;
        Ok(plan)
    }

    /// Which sides of a join drive it.
    fn sides<'e>(
        &self,
        (left, right): (&LogicalPlan, &LogicalPlan),
        join: JoinType,
        on: impl Iterator<Item = (&'e Expr, &'e Expr)>,
    ) -> [bool; 2] {
        let keeps_left = matches!(
            join,
            JoinType::Inner | JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti
        );
        if !keeps_left {
            [false; 2]
        } else if self.analysis.is_within_files((left, right), on) {
            [true; 2]
        } else if self.analysis.tells_files(left) {
            // A row of two files is taken for one of the left's.
            [true, false]
        } else {
            [false, join == JoinType::Inner]
        }
    }
}

fn note(reads: &mut Reads, plan: &LogicalPlan) -> Result<(), Problem> {
    for read in deps::reads(plan)? {
        reads.entry(read.relation).or_default().extend(read.columns);
    }
    Ok(())
}
