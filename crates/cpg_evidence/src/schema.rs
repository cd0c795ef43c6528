//! Row schemas as Arrow schemas.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use cpg_ir::types::{PhysicalType, RowSchema};

/// The Arrow schema of the `selected` columns of `row`, in the row's order. Names that are no column are ignored.
pub fn arrow_schema<'a>(row: &RowSchema, selected: impl IntoIterator<Item = &'a str>) -> SchemaRef {
    let selected: BTreeSet<&str> = selected.into_iter().collect();
    let fields: Fields = row
        .columns
        .iter()
        .filter(|column| selected.contains(column.name.as_str()))
        .map(|column| {
            let data_type = data_type(&column.ty.semantic.physical());
            Field::new(&column.name, data_type, column.ty.nullable)
        })
        .collect();
    Arc::new(Schema::new(fields))
}

fn data_type(physical: &PhysicalType) -> DataType {
    match physical {
        PhysicalType::Bool => DataType::Boolean,
        PhysicalType::Int64 => DataType::Int64,
        PhysicalType::Float64 => DataType::Float64,
        PhysicalType::Utf8 => DataType::Utf8,
        PhysicalType::Span => DataType::Struct(
            [
                Field::new("start", DataType::Int64, false),
                Field::new("end", DataType::Int64, false),
            ]
            .into_iter()
            .collect(),
        ),
        PhysicalType::List(item) => DataType::new_list(data_type(item), true),
        PhysicalType::Map(key, value) => {
            let entries = [
                Field::new("key", data_type(key), false),
                Field::new("value", data_type(value), true),
            ];
            let entries = DataType::Struct(entries.into_iter().collect());
            DataType::Map(Arc::new(Field::new("key_value", entries, false)), false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_of_the_row() {
        let catalog = crate::catalog();
        let row = &catalog.extractors["repo"].tables["repo_files"];
        let schema = arrow_schema(row, ["size", "file_id", "language", "no such column"]);
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["file_id", "size", "language"]);
        assert!(schema.field(2).is_nullable());
        assert!(!schema.field(1).is_nullable());
    }
}
