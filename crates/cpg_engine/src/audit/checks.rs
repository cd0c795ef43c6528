//! The program's own checks.

use std::collections::BTreeMap;
use std::sync::Arc;

use cpg_ir::check::CheckRule;
use cpg_ir::spec::RelationId;
use cpg_plan::bind::{Input, bind};
use cpg_plan::program::CheckPlan;
use datafusion::catalog::TableProvider;
use datafusion::common::{DataFusionError, internal_err};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{DataFrame, SessionContext, ident};

use super::{SHOWN, table};
use crate::error::{EngineError, Result};
use crate::record::{CheckRecord, share};

/// Where the rows of relations are.
pub(crate) type Inputs = BTreeMap<RelationId, Arc<dyn TableProvider>>;

/// Looks whether what a check asks for holds of the rows in `inputs`, which are all that it reads.
///
/// # Errors
/// When rows cannot be read, or do not fit into `limit` bytes of memory. That a check fails is none.
pub(crate) async fn check(
    session: &SessionContext,
    plan: &CheckPlan,
    inputs: &Inputs,
    limit: usize,
) -> Result<CheckRecord> {
    let check = plan.check();
    judge(session, plan, inputs)
        .await
        .map_err(|error| EngineError::execution(&format!("the check `{check}`"), limit, &error))
}

async fn judge(
    session: &SessionContext,
    plan: &CheckPlan,
    inputs: &Inputs,
) -> std::result::Result<CheckRecord, DataFusionError> {
    let breaking = rows(session, plan.breaking(), inputs).await?;
    let broken = breaking.clone().count().await? as u64;
    let all = match plan.all() {
        Some(all) => Some(rows(session, all, inputs).await?.count().await? as u64),
        None => None,
    };
    let passed = match (&plan.check().rule, all) {
        // Nothing to cover is covered.
        (CheckRule::Coverage { percent, .. }, Some(all)) => {
            all == 0 || share(all - broken.min(all), all) >= percent.get()
        }
        _ => broken == 0,
    };
    let examples = if passed { Vec::new() } else { examples(breaking).await? };
    Ok(CheckRecord {
        check: plan.check().to_string(),
        severity: plan.check().severity,
        passed,
        broken,
        all,
        examples,
    })
}

async fn rows(
    session: &SessionContext,
    plan: &LogicalPlan,
    inputs: &Inputs,
) -> std::result::Result<DataFrame, DataFusionError> {
    let plan = bind(plan.clone(), |input| match inputs.get(input) {
        Some(provider) => Ok(Input::Table(provider_as_source(Arc::clone(provider)))),
        None => internal_err!("`{input}` has no rows"),
    })?;
    session.execute_logical_plan(plan).await
}

/// The first few rows, as lines.
async fn examples(rows: DataFrame) -> std::result::Result<Vec<String>, DataFusionError> {
    // Spans have no order of their own.
    let sortable = rows.schema().iter().filter(|(_, field)| !field.data_type().is_nested());
    let order = sortable.map(|(_, field)| ident(field.name()).sort(true, false)).collect();
    let first = rows.sort(order)?.limit(0, Some(SHOWN))?.collect().await?;
    let text = table(&first)?;
    Ok(text.lines().map(|line| line.trim_start().to_owned()).collect())
}
