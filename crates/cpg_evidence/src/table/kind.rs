//! What a column holds: its meaning, the value a row gives for it, and what collects these.

use std::borrow::Cow;

use cpg_ir::types::{ColumnType, SemanticType, TextUnit};
use ruff_text_size::TextRange;

use super::column::{Column, Numbers, Texts, Truths};

/// A kind of column.
pub(crate) trait Kind {
    /// The value of one row.
    type Value<'a>: 'a;
    /// Collects the values.
    type Column: Column;
    /// What the column means.
    const SEMANTIC: SemanticType;
    /// Whether values may be absent.
    const NULLABLE: bool = false;

    /// Adds the values of some rows, as far as they have one.
    fn extend<'v, 'a: 'v>(
        column: &mut Self::Column,
        values: impl ExactSizeIterator<Item = Option<&'v Self::Value<'a>>> + Clone,
    );

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
            type Column = Numbers;
            const SEMANTIC: SemanticType = $semantic;

            fn extend<'v, 'a: 'v>(
                column: &mut Numbers,
                values: impl ExactSizeIterator<Item = Option<&'v Self::Value<'a>>> + Clone,
            ) {
                column.extend(values.map(|value| value.map(|value| i64::from(*value))));
            }
        }
    )*};
}

integers! {
    /// A count or a position among siblings.
    Int(i64) = SemanticType::Int;
    /// A byte offset in the raw file.
    Offset(u32) = SemanticType::Offset(TextUnit::Byte);
    /// An offset in the decoded text in UTF-8, a mark in front not counted.
    Utf8Offset(u32) = SemanticType::Offset(TextUnit::Utf8);
    /// The same in UTF-16.
    Utf16Offset(u32) = SemanticType::Offset(TextUnit::Utf16);
    /// The same in characters.
    Utf32Offset(u32) = SemanticType::Offset(TextUnit::Utf32);
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
    type Column = Numbers;
    const SEMANTIC: SemanticType = SemanticType::Id(None);

    fn extend<'v, 'a: 'v>(
        column: &mut Numbers,
        values: impl ExactSizeIterator<Item = Option<&'v Self::Value<'a>>> + Clone,
    ) {
        column.extend(values.map(|at| at.map(|at| at.places.id(at.range))));
    }
}

macro_rules! strings {
    ($($(#[$doc:meta])* $kind:ident = $semantic:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $kind;

        impl Kind for $kind {
            type Value<'a> = Cow<'a, str>;
            type Column = Texts;
            const SEMANTIC: SemanticType = $semantic;

            fn extend<'v, 'a: 'v>(
                column: &mut Texts,
                values: impl ExactSizeIterator<Item = Option<&'v Self::Value<'a>>> + Clone,
            ) {
                column.extend(values.map(|value| value.map(|value| &**value)));
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
    type Column = Texts;
    const SEMANTIC: SemanticType = SemanticType::String;

    fn extend<'v, 'a: 'v>(
        column: &mut Texts,
        values: impl ExactSizeIterator<Item = Option<&'v Self::Value<'a>>> + Clone,
    ) {
        column.extend(values.map(|value| value.copied()));
    }
}

/// A truth value.
pub(crate) struct Bool;

impl Kind for Bool {
    type Value<'a> = bool;
    type Column = Truths;
    const SEMANTIC: SemanticType = SemanticType::Bool;

    fn extend<'v, 'a: 'v>(
        column: &mut Truths,
        values: impl ExactSizeIterator<Item = Option<&'v Self::Value<'a>>> + Clone,
    ) {
        column.extend(values.map(|value| value.copied()));
    }
}

/// A column whose values may be absent.
pub(crate) struct Opt<K>(std::marker::PhantomData<K>);

impl<K: Kind> Kind for Opt<K> {
    type Value<'a> = Option<K::Value<'a>>;
    type Column = K::Column;
    const SEMANTIC: SemanticType = K::SEMANTIC;
    const NULLABLE: bool = true;

    fn extend<'v, 'a: 'v>(
        column: &mut K::Column,
        values: impl ExactSizeIterator<Item = Option<&'v Self::Value<'a>>> + Clone,
    ) {
        K::extend(column, values.map(|value| value.and_then(Option::as_ref)));
    }
}
