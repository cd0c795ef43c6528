//! Semantic types: what a column means, and the physical type that carries it.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a value is stored. Each maps to exactly one Arrow type (`cpg_plan::schema`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhysicalType {
    /// Arrow `Boolean`.
    Bool,
    /// Arrow `Int64`.
    Int64,
    /// Arrow `Float64`.
    Float64,
    /// Arrow `Utf8`.
    Utf8,
    /// Arrow `Struct<start: Int64, end: Int64>`, neither field nullable.
    Span,
    /// Arrow `List` with nullable elements.
    List(Box<PhysicalType>),
    /// Arrow `Map` of keys that are never null to values that may be.
    Map(Box<PhysicalType>, Box<PhysicalType>),
}

impl PhysicalType {
    /// Whether values may be the keys of a map: they are equal or not in one way only, in every format.
    pub fn may_be_key(&self) -> bool {
        matches!(self, Self::Int64 | Self::Utf8)
    }
}

/// The unit in which an offset or a column counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum TextUnit {
    /// Bytes of the raw file; the canonical unit.
    Byte,
    /// Bytes of the decoded text in UTF-8.
    Utf8,
    /// UTF-16 code units.
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

/// What a column means. Two columns may be compared only when their meanings agree.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SemanticType {
    /// A truth value.
    Bool,
    /// A number without further meaning.
    Int,
    /// A floating-point number without further meaning.
    Float,
    /// A string without further meaning.
    String,
    /// The identity of a file: `stable_id("file", path)`.
    FileId,
    /// A file's path relative to its source root, `/`-separated.
    Path,
    /// An offset within a file.
    Offset(TextUnit),
    /// A line number counted from `base`.
    Line {
        /// 0 or 1.
        base: u8,
    },
    /// A column counted in `unit` from `base`.
    Col {
        /// What is counted.
        unit: TextUnit,
        /// 0 or 1.
        base: u8,
    },
    /// A canonical byte span, end exclusive.
    Span,
    /// The stable id of an entity. `Some(namespace)` for one entity's namespace, `None` for any entity's id.
    ///
    /// The namespace and not the item's name is the identity, so that moving or renaming an item changes no type.
    Id(Option<String>),
    /// A symbol of an index, such as a SCIP symbol.
    Symbol,
    /// Normalised text.
    Text,
    /// A content hash in hexadecimal.
    Hash,
    /// A relation's score.
    Score,
    /// A confidence between 0 and 1.
    Confidence,
    /// A list of values.
    List(Box<SemanticType>),
    /// Values by their keys, each key once.
    Map(Box<SemanticType>, Box<SemanticType>),
    /// The type of a bare `null`; compatible with every nullable type.
    Null,
}

impl SemanticType {
    /// The physical type that carries this meaning. A bare `null` is carried as a nullable string.
    pub fn physical(&self) -> PhysicalType {
        match self {
            Self::Bool => PhysicalType::Bool,
            Self::Int
            | Self::FileId
            | Self::Offset(_)
            | Self::Line { .. }
            | Self::Col { .. }
            | Self::Id(_) => PhysicalType::Int64,
            Self::Float | Self::Score | Self::Confidence => PhysicalType::Float64,
            Self::String | Self::Path | Self::Symbol | Self::Text | Self::Hash | Self::Null => {
                PhysicalType::Utf8
            }
            Self::Span => PhysicalType::Span,
            Self::List(item) => PhysicalType::List(Box::new(item.physical())),
            Self::Map(key, value) => {
                PhysicalType::Map(Box::new(key.physical()), Box::new(value.physical()))
            }
        }
    }
}

/// As written in a `.cpg` program, ids by their namespace: `Offset<byte>`, `Id<"py_def">`.
impl fmt::Display for SemanticType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Float => f.write_str("float"),
            Self::String => f.write_str("string"),
            Self::FileId => f.write_str("FileId"),
            Self::Path => f.write_str("Path"),
            Self::Offset(unit) => write!(f, "Offset<{unit}>"),
            Self::Line { base } => write!(f, "Line<{base}>"),
            Self::Col { unit, base } => write!(f, "Col<{unit}, {base}>"),
            Self::Span => f.write_str("Span"),
            Self::Id(Some(namespace)) => write!(f, "Id<\"{namespace}\">"),
            Self::Id(None) => f.write_str("Id"),
            Self::Symbol => f.write_str("Symbol"),
            Self::Text => f.write_str("Text"),
            Self::Hash => f.write_str("Hash"),
            Self::Score => f.write_str("Score"),
            Self::Confidence => f.write_str("Confidence"),
            Self::List(item) => write!(f, "List<{item}>"),
            Self::Map(key, value) => write!(f, "Map<{key}, {value}>"),
            Self::Null => f.write_str("null"),
        }
    }
}

impl fmt::Display for TextUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Byte => "byte",
            Self::Utf8 => "utf8",
            Self::Utf16 => "utf16",
            Self::Utf32 => "utf32",
        })
    }
}

/// A meaning and whether a value may be absent.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct ColumnType {
    /// What a value means.
    pub semantic: SemanticType,
    /// Whether it may be null.
    pub nullable: bool,
}

impl ColumnType {
    /// A type whose values are always present.
    pub fn required(semantic: SemanticType) -> Self {
        Self { semantic, nullable: false }
    }

    /// A type whose values may be null.
    pub fn optional(semantic: SemanticType) -> Self {
        Self { semantic, nullable: true }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.semantic, if self.nullable { "?" } else { "" })
    }
}

impl FromStr for ColumnType {
    type Err = UnknownType;

    /// As it is written: `string`, `Line<1>?`. Types that a file of its own cannot have, as the ids of entities, are none.
    fn from_str(text: &str) -> Result<Self, UnknownType> {
        let (name, nullable) = match text.trim().strip_suffix('?') {
            Some(name) => (name.trim_end(), true),
            None => (text.trim(), false),
        };
        let semantic = written_types().find(|ty| ty.to_string() == name);
        let semantic = semantic.ok_or_else(|| UnknownType(text.to_owned()))?;
        Ok(Self { semantic, nullable })
    }
}

/// The types of columns that can be said outside of programs.
fn written_types() -> impl Iterator<Item = SemanticType> {
    const UNITS: [TextUnit; 4] = [TextUnit::Byte, TextUnit::Utf8, TextUnit::Utf16, TextUnit::Utf32];
    let plain = [
        SemanticType::Bool,
        SemanticType::Int,
        SemanticType::Float,
        SemanticType::String,
        SemanticType::Path,
        SemanticType::Symbol,
        SemanticType::Text,
        SemanticType::Hash,
        SemanticType::Score,
        SemanticType::Confidence,
    ];
    let columns =
        UNITS.into_iter().flat_map(|unit| [0, 1].map(|base| SemanticType::Col { unit, base }));
    let lines = [0, 1].map(|base| SemanticType::Line { base });
    plain.into_iter().chain(UNITS.map(SemanticType::Offset)).chain(lines).chain(columns)
}

/// A text that is no type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownType(String);

impl fmt::Display for UnknownType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<String> = written_types().map(|ty| ty.to_string()).collect();
        write!(f, "there is no type `{}`; types are {}", self.0, known.join(", "))
    }
}

impl std::error::Error for UnknownType {}

/// A named column of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Unique within its row.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
}

/// The columns of a row, in order, names unique.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RowSchema {
    /// The columns in order.
    pub columns: Vec<Column>,
}

impl RowSchema {
    /// The names of its columns that `other` does not have.
    pub fn names_beyond(&self, other: &Self) -> Vec<String> {
        let columns = self.columns.iter().filter(|column| other.column(&column.name).is_none());
        columns.map(|column| column.name.clone()).collect()
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for ty in written_types() {
            for nullable in [false, true] {
                let ty = ColumnType { semantic: ty.clone(), nullable };
                assert_eq!(ty.to_string().parse(), Ok(ty));
            }
        }
        let told = "Lin<1>".parse::<ColumnType>().map_err(|error| error.to_string());
        assert!(told.is_err_and(|told| told.contains("`Lin<1>`") && told.contains("Line<1>")));
    }
}
