//! Sums that no order of addition changes.

/// From this magnitude on a value counts as infinite: no number of smaller ones that fits into memory can overflow.
const INFINITE: f64 = f64::from_bits((1023 + 960) << 52);

/// A sum without rounding, as numbers that do not overlap and whose sum it is.
///
/// Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates", 1997, theorem 10
/// (grow-expansion); rounded as Python's `math.fsum` does. Values of 2⁹⁶⁰ and more count as infinite.
#[derive(Debug, Clone, Default)]
pub(super) struct ExactSum {
    /// Ascending in magnitude.
    parts: Vec<f64>,
    /// The sum of what is not finite; 0 where there is none.
    infinite: f64,
}

impl ExactSum {
    /// Adds a value.
    pub(super) fn add(&mut self, value: f64) {
        let is_infinite = value.abs() >= INFINITE;
        self.add_part(if is_infinite { f64::INFINITY.copysign(value) } else { value });
    }

    /// Adds what [`parts`](Self::parts) of another sum gave.
    pub(super) fn add_part(&mut self, part: f64) {
        if !part.is_finite() {
            self.infinite += part;
            return;
        }
        let mut sum = part;
        let mut kept = 0;
        for at in 0..self.parts.len() {
            let (larger, smaller) = match self.parts[at] {
                part if part.abs() > sum.abs() => (part, sum),
                part => (sum, part),
            };
            sum = larger + smaller;
            let rest = smaller - (sum - larger);
            if rest != 0.0 {
                self.parts[kept] = rest;
                kept += 1;
            }
        }
        self.parts.truncate(kept);
        if sum != 0.0 {
            self.parts.push(sum);
        }
    }

    /// Numbers whose sum it is.
    pub(super) fn parts(&self) -> impl Iterator<Item = f64> {
        let infinite = (self.infinite != 0.0).then_some(self.infinite);
        self.parts.iter().copied().chain(infinite)
    }

    /// Bytes held beside those of the type itself.
    pub(super) fn heap(&self) -> usize {
        self.parts.capacity() * size_of::<f64>()
    }

    /// The nearest number; of two equally near ones the even. Zero is positive.
    pub(super) fn value(&self) -> f64 {
        if self.infinite != 0.0 {
            return self.infinite;
        }
        let mut parts = self.parts.iter().rev().copied();
        let mut sum = parts.next().unwrap_or_default();
        let mut rest = 0.0;
        for part in parts.by_ref() {
            let larger = sum;
            sum = larger + part;
            rest = part - (sum - larger);
            if rest != 0.0 {
                break;
            }
        }
        // What is below decides whether a rest of exactly half a unit rounds away.
        if parts.next().is_some_and(|below| (below < 0.0) == (rest < 0.0)) {
            let twice = rest * 2.0;
            let rounded = sum + twice;
            if twice == rounded - sum {
                sum = rounded;
            }
        }
        sum + 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        values.iter().for_each(|value| sum.add(*value));
        sum.value()
    }

    #[test]
    fn nothing_is_lost() {
        assert_eq!(sum(&[]).to_bits(), 0.0_f64.to_bits());
        assert_eq!(sum(&[-0.0]).to_bits(), 0.0_f64.to_bits());
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[1e16, 1.0, -1e16]), 1.0);
        assert_eq!(sum(&[1e100, 1.0, -1e100, 1e-100, 1e50, -1.0, -1e50]), 1e-100);
        // Half a unit in the last place, and a little more or less.
        let unit = f64::EPSILON;
        assert_eq!(sum(&[1.0, unit / 2.0]), 1.0);
        assert_eq!(sum(&[1.0, unit / 2.0, 1e-300]), 1.0 + unit);
        assert_eq!(sum(&[1.0 + unit, unit / 2.0, -1e-300]), 1.0 + unit);
    }

    #[test]
    fn what_is_infinite_stays_so_in_any_order() {
        assert_eq!(sum(&[f64::INFINITY, 1.0]), f64::INFINITY);
        assert!(sum(&[f64::NEG_INFINITY, 1.0, f64::INFINITY]).is_nan());
        assert!(sum(&[f64::NAN, 1.0]).is_nan());
        for order in [[1e300, 1e300, -1e300], [1e300, -1e300, 1e300]] {
            assert!(sum(&order).is_nan());
        }
        assert_eq!(sum(&[1e288, 1e288, -1e288]), 1e288);
    }

    proptest::proptest! {
        #[test]
        fn order_and_parts_do_not_matter(
            values in proptest::collection::vec(proptest::num::f64::NORMAL, 0..40),
            split in 0..40_usize,
        ) {
            let (left, right) = values.split_at(split.min(values.len()));
            let mut merged = ExactSum::default();
            right.iter().rev().for_each(|value| merged.add(*value));
            let mut other = ExactSum::default();
            left.iter().for_each(|value| other.add(*value));
            other.parts().for_each(|part| merged.add_part(part));
            let (one, two) = (sum(&values), merged.value());
            proptest::prop_assert!(one == two || (one.is_nan() && two.is_nan()), "{one} {two}");
        }
    }
}
