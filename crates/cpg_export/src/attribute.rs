//! What nodes and edges have: attributes of few types, and their values.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type};

/// The type of an attribute, as formats tell types apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// True or false.
    Bool,
    /// An integer of 64 bits.
    Int,
    /// A floating-point number of 64 bits.
    Float,
    /// A text.
    Text,
    /// A list of texts.
    Texts,
}

/// An attribute by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The column, or the key of the property.
    pub name: String,
    /// What its values are.
    pub ty: AttributeType,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// There is none.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// A list of texts.
    Texts(Vec<&'a str>),
}

impl Attribute {
    /// The attribute that a column is; none for columns of other types.
    pub(crate) fn of(field: &Field) -> Option<Self> {
        let ty = match field.data_type() {
            DataType::Boolean => AttributeType::Bool,
            DataType::Int64 => AttributeType::Int,
            DataType::Float64 => AttributeType::Float,
            DataType::Utf8 => AttributeType::Text,
            DataType::List(item) if item.data_type() == &DataType::Utf8 => AttributeType::Texts,
            _ => return None,
        };
        Some(Self { name: field.name().clone(), ty })
    }

    /// The value in a row of the attribute's column.
    pub(crate) fn cell<'a>(&self, column: &'a ArrayRef, row: usize) -> Cell<'a> {
        if column.is_null(row) {
            return Cell::Null;
        }
        match self.ty {
            AttributeType::Bool => Cell::Bool(column.as_boolean().value(row)),
            AttributeType::Int => Cell::Int(column.as_primitive::<Int64Type>().value(row)),
            AttributeType::Float => Cell::Float(column.as_primitive::<Float64Type>().value(row)),
            AttributeType::Text => Cell::Text(column.as_string::<i32>().value(row)),
            AttributeType::Texts => {
                let list = column.as_list::<i32>();
                let offsets = list.value_offsets();
                let texts = list.values().as_string::<i32>();
                let place = |offset: i32| usize::try_from(offset).unwrap_or_default();
                let range = place(offsets[row])..place(offsets[row + 1]);
                let given = range.filter(|index| texts.is_valid(*index));
                Cell::Texts(given.map(|index| texts.value(index)).collect())
            }
        }
    }
}

impl Cell<'_> {
    /// As text, with the items of a list side by side; none for null.
    pub(crate) fn text(&self, between: &str) -> Option<String> {
        match self {
            Cell::Null => None,
            Cell::Bool(value) => Some(value.to_string()),
            Cell::Int(value) => Some(value.to_string()),
            Cell::Float(value) => Some(value.to_string()),
            Cell::Text(value) => Some((*value).to_owned()),
            Cell::Texts(values) => Some(values.join(between)),
        }
    }
}
