//! Physical types and rows of the IR as Arrow types and schemas.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use cpg_ir::types::{Column, PhysicalType, RowSchema};

/// The Arrow type that carries `ty`.
pub fn arrow_type(ty: &PhysicalType) -> DataType {
    match ty {
        PhysicalType::Bool => DataType::Boolean,
        PhysicalType::Int64 => DataType::Int64,
        PhysicalType::Float64 => DataType::Float64,
        PhysicalType::Utf8 => DataType::Utf8,
        PhysicalType::Span => DataType::Struct(span_fields()),
        PhysicalType::List(item) => {
            DataType::List(Arc::new(Field::new("item", arrow_type(item), true)))
        }
        PhysicalType::Map(key, value) => map_type(arrow_type(key), arrow_type(value)),
    }
}

/// The type of maps, with its parts called as Parquet and Delta call them.
pub(crate) fn map_type(key: DataType, value: DataType) -> DataType {
    let entries = DataType::Struct(map_fields(key, value));
    DataType::Map(Arc::new(Field::new("key_value", entries, false)), false)
}

/// The two parts of a map's entries.
pub(crate) fn map_fields(key: DataType, value: DataType) -> Fields {
    Fields::from(vec![Field::new("key", key, false), Field::new("value", value, true)])
}

/// The two ends of a span. Neither is null: a missing span is a null struct.
pub fn span_fields() -> Fields {
    Fields::from(vec![
        Field::new("start", DataType::Int64, false),
        Field::new("end", DataType::Int64, false),
    ])
}

/// The Arrow field of a column.
pub fn arrow_field(column: &Column) -> Field {
    Field::new(&column.name, arrow_type(&column.ty.semantic.physical()), column.ty.nullable)
}

/// The Arrow schema of a row.
pub fn arrow_schema(row: &RowSchema) -> SchemaRef {
    Arc::new(Schema::new(row.columns.iter().map(arrow_field).collect::<Vec<_>>()))
}

/// The physical type that is nearest to an Arrow type: all integers are `Int64`, all strings `Utf8`.
/// `None` where no physical type carries such values.
pub fn physical_type(ty: &DataType) -> Option<PhysicalType> {
    match ty {
        DataType::Boolean => Some(PhysicalType::Bool),
        ty if ty.is_integer() => Some(PhysicalType::Int64),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Some(PhysicalType::Float64),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some(PhysicalType::Utf8),
        DataType::Struct(fields) if *fields == span_fields() => Some(PhysicalType::Span),
        DataType::List(item) | DataType::LargeList(item) | DataType::ListView(item) => {
            physical_type(item.data_type()).map(|item| PhysicalType::List(Box::new(item)))
        }
        DataType::Map(entries, _) => {
            let DataType::Struct(fields) = entries.data_type() else { return None };
            let [key, value] = fields.iter().as_slice() else { return None };
            let (key, value) = (physical_type(key.data_type())?, physical_type(value.data_type())?);
            key.may_be_key().then(|| PhysicalType::Map(Box::new(key), Box::new(value)))
        }
        _ => None,
    }
}
