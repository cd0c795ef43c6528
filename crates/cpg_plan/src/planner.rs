//! A query planner that knows our operators besides all that DataFusion knows.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::Result;
use datafusion::execution::context::QueryPlanner;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner};

use crate::closure::ClosurePlanner;
use crate::fixpoint::FixpointPlanner;
use crate::row_number::number_sorted_rows;
use crate::span_join::SpanJoinPlanner;

/// The planner for sessions that run the plans of programs.
pub fn query_planner() -> Arc<dyn QueryPlanner + Send + Sync> {
    Arc::new(OperatorPlanner)
}

#[derive(Debug)]
struct OperatorPlanner;

#[async_trait]
impl QueryPlanner for OperatorPlanner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let operators: Vec<Arc<dyn ExtensionPlanner + Send + Sync>> =
            vec![Arc::new(SpanJoinPlanner), Arc::new(FixpointPlanner), Arc::new(ClosurePlanner)];
        let plan = DefaultPhysicalPlanner::with_extension_planners(operators)
            .create_physical_plan(plan, session)
            .await?;
        number_sorted_rows(plan)
    }
}
