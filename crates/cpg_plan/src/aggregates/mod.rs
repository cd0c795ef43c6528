//! Aggregates whose value does not depend on the order in which rows arrive.
//!
//! Sums of floating-point numbers differ in their last bits when rows are added in another order, and rows arrive
//! in another order with every other number of partitions. So `sum` and `avg` of such numbers add without rounding, and
//! `noisy_or`, `collect` and `map_of` keep a group's values and sort them before they look at them. Counts, extremes and sums of
//! integers are DataFusion's.

use std::sync::Arc;

use cpg_ir::expr::AggregateFunction;
use datafusion::functions_aggregate::{count, min_max, sum};
use datafusion::logical_expr::AggregateUDF;

mod accumulate;
mod exact;
mod fold;
mod grouped;
mod sums;
mod udaf;

use fold::Fold;
use sums::Of;
use udaf::{Own, OwnAggregate};

/// Our aggregates.
pub(crate) fn all() -> Vec<Arc<AggregateUDF>> {
    Own::ALL.map(own).to_vec()
}

/// The implementation of an aggregate of the language. `float` says whether it is over floating-point numbers.
pub(crate) fn implementation(function: AggregateFunction, float: bool) -> Arc<AggregateUDF> {
    match function {
        AggregateFunction::Count | AggregateFunction::CountDistinct => count::count_udaf(),
        AggregateFunction::Min => min_max::min_udaf(),
        AggregateFunction::Max => min_max::max_udaf(),
        AggregateFunction::Sum if !float => sum::sum_udaf(),
        AggregateFunction::Sum => own(Own::Sums(Of::Sum)),
        AggregateFunction::Avg => own(Own::Sums(Of::Mean)),
        AggregateFunction::Collect => own(Own::Values(Fold::Collect)),
        AggregateFunction::MapOf => own(Own::Values(Fold::MapOf)),
        AggregateFunction::NoisyOr => own(Own::Values(Fold::NoisyOr)),
    }
}

/// The version of an aggregate that [`implementation`] gives, by its name in plans.
pub(crate) fn version(name: &str) -> Option<String> {
    let theirs = [count::count_udaf(), min_max::min_udaf(), min_max::max_udaf(), sum::sum_udaf()];
    if theirs.iter().any(|udaf| udaf.name() == name) {
        return Some(datafusion::DATAFUSION_VERSION.to_owned());
    }
    let own = Own::ALL.into_iter().find(|own| own.name() == name)?;
    Some(own.version().to_string())
}

fn own(own: Own) -> Arc<AggregateUDF> {
    Arc::new(AggregateUDF::from(OwnAggregate::new(own)))
}
