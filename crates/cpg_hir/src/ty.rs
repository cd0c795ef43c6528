//! Types during checking: a column's type, or unknown because of an error that was told already.

use std::fmt;

use cpg_ir::types::{ColumnType, SemanticType};

/// The type of an expression or a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ty {
    /// Something is wrong and was reported; agrees with everything.
    Unknown,
    /// What it means and whether it may be null.
    Known(ColumnType),
}

impl Ty {
    /// Values that are always there.
    pub fn required(semantic: SemanticType) -> Self {
        Self::Known(ColumnType::required(semantic))
    }

    /// Values of that meaning, absent at times if `nullable`.
    pub fn new(semantic: SemanticType, nullable: bool) -> Self {
        Self::Known(ColumnType { semantic, nullable })
    }

    /// What its values mean; `None` when unknown.
    pub fn semantic(&self) -> Option<&SemanticType> {
        self.known().map(|ty| &ty.semantic)
    }

    /// The type, if it is known.
    pub fn known(&self) -> Option<&ColumnType> {
        match self {
            Self::Unknown => None,
            Self::Known(ty) => Some(ty),
        }
    }

    /// Whether values may be absent; an unknown type counts as one that is always there.
    pub fn is_nullable(&self) -> bool {
        self.known().is_some_and(|ty| ty.nullable)
    }

    /// The same meaning, absent at times if `nullable`.
    #[must_use]
    pub fn with_nullable(self, nullable: bool) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::Known(ty) => Self::new(ty.semantic, nullable),
        }
    }

    /// Whether it has that meaning or is unknown.
    pub fn is(&self, semantic: &SemanticType) -> bool {
        self.semantic().is_none_or(|own| own == semantic)
    }
}

impl From<ColumnType> for Ty {
    fn from(ty: ColumnType) -> Self {
        Self::Known(ty)
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("?"),
            Self::Known(ty) => ty.fmt(f),
        }
    }
}

/// Groups of meanings that share rules.
pub(crate) trait SemanticRules {
    /// Strings of any meaning.
    fn is_string_like(&self) -> bool;
    /// Numbers one may calculate with freely.
    fn is_number(&self) -> bool;
    /// Places counted in a unit: offsets, lines and columns.
    fn is_position(&self) -> bool;
    /// Identities of entities.
    fn is_id(&self) -> bool;
    /// Whether `<` means something.
    fn is_ordered(&self) -> bool;
    /// Whether values have parts of their own.
    fn is_nested(&self) -> bool;
    /// Whether two values are equal or not. Maps are not compared: one may have its keys in any order.
    fn has_equality(&self) -> bool;
}

impl SemanticRules for SemanticType {
    fn is_string_like(&self) -> bool {
        matches!(self, Self::String | Self::Path | Self::Symbol | Self::Text | Self::Hash)
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Score | Self::Confidence)
    }

    fn is_position(&self) -> bool {
        matches!(self, Self::Offset(_) | Self::Line { .. } | Self::Col { .. })
    }

    fn is_id(&self) -> bool {
        matches!(self, Self::Id(_) | Self::FileId)
    }

    fn is_ordered(&self) -> bool {
        !self.is_nested() && *self != Self::Null
    }

    fn is_nested(&self) -> bool {
        matches!(self, Self::Span | Self::List(_) | Self::Map(..))
    }

    fn has_equality(&self) -> bool {
        match self {
            Self::Map(..) => false,
            Self::List(item) => item.has_equality(),
            _ => true,
        }
    }
}

/// The namespace of an id: `Some(None)` for an id of any entity, `None` for what is no id.
pub(crate) fn namespace(semantic: &SemanticType) -> Option<Option<&str>> {
    match semantic {
        SemanticType::FileId => Some(Some("file")),
        SemanticType::Id(namespace) => Some(namespace.as_deref()),
        _ => None,
    }
}
