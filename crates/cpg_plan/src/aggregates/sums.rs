//! Sums and means of many groups and of one, exact and of bounded size.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Float64Builder, Int64Array, ListArray,
    ListBuilder,
};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

use super::exact::ExactSum;
use super::fold::item;

/// What becomes of a group's sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Of {
    Sum,
    Mean,
}

impl Of {
    /// Null where there were no values.
    fn value(self, sum: &ExactSum, count: i64) -> Option<f64> {
        (count > 0).then(|| match self {
            Self::Sum => sum.value(),
            Self::Mean => sum.value() / count as f64,
        })
    }
}

/// A sum and the number of its values, for each group. The state is both, the sum as its parts.
#[derive(Debug)]
pub(super) struct Sums {
    of: Of,
    sums: Vec<ExactSum>,
    counts: Vec<i64>,
    /// Bytes that the sums hold.
    heap: usize,
}

/// The fields of the state of an aggregate called `name`.
pub(super) fn state_fields(name: &str) -> Vec<FieldRef> {
    let parts = DataType::List(item(&DataType::Float64));
    vec![
        Arc::new(Field::new(format_state_name(name, "parts"), parts, true)),
        Arc::new(Field::new(format_state_name(name, "count"), DataType::Int64, true)),
    ]
}

impl Sums {
    pub(super) fn new(of: Of) -> Self {
        Self { of, sums: Vec::new(), counts: Vec::new(), heap: 0 }
    }

    fn grow(&mut self, groups: usize) {
        self.sums.resize_with(groups.max(self.sums.len()), ExactSum::default);
        self.counts.resize(self.sums.len(), 0);
    }

    /// Changes a group's sum.
    fn change(&mut self, group: usize, change: impl FnOnce(&mut ExactSum)) {
        let sum = &mut self.sums[group];
        let before = sum.heap();
        change(sum);
        self.heap = self.heap + sum.heap() - before;
    }

    fn take(&mut self, emit: EmitTo) -> (Vec<ExactSum>, Vec<i64>) {
        let taken = (emit.take_needed(&mut self.sums), emit.take_needed(&mut self.counts));
        self.heap -= taken.0.iter().map(ExactSum::heap).sum::<usize>();
        taken
    }
}

impl GroupsAccumulator for Sums {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
        let values = values[0].as_primitive::<Float64Type>();
        for (row, group) in group_indices.iter().enumerate() {
            if values.is_valid(row) && is_kept(opt_filter, row) {
                self.change(*group, |sum| sum.add(values.value(row)));
                self.counts[*group] += 1;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (sums, counts) = self.take(emit_to);
        let values = sums.iter().zip(counts).map(|(sum, count)| self.of.value(sum, count));
        Ok(Arc::new(values.collect::<Float64Array>()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (sums, counts) = self.take(emit_to);
        let parts = lists(sums.iter().map(ExactSum::parts));
        Ok(vec![Arc::new(parts), Arc::new(Int64Array::from(counts))])
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
        for_each_state(values, |row, parts, count| {
            let group = group_indices[row];
            self.change(group, |sum| parts.iter().for_each(|part| sum.add_part(*part)));
            self.counts[group] += count;
        })
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let values = values[0].as_primitive::<Float64Type>();
        let value =
            |row| (values.is_valid(row) && is_kept(opt_filter, row)).then(|| values.value(row));
        let parts = lists((0..values.len()).map(|row| value(row).into_iter()));
        let counts: Int64Array =
            (0..values.len()).map(|row| Some(i64::from(value(row).is_some()))).collect();
        Ok(vec![Arc::new(parts), Arc::new(counts)])
    }

    fn size(&self) -> usize {
        size_of_val(self)
            + self.sums.capacity() * size_of::<ExactSum>()
            + self.counts.capacity() * size_of::<i64>()
            + self.heap
    }
}

/// The sum of one group, which may be asked for between values: windows grow row by row.
#[derive(Debug)]
pub(super) struct OneSum {
    of: Of,
    sum: ExactSum,
    count: i64,
}

impl OneSum {
    pub(super) fn new(of: Of) -> Self {
        Self { of, sum: ExactSum::default(), count: 0 }
    }
}

impl Accumulator for OneSum {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for value in values[0].as_primitive::<Float64Type>().iter().flatten() {
            self.sum.add(value);
            self.count += 1;
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.of.value(&self.sum, self.count)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.sum.heap()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let parts = lists(std::iter::once(self.sum.parts()));
        Ok(vec![ScalarValue::List(Arc::new(parts)), ScalarValue::Int64(Some(self.count))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for_each_state(states, |_, parts, count| {
            parts.iter().for_each(|part| self.sum.add_part(*part));
            self.count += count;
        })
    }
}

/// Calls `visit` with each state's row, the parts of its sum and its number of values.
fn for_each_state(states: &[ArrayRef], mut visit: impl FnMut(usize, &[f64], i64)) -> Result<()> {
    let [parts, counts] = states else {
        return internal_err!("the state of a sum has two columns, not {}", states.len());
    };
    let (parts, counts) = (parts.as_list::<i32>(), counts.as_primitive::<Int64Type>());
    for row in (0..parts.len()).filter(|row| parts.is_valid(*row) && counts.is_valid(*row)) {
        let parts = parts.value(row);
        visit(row, parts.as_primitive::<Float64Type>().values(), counts.value(row));
    }
    Ok(())
}

fn lists(rows: impl Iterator<Item = impl Iterator<Item = f64>>) -> ListArray {
    let mut lists = ListBuilder::new(Float64Builder::new()).with_field(item(&DataType::Float64));
    for row in rows {
        row.for_each(|part| lists.values().append_value(part));
        lists.append(true);
    }
    lists.finish()
}

fn is_kept(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|keep| keep.is_valid(row) && keep.value(row))
}
