//! The values of many groups, kept until a group is complete.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, UInt32Array, new_empty_array};
use arrow::array::{DynComparator, make_comparator};
use arrow::buffer::OffsetBuffer;
use arrow::compute::SortOptions;
use arrow::compute::{and, concat, filter, is_not_null, take};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_datafusion_err, internal_err};
use datafusion::logical_expr::EmitTo;

/// Non-null values of one type, each with its group.
#[derive(Debug)]
pub(super) struct GroupedValues {
    ty: DataType,
    chunks: Vec<ArrayRef>,
    /// The group of each value of the chunks, in their order.
    groups: Vec<usize>,
    /// How many groups there are; some may have no value.
    count: usize,
}

/// The values of groups 0, 1, 2…, each group's ascending.
pub(super) struct SortedGroups {
    /// All values, group by group.
    pub(super) values: ArrayRef,
    /// Where each group begins and the last ends.
    pub(super) offsets: Vec<usize>,
}

impl GroupedValues {
    pub(super) fn new(ty: DataType) -> Self {
        Self { ty, chunks: Vec::new(), groups: Vec::new(), count: 0 }
    }

    /// Adds the values that are not null and that `keep` keeps.
    pub(super) fn push(
        &mut self,
        values: &ArrayRef,
        groups: &[usize],
        keep: Option<&BooleanArray>,
        count: usize,
    ) -> Result<()> {
        self.count = self.count.max(count);
        let mask = match (keep, values.null_count() > 0) {
            (None, false) => None,
            (None, true) => Some(is_not_null(values)?),
            (Some(keep), _) => Some(and(&is_true(keep), &is_not_null(values)?)?),
        };
        match mask {
            None => {
                self.groups.extend_from_slice(groups);
                self.chunks.push(values.clone());
            }
            Some(mask) => {
                let kept = groups.iter().zip(mask.values());
                self.groups.extend(kept.filter(|(_, keep)| *keep).map(|(group, _)| *group));
                self.chunks.push(filter(values, &mask)?);
            }
        }
        Ok(())
    }

    /// Adds lists of values, each list for one group.
    pub(super) fn push_lists(
        &mut self,
        lists: &ArrayRef,
        groups: &[usize],
        count: usize,
    ) -> Result<()> {
        self.count = self.count.max(count);
        let Some(lists) = lists.as_list_opt::<i32>() else {
            return internal_err!("an aggregate's state is no list but {}", lists.data_type());
        };
        for (row, group) in groups.iter().enumerate() {
            if lists.is_valid(row) {
                let length = lists.value_length(row).try_into().unwrap_or(0);
                self.groups.extend(std::iter::repeat_n(*group, length));
            }
        }
        // The child array may hold more than the lists show: rows before and after, and what null rows cover.
        let shown = lists.offsets();
        let (first, last) = (shown[0] as usize, shown[shown.len() - 1] as usize);
        if lists.null_count() == 0 {
            self.chunks.push(lists.values().slice(first, last - first));
        } else {
            for row in (0..lists.len()).filter(|row| lists.is_valid(*row)) {
                self.chunks.push(lists.value(row));
            }
        }
        Ok(())
    }

    /// Takes the first groups out, or all; those that remain are numbered from 0 again.
    pub(super) fn take(&mut self, emit: EmitTo) -> Result<SortedGroups> {
        let all = self.concatenated()?;
        let groups = std::mem::take(&mut self.groups);
        let emitted = match emit {
            EmitTo::All => self.count,
            EmitTo::First(first) => first.min(self.count),
        };
        let sorted = sort(&all, &groups, emitted)?;
        self.count -= emitted;
        if self.count > 0 {
            let later: BooleanArray = groups.iter().map(|group| Some(*group >= emitted)).collect();
            self.chunks.push(filter(&all, &later)?);
            let later = groups.into_iter().filter(|group| *group >= emitted);
            self.groups = later.map(|group| group - emitted).collect();
        }
        Ok(sorted)
    }

    /// Bytes held, roughly.
    pub(super) fn size(&self) -> usize {
        let values: usize = self.chunks.iter().map(|chunk| chunk.get_array_memory_size()).sum();
        values + self.groups.capacity() * size_of::<usize>()
    }

    fn concatenated(&mut self) -> Result<ArrayRef> {
        let chunks = std::mem::take(&mut self.chunks);
        let chunks: Vec<&dyn Array> = chunks.iter().map(AsRef::as_ref).collect();
        Ok(if chunks.is_empty() { new_empty_array(&self.ty) } else { concat(&chunks)? })
    }
}

impl SortedGroups {
    /// Each group's values once.
    pub(super) fn distinct(self) -> Result<Self> {
        let compare = comparator(&self.values)?;
        let mut kept: Vec<u32> = Vec::with_capacity(self.values.len());
        let mut offsets = vec![0];
        for group in self.offsets.windows(2) {
            for row in group[0]..group[1] {
                if row == group[0] || compare(row - 1, row) != Ordering::Equal {
                    kept.push(index(row)?);
                }
            }
            offsets.push(kept.len());
        }
        Ok(Self { values: take(&self.values, &UInt32Array::from(kept), None)?, offsets })
    }

    /// The offsets as those of a list array.
    pub(super) fn list_offsets(&self) -> Result<OffsetBuffer<i32>> {
        let lengths = self.offsets.windows(2).map(|group| group[1] - group[0]);
        if i32::try_from(self.values.len()).is_err() {
            return Err(too_many());
        }
        Ok(OffsetBuffer::from_lengths(lengths))
    }
}

/// The values of the first `count` groups, sorted: first by group, by counting, then each group's few.
fn sort(values: &ArrayRef, groups: &[usize], count: usize) -> Result<SortedGroups> {
    let mut offsets = vec![0_usize; count + 1];
    for group in groups.iter().filter(|group| **group < count) {
        offsets[group + 1] += 1;
    }
    for group in 0..count {
        offsets[group + 1] += offsets[group];
    }
    let mut next = offsets.clone();
    let mut order = vec![0_u32; offsets[count]];
    for (row, group) in groups.iter().enumerate().filter(|(_, group)| **group < count) {
        order[next[*group]] = index(row)?;
        next[*group] += 1;
    }
    let compare = comparator(values)?;
    for group in offsets.windows(2) {
        order[group[0]..group[1]].sort_unstable_by(|a, b| compare(*a as usize, *b as usize));
    }
    Ok(SortedGroups { values: take(values, &UInt32Array::from(order), None)?, offsets })
}

fn comparator(values: &ArrayRef) -> Result<DynComparator> {
    Ok(make_comparator(values, values, SortOptions::default())?)
}

pub(super) fn index(row: usize) -> Result<u32> {
    u32::try_from(row).map_err(|_| too_many())
}

fn too_many() -> datafusion::common::DataFusionError {
    exec_datafusion_err!("more values than an aggregate can hold at once")
}

/// Null as false.
fn is_true(keep: &BooleanArray) -> BooleanArray {
    match keep.nulls() {
        None => keep.clone(),
        Some(nulls) => BooleanArray::new(keep.values() & nulls.inner(), None),
    }
}
