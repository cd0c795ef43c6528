//! How sure a relation's row is.

use arrow::datatypes::DataType;
use datafusion::functions::core::{greatest, least, nullif};
use datafusion::functions::math::abs;
use datafusion::logical_expr::{Expr, cast, lit};

/// What all the features together add at most, when each holds fully.
pub const FEATURE_SHARE: f64 = 0.1;

/// What competition takes away at most, when there is no end of candidates.
pub const AMBIGUITY_SHARE: f64 = 0.2;

/// The parts of a row's confidence.
#[derive(Debug, Clone)]
pub(super) struct Confidence {
    /// What the relation says of every row.
    pub(super) base: Expr,
    /// Each feature's value and weight, neither null.
    pub(super) features: Vec<(Expr, Expr)>,
}

impl Confidence {
    /// `clamp(base + 0.1 · (Σ weight · feature) / (Σ |weight|) − 0.2 · (1 − 1 / candidates), 0, 1)`.
    ///
    /// Features that hold raise it, each by its share of all weights, and those of negative weight lower it; other
    /// candidates of the same group lower it, the more the more there are. Without features, or when all weigh
    /// nothing, the second part is left out; without competition (`candidates` is `None`) the third.
    pub(super) fn expr(&self, candidates: Option<Expr>) -> Expr {
        let mut sum = cast(self.base.clone(), DataType::Float64);
        if !self.features.is_empty() {
            let share = self.weighted_sum() / nullif().call(vec![self.all_weights(), lit(0.0)]);
            let share = datafusion::functions::core::coalesce().call(vec![share, lit(0.0)]);
            sum = sum + lit(FEATURE_SHARE) * share;
        }
        if let Some(candidates) = candidates {
            let others = lit(1.0) - lit(1.0) / cast(candidates, DataType::Float64);
            sum = sum - lit(AMBIGUITY_SHARE) * others;
        }
        least().call(vec![greatest().call(vec![sum, lit(0.0)]), lit(1.0)])
    }

    /// `Σ weight · feature`; 0 without features.
    pub(super) fn weighted_sum(&self) -> Expr {
        let parts = self.features.iter().map(|(feature, weight)| weight.clone() * feature.clone());
        parts.reduce(|sum, part| sum + part).unwrap_or_else(|| lit(0.0))
    }

    fn all_weights(&self) -> Expr {
        let weights = self.features.iter().map(|(_, weight)| abs().call(vec![weight.clone()]));
        weights.reduce(|sum, weight| sum + weight).unwrap_or_else(|| lit(0.0))
    }
}
