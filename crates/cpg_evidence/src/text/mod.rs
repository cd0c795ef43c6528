//! Bytes as text: encodings, lines, and offsets that count the raw file's bytes.

mod declaration;
mod encoding;
mod lines;
mod offsets;
mod units;

pub(crate) use encoding::{Decoded, Encoding};
pub(crate) use lines::Lines;
pub(crate) use offsets::Offsets;
pub(crate) use units::Units;

/// The longest file whose text is looked at, in bytes. Keeps every offset within a `u32`.
pub(crate) const MAX_TEXT: u64 = 50 * 1024 * 1024;
