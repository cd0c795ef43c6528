//! Stable ids: 63 bits that follow from what a thing is, not from when or where it was found.
//!
//! An id is the first 8 bytes of a BLAKE3 hash, taken little-endian, its sign bit cleared. What is hashed is the
//! namespace and then the values, each encoded so that no two sequences share an encoding:
//!
//! | part | encoding |
//! | --- | --- |
//! | namespace | length (`u64`, little-endian), bytes |
//! | integer | `1`, `i64` little-endian |
//! | string | `2`, length (`u64`, little-endian), bytes |
//! | truth value | `3`, `0` or `1` |
//! | number | `4`, bits of the `f64` little-endian; one zero, one NaN |
//!
//! Extractors and the language's `stable_id` share this one function, so an id made from evidence joins with an
//! id the extractor gave.

/// The context that separates ids from everything else hashed; its number changes with the encoding.
const CONTEXT: &str = "cpglang id 1";

/// Takes the values of one id, one after the other, without allocating.
///
/// For many ids of one namespace, prepare a hasher once and clone it for each.
#[derive(Clone)]
pub struct IdHasher(blake3::Hasher);

impl IdHasher {
    /// A hasher for ids of `namespace`.
    pub fn new(namespace: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(&length(namespace));
        hasher.update(namespace.as_bytes());
        Self(hasher)
    }

    /// The next value is an integer.
    pub fn int(&mut self, value: i64) -> &mut Self {
        self.tagged(1, value.to_le_bytes())
    }

    /// The next value is a string.
    pub fn string(&mut self, value: &str) -> &mut Self {
        self.tagged(2, length(value)).0.update(value.as_bytes());
        self
    }

    /// The next value is a truth value.
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.0.update(&[3, u8::from(value)]);
        self
    }

    /// The next value is a number. Both zeros are one value, and all NaNs are.
    pub fn float(&mut self, value: f64) -> &mut Self {
        // `+ 0.0` turns -0.0 into 0.0.
        let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
        self.tagged(4, value.to_bits().to_le_bytes())
    }

    /// The id of the values so far; never negative.
    pub fn finish(&self) -> i64 {
        let hash = self.0.finalize();
        let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
        i64::from_le_bytes([a, b, c, d, e, f, g, h]) & i64::MAX
    }

    fn tagged(&mut self, tag: u8, bytes: [u8; 8]) -> &mut Self {
        let mut encoded = [tag; 9];
        encoded[1..].copy_from_slice(&bytes);
        self.0.update(&encoded);
        self
    }
}

impl std::fmt::Debug for IdHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("IdHasher").field(&self.finish()).finish()
    }
}

fn length(text: &str) -> [u8; 8] {
    (text.len() as u64).to_le_bytes()
}

/// The identity of the file at `path`, relative to its source root and `/`-separated.
pub fn file_id(path: &str) -> i64 {
    IdHasher::new("file").string(path).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE_ID: i64 = 5_459_957_642_278_056_282;
    const DEF_ID: i64 = 3_311_956_276_879_056_998;

    fn id(namespace: &str, feed: impl FnOnce(&mut IdHasher)) -> i64 {
        let mut hasher = IdHasher::new(namespace);
        feed(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn is_a_fixed_function() {
        // Ids are stored in tables that outlive this build: a changed value here is a changed format.
        assert_eq!(file_id("pkg/module.py"), FILE_ID);
        assert_eq!(
            id("py_def", |h| {
                h.int(FILE_ID).int(0).int(12).bool(true).float(0.5);
            }),
            DEF_ID
        );
    }

    #[test]
    fn no_two_sequences_share_an_encoding() {
        let ids = [
            id("ab", |h| {
                h.string("c");
            }),
            id("a", |h| {
                h.string("bc");
            }),
            id("a", |h| {
                h.string("b").string("c");
            }),
            id("a", |h| {
                h.int(1);
            }),
            id("a", |h| {
                h.bool(true);
            }),
            id("a", |h| {
                h.float(1.0);
            }),
            id("a", |h| {
                h.string("");
            }),
            id("a", |_| {}),
        ];
        for (i, left) in ids.iter().enumerate() {
            assert!(*left >= 0);
            assert!(ids[i + 1..].iter().all(|right| left != right), "{i}");
        }
    }

    #[test]
    fn a_prepared_hasher_gives_the_same_ids() {
        let prepared = IdHasher::new("file");
        assert_eq!(prepared.clone().string("a").finish(), file_id("a"));
        assert_eq!(prepared.clone().string("b").finish(), file_id("b"));
    }

    #[test]
    fn equal_numbers_have_equal_ids() {
        let of = |value| {
            id("n", |h| {
                h.float(value);
            })
        };
        assert_eq!(of(0.0), of(-0.0));
        assert_eq!(of(f64::NAN), of(-f64::NAN));
    }
}
