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
    pub(super) const ALL: [Self; 5] = [
        Self::Values(Fold::Collect),
        Self::Values(Fold::MapOf),
        Self::Values(Fold::NoisyOr),
        Self::Sums(Of::Sum),
        Self::Sums(Of::Mean),
    ];

    /// Its name in plans.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Values(Fold::Collect) => "collect",
            Self::Values(Fold::MapOf) => "map_of",
            Self::Values(Fold::NoisyOr) => "noisy_or",
            Self::Sums(Of::Sum) => "exact_sum",
            Self::Sums(Of::Mean) => "exact_avg",
        }
    }

    /// Changes whenever the same values could give another result.
    pub(super) fn version(self) -> u32 {
        match self {
            Self::Values(Fold::Collect | Fold::MapOf | Fold::NoisyOr) => 1,
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

    /// How many arguments it takes.
    fn arity(self) -> usize {
        match self {
            Self::Values(fold) => fold.arity(),
            Self::Sums(_) => 1,
        }
    }

    /// The types of its arguments, given what it is called with.
    fn arguments(self, given: &[DataType]) -> Result<Vec<DataType>> {
        if given.len() != self.arity() {
            return plan_err!(
                "{} takes {} arguments, not {}",
                self.name(),
                self.arity(),
                given.len()
            );
        }
        Ok(given.iter().map(|given| self.argument(given)).collect())
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
        self.own.arguments(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let arguments = self.own.arguments(types)?;
        match self.own {
            Own::Values(fold) => fold.returns(&arguments),
            Own::Sums(_) => Ok(DataType::Float64),
        }
    }

    fn is_nullable(&self) -> bool {
        match self.own {
            Own::Values(fold) => fold.is_nullable(),
            Own::Sums(_) => true,
        }
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(match self.own {
            Own::Values(fold) => Box::new(OneGroup::new(fold, kept(fold, args.expr_fields)?)),
            Own::Sums(of) => Box::new(OneSum::new(of)),
        })
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(match self.own {
            Own::Values(fold) => {
                let lists = DataType::List(item(&kept(fold, args.input_fields)?));
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
            Own::Values(fold) => Box::new(ManyGroups::new(fold, kept(fold, args.expr_fields)?)),
            Own::Sums(of) => Box::new(Sums::new(of)),
        })
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// The type of the values that are kept of those that arrive.
fn kept(fold: Fold, arriving: &[FieldRef]) -> Result<DataType> {
    let types: Vec<DataType> = arriving.iter().map(|field| field.data_type().clone()).collect();
    fold.kept(&types)
}
