//! What a column holds: its meaning, the value a row gives for it, and the Arrow builder that stores it.

use std::borrow::Cow;

use arrow::array::{ArrayBuilder, BooleanBuilder, Int64Builder, StringBuilder};
use cpg_ir::types::{ColumnType, SemanticType, TextUnit};
use ruff_text_size::TextRange;

/// A kind of column.
pub(crate) trait Kind {
    /// The value of one row.
    type Value<'a>;
    /// Stores the values.
    type Builder: ArrayBuilder + Default;
    /// What the column means.
    const SEMANTIC: SemanticType;
    /// Whether values may be absent.
    const NULLABLE: bool = false;

    /// Adds a row's value.
    fn append(builder: &mut Self::Builder, value: &Self::Value<'_>);

    /// Adds a row without a value.
    fn append_null(builder: &mut Self::Builder);

    /// The column's type.
    fn column_type() -> ColumnType {
        ColumnType { semantic: Self::SEMANTIC, nullable: Self::NULLABLE }
    }
}

macro_rules! integers {
    ($($(#[$doc:meta])* $kind:ident($value:ty) = $semantic:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $kind;

        impl Kind for $kind {
            type Value<'a> = $value;
            type Builder = Int64Builder;
            const SEMANTIC: SemanticType = $semantic;

            fn append(builder: &mut Int64Builder, value: &$value) {
                builder.append_value(i64::from(*value));
            }

            fn append_null(builder: &mut Int64Builder) {
                builder.append_null();
            }
        }
    )*};
}

integers! {
    /// A count or a position among siblings.
    Int(i64) = SemanticType::Int;
    /// A byte offset in the raw file.
    Offset(u32) = SemanticType::Offset(TextUnit::Byte);
    /// A 1-based line number.
    Line(u32) = SemanticType::Line { base: 1 };
}

/// What knows the ids of places in a file.
pub(crate) trait Places {
    /// The id of the place at `range` of the file's text.
    fn id(&self, range: TextRange) -> i64;
}

/// A place in a file: its id is made where it is needed.
#[derive(Clone, Copy)]
pub(crate) struct PlaceAt<'a> {
    pub(crate) places: &'a dyn Places,
    pub(crate) range: TextRange,
}

/// The id of a place. No other file has it.
pub(crate) struct Place;

impl Kind for Place {
    type Value<'a> = PlaceAt<'a>;
    type Builder = Int64Builder;
    const SEMANTIC: SemanticType = SemanticType::Id(None);

    fn append(builder: &mut Int64Builder, value: &PlaceAt<'_>) {
        builder.append_value(value.places.id(value.range));
    }

    fn append_null(builder: &mut Int64Builder) {
        builder.append_null();
    }
}

macro_rules! strings {
    ($($(#[$doc:meta])* $kind:ident = $semantic:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $kind;

        impl Kind for $kind {
            type Value<'a> = Cow<'a, str>;
            type Builder = StringBuilder;
            const SEMANTIC: SemanticType = $semantic;

            fn append(builder: &mut StringBuilder, value: &Cow<'_, str>) {
                builder.append_value(value);
            }

            fn append_null(builder: &mut StringBuilder) {
                builder.append_null();
            }
        }
    )*};
}

strings! {
    /// A string without further meaning.
    Str = SemanticType::String;
    /// A symbol of an index.
    Symbol = SemanticType::Symbol;
    /// The path of a file of the sources.
    FilePath = SemanticType::Path;
    /// A content hash in hexadecimal.
    Hash = SemanticType::Hash;
}

/// A string of which only few are known: what the extractor calls kinds of things.
pub(crate) struct Word;

impl Kind for Word {
    type Value<'a> = &'static str;
    type Builder = StringBuilder;
    const SEMANTIC: SemanticType = SemanticType::String;

    fn append(builder: &mut StringBuilder, value: &&'static str) {
        builder.append_value(value);
    }

    fn append_null(builder: &mut StringBuilder) {
        builder.append_null();
    }
}

/// A truth value.
pub(crate) struct Bool;

impl Kind for Bool {
    type Value<'a> = bool;
    type Builder = BooleanBuilder;
    const SEMANTIC: SemanticType = SemanticType::Bool;

    fn append(builder: &mut BooleanBuilder, value: &bool) {
        builder.append_value(*value);
    }

    fn append_null(builder: &mut BooleanBuilder) {
        builder.append_null();
    }
}

/// A column whose values may be absent.
pub(crate) struct Opt<K>(std::marker::PhantomData<K>);

impl<K: Kind> Kind for Opt<K> {
    type Value<'a> = Option<K::Value<'a>>;
    type Builder = K::Builder;
    const SEMANTIC: SemanticType = K::SEMANTIC;
    const NULLABLE: bool = true;

    fn append(builder: &mut K::Builder, value: &Option<K::Value<'_>>) {
        match value {
            Some(value) => K::append(builder, value),
            None => K::append_null(builder),
        }
    }

    fn append_null(builder: &mut K::Builder) {
        K::append_null(builder);
    }
}
