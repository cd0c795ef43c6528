//! Columns that are being collected: the rows of one file at a time, so that room is made once for each, and with as much
//! room at first as the batch before needed.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, BooleanBufferBuilder, Int64Array, NullBufferBuilder, StringArray,
};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;

/// A column that values are added to.
pub(crate) trait Column: Default {
    /// The values so far, as an array. What is added next belongs to the next one.
    ///
    /// # Errors
    /// When an array cannot hold as much.
    fn finish(&mut self) -> Result<ArrayRef, ArrowError>;
}

/// Which rows have a value.
struct Presence(NullBufferBuilder);

impl Default for Presence {
    fn default() -> Self {
        Self(NullBufferBuilder::new(0))
    }
}

impl Presence {
    fn extend(&mut self, present: impl ExactSizeIterator<Item = bool> + Clone) {
        if present.clone().all(|is_present| is_present) {
            self.0.append_n_non_nulls(present.len());
        } else {
            present.for_each(|is_present| self.0.append(is_present));
        }
    }
}

/// Numbers.
#[derive(Default)]
pub(crate) struct Numbers {
    values: Vec<i64>,
    presence: Presence,
}

impl Numbers {
    pub(crate) fn extend(&mut self, values: impl ExactSizeIterator<Item = Option<i64>> + Clone) {
        self.presence.extend(values.clone().map(|value| value.is_some()));
        self.values.extend(values.map(Option::unwrap_or_default));
    }

    /// Adds a number that many times.
    pub(crate) fn repeat(&mut self, value: i64, times: usize) {
        self.presence.0.append_n_non_nulls(times);
        self.values.resize(self.values.len() + times, value);
    }
}

impl Column for Numbers {
    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let values = take(&mut self.values);
        Ok(Arc::new(Int64Array::try_new(ScalarBuffer::from(values), self.presence.0.finish())?))
    }
}

/// Strings.
pub(crate) struct Texts {
    /// One behind the other, in UTF-8.
    text: Vec<u8>,
    /// Where each ends in the text, behind a 0.
    ends: Vec<i32>,
    presence: Presence,
}

impl Default for Texts {
    fn default() -> Self {
        Self { text: Vec::new(), ends: vec![0], presence: Presence::default() }
    }
}

impl Texts {
    pub(crate) fn extend<'v>(
        &mut self,
        values: impl ExactSizeIterator<Item = Option<&'v str>> + Clone,
    ) {
        self.presence.extend(values.clone().map(|value| value.is_some()));
        self.text.reserve(values.clone().flatten().map(str::len).sum());
        self.ends.reserve(values.len());
        for value in values {
            self.text.extend_from_slice(value.unwrap_or_default().as_bytes());
            self.ends.push(offset(self.text.len()));
        }
    }

    /// Adds a string that many times.
    pub(crate) fn repeat(&mut self, value: &str, times: usize) {
        self.presence.0.append_n_non_nulls(times);
        let start = self.text.len();
        self.text.reserve(times * value.len());
        if times > 0 {
            self.text.extend_from_slice(value.as_bytes());
        }
        // Doubling what is there takes few copies.
        let mut there = times.min(1);
        while there < times {
            let more = there.min(times - there);
            self.text.extend_from_within(start..start + more * value.len());
            there += more;
        }
        self.ends.extend((1..=times).map(|number| offset(start + number * value.len())));
    }
}

/// The values, for others of which there will likely be as many.
fn take<T>(values: &mut Vec<T>) -> Vec<T> {
    let next = Vec::with_capacity(values.len());
    std::mem::replace(values, next)
}

/// An offset that is too large is found out when the column is finished.
fn offset(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

impl Column for Texts {
    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let text = take(&mut self.text);
        let ends = take(&mut self.ends);
        self.ends.push(0);
        let nulls = self.presence.0.finish();
        if i32::try_from(text.len()).is_err() {
            return Err(ArrowError::OffsetOverflowError(text.len()));
        }
        let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
        Ok(Arc::new(StringArray::try_new(ends, Buffer::from_vec(text), nulls)?))
    }
}

/// Truth values.
pub(crate) struct Truths {
    values: BooleanBufferBuilder,
    presence: Presence,
}

impl Default for Truths {
    fn default() -> Self {
        Self { values: BooleanBufferBuilder::new(0), presence: Presence::default() }
    }
}

impl Truths {
    pub(crate) fn extend(&mut self, values: impl ExactSizeIterator<Item = Option<bool>> + Clone) {
        self.presence.extend(values.clone().map(|value| value.is_some()));
        self.values.reserve(values.len());
        values.for_each(|value| self.values.append(value.unwrap_or_default()));
    }
}

impl Column for Truths {
    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(BooleanArray::new(self.values.finish(), self.presence.0.finish())))
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};

    use super::*;

    #[test]
    fn columns_hold_what_was_added() {
        let mut texts = Texts::default();
        texts.extend([Some("a"), None, Some("")].into_iter());
        texts.repeat("bc", 2);
        let texts = texts.finish().expect("it is small");
        let texts: Vec<_> = texts.as_string::<i32>().iter().collect();
        assert_eq!(texts, [Some("a"), None, Some(""), Some("bc"), Some("bc")]);

        let mut numbers = Numbers::default();
        numbers.repeat(7, 2);
        numbers.extend([None, Some(1)].into_iter());
        let numbers = numbers.finish().expect("it is small");
        let numbers = numbers.as_any().downcast_ref::<Int64Array>().expect("they are numbers");
        assert_eq!(numbers.iter().collect::<Vec<_>>(), [Some(7), Some(7), None, Some(1)]);

        let mut truths = Truths::default();
        truths.extend([Some(true), Some(false)].into_iter());
        truths.extend([None, Some(true)].into_iter());
        let truths = truths.finish().expect("it is small");
        let truths: Vec<_> = truths.as_boolean().iter().collect();
        assert_eq!(truths, [Some(true), Some(false), None, Some(true)]);
    }

    #[test]
    fn columns_without_absent_values_keep_no_record_of_them() {
        let mut numbers = Numbers::default();
        numbers.extend([Some(1), Some(2)].into_iter());
        assert!(numbers.finish().expect("it is small").nulls().is_none());
    }
}
