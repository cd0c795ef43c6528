//! What the host offers a program, as data: extractors with their tables, and functions with their signatures.
//!
//! The frontend checks programs against these without linking the code behind them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ir::RelationDocs;
use crate::types::{PhysicalType, RowSchema};

/// How the keys of extractors begin that are commands of the profile.
pub const COMMANDS: &str = "external.";

/// Every extractor of this build, by key. No two have a table of one name: evidence is kept under its table's name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExtractorCatalog {
    /// By key, as in `python.cst`.
    pub extractors: BTreeMap<String, ExtractorSignature>,
}

/// What an extractor emits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractorSignature {
    /// Changes whenever the same bytes could give other rows.
    pub version: u32,
    /// What it finds, in a sentence.
    pub description: String,
    /// By table name.
    pub tables: BTreeMap<String, RowSchema>,
    /// What they hold, in words, by table name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub docs: BTreeMap<String, RelationDocs>,
}

/// Every scalar function a program may call, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FunctionCatalog {
    /// By the name that programs use.
    pub functions: BTreeMap<String, FunctionSignature>,
}

/// A scalar function. All are immutable: the same arguments always give the same value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionSignature {
    /// Changes whenever the same arguments could give another value; enters fingerprints.
    pub version: String,
    /// What it gives, in a sentence.
    pub description: String,
    /// A call and what it gives.
    pub example: FunctionExample,
    /// In order of preference.
    pub overloads: Vec<Overload>,
}

/// A call of a function, as programs say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionExample {
    /// An expression without columns.
    pub call: String,
    /// Its value, as a literal.
    pub gives: String,
}

/// One way to call a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overload {
    /// The arguments' physical types.
    pub args: Vec<PhysicalType>,
    /// Whether the last argument may be repeated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub variadic: bool,
    /// The value's physical type.
    pub returns: PhysicalType,
    /// Whether the value may be null although no argument is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_be_null: bool,
}
