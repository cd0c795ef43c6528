//! Our aggregates as DataFusion sees them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};

use super::accumulate::{ManyGroups, OneGroup};
use super::fold::{Fold, item};
use super::sums::{self, Of, OneSum, Sums};

/// An aggregate of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Own {
    /// Of values that are kept and sorted.
    Values(Fold),
    /// Of exact sums.
    Sums(Of),
}

impl Own {
    pub(super) const ALL: [Self; 4] = [
        Self::Values(Fold::Collect),
        Self::Values(Fold::NoisyOr),
        Self::Sums(Of::Sum),
        Self::Sums(Of::Mean),
    ];

    /// Its name in plans.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Values(Fold::Collect) => "collect",
            Self::Values(Fold::NoisyOr) => "noisy_or",
            Self::Sums(Of::Sum) => "exact_sum",
            Self::Sums(Of::Mean) => "exact_avg",
        }
    }

    /// Changes whenever the same values could give another result.
    pub(super) fn version(self) -> u32 {
        match self {
            Self::Values(Fold::Collect | Fold::NoisyOr) => 1,
            Self::Sums(Of::Sum | Of::Mean) => 1,
        }
    }

    /// The type of the values it takes, given what it is called with.
    fn argument(self, given: &DataType) -> DataType {
        match self {
            Self::Values(fold) => fold.argument(given),
            Self::Sums(_) => DataType::Float64,
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct OwnAggregate {
    own: Own,
    signature: Signature,
}

impl OwnAggregate {
    pub(super) fn new(own: Own) -> Self {
        Self { own, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for OwnAggregate {
    fn name(&self) -> &str {
        self.own.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [given] = types else {
            return plan_err!("{} takes one argument, not {}", self.name(), types.len());
        };
        Ok(vec![self.own.argument(given)])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [given] = types else {
            return plan_err!("{} takes one argument, not {}", self.name(), types.len());
        };
        Ok(match self.own {
            Own::Values(fold) => fold.returns(&fold.argument(given)),
            Own::Sums(_) => DataType::Float64,
        })
    }

    fn is_nullable(&self) -> bool {
        match self.own {
            Own::Values(fold) => fold.is_nullable(),
            Own::Sums(_) => true,
        }
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let ty = values(&args);
        Ok(match self.own {
            Own::Values(fold) => Box::new(OneGroup::new(fold, ty)),
            Own::Sums(of) => Box::new(OneSum::new(of)),
        })
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(match self.own {
            Own::Values(_) => {
                let lists = DataType::List(item(args.input_fields[0].data_type()));
                vec![Arc::new(Field::new(format_state_name(args.name, "values"), lists, true))]
            }
            Own::Sums(_) => sums::state_fields(args.name),
        })
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        args.order_bys.is_empty() && !args.is_distinct
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(match self.own {
            Own::Values(fold) => Box::new(ManyGroups::new(fold, values(&args))),
            Own::Sums(of) => Box::new(Sums::new(of)),
        })
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// The type of the values that arrive.
fn values(args: &AccumulatorArgs) -> DataType {
    args.expr_fields[0].data_type().clone()
}
