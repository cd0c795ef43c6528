//! From the logical to the physical closure.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{LogicalPlan, UserDefinedLogicalNode};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{ExtensionPlanner, PhysicalPlanner};

use super::{Closure, ClosureExec};

/// Plans [`Closure`] nodes as [`ClosureExec`].
#[derive(Debug, Clone, Copy, Default)]
pub struct ClosurePlanner;

#[async_trait]
impl ExtensionPlanner for ClosurePlanner {
    async fn plan_extension(
        &self,
        _: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _: &[&LogicalPlan],
        inputs: &[Arc<dyn ExecutionPlan>],
        _: &dyn Session,
        _: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let Some(closure) = node.as_any().downcast_ref::<Closure>() else {
            return Ok(None);
        };
        let [input] = inputs else {
            return plan_err!("a closure has one input");
        };
        let schema = Arc::clone(node.schema().inner());
        Ok(Some(Arc::new(ClosureExec::new(Arc::clone(input), closure.depth(), schema))))
    }
}
