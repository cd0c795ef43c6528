//! The accumulators of kept values that DataFusion drives: one for many groups, one for a single group.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

use super::fold::{Fold, lists};
use super::grouped::GroupedValues;

/// Keeps the values of all groups; its state is one list of values per group.
#[derive(Debug)]
pub(super) struct ManyGroups {
    fold: Fold,
    ty: DataType,
    values: GroupedValues,
}

impl ManyGroups {
    pub(super) fn new(fold: Fold, ty: DataType) -> Self {
        Self { fold, values: GroupedValues::new(ty.clone()), ty }
    }
}

impl GroupsAccumulator for ManyGroups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.values.push(&self.fold.keep(values)?, group_indices, opt_filter, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.fold.apply(self.values.take(emit_to)?)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let mut groups = self.values.take(emit_to)?;
        if self.fold.is_distinct() {
            groups = groups.distinct()?;
        }
        Ok(vec![Arc::new(lists(groups)?)])
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.values.push_lists(&values[0], group_indices, total_num_groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values[0].len();
        let each: Vec<usize> = (0..rows).collect();
        let mut single = GroupedValues::new(self.ty.clone());
        single.push(&self.fold.keep(values)?, &each, opt_filter, rows)?;
        Ok(vec![Arc::new(lists(single.take(EmitTo::All)?)?)])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.size()
    }
}

/// All rows as one group. Its value is taken once.
#[derive(Debug)]
pub(super) struct OneGroup {
    groups: ManyGroups,
}

impl OneGroup {
    /// Over kept values of type `ty`.
    pub(super) fn new(fold: Fold, ty: DataType) -> Self {
        Self { groups: ManyGroups::new(fold, ty) }
    }

    /// The group is there even when no row was.
    fn exist(&mut self) -> Result<()> {
        let none = arrow::array::new_empty_array(&self.groups.ty);
        self.groups.values.push(&none, &[], None, 1)
    }
}

impl Accumulator for OneGroup {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.groups.update_batch(values, &vec![0; values[0].len()], None, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.exist()?;
        ScalarValue::try_from_array(&self.groups.evaluate(EmitTo::All)?, 0)
    }

    fn size(&self) -> usize {
        self.groups.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.exist()?;
        let state = self.groups.state(EmitTo::All)?;
        state.iter().map(|array| ScalarValue::try_from_array(array, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.groups.merge_batch(states, &vec![0; states[0].len()], 1)
    }
}
