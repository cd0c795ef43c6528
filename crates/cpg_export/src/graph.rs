//! A graph as three streams of rows, and its elements one by one.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};

use crate::attribute::{Attribute, AttributeType, Cell};
use crate::error::ExportError;

/// A part of some rows, or why there are no more.
pub type Part<E> = Result<RecordBatch, E>;

/// The key of a property of nodes, with the type that its values have in the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// As in `value_type`: "int", "bool", "Line<1>" and so on.
    pub value_type: String,
}

/// A graph to be written.
pub struct Graph<'a, E> {
    /// The columns of `nodes`, `node_id` among them.
    pub node_schema: SchemaRef,
    /// By `node_id`.
    pub nodes: Box<dyn Iterator<Item = Part<E>> + 'a>,
    /// The columns of `edges`, `src` and `dst` among them.
    pub edge_schema: SchemaRef,
    /// Their ends are among `nodes`.
    pub edges: Box<dyn Iterator<Item = Part<E>> + 'a>,
    /// What nodes have besides: `node_id`, `key` and `value`, by `node_id`.
    pub properties: Box<dyn Iterator<Item = Part<E>> + 'a>,
    /// Every key in `properties`, by name.
    pub keys: Vec<Key>,
}

/// A column that some attribute is, with its place among the columns.
type Column = (usize, Attribute);

/// The columns of a table of elements, without those that say which element it is.
pub(crate) struct Columns(Vec<Column>);

impl Columns {
    pub(crate) fn new(schema: &Schema, ids: &[&str]) -> Self {
        let columns = schema.fields().iter().enumerate();
        let columns = columns.filter(|(_, field)| !ids.contains(&field.name().as_str()));
        Self(columns.filter_map(|(at, field)| Some((at, Attribute::of(&plain(field))?))).collect())
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.0.iter().map(|(_, attribute)| attribute)
    }

    pub(crate) fn cells<'a>(&'a self, batch: &'a RecordBatch, row: usize) -> Vec<Cell<'a>> {
        self.0.iter().map(|(at, attribute)| attribute.cell(batch.column(*at), row)).collect()
    }

    /// The cell of the column of that name.
    pub(crate) fn named<'c, 'a>(&self, name: &str, cells: &'c [Cell<'a>]) -> Option<&'c Cell<'a>> {
        let at = self.0.iter().position(|(_, attribute)| attribute.name == name)?;
        cells.get(at)
    }
}

/// The field with strings in the form that attributes have.
fn plain(field: &Field) -> Field {
    field.clone().with_data_type(plain_type(field.data_type()))
}

fn plain_type(ty: &DataType) -> DataType {
    match ty {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::List(item) => {
            DataType::new_list(plain_type(item.data_type()), item.is_nullable())
        }
        ty => ty.clone(),
    }
}

/// The batch with strings in the form that attributes have.
pub(crate) fn plain_batch<E>(batch: &RecordBatch) -> Result<RecordBatch, ExportError<E>> {
    let schema = batch.schema();
    let fields: Vec<Field> = schema.fields().iter().map(|field| plain(field)).collect();
    let columns = batch.columns().iter().zip(&fields);
    let columns: Result<Vec<ArrayRef>, _> =
        columns.map(|(column, field)| cast(column, field.data_type())).collect();
    Ok(RecordBatch::try_new(Schema::new(fields).into(), columns?)?)
}

/// The integers of a column that must be there.
pub(crate) fn ids<E>(batch: &RecordBatch, name: &str) -> Result<Vec<i64>, ExportError<E>> {
    let column = batch.column_by_name(name).and_then(|column| {
        let ids = column.as_primitive_opt::<Int64Type>()?;
        (ids.null_count() == 0).then(|| ids.values().to_vec())
    });
    column.ok_or_else(|| ExportError::Shape(format!("the graph has no column `{name}` of ids")))
}

/// The properties of nodes, which are asked for in the order of their ids.
pub(crate) struct Properties<'a, E> {
    batches: Box<dyn Iterator<Item = Part<E>> + 'a>,
    current: Option<(RecordBatch, Vec<i64>)>,
    row: usize,
}

impl<'a, E> Properties<'a, E> {
    pub(crate) fn new(batches: Box<dyn Iterator<Item = Part<E>> + 'a>) -> Self {
        Self { batches, current: None, row: 0 }
    }

    /// Keys and values of the node, which comes after all that were asked for.
    pub(crate) fn of(&mut self, node: i64) -> Result<Vec<(String, String)>, ExportError<E>> {
        let mut found = Vec::new();
        loop {
            let Some((batch, nodes)) = &self.current else {
                if !self.advance()? {
                    return Ok(found);
                }
                continue;
            };
            while let Some(id) = nodes.get(self.row) {
                if *id > node {
                    return Ok(found);
                }
                if *id == node
                    && let (Some(key), Some(value)) =
                        (text(batch, "key", self.row), text(batch, "value", self.row))
                {
                    found.push((key.to_owned(), value.to_owned()));
                }
                self.row += 1;
            }
            self.current = None;
        }
    }

    /// Whether there is another batch.
    fn advance(&mut self) -> Result<bool, ExportError<E>> {
        let Some(batch) = self.batches.next() else {
            return Ok(false);
        };
        let batch = plain_batch(&batch.map_err(ExportError::Rows)?)?;
        let nodes = ids(&batch, "node_id")?;
        self.current = Some((batch, nodes));
        self.row = 0;
        Ok(true)
    }
}

fn text<'a>(batch: &'a RecordBatch, name: &str, row: usize) -> Option<&'a str> {
    let column = batch.column_by_name(name)?.as_string_opt::<i32>()?;
    column.is_valid(row).then(|| column.value(row))
}

impl Key {
    /// The attribute that it is. Values of other types are texts.
    pub(crate) fn attribute(&self) -> Attribute {
        let ty = match self.value_type.split('<').next().unwrap_or_default() {
            "bool" => AttributeType::Bool,
            "int" | "Line" | "Col" | "Offset" | "Id" | "FileId" => AttributeType::Int,
            "float" | "Score" | "Confidence" => AttributeType::Float,
            _ => AttributeType::Text,
        };
        Attribute { name: self.name.clone(), ty }
    }
}

/// The attributes of all keys, each once: of several types under one key remains text.
pub(crate) fn attributes_of(keys: &[Key]) -> Vec<Attribute> {
    let mut attributes: Vec<Attribute> = Vec::new();
    for key in keys {
        let attribute = key.attribute();
        match attributes.iter_mut().find(|known| known.name == attribute.name) {
            Some(known) if known.ty != attribute.ty => known.ty = AttributeType::Text,
            Some(_) => {}
            None => attributes.push(attribute),
        }
    }
    attributes
}
