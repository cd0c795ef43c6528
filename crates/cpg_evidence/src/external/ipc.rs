//! Rows from an Arrow IPC stream, as JSON objects: so that they are checked as all others are.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::array::{ArrayRef, AsArray as _, RecordBatch};
use arrow::buffer::Buffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::ipc::reader::StreamDecoder;
use serde_json::{Map, Value};

/// Decodes a stream piece by piece. What a piece says of lengths is believed only once so many bytes are there.
#[derive(Default)]
pub(super) struct Ipc(StreamDecoder);

impl Ipc {
    /// Takes in a piece and gives each row to `receive`.
    pub(super) fn take(
        &mut self,
        piece: &[u8],
        receive: &mut dyn FnMut(Map<String, Value>) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut buffer = Buffer::from(piece);
        while let Some(batch) = self.next(&mut buffer)? {
            let columns = columns(&batch)?;
            for row in 0..batch.num_rows() {
                let cells = columns.iter().map(|(name, column)| (name.clone(), column.cell(row)));
                receive(cells.collect())?;
            }
        }
        Ok(())
    }

    /// Whether the stream was whole.
    pub(super) fn end(&mut self) -> Result<(), String> {
        self.0.finish().map_err(|error| error.to_string())
    }

    fn next(&mut self, buffer: &mut Buffer) -> Result<Option<RecordBatch>, String> {
        // A decoder that meets rubbish may do so without grace.
        let decoded = catch_unwind(AssertUnwindSafe(|| self.0.decode(buffer)));
        let decoded = decoded.map_err(|_| "it is no stream of Arrow batches".to_owned())?;
        decoded.map_err(|error| format!("it is no stream of Arrow batches: {error}"))
    }
}

/// A column in the one form that its type has here.
enum Cells {
    Bool(ArrayRef),
    Int(ArrayRef),
    Float(ArrayRef),
    Text(ArrayRef),
}

/// The columns with their names. Only types whose values are really there: a column of nulls says that it is long
/// without being so.
fn columns(batch: &RecordBatch) -> Result<Vec<(String, Cells)>, String> {
    let schema = batch.schema();
    if schema.fields().is_empty() {
        return Err("its batches have no columns".to_owned());
    }
    let column = |(field, column): (&arrow::datatypes::FieldRef, &ArrayRef)| {
        let to = |ty: DataType| cast(column, &ty).map_err(|error| error.to_string());
        let cells = match field.data_type() {
            DataType::Boolean => Cells::Bool(to(DataType::Boolean)?),
            ty if ty.is_integer() => Cells::Int(to(DataType::Int64)?),
            DataType::Float32 | DataType::Float64 => Cells::Float(to(DataType::Float64)?),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                Cells::Text(to(DataType::Utf8)?)
            }
            other => return Err(format!("column `{}` has the type {other}", field.name())),
        };
        Ok((field.name().clone(), cells))
    };
    schema.fields().iter().zip(batch.columns()).map(column).collect()
}

impl Cells {
    fn cell(&self, row: usize) -> Value {
        let (Self::Bool(array) | Self::Int(array) | Self::Float(array) | Self::Text(array)) = self;
        if array.is_null(row) {
            return Value::Null;
        }
        match self {
            Self::Bool(array) => Value::from(array.as_boolean().value(row)),
            Self::Int(array) => Value::from(array.as_primitive::<Int64Type>().value(row)),
            Self::Float(array) => Value::from(array.as_primitive::<Float64Type>().value(row)),
            Self::Text(array) => Value::from(array.as_string::<i32>().value(row)),
        }
    }
}
