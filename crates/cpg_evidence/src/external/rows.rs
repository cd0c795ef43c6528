//! From what a command prints to rows: JSON objects, one a line, or a stream of Arrow batches.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use cpg_ir::stable_id::file_id;
use cpg_ir::types::{Column, PhysicalType, SemanticType, TextUnit};
use serde_json::{Map, Value};

use super::ipc::Ipc;
use crate::options::{ExternalCommand, ExternalFormat};

/// The longest line.
const MAX_LINE: usize = 1024 * 1024;

/// How many rows may be wrong before all are taken to be.
const MAX_REJECTED: usize = 20;

/// A row: the path, and a value for each column of the command's own, null where there is none.
pub(super) struct Row {
    pub(super) path: String,
    values: Vec<Value>,
}

/// What a command printed so far.
pub(super) struct Collected<'a> {
    text: Text,
    made: Made<'a>,
}

/// What is printed.
enum Text {
    /// The line that is not ended yet.
    Ndjson(Vec<u8>),
    Arrow(Box<Ipc>),
}

impl<'a> Collected<'a> {
    pub(super) fn new(command: &'a ExternalCommand, size: &'a dyn Fn(&str) -> Option<u64>) -> Self {
        let text = match command.format {
            ExternalFormat::Ndjson => Text::Ndjson(Vec::new()),
            ExternalFormat::Arrow => Text::Arrow(Box::default()),
        };
        let columns = &command.columns;
        let made = Made { columns, size, seen: 0, rows: Vec::new(), rejected: Vec::new() };
        Self { text, made }
    }

    /// Takes in a piece; an error when what is printed cannot be rows.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<(), String> {
        let made = &mut self.made;
        let rest = match &mut self.text {
            Text::Ndjson(rest) => rest,
            Text::Arrow(ipc) => return ipc.take(piece, &mut |object| made.add(Ok(object))),
        };
        let mut piece = piece;
        while let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
            rest.extend(&piece[..end]);
            piece = &piece[end + 1..];
            made.line(&std::mem::take(rest))?;
        }
        rest.extend(piece);
        if rest.len() > MAX_LINE {
            return Err(format!("line {} has more than {MAX_LINE} bytes", made.seen + 1));
        }
        Ok(())
    }

    /// Takes in the end: a last line may lack its own.
    pub(super) fn end(&mut self) -> Result<(), String> {
        match &mut self.text {
            Text::Ndjson(rest) if rest.is_empty() => Ok(()),
            Text::Ndjson(rest) => self.made.line(&std::mem::take(rest)),
            Text::Arrow(ipc) => ipc.end(),
        }
    }

    /// The rows by path, for one path as they were printed; and what was wrong with single rows.
    pub(super) fn into_rows(self) -> (Vec<Row>, Vec<String>) {
        let Made { mut rows, rejected, .. } = self.made;
        rows.sort_by(|left, right| left.path.cmp(&right.path));
        (rows, rejected)
    }
}

/// The rows that were made of it.
struct Made<'a> {
    columns: &'a [Column],
    /// The size of the file at a path, if it is one of the sources'.
    size: &'a dyn Fn(&str) -> Option<u64>,
    /// How many lines, or rows of batches, there were.
    seen: usize,
    rows: Vec<Row>,
    rejected: Vec<String>,
}

impl Made<'_> {
    fn line(&mut self, line: &[u8]) -> Result<(), String> {
        if line.iter().all(u8::is_ascii_whitespace) {
            self.seen += 1;
            return Ok(());
        }
        let object = serde_json::from_slice(line);
        self.add(object.map_err(|error| format!("it is no JSON object: {error}")))
    }

    fn add(&mut self, object: Result<Map<String, Value>, String>) -> Result<(), String> {
        self.seen += 1;
        match object.and_then(|object| self.row(object)) {
            Ok(row) => self.rows.push(row),
            Err(message) => self.rejected.push(format!("line {}: {message}", self.seen)),
        }
        if self.rejected.len() > MAX_REJECTED {
            return Err(format!("more than {MAX_REJECTED} lines are no rows of its table"));
        }
        Ok(())
    }

    fn row(&self, mut object: Map<String, Value>) -> Result<Row, String> {
        let Some(Value::String(path)) = object.remove("path") else {
            return Err("it has no `path`".to_owned());
        };
        let Some(size) = (self.size)(&path) else {
            return Err(format!("`{path}` is no file of the sources"));
        };
        let mut values = Vec::with_capacity(self.columns.len());
        for column in self.columns {
            let value = object.remove(&column.name).unwrap_or(Value::Null);
            check(column, &value, size)?;
            values.push(value);
        }
        match object.keys().next() {
            Some(surplus) => Err(format!("`{surplus}` is no column of its table")),
            None => Ok(Row { path, values }),
        }
    }
}

/// Whether a value is one of the column's.
fn check(column: &Column, value: &Value, file_size: u64) -> Result<(), String> {
    let Column { name, ty } = column;
    let fits = match (ty.semantic.physical(), value) {
        (_, Value::Null) => ty.nullable,
        (PhysicalType::Bool, Value::Bool(_)) | (PhysicalType::Utf8, Value::String(_)) => true,
        (PhysicalType::Int64, Value::Number(number)) => number.is_i64(),
        (PhysicalType::Float64, Value::Number(_)) => true,
        _ => false,
    };
    if !fits {
        return Err(format!("`{name}` is `{ty}`, not {value}"));
    }
    if ty.semantic == SemanticType::Offset(TextUnit::Byte)
        && let Some(offset) = value.as_i64()
        && u64::try_from(offset).map_or(true, |offset| offset > file_size)
    {
        return Err(format!("`{name}` is {offset}, and the file has {file_size} bytes"));
    }
    Ok(())
}

/// The rows as a batch of the needed columns.
pub(super) fn batch(
    schema: &SchemaRef,
    command: &ExternalCommand,
    rows: &[Row],
) -> Result<RecordBatch, ArrowError> {
    let column = |name: &str| -> ArrayRef {
        let own = command.columns.iter().position(|column| column.name == name);
        let Some(index) = own else {
            return match name {
                "file_id" => Arc::new(Int64Array::from_iter_values(
                    rows.iter().map(|row| file_id(&row.path)),
                )),
                _ => Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.path))),
            };
        };
        let values = rows.iter().map(|row| &row.values[index]);
        match command.columns[index].ty.semantic.physical() {
            PhysicalType::Bool => Arc::new(values.map(Value::as_bool).collect::<BooleanArray>()),
            PhysicalType::Int64 => Arc::new(values.map(Value::as_i64).collect::<Int64Array>()),
            PhysicalType::Float64 => Arc::new(values.map(Value::as_f64).collect::<Float64Array>()),
            _ => Arc::new(values.map(Value::as_str).collect::<StringArray>()),
        }
    };
    let columns = schema.fields().iter().map(|field| column(field.name())).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
}
