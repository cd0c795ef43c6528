//! Which relations are kept as tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cpg_ir::policy::{Keep, ProgramPolicies};
use cpg_ir::spec::RelationId;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::RelationPlan;
use crate::deps;
use crate::error::PlanError;
use crate::granularity::Granularity;

/// How readers get a relation's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Materialisation {
    /// From what an extractor found.
    Evidence,
    /// From the files that hold them.
    Files,
    /// From an output table.
    Output,
    /// From a table that is kept for its readers.
    Stage(StageReason),
    /// By computing it themselves.
    Inline(InlineReason),
}

impl Materialisation {
    /// Whether the relation is computed by a task of its own, into a table.
    pub fn is_task(&self) -> bool {
        matches!(self, Self::Output | Self::Stage(_))
    }
}

/// Why a relation is kept although it is no output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageReason {
    /// It is read in several places.
    ReadOften {
        /// In how many.
        times: usize,
    },
    /// It is computed across files, and its reader file by file.
    AcrossFiles {
        /// Whose plan reads it.
        reader: RelationId,
    },
    /// A check looks at it.
    Checked,
    /// A policy says so.
    Declared,
}

/// Why a relation is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InlineReason {
    /// It is read in one place.
    ReadOnce {
        /// Whose plan reads it.
        reader: RelationId,
    },
    /// It merely picks rows and columns of one table.
    Trivial,
    /// A policy says so.
    Declared,
}

impl fmt::Display for Materialisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Evidence => f.write_str("evidence"),
            Self::Files => f.write_str("files"),
            Self::Output => f.write_str("output"),
            Self::Stage(StageReason::ReadOften { times }) => {
                write!(f, "stage: it is read in {times} places")
            }
            Self::Stage(StageReason::AcrossFiles { reader }) => {
                write!(f, "stage: it looks across files, and `{reader}` at one file at a time")
            }
            Self::Stage(StageReason::Checked) => f.write_str("stage: a check looks at it"),
            Self::Stage(StageReason::Declared) => f.write_str("stage: a policy says so"),
            Self::Inline(InlineReason::Declared) => f.write_str("inline: a policy says so"),
            Self::Inline(InlineReason::ReadOnce { reader }) => {
                write!(f, "inline: only `{reader}` reads it, once")
            }
            Self::Inline(InlineReason::Trivial) => {
                f.write_str("inline: it merely picks rows and columns of one table")
            }
        }
    }
}

/// Decides for all relations of a program, given inputs before readers, from their pruned plans. What checks read is
/// `checked`; what `policies` say of keeping rows is done.
pub(super) fn decide(
    relations: &[RelationPlan],
    mut checked: BTreeSet<RelationId>,
    policies: &ProgramPolicies,
) -> Result<BTreeMap<RelationId, Materialisation>, PlanError> {
    // The places where a relation would be computed, by whose plan: what a trivial relation reads is computed
    // wherever that relation is read.
    let mut places: BTreeMap<RelationId, Vec<RelationId>> = BTreeMap::new();
    let mut decisions = BTreeMap::new();
    // Those that are computed file by file, in tasks of their own or as part of such.
    let mut by_file: BTreeSet<RelationId> = BTreeSet::new();
    for relation in relations.iter().rev() {
        let own = places.remove(&relation.id).unwrap_or_default();
        let said = policies.relations.get(&relation.id).and_then(|said| said.keep.as_ref());
        let keep = said.map(|keep| keep.value);
        let decision = match own.as_slice() {
            _ if relation.exported => Materialisation::Output,
            _ if relation.evidence().is_some() => Materialisation::Evidence,
            _ if relation.files().is_some() => Materialisation::Files,
            _ if keep == Some(Keep::Table) => Materialisation::Stage(StageReason::Declared),
            _ if keep == Some(Keep::Inline) => Materialisation::Inline(InlineReason::Declared),
            _ if is_trivial(&relation.plan) => Materialisation::Inline(InlineReason::Trivial),
            [_] if checked.contains(&relation.id) => Materialisation::Stage(StageReason::Checked),
            // The file's rows can then be told from others, and the reader need not look at all of them.
            [reader]
                if by_file.contains(reader)
                    && relation.granularity() != Granularity::FileLocal
                    && relation.tells_files_apart() =>
            {
                Materialisation::Stage(StageReason::AcrossFiles { reader: reader.clone() })
            }
            [reader] => Materialisation::Inline(InlineReason::ReadOnce { reader: reader.clone() }),
            readers => Materialisation::Stage(StageReason::ReadOften { times: readers.len() }),
        };
        if relation.granularity() == Granularity::FileLocal
            && (decision.is_task() || own.iter().all(|reader| by_file.contains(reader)))
        {
            by_file.insert(relation.id.clone());
        }
        let computed_in = match &decision {
            Materialisation::Inline(_) => own,
            _ => vec![relation.id.clone()],
        };
        let reads = deps::reads(&relation.plan).map_err(|why| PlanError::new(&relation.id, why))?;
        // Who checks what is computed where it is read looks at what that reads.
        if matches!(decision, Materialisation::Inline(_)) && checked.contains(&relation.id) {
            checked.extend(reads.iter().map(|read| read.relation.clone()));
        }
        decisions.insert(relation.id.clone(), decision);
        for read in reads.into_iter().filter(|read| read.relation != relation.id) {
            places.entry(read.relation).or_default().extend(computed_in.iter().cloned());
        }
    }
    Ok(decisions)
}

/// Whether computing the plan again costs no more than reading its result would.
fn is_trivial(plan: &LogicalPlan) -> bool {
    let mut trivial = true;
    let walked = plan.apply(|node| {
        trivial &= match node {
            LogicalPlan::Projection(node) => node.expr.iter().all(is_cheap),
            LogicalPlan::Filter(node) => is_cheap(&node.predicate),
            LogicalPlan::SubqueryAlias(_) | LogicalPlan::TableScan(_) => true,
            _ => false,
        };
        Ok(if trivial { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    });
    walked.is_ok() && trivial
}

/// Whether `expr` calls nothing but what takes a span apart.
fn is_cheap(expr: &Expr) -> bool {
    let dear = expr.exists(|part| {
        Ok(matches!(part, Expr::ScalarFunction(call)
            if !matches!(call.func.name(), "span_start" | "span_end")))
    });
    dear.is_ok_and(|dear| !dear)
}
