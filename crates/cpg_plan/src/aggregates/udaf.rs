//! An aggregate over sorted values as DataFusion sees it.

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

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct OrderedAggregate {
    fold: Fold,
    signature: Signature,
}

impl OrderedAggregate {
    pub(super) fn new(fold: Fold) -> Self {
        Self { fold, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for OrderedAggregate {
    fn name(&self) -> &str {
        self.fold.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [given] = types else {
            return plan_err!("{} takes one argument, not {}", self.name(), types.len());
        };
        Ok(vec![self.fold.argument(given)])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [given] = types else {
            return plan_err!("{} takes one argument, not {}", self.name(), types.len());
        };
        Ok(self.fold.returns(&self.fold.argument(given)))
    }

    fn is_nullable(&self) -> bool {
        self.fold.is_nullable()
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(OneGroup::new(self.fold, values(&args))))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let lists = DataType::List(item(args.input_fields[0].data_type()));
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "values"), lists, true))])
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        args.order_bys.is_empty() && !args.is_distinct
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(ManyGroups::new(self.fold, values(&args))))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// The type of the values that arrive.
fn values(args: &AccumulatorArgs) -> DataType {
    args.expr_fields[0].data_type().clone()
}
