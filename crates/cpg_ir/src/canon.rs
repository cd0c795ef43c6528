//! Canonical encoding and fingerprints.
//!
//! The canonical form of a value is its compact JSON: struct fields in declaration order, maps as `BTreeMap`,
//! integers in decimal, finite floats in their shortest round-trip form. Nothing here contains `f32`, a hash
//! map, a clock or a path of the machine. A fingerprint is BLAKE3 over that form, keyed by its [`Domain`] so
//! that equal bytes of different layers never collide.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// What a fingerprint is taken over. The number in each context changes when the meaning of the layer's
/// encoding changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// One relation's meaning, its inputs by their own spec hashes.
    Spec,
    /// All relations of a program.
    Model,
    /// The relations that remain after pruning, with their join groups.
    Ir,
    /// A lowered logical plan.
    Plan,
    /// One table of evidence: extractor, options, columns and file contents.
    Evidence,
    /// A relation's content: plan, inputs and the policies that shape it.
    Task,
    /// What a part of a table holds: its rows, or what they follow from.
    Segment,
    /// Everything known at compile time.
    Manifest,
    /// Everything a run depended on.
    Run,
    /// What a build leaves for its readers beside its tables.
    Artifact,
}

impl Domain {
    fn context(self) -> &'static str {
        match self {
            Self::Spec => "cpglang spec 1",
            Self::Model => "cpglang model 1",
            Self::Ir => "cpglang ir 1",
            Self::Plan => "cpglang plan 1",
            Self::Evidence => "cpglang evidence 1",
            Self::Task => "cpglang task 1",
            Self::Segment => "cpglang segment 1",
            Self::Manifest => "cpglang manifest 1",
            Self::Run => "cpglang run 1",
            Self::Artifact => "cpglang artifact 1",
        }
    }
}

/// 256 bits that are equal exactly when the canonical forms of two values of one domain are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of `value` in `domain`.
    ///
    /// # Errors
    /// When `value` has no JSON form, as a map with keys that are not strings has none.
    pub fn of<T: Serialize + ?Sized>(domain: Domain, value: &T) -> serde_json::Result<Self> {
        // At once: a writer gets a few bytes at a time, and hashing those one by one takes several times as long.
        Ok(Self::of_bytes(domain, &serde_json::to_vec(value)?))
    }

    /// The fingerprint of bytes that are a canonical form already.
    pub fn of_bytes(domain: Domain, bytes: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(domain.context());
        hasher.update(bytes);
        Self(*hasher.finalize().as_bytes())
    }

    /// The fingerprint of all that `reader` gives.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn of_reader(domain: Domain, reader: impl std::io::Read) -> std::io::Result<Self> {
        let mut hasher = blake3::Hasher::new_derive_key(domain.context());
        hasher.update_reader(reader)?;
        Ok(Self(*hasher.finalize().as_bytes()))
    }

    /// The first twelve hexadecimal digits, for people.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Fingerprint {
    fn schema_name() -> Cow<'static, str> {
        "Fingerprint".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "256 bits, equal exactly where what they are taken over is.",
            "type": "string",
            "pattern": "^[0-9a-f]{64}$"
        })
    }
}

/// What [`fmt::Display`] gave.
impl std::str::FromStr for Fingerprint {
    type Err = blake3::HexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        blake3::Hash::from_hex(text).map(|hash| Self(*hash.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_separate_equal_values() -> serde_json::Result<()> {
        assert_ne!(Fingerprint::of(Domain::Spec, "x")?, Fingerprint::of(Domain::Plan, "x")?);
        Ok(())
    }

    #[test]
    fn survives_json() -> serde_json::Result<()> {
        let fingerprint = Fingerprint::of(Domain::Spec, &[1, 2, 3])?;
        let json = serde_json::to_string(&fingerprint)?;
        assert_eq!(serde_json::from_str::<Fingerprint>(&json)?, fingerprint);
        Ok(())
    }
}
