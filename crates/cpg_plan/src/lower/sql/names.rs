//! What names in a query stand for: relations, and the functions that programs may call.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::DataType;
use cpg_ir::expr::AggregateFunction;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result, TableReference, plan_err};
use datafusion::execution::SessionStateDefaults;
use datafusion::functions_window::{cume_dist, lead_lag, ntile, rank, row_number};
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner};
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, TableSource, WindowUDF};

use crate::{aggregates, functions};

/// The aggregates of the language, by their names in SQL.
const AGGREGATES: [(&str, AggregateFunction); 8] = [
    ("count", AggregateFunction::Count),
    ("sum", AggregateFunction::Sum),
    ("min", AggregateFunction::Min),
    ("max", AggregateFunction::Max),
    ("avg", AggregateFunction::Avg),
    ("collect", AggregateFunction::Collect),
    ("map_of", AggregateFunction::MapOf),
    ("noisy_or", AggregateFunction::NoisyOr),
];

/// Tables, and what every query may call.
pub(super) struct Names {
    tables: BTreeMap<String, Arc<dyn TableSource>>,
    windows: Vec<Arc<WindowUDF>>,
    planners: Vec<Arc<dyn ExprPlanner>>,
    options: ConfigOptions,
}

impl Names {
    pub(super) fn new(tables: impl IntoIterator<Item = (String, Arc<dyn TableSource>)>) -> Self {
        Self {
            tables: tables.into_iter().collect(),
            windows: vec![
                row_number::row_number_udwf(),
                rank::rank_udwf(),
                rank::dense_rank_udwf(),
                rank::percent_rank_udwf(),
                cume_dist::cume_dist_udwf(),
                ntile::ntile_udwf(),
                lead_lag::lag_udwf(),
                lead_lag::lead_udwf(),
            ],
            planners: SessionStateDefaults::default_expr_planners(),
            options: ConfigOptions::default(),
        }
    }
}

impl ContextProvider for Names {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        match &name {
            TableReference::Bare { table } if self.tables.contains_key(&**table) => {
                Ok(Arc::clone(&self.tables[&**table]))
            }
            _ => plan_err!("there is no relation `{name}`"),
        }
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.planners
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        functions::function(&name.to_ascii_lowercase()).map(|function| Arc::clone(&function.udf))
    }

    fn get_higher_order_meta(&self, _: &str) -> Option<Arc<HigherOrderUDF>> {
        None
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        let name = name.to_ascii_lowercase();
        let (_, function) = AGGREGATES.iter().find(|(own, _)| *own == name)?;
        // Sums of floating-point numbers are made exact once the type is known.
        Some(aggregates::implementation(*function, false))
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        let name = name.to_ascii_lowercase();
        self.windows.iter().find(|window| window.name() == name).cloned()
    }

    fn get_variable_type(&self, _: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        &self.options
    }

    fn udf_names(&self) -> Vec<String> {
        functions::function_catalog().functions.into_keys().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        AGGREGATES.iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.windows.iter().map(|window| window.name().to_owned()).collect()
    }
}
