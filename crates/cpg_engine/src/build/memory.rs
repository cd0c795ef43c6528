//! Whether the memory that a build is given can be enough at all, found before it works.
//!
//! How much rows take is not known before they are there. But a sort sets something aside with its first row, to be able to
//! merge what it may have to move to disk, and asks for that and for the row at once: where the one does not leave room for
//! the other, no task that sorts can work, whatever its rows are.

use cpg_ir::spec::RelationId;
use datafusion::prelude::SessionContext;

use super::decisions::Decisions;
use super::execute::tasks_at_once;
use super::survey::Survey;
use crate::authority::ExecutionAuthority;
use crate::error::{EngineError, Result};
use crate::explain::physical_plans;
use crate::fingerprint::TableKey;

/// Refuses a budget that a task to do cannot work with. Where it leaves room for one sort, it is not looked closer.
///
/// # Errors
/// [`EngineError::TooLittleMemory`] with the first such task; when a plan cannot be prepared, which would be a defect.
pub(super) fn can_be_enough(
    authority: &ExecutionAuthority,
    survey: &Survey,
    decisions: &Decisions,
    session: &SessionContext,
) -> Result<()> {
    let limit = authority.profile().memory_bytes;
    let set_aside = session.copied_config().options().execution.sort_spill_reservation_bytes;
    // Nothing is set aside where nothing can be moved.
    let can_move = session.runtime_env().disk_manager.tmp_files_enabled();
    if !can_move || limit > set_aside {
        return Ok(());
    }
    let plans = authority.plans();
    let is_stale = |id: &RelationId| {
        survey.tables().get(&TableKey::Relation(id.clone())).is_some_and(|table| table.stale)
    };
    // Inputs before readers, as they would be worked on.
    let tasks = plans.tasks().iter().map(|task| &task.relation);
    let ids: Vec<RelationId> = tasks.filter(|id| is_stale(id)).cloned().collect();
    for (id, plan) in ids.iter().zip(physical_plans(plans, &ids)?) {
        let decision = decisions.write(&TableKey::Relation(id.clone()))?;
        let is_ordered = !decision.sort.value.is_empty() || !decision.partition.value.is_empty();
        if is_ordered || sorts(&plan.text) {
            let threads = authority.profile().threads;
            let (task, at_once) = (id.to_string(), threads * tasks_at_once(threads));
            return Err(EngineError::TooLittleMemory { task, limit, set_aside, at_once });
        }
    }
    Ok(())
}

/// Whether a plan sorts all of some rows. One that keeps the first few alone moves nothing.
fn sorts(plan: &str) -> bool {
    let is_sort = |line: &str| line.starts_with("SortExec: ") && !line.contains("TopK(");
    plan.lines().any(|line| is_sort(line.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sort_of_all_rows_is_told_from_one_of_the_first_few() {
        assert!(sorts(
            "ProjectionExec: expr=[]\n  SortExec: expr=[a@0 ASC], preserve_partitioning=[true]"
        ));
        assert!(!sorts("SortExec: TopK(fetch=3), expr=[a@0 ASC], preserve_partitioning=[false]"));
        assert!(!sorts("SortPreservingMergeExec: [a@0 ASC]"));
    }
}
