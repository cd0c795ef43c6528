//! From the logical to the physical fixpoint.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{Result, internal_err};
use datafusion::execution::SessionState;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{LogicalPlan, UserDefinedLogicalNode};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{ExtensionPlanner, PhysicalPlanner};

use super::exec::{FixpointExec, MemberPlans, Rule};
use super::logical::{Fixpoint, Rows, variants};
use super::reuse::arranged;
use super::rows::RowsExec;

/// Plans [`Fixpoint`] nodes as [`FixpointExec`].
#[derive(Debug, Clone, Copy, Default)]
pub struct FixpointPlanner;

#[async_trait]
impl ExtensionPlanner for FixpointPlanner {
    async fn plan_extension(
        &self,
        _: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _: &[&LogicalPlan],
        inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        _: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        if let Some(rows) = node.as_any().downcast_ref::<Rows>() {
            let schema = Arc::clone(node.schema().inner());
            return Ok(Some(Arc::new(RowsExec::new(rows.of(), schema))));
        }
        let Some(fixpoint) = node.as_any().downcast_ref::<Fixpoint>() else {
            return Ok(None);
        };
        let Some(state) = session.as_any().downcast_ref::<SessionState>() else {
            return internal_err!("a fixpoint is planned outside of a session");
        };
        let state = for_rules(state.clone());
        let mut members = Vec::with_capacity(fixpoint.members().len());
        for member in fixpoint.members() {
            let (mut first, mut further) = (Vec::new(), Vec::new());
            for arm in &member.arms {
                let variants = variants(arm)?;
                if variants.is_empty() {
                    first.push(plan(&state, arm).await?);
                }
                for (reads, variant) in variants {
                    further.push(Rule { reads, plan: plan(&state, &variant).await? });
                }
            }
            let schema = Arc::clone(member.schema.inner());
            members.push(MemberPlans { schema, first, further });
        }
        let exec = FixpointExec::try_new(
            fixpoint.id().clone(),
            fixpoint.bound(),
            inputs.to_vec(),
            members,
            Arc::clone(node.schema().inner()),
        )?;
        Ok(Some(Arc::new(exec)))
    }
}

/// Rules are evaluated by one thread each: a round is often a handful of rows. What one round lets through says nothing
/// about the next, which uses the same joins.
fn for_rules(mut state: SessionState) -> SessionState {
    let options = state.config_mut().options_mut();
    options.execution.target_partitions = 1;
    options.optimizer.enable_dynamic_filter_pushdown = false;
    options.optimizer.enable_join_dynamic_filter_pushdown = false;
    options.optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    options.optimizer.enable_topk_dynamic_filter_pushdown = false;
    state
}

async fn plan(state: &SessionState, rule: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
    arranged(state.create_physical_plan(rule).await?)
}
