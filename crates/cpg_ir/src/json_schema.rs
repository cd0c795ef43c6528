//! What rows look like as JSON, as a JSON Schema: for whoever takes rows as `--format json` prints them.

use serde_json::{Map, Value, json};

use crate::ir::RelationDocs;
use crate::types::{ColumnType, RowSchema, SemanticType};

/// The JSON Schema (draft 2020-12) of one row, called `name`.
pub fn json_schema(name: &str, row: &RowSchema, docs: Option<&RelationDocs>) -> Value {
    let mut properties = Map::new();
    for column in &row.columns {
        let mut property = of_column(&column.ty);
        if let Some(text) = docs.and_then(|docs| docs.columns.get(&column.name)) {
            property.insert("description".to_owned(), json!(text));
        }
        properties.insert(column.name.clone(), Value::Object(property));
    }
    let names: Vec<&str> = row.columns.iter().map(|column| column.name.as_str()).collect();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": false,
    });
    if let Some(text) = docs.map(|docs| &docs.text).filter(|text| !text.is_empty()) {
        schema["description"] = json!(text);
    }
    schema
}

/// A value, and what it means under `cpg:type`, as programs write it.
fn of_column(ty: &ColumnType) -> Map<String, Value> {
    let mut schema = of_type(&ty.semantic);
    if ty.nullable
        && let Some(one) = schema.get("type").cloned()
    {
        schema.insert("type".to_owned(), json!([one, "null"]));
    }
    schema.insert("cpg:type".to_owned(), json!(ty.to_string()));
    schema
}

fn of_type(ty: &SemanticType) -> Map<String, Value> {
    use SemanticType as T;
    let schema = match ty {
        T::Bool => json!({ "type": "boolean" }),
        T::Int | T::FileId | T::Id(_) => json!({ "type": "integer" }),
        T::Offset(_) => json!({ "type": "integer", "minimum": 0 }),
        T::Line { base } | T::Col { base, .. } => json!({ "type": "integer", "minimum": base }),
        T::Float | T::Score => json!({ "type": "number" }),
        T::Confidence => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        T::String | T::Path | T::Symbol | T::Text | T::Null => json!({ "type": "string" }),
        T::Hash => json!({ "type": "string", "pattern": "^[0-9a-f]+$" }),
        T::Span => json!({
            "type": "object",
            "properties": {
                "start": { "type": "integer", "minimum": 0 },
                "end": { "type": "integer", "minimum": 0 },
            },
            "required": ["start", "end"],
        }),
        // Elements may be null.
        T::List(item) => {
            let mut items = of_type(item);
            if let Some(one) = items.get("type").cloned() {
                items.insert("type".to_owned(), json!([one, "null"]));
            }
            json!({ "type": "array", "items": items })
        }
        // Keys are texts in JSON, whatever they are here.
        T::Map(_, value) => {
            let mut values = of_type(value);
            if let Some(one) = values.get("type").cloned() {
                values.insert("type".to_owned(), json!([one, "null"]));
            }
            json!({ "type": "object", "additionalProperties": values })
        }
    };
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Column, ColumnType};

    #[test]
    fn a_row_is_an_object_of_its_columns() {
        let column = |name: &str, ty| Column { name: name.to_owned(), ty };
        let row = RowSchema {
            columns: vec![
                column("line", ColumnType::optional(SemanticType::Line { base: 1 })),
                column(
                    "names",
                    ColumnType::required(SemanticType::List(Box::new(SemanticType::String))),
                ),
            ],
        };
        let schema = json_schema("t", &row, None);
        assert_eq!(schema["required"], json!(["line", "names"]));
        let line = json!({ "type": ["integer", "null"], "minimum": 1, "cpg:type": "Line<1>?" });
        assert_eq!(schema["properties"]["line"], line);
        assert_eq!(schema["properties"]["names"]["items"], json!({ "type": ["string", "null"] }));
    }
}
